/** A made-up picture of a city, as the desk's routes answer it. */

import { readPicture, type Case, type Crew, type Picture } from "../src/core/picture";

export const NOW_S = 1_780_000_000;

const CASE = {
  id: 1, number: "26-000001", status: "received", round: 0, service: 1, department: 1, district: 1, lat: 42.35, lon: -71.06, lost: 0,
  address: "1 City Hall Sq", opened: NOW_S - 7200, due: NOW_S + 36_000, changed: NOW_S - 7200, urgent: 0, held: 0, pinned: null,
  review: null, crew: null, read: 0,
};
export type CaseRow = Partial<Record<keyof typeof CASE, string | number | null>>;

const CREW = {
  id: 1, code: "PWD-1", name: "Highway 1", department: 1, lent: [], lat: 42.36, lon: -71.05, placed: NOW_S - 60, seen: NOW_S - 30,
  lost: false, from: NOW_S - 3600, until: NOW_S + 3600, pause: null, room: 8, jobs: [] as number[], photos: 0, bytes: 0,
};
export type CrewRow = Partial<Record<keyof typeof CREW, string | number | boolean | number[] | null>>;

export function columns(given: CaseRow[]): Record<string, unknown[]> {
  const rows = given.map((row, i) => ({ ...CASE, id: i + 1, number: `26-00000${i + 1}`, ...row }));
  return Object.fromEntries(Object.keys(CASE).map((name) => [name, rows.map((row) => row[name as keyof typeof CASE])]));
}

export const crewsBody = (rows: CrewRow[], tag = "t1") => ({ tag, quarantined: 0, all: rows.map((row) => ({ ...CREW, ...row })) });

export function pictureBody(cases: CaseRow[], crews: CrewRow[] = [{}], seq = 10): Record<string, unknown> {
  return {
    v: 1, epoch: "e1", seq, now: NOW_S, city: { name: "Boston", timezone: "America/New_York" }, at_risk_s: 14_400, fresh_s: 600, may_move: true, may_surge: true,
    you: { id: 7, name: "Dora Lee", role: "dispatcher" },
    services: [{ id: 1, name: "Pothole" }, { id: 2, name: "Street light out" }], departments: [{ id: 1, name: "Public Works" }, { id: 2, name: "Parks" }],
    districts: [{ id: 1, code: "1A", name: "Downtown" }], cases: columns(cases), crews: crewsBody(crews),
  };
}

export const newsBody = (seq: number, more: Record<string, unknown> = {}) => ({ v: 1, epoch: "e1", seq, now: NOW_S + 5, reset: false, ...more });

export const pictureOf = (cases: CaseRow[], crews: CrewRow[] = [{}]): Picture => readPicture(pictureBody(cases, crews));
export const idsOf = (cases: readonly Case[]) => cases.map((it) => it.id);
export const codesOf = (crews: readonly Crew[]) => crews.map((it) => it.code);
