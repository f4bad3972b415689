/** What every contestant draws: the same town of cases and crews each time, and when it was there. */

import "../../pwa/src/design/tokens.css";
import "./page.css";

const asked = new URLSearchParams(location.search);
export const BOUNDS = (asked.get("bounds") ?? "-71.19,42.23,-70.99,42.40").split(",").map(Number) as [number, number, number, number];
export const TILES = new URL(asked.get("basemap") ?? "/basemap.pmtiles", location.href).href;
const TONES = ["received", "assigned", "en_route", "on_site", "late"] as const;

let state = 42;
function random(): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
}
const [west, south, east, north] = BOUNDS;
const between = (a: number, b: number) => a + ((b - a) * (random() + random())) / 2;
const tone = (most: number) => TONES[Math.floor(random() * most)] as (typeof TONES)[number];

export const cases = Array.from({ length: Number(asked.get("cases") ?? 10_000) }, (_, id) => ({ id, lng: between(west, east), lat: between(south, north), tone: tone(5), urgent: random() < 0.01 }));
export const crews = Array.from({ length: Number(asked.get("crews") ?? 200) }, (_, id) => ({ id, lng: between(west, east), lat: between(south, north), label: `PWD-${id}`, stale: random() < 0.1, tone: tone(4) }));

const longTasks: number[] = [];
new PerformanceObserver((list) => longTasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: "longtask", buffered: true });

export const bench = { drawnMs: null as number | null, longTasks };
Object.assign(window, { bench });

/** All of it is painted: milliseconds since the page was asked for. */
export function drawn(): void {
  bench.drawnMs ??= performance.now();
}

export const element = document.getElementById("map") as HTMLElement;
