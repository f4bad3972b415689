/** Panes whose widths are remembered, moved by pointer or by arrows. */

import { useState } from "preact/hooks";

const KEY = "crew311-desk-panes";
const NARROWEST_PX = 240;
const WIDEST_PX = 640;
const STEP_PX = 16;

interface Widths {
  cases: number;
  crews: number;
}

const within = (px: number) => Math.max(NARROWEST_PX, Math.min(WIDEST_PX, Math.round(px)));

function kept(): Widths {
  const usual = innerWidth < 1500 ? { cases: 400, crews: 272 } : { cases: 480, crews: 320 };
  try {
    const { cases, crews } = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Widths>;
    return { cases: within(Number(cases ?? usual.cases)), crews: within(Number(crews ?? usual.crews)) };
  } catch {
    return usual;
  }
}

export function usePaneWidths() {
  const [widths, set] = useState(kept);
  const keep = (next: Widths) => {
    set(next);
    localStorage.setItem(KEY, JSON.stringify(next));
  };
  return { ...widths, setCases: (px: number) => keep({ ...widths, cases: within(px) }), setCrews: (px: number) => keep({ ...widths, crews: within(px) }) };
}

export function Splitter({ name, width, set }: { name: string; width: number; set: (px: number) => void }) {
  const onPointerDown = (event: PointerEvent) => {
    const bar = event.currentTarget as HTMLElement;
    const from = event.clientX;
    bar.setPointerCapture(event.pointerId);
    const move = (moved: PointerEvent) => set(width + moved.clientX - from);
    bar.addEventListener("pointermove", move);
    bar.addEventListener("lostpointercapture", () => bar.removeEventListener("pointermove", move), { once: true });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -STEP_PX, ArrowRight: STEP_PX }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    set(width + by);
  };
  return (
    <div class="splitter" role="separator" tabIndex={0} aria-orientation="vertical" aria-label={name} aria-valuenow={width} aria-valuemin={NARROWEST_PX} aria-valuemax={WIDEST_PX} onPointerDown={onPointerDown} onKeyDown={onKeyDown} />
  );
}
