/**
 * The life of one entry of the outbox: an operation of the crew, on its way to the city.
 *
 *   saved      on this phone only
 *   photos     the city has the words and waits for photos (i of n)
 *   received   the city has all of it; its own copy has not shown it to us yet
 *   released   the city's copy showed it: out of the outbox's care
 *   needs_you  a person must look; it stays, and stops nobody else
 *
 * Every function takes an entry and gives a new one. Nothing here removes anything.
 */

import type { Moment } from "./clocks";
import type { CaseKey, ClosePayload, Kind, OpenPayload, Payload, PhotoKind, PullPage, PushResult, SentOperation, Verdict } from "./wire";
import { ageMs } from "./clocks";
import { WITHOUT_CASE } from "./wire";

/** Which shape an entry is stored in. A later app reads the older ones; none is ever dropped. */
export const ENTRY_SCHEMA = 2;
/** How long work that the city acknowledged is kept, to heal a city that was restored from an old copy. */
export const KEEP_DONE_MS = 14 * 24 * 3600_000;

export interface EntryPhoto {
  id: string;
  sha256: string;
  size: number;
  kind: PhotoKind;
  type: string;
  /** The city has every byte, and said so. */
  verified: boolean;
  /** How many bytes the city last said are safe with it. */
  sentBytes: number;
  /** Where its upload goes on, once there is one. */
  upload: string | null;
  /** A byte of it may have reached the city, though no answer told so. */
  isBegun?: boolean;
  /** kept: on this phone. dropped: let go after the city had it. unreadable: the phone's storage lost it. */
  bytes: "kept" | "dropped" | "unreadable";
  /** Why the city will not take it (a code), or null. */
  refused: string | null;
}

export interface Answer {
  verdict: Verdict;
  review: string | null;
  reason: string | null;
  errors: Record<string, unknown>;
  receivedAt: string;
  /** The life of the server that gave this answer. Another life may not know of it. */
  epoch: string;
  /** The case it is about, as the city numbers it. Absent in entries answered before schema 2. */
  caseId?: number | null;
}

export interface Entry {
  schema: number;
  id: string;
  seq: number;
  kind: Kind;
  /** Where it is about no case the city knows: its own id. */
  caseId: CaseKey;
  round: number;
  personId: number;
  crewId: number;
  made: Moment;
  madeAt: string;
  payload: Payload;
  /** The case's name on the day, for when the case itself is gone from the phone. */
  about: { number: string; service: string; address: string };
  photos: EntryPhoto[];
  answer: Answer | null;
  /** The life of the server whose pull showed this entry, or null. */
  seenEpoch: string | null;
  attempts: number;
  lastTriedMs: number | null;
  lastTrouble: string | null;
  /** A person asked to send a quarantined entry again. */
  resendAsked: boolean;
  /** A person put a refused entry aside. */
  putAside: boolean;
  releasedMs: number | null;
}

export type EntryState = "saved" | "photos" | "received" | "released" | "needs_you";

export function stateOf(entry: Entry): EntryState {
  if (entry.releasedMs !== null) return "released";
  if (entry.answer?.verdict === "quarantined" && !entry.resendAsked) return "needs_you";
  if (entry.photos.some(isStuck)) return "needs_you";
  if (entry.answer === null || entry.resendAsked) return "saved";
  return entry.photos.some((photo) => !photo.verified) ? "photos" : "received";
}

/** A photo that will not arrive by itself. */
export function isStuck(photo: EntryPhoto): boolean {
  return !photo.verified && (photo.bytes !== "kept" || photo.refused !== null);
}

export function photosArrived(entry: Entry): number {
  return entry.photos.filter((photo) => photo.verified).length;
}

/** Is it the city's turn to hear of this entry? `epoch` is the server's life as last heard, null if never. */
export function needsSending(entry: Entry, epoch: string | null): boolean {
  return entry.answer === null || entry.resendAsked || (epoch !== null && entry.answer.epoch !== epoch);
}

/** The city took it, but its own copy has not shown it to us. */
export function isUnseen(entry: Entry): boolean {
  return entry.answer !== null && entry.answer.verdict !== "quarantined" && entry.seenEpoch !== entry.answer.epoch;
}

export function photosToSend(entry: Entry): EntryPhoto[] {
  if (entry.answer === null) return [];
  // Of work that was refused nothing more is sent; but a phone that was switched off keeps nothing to itself.
  if (entry.answer.verdict === "quarantined" && entry.answer.reason !== "device_revoked") return [];
  return entry.photos.filter((photo) => !photo.verified && !isStuck(photo));
}

/** May the outbox let go? Only on the city's own evidence, all of it from the life the server is in now. */
export function mayRelease(entry: Entry, epoch: string | null): boolean {
  return (
    stateOf(entry) === "received" &&
    entry.answer !== null &&
    entry.answer.epoch === epoch &&
    entry.seenEpoch === epoch
  );
}

/**
 * May the phone forget a deed of which the city showed all? Only if the life the server is in now is the one that has it,
 * and 14 days are over by the city's clock (`heardAt`, as last heard) and by the phone's: one of them may be wrong.
 */
export function mayForget(entry: Entry, epoch: string | null, heardAt: string | null, nowMs: number): boolean {
  if (entry.releasedMs === null || entry.answer === null || heardAt === null || needsSending(entry, epoch)) return false;
  // What cannot be read as a date is NaN, and never 14 days ago.
  return Date.parse(heardAt) - Date.parse(entry.answer.receivedAt) >= KEEP_DONE_MS && nowMs - entry.releasedMs >= KEEP_DONE_MS;
}

export function asSent(entry: Entry, now: Moment): SentOperation {
  return {
    id: entry.id,
    seq: entry.seq,
    kind: entry.kind,
    case: WITHOUT_CASE.has(entry.kind) ? null : entry.caseId,
    round: entry.round,
    made_at: entry.madeAt,
    age_ms: ageMs(entry.made, now),
    payload: entry.payload,
  };
}

export function tried(entry: Entry, nowMs: number, trouble: string | null): Entry {
  return { ...entry, attempts: entry.attempts + 1, lastTriedMs: nowMs, lastTrouble: trouble };
}

/** The city answered. In a new life of the server only what it names as held is held. */
export function answered(entry: Entry, result: PushResult, epoch: string, receivedAt: string): Entry {
  const sameLife = entry.answer?.epoch === epoch;
  const missing = new Set(result.photosMissing);
  const isKept = result.verdict !== "quarantined";
  return {
    ...entry,
    answer: { verdict: result.verdict, review: result.review, reason: result.reason, errors: result.errors, receivedAt, epoch, caseId: result.case?.id ?? null },
    resendAsked: false,
    lastTrouble: null,
    photos: entry.photos.map((photo) => {
      const isHeld = isKept && !missing.has(photo.id);
      if (isHeld) return { ...photo, verified: true, sentBytes: photo.size, refused: null };
      // Within one life a stored answer may be older than the upload it speaks of.
      return sameLife && photo.verified ? photo : { ...photo, verified: false, sentBytes: 0, upload: null };
    }),
  };
}

export function photoMoved(entry: Entry, photoId: string, change: Partial<EntryPhoto>): Entry {
  return { ...entry, photos: entry.photos.map((photo) => (photo.id === photoId ? { ...photo, ...change } : photo)) };
}

/** Photo states that mean: every byte is with the city. */
const HELD = new Set(["verified", "rendered", "unreadable"]);

/** What a pulled page says about this entry. The same entry comes back if it says nothing. */
export function shownByPull(entry: Entry, page: Pick<PullPage, "epoch" | "operations" | "jobs">): Entry {
  let next = entry;
  const closure = page.jobs.find((job) => job.id === entry.caseId)?.closures.find((c) => c.id === entry.id);
  const isShown = closure !== undefined || page.operations.includes(entry.id);
  if (isShown && entry.seenEpoch !== page.epoch) next = { ...next, seenEpoch: page.epoch };
  for (const { id, state } of closure?.photos ?? []) {
    const photo = next.photos.find((p) => p.id === id);
    if (photo === undefined) continue;
    if (HELD.has(state) && !photo.verified) next = photoMoved(next, id, { verified: true, sentBytes: photo.size, refused: null });
    if (state === "awaited" && photo.verified) next = photoMoved(next, id, { verified: false, sentBytes: 0, upload: null });
  }
  return next;
}

export function released(entry: Entry, nowMs: number): Entry {
  return { ...entry, releasedMs: nowMs };
}

/** An entry that was released, but of which a restored city misses something: back into care. */
export function mustReturn(entry: Entry): boolean {
  return (
    entry.releasedMs !== null &&
    !entry.putAside &&
    (entry.answer?.verdict === "quarantined" || entry.photos.some((photo) => !photo.verified))
  );
}

export function closePayload(entry: Entry): ClosePayload | null {
  return entry.kind === "close" ? (entry.payload as ClosePayload) : null;
}

export function openPayload(entry: Entry): OpenPayload | null {
  return entry.kind === "open" ? (entry.payload as OpenPayload) : null;
}
