import { useMemo } from "preact/hooks";
import { crewState, type CrewCard } from "../core/board";
import type { Case } from "../core/picture";
import { Icon, type IconName } from "../design/icons";
import { CASE_ROW_PX, CaseRow, rowClass } from "./case-row";
import { useDesk, type Desk } from "./desk";
import { beginDrag, useDrag } from "./drag";
import { Rows } from "./rows";
import { crewLine, unsent, W } from "./words";

const CREW_ROW_PX = 48;

type Row = { is: "crew"; card: CrewCard } | { is: "job"; it: Case; of: CrewCard };

/** Crews with what they have in hand: a tree that arrows go through and that cases are dropped on. */
export function CrewList({ onSurge }: { onSurge: () => void }) {
  const desk = useDesk();
  const drag = useDrag();
  const rows = useMemo(() => rowsOf(desk), [desk.crews, desk.unfolded]);
  const tops = useMemo(() => topsOf(rows), [rows]);
  const found = rows.findIndex((row) => isChosen(row, desk));
  const at = found < 0 ? null : found;
  const choose = (row: Row) => desk.choose(row.is === "crew" ? { kind: "crew", id: row.card.crew.id } : { kind: "case", id: row.it.id });
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
          "aria-activedescendant": at === null ? undefined : domId(rows[at] as Row),
          onKeyDown: (event) => onKey(event, desk, rows, at, choose),
        }}
        count={rows.length}
        tops={tops}
        at={at}
        empty={W.noCrews}
        row={(i) => {
          const row = rows[i] as Row;
          const crewId = (row.is === "crew" ? row.card : row.of).crew.id;
          const isOver = drag?.over === crewId && row.is === "crew";
          const isOpen = row.is === "crew" && desk.unfolded.has(crewId);
          const name = row.is === "job" ? `${rowClass(row.it.id, desk)} row-job` : `row row-crew-card crew-${row.card.state}${i === at ? " row-at" : ""}${isOver ? " row-over" : ""}`;
          return (
            <div
              key={domId(row)}
              id={domId(row)}
              class={name}
              role="treeitem"
              aria-level={row.is === "crew" ? 1 : 2}
              aria-expanded={row.is === "crew" ? isOpen : undefined}
              aria-selected={i === at}
              style={{ top: `${tops[i]}px` }}
              data-crew-id={crewId}
              data-testid={row.is === "crew" ? "crew-row" : "crew-job"}
              data-crew={row.is === "crew" ? row.card.crew.code : undefined}
              data-case={row.is === "job" ? row.it.number : undefined}
              onClick={() => choose(row)}
              onDblClick={() => row.is === "crew" && desk.fold(crewId, !isOpen)}
              onPointerDown={(event) => row.is === "job" && beginDrag(event, desk, row.it.id)}
            >
              {row.is === "job" ? <CaseRow it={row.it} desk={desk} showsCrew={false} /> : <CrewRow card={row.card} desk={desk} isOpen={isOpen} />}
            </div>
          );
        }}
      />
    </section>
  );
}

const STATE_ICON: Record<CrewCard["state"], IconName> = { working: "truck", pause: "scheduled", silent: "offline", off: "out" };

function CrewRow({ card, desk, isOpen }: { card: CrewCard; desk: Desk; isOpen: boolean }) {
  const { crew, jobs, late } = card;
  const { nowS } = desk;
  return (
    <>
      <button
        type="button"
        class={`fold${isOpen ? " fold-open" : ""}`}
        tabIndex={-1}
        aria-hidden="true"
        onClick={(event) => {
          event.stopPropagation();
          desk.fold(crew.id, !isOpen);
        }}
      >
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

function onKey(event: KeyboardEvent, desk: Desk, rows: readonly Row[], at: number | null, choose: (row: Row) => void): void {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const here = at === null ? undefined : rows[at];
  const steps: Record<string, number> = { ArrowDown: (at ?? -1) + 1, j: (at ?? -1) + 1, ArrowUp: (at ?? 0) - 1, k: (at ?? 0) - 1, Home: 0, End: rows.length - 1 };
  const to = steps[event.key];
  const crewId = here === undefined ? null : (here.is === "crew" ? here.card : here.of).crew.id;
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

function rowsOf(desk: Desk): Row[] {
  return desk.crews.flatMap((card): Row[] => {
    const jobs = desk.unfolded.has(card.crew.id) ? card.jobs.map((it): Row => ({ is: "job", it, of: card })) : [];
    return [{ is: "crew", card }, ...jobs];
  });
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
