/**
 * The sync rule, mirrored. The authority is sync/reconcile.py; tests/vectors/reconcile.json binds the two, so that
 * changing one alone turns a test red. The phone uses it to show what the city will most likely answer.
 */

import type { Kind, Review, Verdict } from "./wire";

export interface Closure {
  id: string;
  crew_id: number;
  round_seen: number;
  outcome: string;
  /** ISO 8601 with a zone. */
  done_at: string;
}

export interface Operation {
  id: string;
  kind: Kind;
  crew_id: number;
  round_seen: number;
  digest: string;
  closure: Closure | null;
}

export interface CaseView {
  round: number;
  status: string;
  crew_id: number | null;
  closures: readonly Closure[];
}

export interface Outcome {
  verdict: Verdict;
  status: string | null;
  leading: string | null;
  review: Review | null;
}

const CLOSED = "closed";
/** From which statuses a crew's move takes the case, and where to; from any other it comes too late and changes nothing. */
const MOVES: Record<"accept" | "decline" | "hand_back" | "en_route" | "on_site", { from: readonly string[]; to: string }> = {
  accept: { from: ["assigned"], to: "assigned" },
  decline: { from: ["assigned"], to: "received" },
  hand_back: { from: ["assigned", "en_route", "on_site"], to: "received" },
  en_route: { from: ["assigned"], to: "en_route" },
  on_site: { from: ["assigned", "en_route"], to: "on_site" },
};

/** Decide about an operation that was never seen before (a known id gets its stored answer instead). */
export function reconcile(view: CaseView, operation: Operation): Outcome {
  switch (operation.kind) {
    // These append to a case, or are about none yet: they count whatever the office did meanwhile.
    case "note":
    case "photos":
    case "follow_up":
    case "open":
    case "start_shift":
    case "begin_break":
    case "end_break":
    case "end_shift":
    case "read":
      return outcome("counted");
    case "close":
      return reconcileClosure(view, operation);
    case "accept":
    case "decline":
    case "hand_back":
    case "en_route":
    case "on_site": {
      const { from, to } = MOVES[operation.kind];
      return operation.round_seen === view.round && operation.crew_id === view.crew_id && from.includes(view.status)
        ? outcome("counted", { status: to })
        : outcome("superseded");
    }
  }
}

function reconcileClosure(view: CaseView, operation: Operation): Outcome {
  const closure = operation.closure;
  if (closure === null) throw new Error("an operation of kind close carries a closure");
  if (operation.round_seen !== view.round) return outcome("needs_review", { review: "office_moved" });
  if (operation.crew_id !== view.crew_id) return outcome("needs_review", { review: "not_theirs" });
  const closures = [...view.closures, closure];
  const disagree = new Set(closures.map((c) => `${c.crew_id} ${c.outcome}`)).size > 1;
  return outcome("counted", {
    status: CLOSED,
    leading: leadingClosure(closures).id,
    review: disagree ? "closed_twice" : null,
  });
}

/** The closure a case shows: done first; the smaller id where two were done at the same moment. */
export function leadingClosure(closures: readonly Closure[]): Closure {
  return closures.reduce((a, b) => (isBefore(b, a) ? b : a));
}

function isBefore(a: Closure, b: Closure): boolean {
  const order = compareMoments(a.done_at, b.done_at);
  return order !== 0 ? order < 0 : a.id < b.id;
}

/** Compares to the microsecond, as the server's clock does; a Date holds only milliseconds. */
function compareMoments(a: string, b: string): number {
  return Math.floor(Date.parse(a) / 1000) - Math.floor(Date.parse(b) / 1000) || fraction(a) - fraction(b);
}

function fraction(moment: string): number {
  const digits = /\.(\d+)/.exec(moment)?.[1] ?? "";
  return Number(digits.slice(0, 6).padEnd(6, "0"));
}

function outcome(verdict: Verdict, rest: Partial<Omit<Outcome, "verdict">> = {}): Outcome {
  return { verdict, status: null, leading: null, review: null, ...rest };
}
