/**
 * The city as a desk holds it, and how news changes it (crew_app/routes/live.py is the other end). Pure: a picture and
 * news give the next picture, or say that the whole must be read again.
 */

import { filled, flag, list, maybe, num, refuse, shape, text, whole, type Shape } from "./read";

/** A case that somebody must act on: open, or closed and in need of a look. Moments are whole seconds since 1970. */
export interface Case {
  id: number;
  number: string;
  status: string;
  round: number;
  serviceId: number;
  departmentId: number;
  districtId: number | null;
  lat: number | null;
  lon: number | null;
  /** Its place cannot be trusted. */
  isLost: boolean;
  address: string;
  openedS: number;
  dueS: number | null;
  changedS: number;
  isUrgent: boolean;
  isHeld: boolean;
  pinnedTo: number | null;
  review: string | null;
  crewId: number | null;
  /** By its crew. */
  isRead: boolean;
}

export interface Crew {
  id: number;
  code: string;
  name: string;
  departmentId: number;
  lentTo: number[];
  lat: number;
  lon: number;
  /** When it told its place; null: it told none in this shift, and lat, lon are its depot. */
  placedS: number | null;
  seenS: number | null;
  /** Out of contact: it keeps its jobs and gets no new ones. */
  isSilent: boolean;
  fromS: number | null;
  /** Null: off duty. */
  untilS: number | null;
  pauseS: number | null;
  room: number;
  /** Ids of its cases in the order in which it will come to them. */
  jobs: number[];
  /** Still on its phones: photos, and their bytes. */
  photos: number;
  bytes: number;
}

export interface Named {
  id: number;
  name: string;
}

export interface Crews {
  tag: string;
  all: Crew[];
  quarantined: number;
}

export interface Picture {
  epoch: string;
  seq: number;
  nowS: number;
  city: { name: string; timezone: string };
  atRiskS: number;
  freshS: number;
  mayMove: boolean;
  /** Put temporary crews on duty, for the whole city. */
  maySurge: boolean;
  you: { id: number; name: string; role: string };
  services: ReadonlyMap<number, string>;
  departments: readonly Named[];
  districts: ReadonlyMap<number, string>;
  cases: ReadonlyMap<number, Case>;
  /** Cases of which more is known than of the rest: by what number. */
  ahead: ReadonlyMap<number, number>;
  crews: Crews;
}

/** Some cases as they are at a number, told in an answer beside the stream. `gone`: belong in no picture any more. */
export interface Told {
  seq: number;
  cases: Case[];
  gone: number[];
}

export interface News {
  epoch: string;
  seq: number;
  nowS: number;
  reset: boolean;
  cases: Case[];
  gone: number[];
  crews: Crews | null;
}

/** `changed`: the cases that are another now, those that are gone included. `again`: the whole must be read anew. */
export type Applied = { is: "next"; picture: Picture; changed: number[] } | { is: "old" } | { is: "again"; why: "reset" | "epoch" };

/**
 * What is older than the picture is left out: an answer that was slow would put back what has changed since. What has the
 * same number is taken, for news of crews has no number of its own.
 */
export function apply(picture: Picture, news: News): Applied {
  if (news.epoch !== picture.epoch) return { is: "again", why: "epoch" };
  if (news.reset) return { is: "again", why: "reset" };
  if (news.seq < picture.seq) return { is: "old" };
  const isNews = (id: number) => (picture.ahead.get(id) ?? 0) <= news.seq;
  const { cases, changed } = put(picture.cases, news.cases.filter((it) => isNews(it.id)), news.gone.filter(isNews));
  const ahead = picture.ahead.size === 0 ? picture.ahead : new Map([...picture.ahead].filter(([, seq]) => seq > news.seq));
  const next = { ...picture, seq: news.seq, nowS: news.nowS, cases, ahead, crews: news.crews ?? picture.crews };
  return { is: "next", picture: next, changed };
}

/** Takes what an answer told; news that was on its way before it does not put it back. */
export function learn(picture: Picture, told: Told): { picture: Picture; changed: number[] } {
  const isNews = (id: number) => Math.max(picture.seq, picture.ahead.get(id) ?? 0) < told.seq;
  const { cases, changed } = put(picture.cases, told.cases.filter((it) => isNews(it.id)), told.gone.filter(isNews));
  const ahead = new Map(picture.ahead);
  for (const id of [...told.cases.map((it) => it.id), ...told.gone]) if (isNews(id)) ahead.set(id, told.seq);
  return { picture: { ...picture, cases, ahead }, changed };
}

function put(before: ReadonlyMap<number, Case>, here: readonly Case[], gone: readonly number[]) {
  const changed = [...here.map((it) => it.id), ...gone.filter((id) => before.has(id))];
  if (changed.length === 0) return { cases: before, changed };
  const cases = new Map(before);
  for (const it of here) cases.set(it.id, it);
  for (const id of gone) cases.delete(id);
  return { cases, changed };
}

// ---- readers -------------------------------------------------------------------------------------------------------

export function readPicture(value: unknown): Picture {
  const it = shape(value, "picture");
  const city = shape(it.city, "city");
  const you = shape(it.you, "you");
  const named = (row: unknown, what: string) => {
    const { id, name } = shape(row, what);
    return { id: whole(id, what), name: text(name, what) };
  };
  return {
    epoch: filled(it.epoch, "epoch"),
    seq: whole(it.seq, "seq"),
    nowS: whole(it.now, "now"),
    city: { name: text(city.name, "city.name"), timezone: text(city.timezone, "city.timezone") },
    atRiskS: whole(it.at_risk_s, "at_risk_s"),
    freshS: whole(it.fresh_s, "fresh_s"),
    mayMove: flag(it.may_move, "may_move"),
    maySurge: flag(it.may_surge, "may_surge"),
    you: { id: whole(you.id, "you.id"), name: text(you.name, "you.name"), role: text(you.role, "you.role") },
    services: new Map(list(it.services, "services", named).map(({ id, name }) => [id, name])),
    departments: list(it.departments, "departments", named),
    districts: new Map(
      list(it.districts, "districts", (row, what) => {
        const district = shape(row, what);
        return [whole(district.id, what), text(district.code, what)] as const;
      }),
    ),
    cases: new Map(readCases(it.cases).map((row) => [row.id, row])),
    ahead: new Map(),
    crews: readCrews(it.crews),
  };
}

export function readNews(value: unknown): News {
  const it = shape(value, "news");
  return {
    epoch: filled(it.epoch, "epoch"),
    seq: whole(it.seq, "seq"),
    nowS: whole(it.now, "now"),
    reset: flag(it.reset, "reset"),
    cases: it.cases === undefined ? [] : readCases(it.cases),
    gone: list(it.gone ?? [], "gone", whole),
    crews: maybe(it.crews, "crews", readCrews),
  };
}

/** Null where the answer tells nothing of cases. */
export function readTold(it: Shape): Told | null {
  if (it.seq === undefined || it.cases === undefined) return null;
  return { seq: whole(it.seq, "seq"), cases: readCases(it.cases), gone: list(it.gone ?? [], "gone", whole) };
}

/** Column by column: there are ten thousand of them. */
function readCases(value: unknown): Case[] {
  const columns = shape(value, "cases");
  const column = <T>(name: string, read: (item: unknown, what: string) => T): T[] => {
    const items = columns[name];
    return Array.isArray(items) ? items.map((item) => read(item, name)) : refuse(name);
  };
  const orNone = <T>(read: (item: unknown, what: string) => T) => (item: unknown, what: string) => maybe(item, what, read);
  const isSet = (item: unknown, what: string) => whole(item, what) !== 0;
  const columnsOf: { [K in keyof Case]: Case[K][] } = {
    id: column("id", whole),
    number: column("number", filled),
    status: column("status", filled),
    round: column("round", whole),
    serviceId: column("service", whole),
    departmentId: column("department", whole),
    districtId: column("district", orNone(whole)),
    lat: column("lat", orNone(num)),
    lon: column("lon", orNone(num)),
    isLost: column("lost", isSet),
    address: column("address", text),
    openedS: column("opened", whole),
    dueS: column("due", orNone(whole)),
    changedS: column("changed", whole),
    isUrgent: column("urgent", isSet),
    isHeld: column("held", isSet),
    pinnedTo: column("pinned", orNone(whole)),
    review: column("review", orNone(text)),
    crewId: column("crew", orNone(whole)),
    isRead: column("read", isSet),
  };
  const { length } = columnsOf.id;
  const names = Object.keys(columnsOf) as (keyof Case)[];
  if (names.some((name) => columnsOf[name].length !== length)) refuse("columns of different lengths");
  return columnsOf.id.map((id, i) => {
    const at = <K extends keyof Case>(name: K) => columnsOf[name][i] as Case[K];
    return {
      id,
      number: at("number"),
      status: at("status"),
      round: at("round"),
      serviceId: at("serviceId"),
      departmentId: at("departmentId"),
      districtId: at("districtId"),
      lat: at("lat"),
      lon: at("lon"),
      isLost: at("isLost"),
      address: at("address"),
      openedS: at("openedS"),
      dueS: at("dueS"),
      changedS: at("changedS"),
      isUrgent: at("isUrgent"),
      isHeld: at("isHeld"),
      pinnedTo: at("pinnedTo"),
      review: at("review"),
      crewId: at("crewId"),
      isRead: at("isRead"),
    };
  });
}

function readCrews(value: unknown): Crews {
  const it = shape(value, "crews");
  return { tag: text(it.tag, "crews.tag"), all: list(it.all, "crews.all", readCrew), quarantined: whole(it.quarantined, "quarantined") };
}

function readCrew(value: unknown, what: string): Crew {
  const it: Shape = shape(value, what);
  return {
    id: whole(it.id, what),
    code: filled(it.code, what),
    name: text(it.name, what),
    departmentId: whole(it.department, what),
    lentTo: list(it.lent, what, whole),
    lat: num(it.lat, what),
    lon: num(it.lon, what),
    placedS: maybe(it.placed, what, whole),
    seenS: maybe(it.seen, what, whole),
    isSilent: flag(it.lost, what),
    fromS: maybe(it.from, what, whole),
    untilS: maybe(it.until, what, whole),
    pauseS: maybe(it.pause, what, whole),
    room: whole(it.room, what),
    jobs: list(it.jobs, what, whole),
    photos: whole(it.photos, what),
    bytes: whole(it.bytes, what),
  };
}
