/** The dialogs: choose a crew with the price beside it, say why, say until when. Enter does it, Escape leaves. */

import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { crewState, findCrews } from "../core/board";
import type { CaseDeed, Price } from "../core/deeds";
import type { Crew } from "../core/picture";
import type { Desk } from "./desk";
import { PriceWords } from "./price-words";
import { count, CREW_STATE, DEED, W } from "./words";

const SHOWN = 9;

export function Dialog({ title, onClose, children, wide = false }: { title: string; onClose: () => void; children: ComponentChildren; wide?: boolean }) {
  const box = useRef<HTMLDialogElement>(null);
  // Before the next key, not after the next picture: what is typed on after `m` belongs to the dialog.
  useLayoutEffect(() => {
    const before = document.activeElement;
    box.current?.showModal();
    // Back to where the keyboard was: a list, not the top of the page.
    return () => (before instanceof HTMLElement && before.isConnected ? before : document.getElementById("cases"))?.focus();
  }, []);
  return (
    <dialog ref={box} class={`dialog${wide ? " dialog-wide" : ""}`} aria-labelledby="dialog-name" onClose={onClose} onClick={(event) => event.target === box.current && box.current?.close()}>
      <div class="dialog-inside">
        <h2 id="dialog-name">{title}</h2>
        {children}
      </div>
    </dialog>
  );
}

interface ChooseCrewProps {
  desk: Desk;
  title: string;
  /** The cases that would go to the crew, for the price; none: there is no price. */
  ids: readonly number[];
  /** Not one of these. */
  without: ReadonlySet<number>;
  /** May be said, and both crews read it. */
  asksWhy?: boolean;
  onChoose: (crewId: number, why: string) => void;
  onClose: () => void;
}

/** A few letters find the crew; what it would cost is said before Enter does it. */
export function ChooseCrew({ desk, title, ids, without, asksWhy = false, onChoose, onClose }: ChooseCrewProps) {
  const [typed, type] = useState("");
  const [at, setAt] = useState(0);
  const why = useRef<HTMLInputElement>(null);
  const [price, setPrice] = useState<Price | null>(null);
  const all = useMemo(() => desk.crews.map((it) => it.crew), [desk.crews]);
  const found = findCrews(all, typed)
    .filter((crew) => !without.has(crew.id))
    .sort((a, b) => (typed === "" ? Number(a.untilS === null) - Number(b.untilS === null) : 0))
    .slice(0, SHOWN);
  const chosen = found[Math.min(at, found.length - 1)];
  useEffect(() => {
    setPrice(null);
    if (chosen !== undefined && ids.length > 0) desk.prices.ask(ids, chosen.id, setPrice);
    return () => desk.prices.end();
  }, [chosen?.id]);
  const choose = (crew: Crew | undefined) => {
    if (crew === undefined) return;
    const said = why.current?.value.trim() ?? "";
    onClose();
    onChoose(crew.id, said);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by !== undefined) setAt(Math.max(0, Math.min(found.length - 1, at + by)));
    else if (event.key === "Enter") choose(chosen);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <input
        class="find"
        autofocus
        role="combobox"
        aria-expanded="true"
        aria-controls="crew-choices"
        aria-activedescendant={chosen === undefined ? undefined : `choice-${chosen.id}`}
        aria-label={W.whichCrew}
        placeholder={W.whichCrew}
        autocomplete="off"
        data-testid="choose-crew"
        value={typed}
        onInput={(event) => {
          type(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div id="crew-choices" class="choices" role="listbox" aria-label={W.crews}>
        {found.map((crew) => (
          <div key={crew.id} id={`choice-${crew.id}`} class={`choice${crew === chosen ? " choice-at" : ""}`} role="option" aria-selected={crew === chosen} data-testid="crew-choice" onClick={() => choose(crew)} onPointerEnter={() => setAt(found.indexOf(crew))}>
            <strong>{crew.code}</strong>
            <span class="quiet">{crew.name}</span>
            <span class="choice-side">
              {CREW_STATE[crewState(crew)]} · {desk.card(crew.id)?.jobs.length ?? 0} of {crew.room}
            </span>
          </div>
        ))}
      </div>
      {found.length === 0 && <p class="quiet">{W.noCrewFits}</p>}
      {ids.length > 0 && chosen !== undefined && (
        <p class="dialog-price" role="status">
          <PriceWords price={price} />
        </p>
      )}
      {asksWhy && (
        <label class="field">
          <span>{W.whyForCrews}</span>
          <input ref={why} maxLength={200} autocomplete="off" data-testid="hand-over-why" onKeyDown={(event) => event.key === "Enter" && choose(chosen)} />
        </label>
      )}
      <p class="quiet">{W.chooseKeys}</p>
    </Dialog>
  );
}

/** A deed that needs a reason. */
export function AskWhy({ deed, cases, onSay, onClose }: { deed: CaseDeed; cases: number; onSay: (why: string) => void; onClose: () => void }) {
  return (
    <Dialog title={`${DEED[deed]}: ${count(cases, "case")}`} onClose={onClose}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          const why = String(new FormData(event.currentTarget).get("why") ?? "").trim();
          onClose();
          onSay(why);
        }}
      >
        <label class="field">
          <span>{W.why}</span>
          <input name="why" required maxLength={200} autofocus autocomplete="off" data-testid="ask-why" />
        </label>
        <Buttons word={DEED[deed]} onClose={onClose} />
      </form>
    </Dialog>
  );
}

const HOUR_S = 3600;

/** To which department, and until when. */
export function Lend({ desk, crew, onClose }: { desk: Desk; crew: Crew; onClose: () => void }) {
  const others = (desk.picture?.departments ?? []).filter(({ id }) => id !== crew.departmentId && !crew.lentTo.includes(id));
  const hours = [2, 4, 8, 24];
  return (
    <Dialog title={W.lendCrew(crew.code)} onClose={onClose}>
      {others.length === 0 && <p>{W.noOtherDepartment}</p>}
      {others.length > 0 && (
        <form
          class="stack"
          onSubmit={(event) => {
            event.preventDefault();
            const form = new FormData(event.currentTarget);
            onClose();
            void desk.moves.lend(crew.id, Number(form.get("department")), desk.nowS + Number(form.get("hours")) * HOUR_S, String(form.get("why") ?? "").trim());
          }}
        >
          <label class="field">
            <span>{W.department}</span>
            <select name="department" autofocus>
              {others.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          <label class="field">
            <span>{W.howLong}</span>
            <select name="hours">
              {hours.map((n) => (
                <option key={n} value={n}>
                  {count(n, "hour")}
                </option>
              ))}
            </select>
          </label>
          <label class="field">
            <span>{W.why}</span>
            <input name="why" maxLength={200} autocomplete="off" />
          </label>
          <Buttons word={W.lend} onClose={onClose} />
        </form>
      )}
    </Dialog>
  );
}

function Buttons({ word, onClose }: { word: string; onClose: () => void }) {
  return (
    <div class="dialog-buttons">
      <button class="button button-go">{word}</button>
      <button type="button" class="button" onClick={onClose}>
        {W.leave}
      </button>
    </div>
  );
}
