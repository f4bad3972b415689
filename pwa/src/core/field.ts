/** Cases found in the field: until the city has given one its number, it goes by the id of the operation that opened it. */

import { openPayload, type Entry } from "./outbox";
import type { CaseKey, Job } from "./wire";

/** The number the city gave to each case found in the field, by the id of the operation that opened it. */
export type Given = ReadonlyMap<string, number>;

export function numbersGiven(entries: readonly Entry[]): Given {
  const given = new Map<string, number>();
  for (const { kind, id, answer } of entries) {
    if (kind === "open" && typeof answer?.caseId === "number") given.set(id, answer.caseId);
  }
  return given;
}

/** The city's number for a case where there is one. */
export function numberOf(key: CaseKey, given: Given): CaseKey {
  return typeof key === "string" ? (given.get(key) ?? key) : key;
}

/** All names the same case goes by on this phone. */
export function namesOf(key: CaseKey, given: Given): CaseKey[] {
  const number = numberOf(key, given);
  return [number, ...[...given].filter(([, it]) => it === number).map(([id]) => id)];
}

/** A case that only this phone knows, as a job: in hand and first in the list if the crew does it now. */
export function asJob(entry: Entry): Job | null {
  const payload = openPayload(entry);
  if (payload === null) return null;
  return {
    id: entry.id,
    number: "",
    round: 1,
    status: payload.keep ? "assigned" : "received",
    service: entry.about.service,
    group: "",
    description: payload.description,
    address: payload.address,
    lat: payload.place.lat,
    lon: payload.place.lon,
    openedAt: entry.madeAt,
    dueAt: null,
    assignedAt: null,
    why: "",
    urgent: false,
    mine: payload.keep,
    order: 0,
    photos: [],
    notes: [],
    closures: [],
  };
}
