import { useMemo } from "preact/hooks";
import { crewState, type CrewCard } from "../core/board";
import type { Case } from "../core/picture";
import { Icon, type IconName } from "../design/icons";
import { CASE_ROW_PX, CaseRow, rowClass } from "./case-row";
import { desk, useDesk, type Desk } from "./desk";
import { beginDrag, dragNow, useDrag } from "./drag";
import { Rows } from "./rows";
import { crewLine, unsent, W } from "./words";

const CREW_ROW_PX = 48;

type Row = { is: "crew"; card: CrewCard } | { is: "job"; it: Case; of: CrewCard };

interface Shown {
  rows: readonly Row[];
  tops: Float64Array;
}

/** What the list shows now. Rows ask here, and hold on to none of it themselves (case-list.tsx says why). */
let shown: Shown = { rows: [], tops: new Float64Array(1) };

/** Crews with what they have in hand: a tree that arrows go through and that cases are dropped on. */
export function CrewList({ onSurge }: { onSurge: () => void }) {
  const desk = useDesk();
  useDrag(); // who is dropped on is marked
  shown = useMemo(() => shownOn(desk), [desk.crews, desk.unfolded]);
  const at = cursor();
  return (
    <section class="pane pane-crews" aria-labelledby="crews-name">
      <header class="pane-head">
        <h2 id="crews-name">{W.crews}</h2>
        <span class="pane-count">{desk.crews.length}</span>
        {desk.picture?.maySurge === true && (
          <button type="button" class="top-button pane-button" title={W.surge} data-testid="do-surge" onClick={onSurge}>
            <Icon name="plus" size={16} />
            {W.surgeShort} <kbd>e</kbd>
          </button>
        )}
      </header>
      <Rows
        box={{
          id: "crews",
          role: "tree",
          "aria-labelledby": "crews-name",
          "aria-activedescendant": at === null ? undefined : domId(shown.rows[at] as Row),
          onKeyDown: onKey,
          onClick,
          onDblClick,
          onPointerDown,
        }}
        count={shown.rows.length}
        tops={shown.tops}
        at={at}
        empty={W.noCrews}
        row={rowAt}
      />
    </section>
  );
}

function cursor(): number | null {
  const found = shown.rows.findIndex((row) => isChosen(row, desk));
  return found < 0 ? null : found;
}

function rowAt(i: number) {
  const row = shown.rows[i];
  if (row === undefined) return null; // the list has become shorter since it was drawn
  const crewId = crewOf(row);
  const isAt = isChosen(row, desk);
  const isOver = dragNow()?.over === crewId && row.is === "crew";
  const isOpen = row.is === "crew" && desk.unfolded.has(crewId);
  const name = row.is === "job" ? `${rowClass(row.it.id, desk)} row-job` : `row row-crew-card crew-${row.card.state}${isAt ? " row-at" : ""}${isOver ? " row-over" : ""}`;
  return (
    <div
      key={domId(row)}
      id={domId(row)}
      class={name}
      role="treeitem"
      aria-level={row.is === "crew" ? 1 : 2}
      aria-expanded={row.is === "crew" ? isOpen : undefined}
      aria-selected={isAt}
      style={{ top: `${shown.tops[i]}px` }}
      data-crew-id={crewId}
      data-testid={row.is === "crew" ? "crew-row" : "crew-job"}
      data-crew={row.is === "crew" ? row.card.crew.code : undefined}
      data-case={row.is === "job" ? row.it.number : undefined}
    >
      {row.is === "job" ? <CaseRow it={row.it} desk={desk} showsCrew={false} /> : <CrewRow card={row.card} desk={desk} isOpen={isOpen} />}
    </div>
  );
}

const crewOf = (row: Row) => (row.is === "crew" ? row.card : row.of).crew.id;
const choose = (row: Row) => desk.choose(row.is === "crew" ? { kind: "crew", id: row.card.crew.id } : { kind: "case", id: row.it.id });

function rowUnder(event: Event): Row | undefined {
  const id = (event.target as Element).closest("[role=treeitem]")?.id;
  return id === undefined ? undefined : shown.rows.find((row) => domId(row) === id);
}

const toggle = (crewId: number) => desk.fold(crewId, !desk.unfolded.has(crewId));

function onClick(event: MouseEvent): void {
  const row = rowUnder(event);
  if (row === undefined) return;
  if ((event.target as Element).closest(".fold") !== null) toggle(crewOf(row));
  else choose(row);
}

function onDblClick(event: MouseEvent): void {
  const row = rowUnder(event);
  if (row?.is === "crew" && (event.target as Element).closest(".fold") === null) toggle(crewOf(row));
}

function onPointerDown(event: PointerEvent): void {
  const row = rowUnder(event);
  if (row?.is === "job") beginDrag(event, desk, row.it.id);
}

const STATE_ICON: Record<CrewCard["state"], IconName> = { working: "truck", pause: "scheduled", silent: "offline", off: "out" };

function CrewRow({ card, desk, isOpen }: { card: CrewCard; desk: Desk; isOpen: boolean }) {
  const { crew, jobs, late } = card;
  const { nowS } = desk;
  return (
    <>
      <button type="button" class={`fold${isOpen ? " fold-open" : ""}`} tabIndex={-1} aria-hidden="true">
        <Icon name="chevron" size={16} />
      </button>
      <span class="crew-text">
        <span class="crew-name">
          <Icon name={STATE_ICON[card.state]} size={15} />
          <strong>{crew.code}</strong>
          <span class="quiet">{crew.name}</span>
        </span>
        <span class="crew-line">{crewLine(crew, crewState(crew), nowS)}</span>
      </span>
      <span class="crew-side">
        <Load jobs={jobs.length} room={crew.room} late={late} />
        {crew.photos > 0 && (
          <span class="crew-unsent" title={unsent(crew)}>
            <Icon name="phone" size={13} />
            {crew.photos}
            <span class="out-of-sight">{unsent(crew)}</span>
          </span>
        )}
      </span>
    </>
  );
}

/** How full a crew is: a bar, and the numbers beside it. */
function Load({ jobs, room, late }: { jobs: number; room: number; late: number }) {
  const isFull = jobs >= room;
  return (
    <span class={`load${isFull ? " load-full" : ""}`}>
      <svg class="load-bar" viewBox="0 0 40 6" aria-hidden="true">
        <rect class="load-room" width="40" height="6" rx="3" />
        <rect class="load-jobs" width={room > 0 ? Math.min(40, (40 * jobs) / room) : 40} height="6" rx="3" />
        {late > 0 && <rect class="load-late" width={Math.min(40, (40 * late) / Math.max(room, 1))} height="6" rx="3" />}
      </svg>
      <span>
        {jobs} <span class="quiet">of {room}</span>
        {late > 0 && <span class="out-of-sight">, {late} late</span>}
      </span>
    </span>
  );
}

function onKey(event: KeyboardEvent): void {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const { rows } = shown;
  const at = cursor();
  const here = at === null ? undefined : rows[at];
  const steps: Record<string, number> = { ArrowDown: (at ?? -1) + 1, j: (at ?? -1) + 1, ArrowUp: (at ?? 0) - 1, k: (at ?? 0) - 1, Home: 0, End: rows.length - 1 };
  const to = steps[event.key];
  const crewId = here === undefined ? null : crewOf(here);
  if (to !== undefined) {
    const row = rows[Math.max(0, Math.min(rows.length - 1, to))];
    if (row !== undefined) choose(row);
  } else if (here?.is === "crew" && crewId !== null && (event.key === "ArrowRight" || event.key === "ArrowLeft")) {
    desk.fold(crewId, event.key === "ArrowRight");
  } else if (here?.is === "job" && crewId !== null && event.key === "ArrowLeft") {
    desk.choose({ kind: "crew", id: crewId });
  } else {
    return;
  }
  event.preventDefault();
}

function shownOn(desk: Desk): Shown {
  const rows = desk.crews.flatMap((card): Row[] => {
    const jobs = desk.unfolded.has(card.crew.id) ? card.jobs.map((it): Row => ({ is: "job", it, of: card })) : [];
    return [{ is: "crew", card }, ...jobs];
  });
  return { rows, tops: topsOf(rows) };
}

function topsOf(rows: readonly Row[]): Float64Array {
  const tops = new Float64Array(rows.length + 1);
  rows.forEach((row, i) => (tops[i + 1] = (tops[i] ?? 0) + (row.is === "crew" ? CREW_ROW_PX : CASE_ROW_PX)));
  return tops;
}

const domId = (row: Row) => (row.is === "crew" ? `crew-${row.card.crew.id}` : `job-${row.it.id}`);

function isChosen(row: Row, { chosen }: Desk): boolean {
  return row.is === "crew" ? chosen?.kind === "crew" && chosen.id === row.card.crew.id : chosen?.kind === "case" && chosen.id === row.it.id;
}
