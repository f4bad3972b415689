import { describe, expect, it } from "vitest";
import { messagesNow, shiftNow } from "../src/core/day";
import type { Entry } from "../src/core/outbox";
import type { DayPart, Kind, Payload, Shift } from "../src/core/wire";
import { readPullPage } from "../src/core/wire";

const HOUR = 3600_000;
const NOW = Date.parse("2026-12-01T12:00:00Z");
const shift = (change: Partial<Shift> = {}): Shift => ({
  id: 1, startsMs: NOW - HOUR, endsMs: NOW + 7 * HOUR, startedMs: null, endedMs: null, breakSinceMs: null, breakMinutes: 30, members: [], vehicle: "", skills: null, ...change,
});
const part = (...shifts: Shift[]): DayPart => ({ shifts, messages: [] });
let seq = 0;
const did = (kind: Kind, payload: Payload = {}, change: Partial<Entry> = {}): Entry =>
  ({ id: `id-${++seq}`, seq, kind, payload, made: { wallMs: NOW, monoMs: 0, life: "a" }, answer: null, releasedMs: null, photos: [], ...change }) as unknown as Entry;
const stateOf = (p: DayPart | null, ...entries: Entry[]) => shiftNow(p, entries, NOW).state.is;

describe("a shift is what the city knows, and on top what was done here since", () => {
  it("is due while it is planned for now or soon and nobody has begun it", () => {
    expect(stateOf(part(shift()))).toBe("due");
    expect(stateOf(part(shift({ startsMs: NOW + HOUR })))).toBe("due");
    expect(stateOf(part(shift({ startsMs: NOW + 3 * HOUR })))).toBe("off");
    expect(stateOf(null)).toBe("off");
  });
  it("is on once begun here, before the city heard of it", () => {
    const now = shiftNow(part(shift()), [did("start_shift", { members: ["Rosa"], vehicle: "Truck 12", skills: null })], NOW);
    expect(now).toMatchObject({ state: { is: "on" }, members: ["Rosa"], vehicle: "Truck 12" });
  });
  it("goes through break and back to its end in the order in which things were done", () => {
    const begun = part(shift({ startedMs: NOW - HOUR }));
    expect(stateOf(begun, did("begin_break"))).toBe("break");
    expect(stateOf(begun, did("begin_break"), did("end_break"))).toBe("on");
    expect(stateOf(begun, did("end_shift"))).toBe("off");
    expect(stateOf(part(shift({ startedMs: NOW - HOUR, breakSinceMs: NOW })))).toBe("break");
  });
  it("begins anew after it was ended by mistake", () => {
    const begun = part(shift({ startedMs: NOW - HOUR }));
    expect(stateOf(begun, did("end_shift"), did("start_shift", { members: [], vehicle: "", skills: null }))).toBe("on");
  });
  it("does not believe what the city would not take", () => {
    const refused = { verdict: "quarantined" } as Entry["answer"];
    expect(stateOf(part(shift()), did("start_shift", { members: [], vehicle: "", skills: null }, { answer: refused }))).toBe("due");
  });
});

it("a message is read from the moment somebody here said so", () => {
  const message = { id: 5, atMs: NOW, kind: "words", by: "Dora", text: "Hello", caseId: null, number: "", address: "", service: "", isRead: false };
  const told: DayPart = { shifts: [], messages: [message, { ...message, id: 6 }] };
  expect(messagesNow(told, []).map(({ id, isRead }) => [id, isRead])).toEqual([[6, false], [5, false]]);
  expect(messagesNow(told, [did("read", { messages: [5] })]).map(({ isRead }) => isRead)).toEqual([false, true]);
});

it("a page with a day that cannot be read is not the city's", () => {
  const page = { v: 1, epoch: "e", cursor: "c", more: false, reset: false, now: "2026-12-01T12:00:00Z", jobs: [], operations: [], gone: [] };
  expect(readPullPage(page).day).toBeNull();
  expect(() => readPullPage({ ...page, day: { shifts: [{ id: 1 }], messages: [] } })).toThrow();
});
