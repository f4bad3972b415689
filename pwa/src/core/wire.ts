/**
 * What travels between this phone and the city (docs/sync-protocol.md, version 1): the shapes, and the readers that
 * believe an answer only if it has them. A reader throws NotOurs for anything else: then it was not the city speaking.
 */

import { filled, flag, list, maybe, moment, num, oneOf, ownPath, refuse, rowsOf, shape, text, texts, whole, NotOurs } from "./read";

export { NotOurs };

export const WIRE_VERSION = 1;
export const MAX_OPERATIONS_PER_PUSH = 50;
export const MAX_PHOTOS_PER_CLOSURE = 10;
export const MAX_PHOTO_BYTES = 20 * 1024 * 1024;
export const MAX_PUSH_BYTES = 1024 * 1024;

export type Kind =
  | "close"
  | "accept"
  | "decline"
  | "hand_back"
  | "en_route"
  | "on_site"
  | "note"
  | "photos"
  | "follow_up"
  | "open"
  | "start_shift"
  | "begin_break"
  | "end_break"
  | "end_shift"
  | "read";
/** These are about no case the city knows: a new one, or the crew's own day. */
export const WITHOUT_CASE: ReadonlySet<Kind> = new Set<Kind>(["open", "start_shift", "begin_break", "end_break", "end_shift", "read"]);
/** A case: its number on the wire; or, for one found in the field, the id of the `open` operation that made it. */
export type CaseKey = number | string;
export type Verdict = "counted" | "superseded" | "needs_review" | "quarantined";
export type Review = "office_moved" | "not_theirs" | "closed_twice";
export type PhotoKind = "before" | "after";

export interface Place {
  lat: number;
  lon: number;
  accuracy_m: number;
}

export interface PhotoRef {
  id: string;
  sha256: string;
  size: number;
  kind: PhotoKind;
}

export interface ClosePayload {
  outcome: string;
  detail: string | null;
  note: string;
  place: Place | null;
  photos: PhotoRef[];
  /** Only where the city asks: it refuses fields it does not know. */
  minutes?: number | null;
  materials?: string;
}

export const HAND_BACK_REASONS = ["wrong_trade", "too_far", "no_equipment", "unsafe", "no_time", "other"] as const;
export type HandBackReason = (typeof HAND_BACK_REASONS)[number];

export interface HandBackPayload {
  reason: HandBackReason;
  words?: string;
}

export interface FollowUpPayload {
  service: string;
  description: string;
  photos: PhotoRef[];
}

export interface OpenPayload {
  service: string;
  description: string;
  address: string;
  place: Place;
  photos: PhotoRef[];
  /** In this crew's hands at once. */
  keep: boolean;
}

export interface StartShiftPayload {
  /** The names of who is in the crew today. */
  members: string[];
  vehicle: string;
  /** What dispatch may count on today; null: the crew's own. */
  skills: string[] | null;
}

export type Payload =
  | ClosePayload
  | StartShiftPayload
  | { messages: number[] }
  | Record<string, never>
  | HandBackPayload
  | { place: Place | null }
  | { text: string }
  | { photos: PhotoRef[] }
  | FollowUpPayload
  | OpenPayload;

/** An operation as it is sent. All but `age_ms` is the same in every sending. */
export interface SentOperation {
  id: string;
  seq: number;
  kind: Kind;
  /** Null where it is about no case the city knows. */
  case: CaseKey | null;
  round: number;
  made_at: string;
  age_ms: number | null;
  payload: Payload;
}

export interface PushRequest {
  v: 1;
  device: string;
  app: string;
  operations: SentOperation[];
  /** Where our copy of the city stands: the answer then brings the page after it, too. */
  cursor?: string;
  /** The lowest number we still wait to see; it matters only where the page starts from nothing. */
  held?: number;
}

export interface PushResult {
  id: string;
  verdict: Verdict;
  review: string | null;
  reason: string | null;
  errors: Record<string, unknown>;
  case: { id: number; status: string; round: number } | null;
  photosMissing: string[];
}

export interface PushAnswer {
  epoch: string;
  device: string;
  receivedAt: string;
  results: PushResult[];
  expectedSeq: number;
  /** What a pull would have answered just after; null if it was not asked for, or not to be had. */
  page: PullPage | NothingNew | null;
}

export interface JobPhoto {
  id: string;
  kind: string;
  url: string;
  thumb: string;
}

export interface JobNote {
  id: number;
  at: string;
  by: string;
  text: string;
}

export interface JobClosure {
  id: string;
  outcome: string;
  counts: boolean;
  review: string | null;
  settled: string | null;
  photos: { id: string; state: string }[];
}

/** A case in the crew's hands, as the city knows it; or one found in the field that it does not know yet. */
export interface Job {
  id: CaseKey;
  number: string;
  round: number;
  status: string;
  service: string;
  group: string;
  description: string;
  address: string;
  lat: number | null;
  lon: number | null;
  openedAt: string | null;
  dueAt: string | null;
  assignedAt: string | null;
  why: string;
  /** The office wants it done before everything else. */
  urgent: boolean;
  mine: boolean;
  order: number | null;
  photos: JobPhoto[];
  notes: JobNote[];
  closures: JobClosure[];
}

export interface Shift {
  id: number;
  startsMs: number;
  endsMs: number;
  startedMs: number | null;
  endedMs: number | null;
  breakSinceMs: number | null;
  breakMinutes: number;
  members: string[];
  vehicle: string;
  skills: string[] | null;
}

/** A line from the office: in its own words (`words`), or what became of a case, and why. */
export interface Message {
  id: number;
  atMs: number;
  kind: string;
  by: string;
  text: string;
  caseId: number | null;
  number: string;
  address: string;
  service: string;
  isRead: boolean;
}

export interface DayPart {
  shifts: Shift[];
  messages: Message[];
}

export interface PullPage {
  epoch: string;
  cursor: string;
  more: boolean;
  reset: boolean;
  now: string;
  jobs: Job[];
  operations: string[];
  gone: number[];
  /** The jobs in hand in the order to visit them, in place of the order of all jobs held; null: it is as it was. */
  order: number[] | null;
  /** The office has switched this phone off. */
  revoked: boolean;
  /** The crew's day; null: it is as it was. */
  day: DayPart | null;
}

/** The city's short answer to `brief=1`: nothing new since the cursor. */
export interface NothingNew {
  isBrief: true;
  cursor: string;
}

/** What a crew can open a case or a follow-up for. */
export interface Service {
  code: string;
  name: string;
  group: string;
  department: string;
}

export interface OutcomeChoice {
  code: string;
  /** What the detail field has to say, or null where no detail is needed. */
  needs: string | null;
}

/** Who is signed in on this phone. */
export interface Identity {
  person: { id: number; name: string; role: string };
  crew: {
    id: number;
    code: string;
    name: string;
    department: string;
    /** Who of it can sign in. */
    people: string[];
    skills: string[];
    /** What else the department's work may need. */
    otherSkills: string[];
  };
  city: { name: string; timezone: string };
  outcomes: OutcomeChoice[];
  /** What else a closing is asked for: minutes, materials. */
  asks?: string[];
}

// ---- readers -------------------------------------------------------------------------------------------------------

export function readIdentity(value: unknown): Identity {
  const it = shape(value, "identity");
  const person = shape(it.person, "person");
  const crew = shape(it.crew, "crew");
  const city = shape(it.city, "city");
  return {
    person: { id: whole(person.id, "person.id"), name: text(person.name, "person.name"), role: text(person.role, "person.role") },
    crew: {
      id: whole(crew.id, "crew.id"),
      code: text(crew.code, "crew.code"),
      name: text(crew.name, "crew.name"),
      department: maybe(crew.department, "crew.department", text) ?? "",
      people: texts(crew.people, "crew.people"),
      skills: texts(crew.skills, "crew.skills"),
      otherSkills: texts(crew.other_skills, "crew.other_skills"),
    },
    city: { name: text(city.name, "city.name"), timezone: text(city.timezone, "city.timezone") },
    asks: texts(it.asks, "asks"),
    outcomes: list(it.outcomes, "outcomes", (item, what) => {
      const outcome = shape(item, what);
      return { code: filled(outcome.code, `${what}.code`), needs: maybe(outcome.needs, `${what}.needs`, text) };
    }),
  };
}

const VERDICTS: readonly Verdict[] = ["counted", "superseded", "needs_review", "quarantined"];

/** Reads the answer to a push of `device`; every result must speak of an operation that was in it. */
export function readPushAnswer(value: unknown, device: string, sentIds: readonly string[]): PushAnswer {
  const it = shape(value, "push");
  if (it.v !== WIRE_VERSION) refuse("push.v");
  if (it.device !== device) refuse("push.device");
  const sent = new Set(sentIds);
  return {
    epoch: filled(it.epoch, "push.epoch"),
    device,
    receivedAt: text(it.received_at, "push.received_at"),
    expectedSeq: whole(it.expected_seq, "push.expected_seq"),
    results: list(it.results, "push.results", (item, what) => {
      const result = shape(item, what);
      const id = text(result.id, `${what}.id`);
      if (!sent.has(id)) refuse(`${what}.id`);
      return {
        id,
        verdict: oneOf(result.verdict, `${what}.verdict`, VERDICTS),
        review: maybe(result.review, `${what}.review`, text),
        reason: maybe(result.reason, `${what}.reason`, text),
        errors: maybe(result.errors, `${what}.errors`, shape) ?? {},
        case: maybe(result.case, `${what}.case`, (value, at) => {
          const c = shape(value, at);
          return { id: whole(c.id, at), status: text(c.status, at), round: whole(c.round, at) };
        }),
        photosMissing: list(result.photos_missing ?? [], `${what}.photos_missing`, text),
      };
    }),
    page: readPageOfPush(it.page),
  };
}

/** The city's word on our work stands, whatever is the matter with the page beside it: a pull will tell. */
function readPageOfPush(value: unknown): PullPage | NothingNew | null {
  try {
    return maybe(value, "push.page", readPullAnswer);
  } catch (error) {
    if (error instanceof NotOurs) return null;
    throw error;
  }
}

/** Jobs come one by one or, if asked for, as columns: {"id": [4711, ...], "round": [2, ...], ...}. */
function readJobs(value: unknown, what: string): Job[] {
  return list(Array.isArray(value) ? value : rowsOf(shape(value, what), what), what, readJob);
}

function readJob(value: unknown, what: string): Job {
  const it = shape(value, what);
  return {
    id: whole(it.id, `${what}.id`),
    number: filled(it.number, `${what}.number`),
    round: whole(it.round, `${what}.round`),
    status: filled(it.status, `${what}.status`),
    service: text(it.service, `${what}.service`),
    group: maybe(it.group, `${what}.group`, text) ?? "",
    description: maybe(it.description, `${what}.description`, text) ?? "",
    address: maybe(it.address, `${what}.address`, text) ?? "",
    lat: maybe(it.lat, `${what}.lat`, num),
    lon: maybe(it.lon, `${what}.lon`, num),
    openedAt: maybe(it.opened_at, `${what}.opened_at`, text),
    dueAt: maybe(it.due_at, `${what}.due_at`, text),
    assignedAt: maybe(it.assigned_at, `${what}.assigned_at`, text),
    why: maybe(it.why, `${what}.why`, text) ?? "",
    urgent: maybe(it.urgent, `${what}.urgent`, flag) ?? false,
    mine: flag(it.mine, `${what}.mine`),
    order: maybe(it.order, `${what}.order`, num),
    photos: list(it.photos ?? [], `${what}.photos`, (item, at) => {
      const photo = shape(item, at);
      return {
        id: text(photo.id, at),
        kind: text(photo.kind, at),
        url: ownPath(photo.url, at),
        thumb: ownPath(photo.thumb ?? photo.url, at),
      };
    }),
    notes: list(it.notes ?? [], `${what}.notes`, (item, at) => {
      const note = shape(item, at);
      return { id: whole(note.id, at), at: text(note.at, at), by: maybe(note.by, at, text) ?? "", text: text(note.text, at) };
    }),
    closures: list(it.closures ?? [], `${what}.closures`, (item, at) => {
      const closure = shape(item, at);
      return {
        id: text(closure.id, at),
        outcome: text(closure.outcome, at),
        counts: flag(closure.counts, at),
        review: maybe(closure.review, at, text),
        settled: maybe(closure.settled, at, String),
        photos: list(closure.photos ?? [], at, (photo, where) => {
          const p = shape(photo, where);
          return { id: text(p.id, where), state: text(p.state, where) };
        }),
      };
    }),
  };
}

export function readPullPage(value: unknown): PullPage {
  const it = shape(value, "pull");
  if (it.v !== WIRE_VERSION) refuse("pull.v");
  return {
    epoch: filled(it.epoch, "pull.epoch"),
    cursor: filled(it.cursor, "pull.cursor"),
    more: flag(it.more, "pull.more"),
    reset: flag(it.reset, "pull.reset"),
    now: text(it.now, "pull.now"),
    jobs: readJobs(it.jobs, "pull.jobs"),
    operations: list(it.operations, "pull.operations", text),
    gone: list(it.gone, "pull.gone", whole),
    order: maybe(it.order, "pull.order", (value, what) => list(value, what, whole)),
    revoked: maybe(it.revoked, "pull.revoked", flag) ?? false,
    day: maybe(it.day, "pull.day", readDay),
  };
}

export function readDay(value: unknown, what: string): DayPart {
  const it = shape(value, what);
  return {
    shifts: list(it.shifts, `${what}.shifts`, (item, at) => {
      const shift = shape(item, at);
      return {
        id: whole(shift.id, at),
        startsMs: moment(shift.starts_at, at),
        endsMs: moment(shift.ends_at, at),
        startedMs: maybe(shift.started_at, at, moment),
        endedMs: maybe(shift.ended_at, at, moment),
        breakSinceMs: maybe(shift.break_since, at, moment),
        breakMinutes: whole(shift.break_minutes, at),
        members: texts(shift.members, at),
        vehicle: text(shift.vehicle, at),
        skills: maybe(shift.skills, at, texts),
      };
    }),
    messages: list(it.messages, `${what}.messages`, (item, at) => {
      const message = shape(item, at);
      return {
        id: whole(message.id, at),
        atMs: moment(message.at, at),
        kind: filled(message.kind, at),
        by: text(message.by, at),
        text: text(message.text, at),
        caseId: maybe(message.case, at, whole),
        number: text(message.number, at),
        address: text(message.address, at),
        service: text(message.service, at),
        isRead: flag(message.read, at),
      };
    }),
  };
}

/** The answer to a pull with `brief=1`. Half a page is no short answer: that has a cursor and nothing of a page. */
export function readPullAnswer(value: unknown): PullPage | NothingNew {
  const it = shape(value, "pull");
  if (["epoch", "jobs", "operations", "gone"].some((name) => name in it)) return readPullPage(value);
  if (it.v !== WIRE_VERSION) refuse("pull.v");
  return { isBrief: true, cursor: filled(it.cursor, "pull.cursor") };
}

export function readWakingKey(value: unknown): string | null {
  return maybe(shape(value, "key").key, "key", filled);
}

export function readServices(value: unknown): Service[] {
  return list(shape(value, "services").services, "services", (item, what) => {
    const it = shape(item, what);
    return {
      code: filled(it.code, `${what}.code`),
      name: filled(it.name, `${what}.name`),
      group: maybe(it.group, `${what}.group`, text) ?? "",
      department: maybe(it.department, `${what}.department`, text) ?? "",
    };
  });
}
