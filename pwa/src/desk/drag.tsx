/** Dragging cases to a crew: in the list of crews or on the map. The price is shown before they are let go. */

import { useEffect, useState } from "preact/hooks";
import type { Price } from "../core/deeds";
import type { Case } from "../core/picture";
import type { Desk } from "./desk";
import { PriceWords } from "./price-words";
import { count, W } from "./words";

interface Drag {
  /** As they were when they were taken up. */
  cases: Case[];
  x: number;
  y: number;
  /** The crew it would go to if it were let go now. */
  over: number | null;
  price: Price | null;
}

const BEGINS_AT_PX = 6;
const SCROLL_EDGE_PX = 36;
const SCROLL_STEP_PX = 9;

let drag: Drag | null = null;
const listeners = new Set<() => void>();
const say = () => listeners.forEach((listener) => listener());

export const dragNow = () => drag;

export function useDrag(): Drag | null {
  const [, look] = useState(0);
  useEffect(() => {
    const listener = () => look((n) => n + 1);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, []);
  return drag;
}

/** A press on a case; it becomes a drag when it moves. What is picked goes along if this case is among it. */
export function beginDrag(event: PointerEvent, desk: Desk, caseId: number): void {
  if (event.button !== 0 || event.pointerType === "touch" || desk.picture?.mayMove !== true) return;
  const [fromX, fromY] = [event.clientX, event.clientY];
  const ended = new AbortController();
  const options = { signal: ended.signal };
  const end = () => {
    ended.abort();
    desk.prices.end();
    if (drag === null) return;
    drag = null;
    document.documentElement.classList.remove("is-dragging");
    say();
  };
  const move = ({ clientX: x, clientY: y }: PointerEvent) => {
    if (drag === null) {
      if (Math.hypot(x - fromX, y - fromY) < BEGINS_AT_PX) return;
      const ids = desk.picked.has(caseId) ? [...desk.picked] : [caseId];
      drag = { cases: ids.map((id) => desk.case(id)).filter((it) => it !== null), x, y, over: null, price: null };
      document.documentElement.classList.add("is-dragging");
      getSelection()?.removeAllRanges();
      scrollAtEdges(ended.signal);
    }
    const over = crewUnder(desk, x, y);
    const isNew = over !== drag.over;
    drag = { ...drag, x, y, over, price: isNew ? null : drag.price };
    if (isNew && over === null) desk.prices.end();
    if (isNew && over !== null) {
      desk.prices.ask(drag.cases.map(({ id }) => id), over, (price) => {
        if (drag?.over !== over) return;
        drag = { ...drag, price };
        say();
      });
    }
    say();
  };
  const drop = () => {
    const dropped = drag;
    end();
    if (dropped === null) return;
    // The click that ends a drag is none; it comes in this same turn, if at all.
    const stop = new AbortController();
    addEventListener("click", (click) => click.stopPropagation(), { capture: true, signal: stop.signal });
    setTimeout(() => stop.abort());
    if (dropped.over !== null) void desk.give(dropped.cases, dropped.over);
  };
  addEventListener("pointermove", move, options);
  addEventListener("pointerup", drop, options);
  addEventListener("pointercancel", end, options);
  addEventListener("blur", end, options);
  addEventListener("keydown", (key) => key.key === "Escape" && drag !== null && (key.stopPropagation(), end()), { ...options, capture: true });
}

function crewUnder(desk: Desk, x: number, y: number): number | null {
  const under = document.elementFromPoint(x, y);
  const row = under?.closest<HTMLElement>("[data-crew-id]");
  if (row) return Number(row.dataset["crewId"]);
  return under?.closest("#map") ? desk.crewOnMap(x, y) : null;
}

/** A crew that is not in view comes into it while the pointer waits at the edge of the list. */
function scrollAtEdges(ended: AbortSignal): void {
  const step = () => {
    if (ended.aborted || drag === null) return;
    const view = document.querySelector<HTMLElement>(".pane-crews .rows");
    const box = view?.getBoundingClientRect();
    if (view && box && drag.x > box.left && drag.x < box.right) {
      if (drag.y < box.top + SCROLL_EDGE_PX) view.scrollTop -= SCROLL_STEP_PX;
      else if (drag.y > box.bottom - SCROLL_EDGE_PX) view.scrollTop += SCROLL_STEP_PX;
    }
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}

/** What hangs at the pointer: how many cases, to whom, at what price. */
export function Dragged({ desk }: { desk: Desk }) {
  const now = useDrag();
  if (now === null) return null;
  const to = desk.crew(now.over);
  const isLeft = now.x > innerWidth - 340;
  const style = { transform: `translate(${now.x + (isLeft ? -316 : 16)}px, ${Math.min(now.y + 12, innerHeight - 140)}px)` };
  return (
    <div class="dragged" style={style} data-testid="dragged" aria-hidden="true">
      <strong>
        {count(now.cases.length, "case")}
        {to === null ? ` · ${W.dropHere}` : ` → ${to.code}`}
      </strong>
      {to !== null && <PriceWords price={now.price} />}
    </div>
  );
}
