import { useRef } from "preact/hooks";
import type { Case } from "../core/picture";
import { useDesk, type Desk } from "./desk";
import { CASE_ROW_PX, CaseRow, rowClass } from "./case-row";
import { beginDrag } from "./drag";
import { Rows } from "./rows";
import { LIST, W } from "./words";

/** The cases of the list that is looked at: arrows go through it, Space picks several. */
export function CaseList() {
  const desk = useDesk();
  const cases = desk.board?.lists[desk.list] ?? [];
  const { at, onKeyDown } = useCursor(desk, cases);
  const isNarrow = desk.filter.words !== "" || desk.filter.departmentId !== null;
  const choose = (event: MouseEvent, i: number) => {
    const it = cases[i];
    if (it === undefined) return;
    if (event.shiftKey && at !== null) desk.pick(cases.slice(Math.min(at, i), Math.max(at, i) + 1).map(({ id }) => id));
    else if (event.ctrlKey || event.metaKey) desk.togglePick(it.id);
    else if (!desk.picked.has(it.id)) desk.pick([]);
    desk.choose({ kind: "case", id: it.id });
  };
  return (
    <section class="pane pane-cases" aria-labelledby="list-name">
      <header class="pane-head">
        <h2 id="list-name">{LIST[desk.list].name}</h2>
        <span class="pane-count">{cases.length.toLocaleString("en-US")}</span>
        <Departments desk={desk} />
      </header>
      <Find desk={desk} />
      <Rows
        box={{ id: "cases", role: "listbox", "aria-labelledby": "list-name", "aria-multiselectable": "true", "aria-activedescendant": at === null ? undefined : `case-${cases[at]?.id}`, onKeyDown }}
        count={cases.length}
        tops={CASE_ROW_PX}
        at={at}
        empty={isNarrow ? W.nothingFits : LIST[desk.list].empty}
        row={(i) => {
          const it = cases[i] as Case;
          return (
            <div
              key={it.id}
              id={`case-${it.id}`}
              class={rowClass(it.id, desk)}
              role="option"
              aria-selected={desk.picked.has(it.id) || (desk.picked.size === 0 && i === at)}
              aria-setsize={cases.length}
              aria-posinset={i + 1}
              style={{ top: `${i * CASE_ROW_PX}px` }}
              data-testid="case-row"
              data-case={it.number}
              onClick={(event) => choose(event, i)}
              onPointerDown={(event) => beginDrag(event, desk, it.id)}
            >
              <CaseRow it={it} desk={desk} showsCrew={desk.list !== "unassigned"} />
            </div>
          );
        }}
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

/** Where the keyboard is in a list that changes under it: at the chosen case, or where that was when it went. */
function useCursor(desk: Desk, cases: readonly Case[]) {
  const was = useRef(0);
  const found = desk.chosen?.kind === "case" ? cases.findIndex(({ id }) => id === desk.chosen?.id) : -1;
  const at = found < 0 ? null : found;
  if (at !== null) was.current = at;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) {
      if (event.key === "a" && !event.altKey) {
        desk.pick(cases.map(({ id }) => id));
        event.preventDefault();
      }
      return;
    }
    const page = Math.max(1, Math.floor(((event.currentTarget as HTMLElement).clientHeight || 320) / CASE_ROW_PX) - 1);
    const from = at ?? was.current - (event.key === "ArrowUp" || event.key === "k" ? 0 : 1);
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
  };
  return { at, onKeyDown };
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
