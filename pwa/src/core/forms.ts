/** The smaller forms beside the closing one: saved at every touch, and back after the phone killed the app. */

import type { DraftPhoto } from "./draft";
import type { CaseKey, HandBackReason, Kind, Payload, Place } from "./wire";

export type FormName = "note" | "photos" | "give_back" | "follow_up" | "open" | "batch";

export interface Form {
  /** There is one form of each name for each case. */
  key: string;
  form: FormName;
  /** Null for a case that is still to be opened. */
  caseId: CaseKey | null;
  /** The case's round when the crew began to write: the round it saw. */
  round: number;
  words: string;
  reason: HandBackReason | null;
  service: { code: string; name: string } | null;
  address: string;
  keep: boolean;
  photos: DraftPhoto[];
  place: Place | null;
  /** Of a batch: how all of them ended, and which they are, each with the round in which it was seen. */
  outcome?: string | null;
  chosen?: { id: CaseKey; round: number }[];
  updatedMs: number;
}

export function keyOfForm(form: FormName, caseId: CaseKey | null): string {
  return `${form}:${caseId ?? ""}`;
}

export function emptyForm(form: FormName, caseId: CaseKey | null, round: number, nowMs: number): Form {
  return { key: keyOfForm(form, caseId), form, caseId, round, words: "", reason: null, service: null, address: "", keep: false, photos: [], place: null, updatedMs: nowMs };
}

/** Holds it nothing that a person put there? Its place and its toggle do not count. */
export function isEmptyForm(form: Form): boolean {
  return form.words.trim() === "" && form.reason === null && form.service === null && form.address.trim() === "" && form.photos.length === 0 && (form.outcome ?? null) === null;
}

export type FormLack = "note" | "photos" | "reason" | "reason_words" | "service" | "description" | "place" | "jobs" | "outcome";

/** What is still missing before the form can be saved, or null. */
export function lackOfForm(form: Form): FormLack | null {
  const isWordless = form.words.trim() === "";
  switch (form.form) {
    case "note":
      return isWordless ? "note" : null;
    case "photos":
      return form.photos.length === 0 ? "photos" : null;
    case "give_back":
      if (form.reason === null) return "reason";
      return form.reason === "other" && isWordless ? "reason_words" : null;
    case "follow_up":
      if (form.service === null) return "service";
      return isWordless ? "description" : null;
    case "open":
      if (form.service === null) return "service";
      return form.place === null ? "place" : null;
    case "batch":
      if ((form.chosen ?? []).length === 0) return "jobs";
      return (form.outcome ?? null) === null ? "outcome" : null;
  }
}

/** The operation a complete form becomes. `status` is the job's as the crew sees it: before setting out one declines. */
export function deedOf(form: Form, status: string): { kind: Kind; payload: Payload } {
  const words = form.words.trim();
  const photos = form.photos.map(({ id, sha256, size, kind }) => ({ id, sha256, size, kind }));
  const service = form.service?.code ?? "";
  switch (form.form) {
    case "note":
      return { kind: "note", payload: { text: words } };
    case "photos":
      return { kind: "photos", payload: { photos } };
    case "give_back":
      return { kind: status === "assigned" ? "decline" : "hand_back", payload: { reason: form.reason ?? "other", ...(words === "" ? {} : { words }) } };
    case "follow_up":
      return { kind: "follow_up", payload: { service, description: words, photos } };
    case "open": {
      if (form.place === null) throw new Error("a new case has a place");
      return { kind: "open", payload: { service, description: words, address: form.address.trim(), place: form.place, photos, keep: form.keep } };
    }
    case "batch":
      throw new Error("each job of a batch is closed by itself");
  }
}
