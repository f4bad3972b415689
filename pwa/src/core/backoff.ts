/** How long to wait before trying the city again. Randomness is passed in. */

import type { Trouble } from "./line";

export const FIRST_PAUSE_MS = 2_000;
export const LONGEST_PAUSE_MS = 5 * 60_000;

/**
 * The pause after `failures` failures in a row (1, 2, 3 …): doubles from 2 s up to 5 min, of which half is random, so
 * that three hundred phones coming out of one tunnel do not speak at once. `retryAfterS` is what the server asked for:
 * never sooner than that, and a little later at random.
 */
export function pauseMs(failures: number, random01: number, retryAfterS: number | null = null): number {
  const steps = Math.min(Math.max(failures, 1) - 1, 20);
  const full = Math.min(FIRST_PAUSE_MS * 2 ** steps, LONGEST_PAUSE_MS);
  const jittered = full / 2 + (full / 2) * random01;
  if (retryAfterS === null) return Math.round(jittered);
  const asked = Math.min(Math.max(retryAfterS, 0) * 1000, 60 * 60_000);
  return Math.round(Math.max(asked * (1 + 0.25 * random01), jittered));
}

/** Reads a Retry-After header: seconds, or a date. Null where it says nothing that can be read. */
export function readRetryAfter(header: string | null, nowMs: number): number | null {
  if (header === null || header.trim() === "") return null;
  if (/^\d+$/.test(header.trim())) return Number(header.trim());
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, Math.round((at - nowMs) / 1000));
}

/**
 * May the browser's own sync try at once? It fires in the same moment where there is a network, and knows of no pause:
 * good where only the signal is missing, but not where the city asked to wait, or where somebody must first do something.
 */
export function mayTryAtOnce(trouble: Trouble | null): boolean {
  return trouble === null || trouble === "no_signal";
}
