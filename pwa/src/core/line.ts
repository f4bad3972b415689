/** The calm line on top: one truth about what is on this phone and what the city has. */

import type { Entry } from "./outbox";
import { stateOf } from "./outbox";

/** Why the last try did not get through. */
export type Trouble =
  /** Nothing answered: no signal, or no way to the city. */
  | "no_signal"
  /** Something answered that is not the city: a network's own page, say. */
  | "not_the_city"
  /** The city answered that it cannot just now. */
  | "city_busy"
  /** The city does not know us any more. */
  | "sign_in"
  /** The city knows this phone's outbox under another name. */
  | "other_person"
  /** The phone's own storage failed. */
  | "storage";

export type Phase = { is: "idle" } | { is: "sending" } | { is: "asking" } | { is: "photo"; i: number; of: number };

export interface Facts {
  entries: readonly Entry[];
  phase: Phase;
  trouble: Trouble | null;
  /** When the city last answered a pull to its end. */
  lastContactMs: number | null;
}

export type Line =
  | { is: "sign_in"; waiting: number }
  | { is: "other_person"; waiting: number }
  | { is: "needs_you"; count: number; waiting: number }
  | { is: "sending"; photo: { i: number; of: number } | null; waiting: number }
  | { is: "waiting"; count: number; why: "no_signal" | "city_busy" | "not_the_city" | "storage" | "next_try" }
  | { is: "confirming"; count: number }
  | { is: "received"; atMs: number; isStale: boolean }
  | { is: "never"; isAsking: boolean };

export function lineOf({ entries, phase, trouble, lastContactMs }: Facts): Line {
  const states = entries.map(stateOf);
  const needsYou = states.filter((state) => state === "needs_you").length;
  const waiting = states.length - needsYou;
  if (trouble === "sign_in") return { is: "sign_in", waiting: states.length };
  if (trouble === "other_person") return { is: "other_person", waiting: states.length };
  if (needsYou > 0) return { is: "needs_you", count: needsYou, waiting };
  if (waiting > 0) {
    if (phase.is === "photo") return { is: "sending", photo: { i: phase.i, of: phase.of }, waiting };
    if (phase.is === "sending") return { is: "sending", photo: null, waiting };
    if (trouble === null && states.every((state) => state === "received")) return { is: "confirming", count: waiting };
    if (phase.is === "asking" && trouble === null) return { is: "sending", photo: null, waiting };
    return { is: "waiting", count: waiting, why: trouble ?? "next_try" };
  }
  if (lastContactMs === null) return { is: "never", isAsking: phase.is !== "idle" };
  return { is: "received", atMs: lastContactMs, isStale: trouble !== null };
}
