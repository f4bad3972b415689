/** A closing form that is not finished: saved at every touch, and back after the phone killed the app. */

import type { CaseKey, ClosePayload, OutcomeChoice, PhotoKind, Place } from "./wire";

export interface DraftPhoto {
  id: string;
  sha256: string;
  size: number;
  type: string;
  kind: PhotoKind;
}

export interface Draft {
  caseId: CaseKey;
  /** The case's round when the crew began to write: the round it saw. */
  round: number;
  outcome: string | null;
  detail: string;
  note: string;
  /** Of work, as it was typed; absent in drafts of an older app. */
  minutes?: string;
  materials?: string;
  photos: DraftPhoto[];
  place: Place | null;
  updatedMs: number;
}

export function emptyDraft(caseId: CaseKey, round: number, nowMs: number): Draft {
  return { caseId, round, outcome: null, detail: "", note: "", photos: [], place: null, updatedMs: nowMs };
}

export type Lack = "outcome" | "detail" | "detail_number" | "detail_day";

/** What is still missing before the form can be saved, or null. */
export function lackOf(draft: Draft, choices: readonly OutcomeChoice[]): Lack | null {
  const choice = choices.find((c) => c.code === draft.outcome);
  if (choice === undefined) return "outcome";
  if (choice.needs === null) return null;
  const detail = draft.detail.trim();
  if (choice.code === "duplicate") return /\d/.test(detail) ? null : "detail_number";
  if (choice.code === "scheduled") return /^\d{4}-\d{2}-\d{2}$/.test(detail) ? null : "detail_day";
  return detail === "" ? "detail" : null;
}

const MOST_MINUTES = 24 * 60;

export function closePayloadOf(draft: Draft, choices: readonly OutcomeChoice[], asks: readonly string[] = []): ClosePayload {
  const minutes = parseInt(draft.minutes ?? "", 10);
  const needs = choices.find((c) => c.code === draft.outcome)?.needs ?? null;
  return {
    outcome: draft.outcome ?? "",
    detail: needs === null ? null : draft.detail.trim(),
    note: draft.note.trim(),
    place: draft.place,
    photos: draft.photos.map(({ id, sha256, size, kind }) => ({ id, sha256, size, kind })),
    ...(asks.includes("minutes") ? { minutes: Number.isFinite(minutes) ? Math.min(minutes, MOST_MINUTES) : null } : {}),
    ...(asks.includes("materials") ? { materials: (draft.materials ?? "").trim() } : {}),
  };
}

export function isEmptyDraft(draft: Draft): boolean {
  return draft.outcome === null && draft.detail === "" && draft.note === "" && draft.photos.length === 0 && (draft.minutes ?? "") === "" && (draft.materials ?? "") === "";
}
