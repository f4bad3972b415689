import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FIRST_PAUSE_MS, LONGEST_PAUSE_MS, pauseMs, readRetryAfter } from "../src/core/backoff";
import { ageMs, isoWithOffset } from "../src/core/clocks";
import { emptyDraft, lackOf } from "../src/core/draft";
import { deedOf, emptyForm, lackOfForm, type Form, type FormName } from "../src/core/forms";
import { findServices } from "../src/core/services";
import { lineOf } from "../src/core/line";
import { answered, KEEP_DONE_MS, mayForget, mayRelease, mustReturn, needsSending, photosToSend, released, shownByPull, stateOf, type Entry } from "../src/core/outbox";
import { card, isToBeAccepted, overlay } from "../src/core/overlay";
import { leadingClosure } from "../src/core/reconcile";
import { isUuid, uuid7, uuid7Ms } from "../src/core/uuid7";
import { NotOurs, readPullAnswer, readPullPage, readPushAnswer, type Job, type PushResult } from "../src/core/wire";

const PHOTO = { id: "p1", sha256: "a".repeat(64), size: 10, kind: "after", type: "image/jpeg", verified: false, sentBytes: 0, upload: null, bytes: "kept", refused: null } as const;

function entry(change: Partial<Entry> = {}): Entry {
  return {
    schema: 1,
    id: "e1",
    seq: 1,
    kind: "close",
    caseId: 4711,
    round: 1,
    personId: 7,
    crewId: 3,
    made: { wallMs: 0, monoMs: 0, life: "a" },
    madeAt: "2026-11-22T09:14:03.120-05:00",
    payload: { outcome: "fixed", detail: null, note: "", place: null, photos: [] },
    about: { number: "26-004711", service: "Pothole", address: "22 Henchman St" },
    photos: [],
    answer: null,
    seenEpoch: null,
    attempts: 0,
    lastTriedMs: null,
    lastTrouble: null,
    resendAsked: false,
    putAside: false,
    releasedMs: null,
    ...change,
  };
}

function result(change: Partial<PushResult> = {}): PushResult {
  return { id: "e1", verdict: "counted", review: null, reason: null, errors: {}, case: null, photosMissing: [], ...change };
}

function job(change: Partial<Job> = {}): Job {
  return {
    id: 4711, number: "26-004711", round: 1, status: "assigned", service: "Pothole", group: "", description: "", address: "22 Henchman St",
    lat: null, lon: null, openedAt: null, dueAt: null, assignedAt: null, why: "", urgent: false, mine: true, order: 1, photos: [], notes: [], closures: [], ...change,
  };
}

describe("an entry of the outbox", () => {
  it("is let go only when the city's own copy shows it and every photo is verified", () => {
    let it_ = entry({ photos: [{ ...PHOTO }] });
    expect(stateOf(it_)).toBe("saved");
    it_ = answered(it_, result({ photosMissing: ["p1"] }), "E", "now");
    expect(stateOf(it_)).toBe("photos");
    it_ = shownByPull(it_, { epoch: "E", operations: ["e1"], jobs: [] });
    expect(mayRelease(it_, "E")).toBe(false);
    it_ = { ...it_, photos: it_.photos.map((photo) => ({ ...photo, verified: true })) };
    expect(stateOf(it_)).toBe("received");
    expect(mayRelease(it_, "E")).toBe(true);
    expect(mayRelease(it_, "another life")).toBe(false);
    expect(mayRelease({ ...it_, seenEpoch: null }, "E")).toBe(false);
  });

  it("is not let go by a pull alone: the city must also have answered it", () => {
    expect(mayRelease(shownByPull(entry(), { epoch: "E", operations: ["e1"], jobs: [] }), "E")).toBe(false);
  });

  it("is sent again to a new life of the server, acknowledged or not", () => {
    const acked = answered(entry(), result(), "E", "now");
    expect(needsSending(acked, "E")).toBe(false);
    expect(needsSending(acked, "F")).toBe(true);
    expect(needsSending(released(acked, 1), "F")).toBe(true);
  });

  it("returns into care when a restored city misses a photo, and says so when the bytes are gone", () => {
    const done = released(answered(entry({ photos: [{ ...PHOTO }] }), result(), "E", "now"), 1);
    const back = answered(done, result({ photosMissing: ["p1"] }), "F", "later");
    expect(mustReturn(back)).toBe(true);
    expect(photosToSend({ ...back, releasedMs: null })).toHaveLength(1);
    const gone = answered({ ...done, photos: [{ ...PHOTO, verified: true, bytes: "dropped" }] }, result({ photosMissing: ["p1"] }), "F", "later");
    expect(stateOf({ ...gone, releasedMs: null })).toBe("needs_you");
  });

  it("keeps a verified photo verified when a stored answer of the same life is older than the upload", () => {
    let it_ = answered(entry({ photos: [{ ...PHOTO }] }), result({ photosMissing: ["p1"] }), "E", "now");
    it_ = { ...it_, photos: [{ ...PHOTO, verified: true }] };
    expect(answered(it_, result({ photosMissing: ["p1"] }), "E", "again").photos[0]?.verified).toBe(true);
  });

  it("believes a pull that still awaits a photo", () => {
    const it_ = entry({ photos: [{ ...PHOTO, verified: true }] });
    const closures = [{ id: "e1", outcome: "fixed", counts: true, review: null, settled: null, photos: [{ id: "p1", state: "awaited" }] }];
    expect(shownByPull(it_, { epoch: "E", operations: [], jobs: [job({ closures })] }).photos[0]?.verified).toBe(false);
  });

  it("is forgotten 14 days after by the city's clock and the phone's, and only in the life of the server that has it", () => {
    const done = released(answered(entry(), result(), "E", "2026-12-01T12:00:00.000Z"), 1_000);
    const [day14, ms14] = ["2026-12-15T12:00:00.000Z", 1_000 + KEEP_DONE_MS];
    expect(mayForget(done, "E", day14, ms14)).toBe(true);
    expect(mayForget(done, "E", "2026-12-15T11:59:59.999Z", ms14 * 100)).toBe(false);
    expect(mayForget(done, "E", null, ms14)).toBe(false);
    expect(mayForget(done, "E", day14, ms14 - 1)).toBe(false);
    expect(mayForget(done, "F", day14, ms14)).toBe(false);
    expect(mayForget({ ...done, answer: null }, "E", day14, ms14)).toBe(false);
  });

  it("needs a person when it is quarantined, until the person asks to send it again", () => {
    const it_ = answered(entry(), result({ verdict: "quarantined", reason: "unreadable" }), "E", "now");
    expect(stateOf(it_)).toBe("needs_you");
    expect(needsSending(it_, "E")).toBe(false);
    expect(needsSending({ ...it_, resendAsked: true }, "E")).toBe(true);
  });
});

describe("what is shown", () => {
  it("shows a job as closed as soon as the crew has closed it, and says where that stands", () => {
    const it_ = card(job(), [entry()], 3, 0);
    expect(it_).toMatchObject({ status: "closed", isOpen: false, outcome: "fixed", standing: { is: "saved" } });
  });

  it("shows progress over the city's older truth, never under its newer one", () => {
    const going = entry({ kind: "en_route", payload: { place: null } });
    expect(card(job(), [going], 3, 0).status).toBe("en_route");
    expect(card(job({ status: "on_site" }), [going], 3, 0).status).toBe("on_site");
    expect(card(job({ round: 2 }), [going], 3, 0).status).toBe("assigned");
  });

  it("opens a job again that the office gave out anew after the closing", () => {
    const closed = answered(entry(), result({ verdict: "needs_review", review: "office_moved" }), "E", "now");
    expect(card(job({ round: 2 }), [closed], 3, 0)).toMatchObject({ isOpen: true, review: "office_moved" });
  });

  it("leaves a job open whose closing was refused, and says that it needs someone", () => {
    const refused = answered(entry(), result({ verdict: "quarantined" }), "E", "now");
    expect(card(job(), [refused], 3, 0)).toMatchObject({ isOpen: true, standing: { is: "needs_you" } });
  });

  it("takes a job from the list as soon as it is handed back, unless that comes too late", () => {
    const back = entry({ kind: "hand_back", payload: { reason: "unsafe" } });
    expect(card(job({ status: "on_site" }), [back], 3, 0)).toMatchObject({ isOpen: false, left: "given_back", status: "received" });
    expect(card(job({ round: 2 }), [back], 3, 0)).toMatchObject({ isOpen: true, left: null });
    const refused = answered(back, result({ verdict: "quarantined" }), "E", "now");
    expect(card(job(), [refused], 3, 0)).toMatchObject({ isOpen: true, left: null, standing: { is: "needs_you" } });
    // Come back from the office in a new round, while the old word is still on its way out.
    expect(card(job({ round: 3 }), [answered(back, result(), "E", "now")], 3, 0)).toMatchObject({ isOpen: true });
  });

  it("tells the city once for each round that a job was read, and not when it is under way", () => {
    const read = entry({ kind: "accept", payload: {} });
    expect(isToBeAccepted(card(job(), [], 3, 0), [])).toBe(true);
    expect(isToBeAccepted(card(job(), [read], 3, 0), [read])).toBe(false);
    expect(isToBeAccepted(card(job({ round: 2 }), [read], 3, 0), [read])).toBe(true);
    expect(isToBeAccepted(card(job({ status: "on_site" }), [], 3, 0), [])).toBe(false);
    expect(isToBeAccepted(card(job({ mine: false }), [], 3, 0), [])).toBe(false);
    expect(card(job(), [read], 3, 0).standing.is).toBe("settled");
  });

  it("keeps the city's order, then the due time", () => {
    const jobs = [job({ id: 1, order: null, dueAt: "2026-11-22T12:00:00Z" }), job({ id: 2, order: 2 }), job({ id: 3, order: null }), job({ id: 4, order: 1 })];
    expect(overlay(jobs, [], 3, 0).open.map((it) => it.job.id)).toEqual([4, 2, 1, 3]);
  });

  it("never says that all is received while anything is not", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom<Partial<Entry>>({}, { photos: [{ ...PHOTO }] }, { answer: answered(entry(), result(), "E", "n").answer }), { minLength: 1 }), fc.constantFrom("no_signal", "city_busy", "sign_in", null), (entries, trouble) => {
        const line = lineOf({ entries: entries.map(entry), phase: { is: "idle" }, trouble, lastContactMs: 1 });
        expect(line.is).not.toBe("received");
      }),
    );
    expect(lineOf({ entries: [], phase: { is: "idle" }, trouble: null, lastContactMs: 5 })).toEqual({ is: "received", atMs: 5, isStale: false });
  });
});

describe("pauses", () => {
  it("grow, stay between half and all of their step, and end at five minutes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.double({ min: 0, max: 1, noNaN: true }), (failures, random) => {
        const pause = pauseMs(failures, random);
        expect(pause).toBeGreaterThanOrEqual(FIRST_PAUSE_MS / 2);
        expect(pause).toBeLessThanOrEqual(LONGEST_PAUSE_MS);
      }),
    );
    expect(pauseMs(3, 1)).toBe(FIRST_PAUSE_MS * 4);
  });

  it("are never shorter than the server asks for", () => {
    expect(pauseMs(1, 0, 120)).toBe(120_000);
    expect(readRetryAfter("120", 0)).toBe(120);
    expect(readRetryAfter("Thu, 01 Jan 1970 00:01:00 GMT", 0)).toBe(60);
    expect(readRetryAfter("soon", 0)).toBeNull();
  });
});

describe("clocks", () => {
  const made = { wallMs: 1_000_000, monoMs: 5_000, life: "a" };
  it("names an age only from the same life of the page", () => {
    expect(ageMs(made, { wallMs: 1_060_000, monoMs: 65_000, life: "a" })).toBe(60_000);
    expect(ageMs(made, { wallMs: 1_060_000, monoMs: 65_000, life: "b" })).toBeNull();
  });
  it("names none if the phone slept, for its monotonic clock stood still then", () => {
    expect(ageMs(made, { wallMs: 8_200_000, monoMs: 65_000, life: "a" })).toBeNull();
  });
  it("is not moved by a wall clock that was set back", () => {
    expect(ageMs(made, { wallMs: 0, monoMs: 65_000, life: "a" })).toBe(60_000);
  });
  it("writes the phone's own offset", () => {
    expect(isoWithOffset(Date.parse("2026-11-22T14:14:03.120Z"), -300)).toBe("2026-11-22T09:14:03.120-05:00");
    expect(isoWithOffset(0, 345)).toBe("1970-01-01T05:45:00.000+05:45");
  });
});

describe("ids", () => {
  it("tell when they were made", () => {
    expect(uuid7Ms(uuid7(1_700_000_000_123, new Uint8Array(10)))).toBe(1_700_000_000_123);
    expect(uuid7Ms("not an id")).toBeNaN();
  });
  it("are UUIDs of version 7 that sort by time", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 47 }), fc.integer({ min: 1, max: 10_000 }), fc.uint8Array({ minLength: 10, maxLength: 10 }), (at, later, random) => {
        const id = uuid7(at, random);
        expect(isUuid(id)).toBe(true);
        expect(id[14]).toBe("7");
        expect("89ab").toContain(id[19]);
        expect(id < uuid7(at + later, random)).toBe(true);
      }),
    );
  });
});

describe("the leading closure", () => {
  it("does not depend on the order of arrival", () => {
    const closure = fc.record({ id: fc.uuid(), crew_id: fc.integer(), round_seen: fc.constant(1), outcome: fc.constant("fixed"), done_at: fc.constantFrom("2026-11-22T09:00:00.000001+00:00", "2026-11-22T09:00:00.000002+00:00", "2026-11-22T04:00:00-05:00", "2026-11-22T09:00:00Z") });
    fc.assert(
      fc.property(fc.uniqueArray(closure, { minLength: 1, selector: (it) => it.id }), (closures) => {
        expect(leadingClosure(closures)).toEqual(leadingClosure([...closures].reverse()));
      }),
    );
  });
});

describe("the closing form", () => {
  const choices = [{ code: "fixed", needs: null }, { code: "not_ours", needs: "whose" }, { code: "duplicate", needs: "number" }, { code: "scheduled", needs: "day" }];
  const draft = emptyDraft(1, 1, 0);
  it("asks for what the outcome needs, and for nothing else", () => {
    expect(lackOf(draft, choices)).toBe("outcome");
    expect(lackOf({ ...draft, outcome: "fixed" }, choices)).toBeNull();
    expect(lackOf({ ...draft, outcome: "not_ours", detail: "  " }, choices)).toBe("detail");
    expect(lackOf({ ...draft, outcome: "scheduled", detail: "soon" }, choices)).toBe("detail_day");
    expect(lackOf({ ...draft, outcome: "scheduled", detail: "2026-12-01" }, choices)).toBeNull();
  });
});

describe("the other forms", () => {
  const form = (name: FormName, change: Partial<Form> = {}) => ({ ...emptyForm(name, 1, 1, 0), ...change });
  const service = { code: "w", name: "Water" };
  it("ask for what their deed needs, and for nothing else", () => {
    expect(lackOfForm(form("note", { words: " " }))).toBe("note");
    expect(lackOfForm(form("photos"))).toBe("photos");
    expect(lackOfForm(form("give_back"))).toBe("reason");
    expect(lackOfForm(form("give_back", { reason: "other" }))).toBe("reason_words");
    expect(lackOfForm(form("give_back", { reason: "unsafe" }))).toBeNull();
    expect(lackOfForm(form("follow_up", { service }))).toBe("description");
    expect(lackOfForm(form("open", { service }))).toBe("place");
    expect(lackOfForm(form("open", { service, place: { lat: 1, lon: 1, accuracy_m: 1 } }))).toBeNull();
  });
  it("decline before setting out, hand back after", () => {
    const back = form("give_back", { reason: "unsafe" });
    expect(deedOf(back, "assigned")).toEqual({ kind: "decline", payload: { reason: "unsafe" } });
    expect(deedOf({ ...back, words: " Ice. " }, "on_site")).toEqual({ kind: "hand_back", payload: { reason: "unsafe", words: "Ice." } });
  });
});

describe("finding a service", () => {
  const named = (name: string, group = "", department = "") => ({ code: name, name, group, department });
  const services = [named("Request for Pothole Repair", "Highway Maintenance", "Public Works"), named("Pothole on a sidewalk"), named("Tree Maintenance", "Trees", "Parks"), named("Água derramada")];
  const find = (query: string) => findServices(services, query, ({ department }) => department === "Parks", 3).map(({ code }) => code);
  it("takes any words of it, beginnings of names first", () => {
    expect(find("POTHOLE")).toEqual(["Pothole on a sidewalk", "Request for Pothole Repair"]);
    expect(find("repair high")).toEqual(["Request for Pothole Repair"]);
    expect(find("agua")).toEqual(["Água derramada"]);
    expect(find("zebra")).toEqual([]);
  });
  it("shows without a word those of the wanted department first, and not too many", () => {
    expect(find("")).toHaveLength(3);
    expect(find("")[0]).toBe("Tree Maintenance");
  });
});

describe("the readers", () => {
  it("take a short answer that is nothing but a cursor, and no half page for one", () => {
    expect(readPullAnswer({ v: 1, cursor: "c" })).toEqual({ isBrief: true, cursor: "c" });
    for (const bad of [{ ok: true }, { v: 1 }, { v: 2, cursor: "c" }, { v: 1, cursor: "c", epoch: "E" }, { v: 1, cursor: "c", gone: [] }]) {
      expect(() => readPullAnswer(bad)).toThrow(NotOurs);
    }
  });
  const good = { v: 1, epoch: "E", device: "d", received_at: "t", expected_seq: 2, results: [{ id: "e1", verdict: "counted", review: null, reason: null, errors: {}, case: { id: 1, status: "closed", round: 1 }, photos_missing: [] }] };
  it("take an answer that echoes our device and our ids, and no other", () => {
    expect(readPushAnswer(good, "d", ["e1"]).results[0]?.verdict).toBe("counted");
    expect(() => readPushAnswer(good, "other", ["e1"])).toThrow(NotOurs);
    expect(() => readPushAnswer(good, "d", ["e2"])).toThrow(NotOurs);
    expect(() => readPushAnswer({ ...good, v: 2 }, "d", ["e1"])).toThrow(NotOurs);
  });
  it("believe the answer to a push whatever is the matter with the page beside it", () => {
    const good = { v: 1, epoch: "E", device: "d", received_at: "", expected_seq: 2, results: [] };
    expect(readPushAnswer({ ...good, page: { v: 1, cursor: "c" } }, "d", []).page).toEqual({ isBrief: true, cursor: "c" });
    expect(readPushAnswer({ ...good, page: { v: 1, cursor: "c", jobs: 7 } }, "d", []).page).toBeNull();
    expect(readPushAnswer(good, "d", []).page).toBeNull();
  });
  it("answer anything at all with a value or with NotOurs, never with another error", () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        for (const read of [() => readPullPage(value), () => readPushAnswer(value, "d", [])]) {
          try {
            read();
          } catch (error) {
            expect(error).toBeInstanceOf(NotOurs);
          }
        }
      }),
    );
  });
});
