/** One sync run at a time on this origin, and how tabs and the worker tell each other. Runs in both. */

import type { Phase, Trouble } from "../core/line";
import { runOnce, type RunParts, type RunReport } from "./run";

/** The lock's name, and the tag of the worker's sync event. */
export const LOCK = "crew311-sync";
export const CHANNEL = "crew311";

export type Told = { is: "changed" } | { is: "phase"; phase: Phase; trouble: Trouble | null } | { is: "session" };

/** Runs under the one lock of this origin; null if another tab or the worker is at it. */
export async function runLocked(parts: RunParts): Promise<RunReport | null> {
  if (!("locks" in navigator)) return runOnce(parts);
  return navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => (lock === null ? null : runOnce(parts)));
}
