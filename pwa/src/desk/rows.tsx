/** A list of any length of which only what is seen is made. The rows are of known heights. */

import type { ComponentChildren, HTMLAttributes } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

interface RowsProps {
  count: number;
  /** Where row i begins, and after the last where the list ends; or one height for all. */
  tops: ArrayLike<number> | number;
  /** The row that must be in view. */
  at: number | null;
  row: (i: number) => ComponentChildren;
  /** What is said in place of no rows. */
  empty: string;
  /** Of the element that scrolls and has the keyboard: its role, name and keys. */
  box: HTMLAttributes<HTMLDivElement>;
}

const AROUND = 8;

export function Rows({ count, tops, at, row, empty, box: given }: RowsProps) {
  const box = useRef<HTMLDivElement>(null);
  const [seen, see] = useState({ from: 0, to: 40 });
  const topOf = (i: number) => (typeof tops === "number" ? i * tops : (tops[i] ?? 0));
  const look = () => {
    const view = box.current;
    if (view === null) return;
    const from = Math.max(0, rowAt(topOf, count, view.scrollTop) - AROUND);
    const to = rowAt(topOf, count, view.scrollTop + view.clientHeight) + AROUND; // beyond the end, so that rows that come are seen
    if (Math.abs(from - seen.from) >= AROUND / 2 || Math.abs(to - seen.to) >= AROUND / 2) see({ from, to });
  };
  useLayoutEffect(() => {
    const view = box.current;
    if (view === null || at === null) return;
    const [top, end] = [topOf(at), topOf(at + 1)];
    if (top < view.scrollTop) view.scrollTop = top;
    else if (end > view.scrollTop + view.clientHeight) view.scrollTop = end - view.clientHeight;
    look();
  }, [at]);
  useEffect(() => {
    look();
    if (box.current === null) return;
    const grown = new ResizeObserver(look);
    grown.observe(box.current);
    return () => grown.disconnect();
  }, [count]);
  const rows = [];
  for (let i = Math.min(seen.from, Math.max(0, count - 40)); i < Math.min(seen.to, count); i++) rows.push(row(i));
  return (
    <div class="rows-place">
      <div {...given} class="rows" tabIndex={0} ref={box} onScroll={look}>
        <div class="rows-all" role="presentation" style={{ height: `${topOf(count)}px` }}>
          {rows}
        </div>
      </div>
      {count === 0 && <p class="rows-empty">{empty}</p>}
    </div>
  );
}

/** The row at a height, by halving. */
function rowAt(topOf: (i: number) => number, count: number, y: number): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (topOf(middle + 1) <= y) low = middle + 1;
    else high = middle;
  }
  return low;
}
