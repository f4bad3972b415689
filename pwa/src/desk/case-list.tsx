import type { Case } from "../core/picture";
import { desk, useDesk, type Desk } from "./desk";
import { CASE_ROW_PX, CaseRow, rowClass } from "./case-row";
import { beginDrag } from "./drag";
import { Rows } from "./rows";
import { LIST, W } from "./words";

/**
 * The cases of the list that is looked at: arrows go through it, Space picks several.
 *
 * Nothing here holds on to a list: a row that has left the screen may be kept by the browser for a while, and what its
 * listeners and the functions that made it can see is kept with it. Ten thousand cases each time would fill a shift's memory.
 */
export function CaseList() {
  const desk = useDesk();
  const { length: count } = listed();
  const at = cursor();
  const isNarrow = desk.filter.words !== "" || desk.filter.departmentId !== null;
  return (
    <section class="pane pane-cases" aria-labelledby="list-name">
      <header class="pane-head">
        <h2 id="list-name">{LIST[desk.list].name}</h2>
        <span class="pane-count">{count.toLocaleString("en-US")}</span>
        <Departments desk={desk} />
      </header>
      <Find desk={desk} />
      <Rows
        box={{ id: "cases", role: "listbox", "aria-labelledby": "list-name", "aria-multiselectable": "true", "aria-activedescendant": at === null ? undefined : `case-${listed()[at]?.id}`, onKeyDown, onClick, onPointerDown }}
        count={count}
        tops={CASE_ROW_PX}
        at={at}
        empty={isNarrow ? W.nothingFits : LIST[desk.list].empty}
        row={rowAt}
      />
      {desk.picked.size > 0 && (
        <p class="pane-foot" role="status">
          {W.picked(desk.picked.size)}
          <button type="button" class="link" onClick={() => desk.pick([])}>
            {W.pickNone}
          </button>
        </p>
      )}
    </section>
  );
}

const listed = (): readonly Case[] => desk.board?.lists[desk.list] ?? [];

/** Where the keyboard is in a list that changes under it: at the chosen case, or where that was when it went. */
function cursor(): number | null {
  const { chosen } = desk;
  const found = chosen?.kind === "case" ? listed().findIndex(({ id }) => id === chosen.id) : -1;
  if (found < 0) return null;
  wasAt = found;
  return found;
}

let wasAt = 0;

function rowAt(i: number) {
  const cases = listed();
  const it = cases[i];
  if (it === undefined) return null; // the list has become shorter since it was drawn
  const isAt = desk.chosen?.kind === "case" && desk.chosen.id === it.id;
  return (
    <div
      key={it.id}
      id={`case-${it.id}`}
      class={rowClass(it.id, desk)}
      role="option"
      aria-selected={desk.picked.has(it.id) || (desk.picked.size === 0 && isAt)}
      aria-setsize={cases.length}
      aria-posinset={i + 1}
      style={{ top: `${i * CASE_ROW_PX}px` }}
      data-testid="case-row"
      data-id={it.id}
      data-case={it.number}
    >
      <CaseRow it={it} desk={desk} showsCrew={desk.list !== "unassigned"} />
    </div>
  );
}

const idUnder = (event: Event) => Number((event.target as Element).closest<HTMLElement>("[data-id]")?.dataset["id"] ?? 0);

function onClick(event: MouseEvent): void {
  const id = idUnder(event);
  const cases = listed();
  const [i, at] = [cases.findIndex((it) => it.id === id), cursor()];
  if (i < 0) return;
  if (event.shiftKey && at !== null) desk.pick(cases.slice(Math.min(at, i), Math.max(at, i) + 1).map((it) => it.id));
  else if (event.ctrlKey || event.metaKey) desk.togglePick(id);
  else if (!desk.picked.has(id)) desk.pick([]);
  desk.choose({ kind: "case", id });
}

function onPointerDown(event: PointerEvent): void {
  const id = idUnder(event);
  if (id !== 0) beginDrag(event, desk, id);
}

function onKeyDown(event: KeyboardEvent): void {
  const cases = listed();
  const at = cursor();
  if (event.altKey || event.ctrlKey || event.metaKey) {
    if (event.key === "a" && !event.altKey) {
      desk.pick(cases.map(({ id }) => id));
      event.preventDefault();
    }
    return;
  }
  const page = Math.max(1, Math.floor(((event.currentTarget as HTMLElement).clientHeight || 320) / CASE_ROW_PX) - 1);
  const from = at ?? wasAt - (event.key === "ArrowUp" || event.key === "k" ? 0 : 1);
  const steps: Record<string, number> = { ArrowDown: from + 1, j: from + 1, ArrowUp: from - 1, k: from - 1, PageDown: from + page, PageUp: from - page, Home: 0, End: cases.length - 1 };
  const to = steps[event.key];
  if (to !== undefined) {
    const it = cases[Math.max(0, Math.min(cases.length - 1, to))];
    if (it === undefined) return;
    if (event.shiftKey) desk.pick([...desk.picked, ...(at === null ? [] : [(cases[at] as Case).id]), it.id]);
    desk.choose({ kind: "case", id: it.id });
  } else if ((event.key === " " || event.key === "x") && at !== null) {
    desk.togglePick((cases[at] as Case).id);
  } else {
    return;
  }
  event.preventDefault();
}

function Find({ desk }: { desk: Desk }) {
  return (
    <input
      id="find"
      class="find"
      type="search"
      maxLength={100}
      placeholder={W.find}
      aria-label={W.find}
      value={desk.words}
      onInput={(event) => desk.find(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === "Escape") desk.find("");
        if (event.key !== "Escape" && event.key !== "ArrowDown" && event.key !== "Enter") return;
        event.preventDefault();
        document.getElementById("cases")?.focus();
      }}
    />
  );
}

function Departments({ desk }: { desk: Desk }) {
  const departments = desk.picture?.departments ?? [];
  if (departments.length < 2) return null;
  return (
    <select
      class="choose-department"
      aria-label={W.department}
      value={String(desk.filter.departmentId ?? "")}
      onChange={(event) => desk.narrow({ departmentId: event.currentTarget.value === "" ? null : Number(event.currentTarget.value) })}
    >
      <option value="">{W.anyDepartment}</option>
      {departments.map(({ id, name }) => (
        <option key={id} value={String(id)}>
          {name}
        </option>
      ))}
    </select>
  );
}
