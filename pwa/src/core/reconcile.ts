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
/** From which statuses a crew's progress moves the case on; from any other it comes too late and changes nothing. */
const PROGRESS_FROM: Record<"en_route" | "on_site", readonly string[]> = {
  en_route: ["assigned"],
  on_site: ["assigned", "en_route"],
};

/** Decide about an operation that was never seen before (a known id gets its stored answer instead). */
export function reconcile(view: CaseView, operation: Operation): Outcome {
  switch (operation.kind) {
    case "note":
      return outcome("counted");
    case "close":
      return reconcileClosure(view, operation);
    case "en_route":
    case "on_site":
      return operation.round_seen === view.round &&
        operation.crew_id === view.crew_id &&
        PROGRESS_FROM[operation.kind].includes(view.status)
        ? outcome("counted", { status: operation.kind })
        : outcome("superseded");
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
