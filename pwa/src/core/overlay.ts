/** What is shown: the city's truth, and on top of it what the crew did that the city has not shown back yet. */

import { asJob, numberOf, numbersGiven } from "./field";
import type { Entry } from "./outbox";
import type { CaseKey, Job } from "./wire";
import { closePayload, photosArrived, stateOf } from "./outbox";
import { uuid7Ms } from "./uuid7";
import { reconcile, type CaseView, type Closure } from "./reconcile";

export type Standing =
  /** Nothing of ours is on its way. */
  | { is: "settled" }
  /** Only on this phone. */
  | { is: "saved" }
  /** The city has the words; photos i of n are there. */
  | { is: "photos"; arrived: number; of: number }
  /** The city has all of it. */
  | { is: "received" }
  | { is: "needs_you" };

export interface Card {
  job: Job;
  /** The status shown: received, assigned, en_route, on_site, closed, reopened, withdrawn. */
  status: string;
  /** Is it still to be done by this crew? */
  isOpen: boolean;
  isLate: boolean;
  standing: Standing;
  /** Why the office looks at this crew's closure, or null. */
  review: string | null;
  /** The outcome this crew gave, or null. */
  outcome: string | null;
  /** Why this crew does not have it, where that is not for the closing: it gave the job back, or only reported it. */
  left: "given_back" | "reported" | null;
}

export interface Day {
  open: Card[];
  done: Card[];
}

/** `done` are released entries: they still know which number the city gave to a case found in the field. */
export function overlay(jobs: readonly Job[], entries: readonly Entry[], crewId: number, nowMs: number, done: readonly Entry[] = []): Day {
  const given = numbersGiven([...done, ...entries]);
  const known = new Set(jobs.map((job) => job.id));
  const found = entries.filter((entry) => entry.kind === "open" && !known.has(numberOf(entry.id, given)));
  const byCase = new Map<CaseKey, Entry[]>();
  for (const entry of entries) {
    const key = numberOf(entry.caseId, given);
    byCase.set(key, [...(byCase.get(key) ?? []), entry]);
  }
  const cards = [...jobs, ...found.flatMap((entry) => asJob(entry) ?? [])].map((job) => card(job, byCase.get(numberOf(job.id, given)) ?? [], crewId, nowMs));
  return {
    open: cards.filter((c) => c.isOpen).sort(byOrder),
    done: cards.filter((c) => !c.isOpen).sort((a, b) => compare(recency(b.job.id), recency(a.job.id))),
  };
}

/** Cases without a number are the newest. */
function recency(id: CaseKey): number {
  return typeof id === "number" ? id : Infinity;
}

export function card(job: Job, entries: readonly Entry[], crewId: number, nowMs: number): Card {
  const pending = [...entries].filter((e) => e.releasedMs === null).sort((a, b) => a.seq - b.seq);
  let view: CaseView = {
    round: job.round,
    status: job.status,
    crew_id: job.mine ? crewId : null,
    closures: job.closures.filter((c) => c.counts).map((c) => closureOf(c.id, c.outcome, crewId, job.round, "1970-01-01T00:00:00Z")),
  };
  const shown = job.closures.at(-1);
  let review = shown !== undefined && shown.settled === null ? shown.review : null;
  let outcome = shown?.outcome ?? null;
  let left: Card["left"] = job.mine || typeof job.id === "number" ? null : "reported";
  for (const entry of pending) {
    if (entry.answer?.verdict === "quarantined") continue;
    const isKnown = job.closures.some((c) => c.id === entry.id);
    const payload = closePayload(entry);
    const predicted = reconcile(view, {
      id: entry.id,
      kind: entry.kind,
      crew_id: entry.crewId,
      round_seen: entry.round,
      digest: "",
      closure: payload && closureOf(entry.id, payload.outcome, entry.crewId, entry.round, entry.madeAt),
    });
    if (payload !== null) {
      outcome = payload.outcome;
      review = entry.answer !== null ? entry.answer.review : predicted.review;
    }
    const hasEffect = entry.answer === null ? predicted.verdict === "counted" : entry.answer.verdict === "counted";
    if (!isKnown && hasEffect && predicted.status !== null) {
      view = { ...view, status: predicted.status };
      if (entry.kind === "decline" || entry.kind === "hand_back") {
        view = { ...view, crew_id: null };
        left = "given_back";
      }
    }
  }
  // A closure the office must look at is still done, as far as this crew is concerned.
  const isHandled = pending.some((e) => e.kind === "close" && stateOf(e) !== "needs_you" && e.round === job.round);
  const isOpen = job.mine && left === null && !isHandled && view.status !== "closed" && view.status !== "withdrawn";
  return {
    job,
    status: view.status,
    isOpen,
    isLate: isOpen && job.dueAt !== null && Date.parse(job.dueAt) < nowMs,
    standing: standingOf(pending),
    review,
    outcome,
    left,
  };
}

function closureOf(id: string, outcome: string, crewId: number, round: number, doneAt: string): Closure {
  return { id, crew_id: crewId, round_seen: round, outcome, done_at: doneAt };
}

/** The least advanced of what is on its way speaks for all of it; the closure speaks before mere progress. */
export function standingOf(pending: readonly Entry[]): Standing {
  if (pending.some((e) => stateOf(e) === "needs_you")) return { is: "needs_you" };
  // That the crew has read a job is no work of which it must know where it is.
  const speaker = pending.filter((e) => e.kind === "close").at(-1) ?? pending.filter((e) => e.kind !== "accept").at(-1);
  if (speaker === undefined) return { is: "settled" };
  switch (stateOf(speaker)) {
    case "saved":
      return { is: "saved" };
    case "photos":
      return { is: "photos", arrived: photosArrived(speaker), of: speaker.photos.length };
    case "received":
      return { is: "received" };
    case "needs_you":
      return { is: "needs_you" };
    case "released":
      return { is: "settled" };
  }
}

/** What the crew is at comes first, then what the office wants before everything else, then the round. */
function rank({ status, job }: Card): number {
  return status === "en_route" || status === "on_site" ? 0 : job.urgent ? 1 : 2;
}

function byOrder(a: Card, b: Card): number {
  return (
    compare(rank(a), rank(b)) ||
    compare(a.job.order ?? Infinity, b.job.order ?? Infinity) ||
    compare(Date.parse(a.job.dueAt ?? "") || Infinity, Date.parse(b.job.dueAt ?? "") || Infinity) ||
    compare(recency(a.job.id), recency(b.job.id))
  );
}

/** Infinity less Infinity is not a number; this is 0. */
function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Should the city hear that the crew has read this job? Once for each round, and only while it is not under way. */
export function isToBeAccepted({ job, status, isOpen }: Card, entries: readonly Entry[]): boolean {
  if (!isOpen || typeof job.id !== "number" || job.status !== "assigned" || status !== "assigned") return false;
  return !entries.some((e) => e.kind === "accept" && e.caseId === job.id && e.round === job.round);
}

/** A day after it closed a job that is no longer its own, the crew need not see it any more. */
export const SHOW_CLOSED_MS = 24 * 3600_000;

/** A job that the phone may forget by itself; `busy` are the cases on which anything of the crew's is not finished. */
export function isOver(job: Job, busy: ReadonlySet<CaseKey>, nowMs: number): boolean {
  return (
    !job.mine &&
    job.status === "closed" &&
    !busy.has(job.id) &&
    job.closures.length > 0 &&
    job.closures.every((closure) => (closure.review === null || closure.settled !== null) && nowMs - uuid7Ms(closure.id) > SHOW_CLOSED_MS)
  );
}
