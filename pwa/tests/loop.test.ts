import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { emptyForm } from "../src/core/forms";
import { stateOf } from "../src/core/outbox";
import { overlay, SHOW_CLOSED_MS } from "../src/core/overlay";
import { Driver } from "../src/loop/driver";
import { City } from "../src/net/city";
import { asPerson } from "../src/net/http";
import { FakeCity } from "./fake-city";
import { freshStorage, Phone, type Fault } from "./phone";

const DAY_MS = 24 * 3600_000;

let city: FakeCity;
let phone: Phone;

beforeEach(() => {
  freshStorage();
  city = new FakeCity();
  for (let id = 1; id <= 5; id++) city.addCase(id);
  phone = new Phone(city);
});

const states = async () => (await phone.outbox.entries()).map(stateOf);

describe("a sync run", () => {
  it("says whose work it carries, beside what the request says itself", async () => {
    let sent: Headers | undefined;
    const fetch = asPerson(async (_url, init) => ((sent = new Headers(init?.headers)), new Response()), 7);
    await fetch("/sync/v1/push", { headers: { "X-Crew311": "1" } });
    expect([sent?.get("X-Crew311-Person"), sent?.get("X-Crew311")]).toEqual(["7", "1"]);
  });

  it("brings a closure and its photos to the city, and lets go only then", async () => {
    const id = await phone.close(1, [700_000, 10]);
    expect(await phone.run()).toEqual({ trouble: null, retryAfterS: null, heard: true, revoked: false });
    expect(await phone.outbox.entries()).toHaveLength(0);
    expect((await phone.outbox.done()).map((entry) => entry.id)).toEqual([id]);
    expect(city.effects.get(id)).toBe(1);
    expect([...city.verified.values()].map((bytes) => bytes.length)).toEqual([700_000, 10]);
    expect((await phone.cache.jobs()).find((job) => job.id === 1)?.status).toBe("closed");
  });

  it("lets nothing go without the pull's evidence", async () => {
    await phone.close(1);
    phone.faults = ["none", "lost"];
    await phone.run();
    expect(await states()).toEqual(["received"]);
    await phone.run();
    expect(await states()).toEqual([]);
  });

  it.each<[Fault, string]>([
    ["portal", "not_the_city"],
    ["portal_json", "not_the_city"],
    ["truncated", "not_the_city"],
    ["wrong_type", "not_the_city"],
    ["500", "city_busy"],
    ["503", "city_busy"],
    ["401", "sign_in"],
    ["lost", "no_signal"],
    ["answer_lost", "no_signal"],
  ])("keeps the entry on %s, says %s, and sends the same id again", async (fault, trouble) => {
    const id = await phone.close(1);
    phone.faults = [fault];
    expect((await phone.run()).trouble).toBe(trouble);
    const [kept] = await phone.outbox.entries();
    expect(kept?.id).toBe(id);
    expect(kept?.attempts).toBe(1);
    await phone.run();
    expect(await states()).toEqual([]);
    const sent = phone.requests.filter((request) => request.path === "/sync/v1/push").map((request) => JSON.parse(request.body) as { operations: { id: string; age_ms: unknown }[] });
    expect(new Set(sent.map((push) => push.operations[0]?.id))).toEqual(new Set([id]));
    const intents = new Set(sent.map((push) => JSON.stringify({ ...push.operations[0], age_ms: 0 })));
    expect(intents.size).toBe(1);
    expect(city.effects.get(id)).toBe(1);
  });

  it("hears how long the city asks to wait", async () => {
    await phone.close(1);
    phone.faults = ["503"];
    expect((await phone.run()).retryAfterS).toBe(7);
  });

  it("still pulls when only the push has trouble", async () => {
    await phone.close(1);
    phone.faults = ["500"];
    await phone.run();
    expect(await phone.cache.jobs()).toHaveLength(5);
  });

  it("sends all it has once it is switched off, photos too, and then shows nothing", async () => {
    await phone.run();
    expect(await phone.cache.jobs()).toHaveLength(5);
    await phone.close(1, [10]);
    city.revoked = true;
    expect((await phone.run()).revoked).toBe(true);
    expect(await phone.cache.jobs()).toEqual([]);
    expect(city.effects.size).toBe(0);
    expect(city.verified.size).toBe(1);
    expect(await states()).toEqual(["needs_you"]);
  });

  it("lets no quarantined operation stand in the way of others", async () => {
    city.poison.add(1);
    await phone.close(1, [10]);
    await phone.close(2, [10]);
    await phone.run();
    expect(await states()).toEqual(["needs_you"]);
    expect(city.verified.size).toBe(1);
    const pushes = city.log.filter((line) => line === "POST /sync/v1/push").length;
    await phone.run();
    expect(city.log.filter((line) => line === "POST /sync/v1/push").length).toBe(pushes);
    // A person may ask, and may put it aside; it is then still on the phone, with its photo.
    const [poisoned] = await phone.outbox.entries();
    await phone.outbox.askResend(poisoned?.id ?? "");
    await phone.run();
    expect(await states()).toEqual(["needs_you"]);
    await phone.outbox.putAside(poisoned?.id ?? "", Date.now());
    expect(await states()).toEqual([]);
    const kept = (await phone.outbox.done()).find((entry) => entry.putAside)?.photos[0];
    expect(kept?.bytes).toBe("kept");
    expect((await phone.outbox.readPhoto(kept?.id ?? "", kept?.sha256 ?? "")).length).toBe(10);
  });

  it("keeps what the office must look at out of the way, and says why", async () => {
    await phone.run();
    city.moveCase(1);
    const id = await phone.close(1, [5]);
    await phone.run();
    expect(await states()).toEqual([]);
    const done = (await phone.outbox.done()).find((entry) => entry.id === id);
    expect(done?.answer).toMatchObject({ verdict: "needs_review", review: "office_moved" });
    expect(city.verified.size).toBe(1);
  });

  it("sends all it keeps to a city restored from an old copy, and heals its photos", async () => {
    const ids = [await phone.close(1, [300_000]), await phone.close(2), await phone.close(3, [7])];
    await phone.run();
    expect(await phone.outbox.entries()).toHaveLength(0);
    city.restore(1);
    await phone.run();
    await phone.run();
    expect(ids.map((id) => city.effects.get(id))).toEqual([1, 1, 1]);
    expect([...city.verified.values()].map((bytes) => bytes.length).sort()).toEqual([300_000, 7].sort());
    expect(await phone.outbox.entries()).toHaveLength(0);
    expect((await phone.outbox.done()).length).toBe(3);
  });

  it("sends all again in the very run that hears of the restored city, also when its copy comes in many pages", async () => {
    const ids = [await phone.close(1), await phone.close(2)];
    await phone.run();
    city.restore(0);
    city.pageSize = 2;
    await phone.run();
    expect(ids.map((id) => city.effects.get(id))).toEqual([1, 1]);
  });

  it("begins anew as another device when the city waits for a number that the phone no longer has", async () => {
    await phone.run();
    const { device } = await phone.outbox.who();
    await phone.close(1);
    await phone.run();
    // Fourteen days and more: what was done is forgotten.
    city.laterMs = 15 * DAY_MS;
    city.addCase(6);
    await phone.run();
    await phone.outbox.tidy(Date.now() + 15 * DAY_MS);
    expect(await phone.outbox.done()).toEqual([]);
    city.restore(0);
    const id = await phone.close(2);
    await phone.run();
    expect(city.effects.get(id)).toBe(1);
    expect((await phone.outbox.who()).device).not.toBe(device);
    expect(await phone.outbox.entries()).toHaveLength(0);
  });

  it("forgets nothing that the city's new life has not answered, whatever year the phone's clock shows", async () => {
    await phone.run();
    const id = await phone.close(1);
    await phone.run();
    city.restore(0);
    city.revoked = true;
    await phone.run(); // hears of the new life
    phone.faults = ["answer_lost"]; // what that says of the closing
    await phone.run();
    await phone.outbox.tidy(Date.now() + 3 * 365 * DAY_MS);
    await phone.run();
    const [entry] = await phone.outbox.entries();
    expect(entry).toMatchObject({ id, answer: { reason: "device_revoked" } });
  });

  it("takes the city's truth page by page, each with its cursor", async () => {
    city.pageSize = 2;
    phone.faults = ["none", "none", "lost"];
    await phone.run();
    const jobs = (await phone.cache.jobs()).length;
    expect(jobs).toBeGreaterThan(0);
    expect(jobs).toBeLessThan(5);
    await phone.restart();
    await phone.run();
    expect(await phone.cache.jobs()).toHaveLength(5);
  });

  it("says in words that a photo was lost by the phone's storage, and sends the rest", async () => {
    await phone.close(1, [10, 20]);
    const [entry] = await phone.outbox.entries();
    const lost = entry?.photos[0]?.id ?? "";
    await phone.restart();
    await new Promise<void>((resolve) => {
      const request = indexedDB.open("crew311-outbox-7");
      request.onsuccess = () => {
        const tx = request.result.transaction("chunks", "readwrite");
        tx.objectStore("chunks").delete([lost, 0]);
        tx.oncomplete = () => {
          request.result.close();
          resolve();
        };
      };
    });
    await phone.run();
    expect(await states()).toEqual(["needs_you"]);
    expect(city.verified.size).toBe(1);
  });

  it("pushes in batches of fifty, in order", async () => {
    for (let i = 0; i < 60; i++) await phone.outbox.record(phone.deed(1, { kind: "note", payload: { text: String(i) } }));
    await phone.run();
    const sizes = phone.requests.filter((r) => r.path === "/sync/v1/push").map((r) => (JSON.parse(r.body) as { operations: unknown[] }).operations.length);
    expect(sizes).toEqual([50, 10]);
    expect(await states()).toEqual([]);
  });
});

describe("a photo on its way", () => {
  it.each<Fault>(["lost", "answer_lost", "500", "portal", "twice", "flipped", "503"])("arrives whole although %s hits it anywhere", async (fault) => {
    for (let at = 2; at < 9; at++) {
      freshStorage();
      city = new FakeCity();
      city.addCase(1);
      phone = new Phone(city);
      await phone.close(1, [900_000]);
      phone.faults = [...Array.from({ length: at }, (): Fault => "none"), fault];
      for (let tries = 0; tries < 4 && (await phone.outbox.entries()).length > 0; tries++) {
        await phone.run();
        await phone.restart();
      }
      expect([...city.verified.values()].map((bytes) => bytes.length)).toEqual([900_000]);
      expect(await states()).toEqual([]);
    }
  });

  it("asks for the offset when the city has more than it was told of, and makes no second upload", async () => {
    await phone.close(1, [900_000]);
    // The second piece arrives twice: the city answers 409 to what the phone believes is new.
    phone.faults = ["none", "none", "none", "twice"];
    await phone.run();
    const asked = phone.requests.filter((r) => r.path.startsWith("/sync/v1/photos"));
    expect(asked.map((r) => r.method).join(" ")).toBe("POST PATCH HEAD PATCH PATCH");
    expect(city.verified.size).toBe(1);
  });

  it("goes on where the city's disk ends, and starts anew where its upload is gone", async () => {
    await phone.close(1, [900_000]);
    phone.faults = ["none", "none", "none", "none", "lost", "lost"];
    await phone.run();
    expect(city.verified.size).toBe(0);
    const before = phone.requests.filter((r) => r.method === "PATCH").length;
    city.uploads.clear();
    await phone.run();
    expect(city.verified.size).toBe(1);
    expect(phone.requests.filter((r) => r.method === "PATCH").length - before).toBe(4);
  });
});

describe("the first piece of a photo", () => {
  const asked = () => phone.requests.filter((r) => r.path.startsWith("/sync/v1/photos")).map((r) => r.method).join(" ");

  it("goes with the creation: a small photo takes one request", async () => {
    await phone.close(1, [20_000]);
    await phone.run();
    expect(asked()).toBe("POST");
    expect(city.verified.size).toBe(1);
  });

  it("goes by itself where the city will not have it with the creation", async () => {
    city.takesFirstPiece = false;
    await phone.close(1, [20_000]);
    await phone.run();
    expect(asked()).toBe("POST POST PATCH");
    expect(city.verified.size).toBe(1);
  });

  it("is not sent blindly again when the answer to it was lost, not even by the next life of the app", async () => {
    await phone.close(1, [300_000]);
    phone.faults = ["none", "none", "answer_lost", "lost"];
    await phone.run();
    expect([...city.uploads.values()][0]?.bytes.length).toBe(256 * 1024);
    await phone.restart();
    await phone.run();
    expect(asked()).toBe("POST POST POST PATCH");
    expect([...city.verified.values()].map((bytes) => bytes.length)).toEqual([300_000]);
  });
});

describe("the city's short answers", () => {
  const pulls = () => phone.requests.filter((r) => r.path.startsWith("/sync/v1/pull")).map((r) => new URL(r.path, "http://x").searchParams);

  it("are asked for only with a cursor, and move it on", async () => {
    await phone.run();
    await phone.run();
    expect(pulls().map((query) => [query.has("cursor"), query.get("brief")])).toEqual([
      [false, null],
      [true, "1"],
    ]);
    expect(await phone.cache.jobs()).toHaveLength(5);
    expect((await phone.outbox.who()).epoch).toBe(city.epoch);
  });

  it("give way to whole pages when the city has a new life", async () => {
    await phone.run();
    city.restore(0);
    await phone.run();
    expect((await phone.outbox.who()).epoch).toBe(city.epoch);
  });
});

describe("the page that comes with a push", () => {
  const asked = () => phone.requests.splice(0).map((r) => `${r.method} ${new URL(r.path, "http://x").pathname.split("/").pop() ?? ""}`);

  beforeEach(async () => {
    await phone.run();
    phone.requests = [];
  });

  it("saves the pull: it shows the crew's own work and the office's news", async () => {
    await phone.close(1);
    city.moveCase(2, true);
    await phone.run();
    expect(asked()).toEqual(["POST push"]);
    expect(await states()).toEqual([]);
    expect((await phone.cache.jobs()).map((job) => [job.id, job.round])).toContainEqual([2, 2]);
    await phone.run();
    expect(asked()).toEqual(["GET pull"]);
  });

  it("is asked for by the last push only, and what is behind it is pulled", async () => {
    city.pageSize = 40;
    for (let i = 0; i < 60; i++) await phone.outbox.record(phone.deed(1, { kind: "note", payload: { text: String(i) } }));
    await phone.run();
    expect(phone.requests.map((r) => "cursor" in (JSON.parse(r.body || "{}") as object))).toEqual([false, true, false]);
    expect(asked()).toEqual(["POST push", "POST push", "GET pull"]);
    expect(await states()).toEqual([]);
  });

  it("is pulled where the city sends none", async () => {
    city.pagesWithPush = false;
    await phone.close(1);
    await phone.run();
    expect(asked()).toEqual(["POST push", "GET pull"]);
    expect(await states()).toEqual([]);
  });

  it("of a restored city is asked for from the lowest number that goes with it", async () => {
    const waits = await phone.close(1, [10]);
    phone.faults = ["none", "lost", "lost"];
    await phone.run();
    expect(await states()).toEqual(["photos"]);
    city.restore(0);
    const ids = [waits, await phone.close(2)];
    await phone.run();
    expect(ids.map((id) => city.effects.get(id))).toEqual([1, 1]);
    const held = phone.requests.flatMap((r) => (r.body === "" ? [] : (JSON.parse(r.body) as { held?: number }).held ?? []));
    expect(held).toEqual([1, 2, 1]);
    expect(await states()).toEqual([]);
  });
});

describe("the order of the jobs", () => {
  it("is the city's for all jobs, though only one came, and none for those it does not name", async () => {
    await phone.run();
    city.cases.get(5)!.mine = false;
    city.moveCase(1, true);
    const order = async () => (await phone.cache.jobs()).map((job) => [job.id, job.order]);
    await phone.run();
    expect(await order()).toEqual([[1, 1], [2, 2], [3, 3], [4, 4], [5, null]]);
  });
});

describe("jobs that are over", () => {
  it("are dropped a day after the crew closed them, if nothing of its own is unfinished", async () => {
    await phone.close(1);
    await phone.close(2);
    await phone.run();
    for (const id of [1, 2]) Object.assign(city.cases.get(id)!, { mine: false, changed: ++city.clock });
    await phone.run();
    expect(await phone.cache.jobs()).toHaveLength(5);
    await phone.outbox.saveDraft(emptyForm("note", 2, 1, 0));
    const later = Date.now() + SHOW_CLOSED_MS + 60_000;
    const now = vi.spyOn(Date, "now").mockReturnValue(later);
    try {
      await phone.run();
    } finally {
      now.mockRestore();
    }
    expect((await phone.cache.jobs()).map((job) => job.id)).toEqual([2, 3, 4, 5]);
  });
});

describe("a case found in the field", () => {
  const day = async () => overlay(await phone.cache.jobs(), await phone.outbox.entries(), 3, Date.now(), await phone.outbox.done());
  const open = (keep: boolean) =>
    phone.outbox.record(
      phone.deed(0, {
        kind: "open",
        caseId: null,
        round: 0,
        payload: { service: "pothole", description: "Deep.", address: "", place: { lat: 42.3, lon: -71, accuracy_m: 8 }, photos: [], keep },
        about: { number: "", service: "Pothole", address: "" },
      }),
    );

  it("is a job of its own at once, can be closed at once, and is one job when the city has numbered it", async () => {
    await phone.run();
    const { id } = await open(true);
    expect((await day()).open[0]).toMatchObject({ isOpen: true, status: "assigned", job: { id, service: "Pothole", mine: true }, standing: { is: "saved" } });
    await phone.outbox.record(phone.deed(0, { caseId: id, kind: "on_site" }));
    expect((await day()).open[0]?.status).toBe("on_site");
    const closing = { outcome: "fixed", detail: null, note: "", place: null, photos: [] };
    await phone.outbox.record(phone.deed(0, { caseId: id, kind: "close", payload: closing }));
    expect((await day()).done[0]).toMatchObject({ status: "closed", outcome: "fixed", job: { id } });
    await phone.run();
    expect(await states()).toEqual([]);
    const sent = JSON.parse(phone.requests.find((r) => r.path === "/sync/v1/push")?.body ?? "") as { operations: { case: unknown }[] };
    expect(sent.operations.map((operation) => operation.case)).toEqual([null, id, id]);
    const { done } = await day();
    expect(done.map((card) => [card.job.id, card.outcome])).toEqual([[9001, "fixed"]]);
  });

  it("keeps its one name in work begun before it was numbered", async () => {
    const { id } = await open(true);
    await phone.run();
    expect((await day()).open.map((card) => card.job.id)).toContain(9001);
    await phone.outbox.record(phone.deed(0, { caseId: id, kind: "on_site" }));
    expect((await day()).open.find((card) => card.job.id === 9001)?.status).toBe("on_site");
    // As long as anything goes by that name, the phone remembers whose it is.
    await phone.outbox.tidy(Date.now() + 15 * DAY_MS);
    expect((await phone.outbox.done()).map((entry) => entry.id)).toEqual([id]);
    await phone.run();
    expect(await states()).toEqual([]);
    expect(city.cases.get(9001)?.status).toBe("on_site");
  });

  it("is not a job of the crew's where the office finds one, and leaves when the city has it", async () => {
    await open(false);
    expect((await day()).done[0]).toMatchObject({ isOpen: false, left: "reported", standing: { is: "saved" } });
    await phone.run();
    expect((await day()).done).toEqual([]);
    expect(city.cases.get(9001)?.mine).toBe(false);
  });

  it("is made anew in a city restored from before it", async () => {
    const { id } = await open(true);
    await phone.outbox.record(phone.deed(0, { caseId: id, kind: "on_site" }));
    await phone.run();
    city.restore(0);
    await phone.run();
    await phone.run();
    expect(city.effects.get(id)).toBe(1);
    expect((await day()).open.map((card) => card.job.id)).toContain(9001);
    expect(await states()).toEqual([]);
  });
});

describe("a job handed back", () => {
  it("leaves the list at once, and the phone when the city has it", async () => {
    await phone.run();
    await phone.outbox.record(phone.deed(2, { kind: "decline", payload: { reason: "too_far" } }));
    const day = async () => overlay(await phone.cache.jobs(), await phone.outbox.entries(), 3, Date.now());
    expect((await day()).open.map((card) => card.job.id)).toEqual([1, 3, 4, 5]);
    expect((await day()).done[0]).toMatchObject({ left: "given_back", status: "received", standing: { is: "saved" }, job: { id: 2 } });
    await phone.run();
    expect((await phone.cache.jobs()).map((job) => job.id)).toEqual([1, 3, 4, 5]);
    expect(await states()).toEqual([]);
  });
});

describe("whatever goes wrong", () => {
  it("ends with the city holding each deed once, each photo whole, and an empty outbox", async () => {
    const fault = fc.constantFrom<Fault>("none", "none", "lost", "answer_lost", "portal", "portal_json", "500", "401", "503", "truncated", "twice", "flipped");
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ is: fc.constant("close" as const), caseId: fc.integer({ min: 1, max: 5 }), photos: fc.array(fc.integer({ min: 1, max: 70_000 }), { maxLength: 2 }) }) },
      { weight: 2, arbitrary: fc.record({ is: fc.constant("progress" as const), caseId: fc.integer({ min: 1, max: 5 }) }) },
      { weight: 1, arbitrary: fc.record({ is: fc.constant("find" as const), photos: fc.array(fc.integer({ min: 1, max: 300_000 }), { maxLength: 1 }) }) },
      { weight: 5, arbitrary: fc.record({ is: fc.constant("run" as const), faults: fc.array(fault, { maxLength: 12 }) }) },
      { weight: 1, arbitrary: fc.record({ is: fc.constant("kill" as const) }) },
      { weight: 1, arbitrary: fc.record({ is: fc.constant("office" as const), caseId: fc.integer({ min: 1, max: 5 }) }) },
      { weight: 1, arbitrary: fc.record({ is: fc.constant("restore" as const), keep: fc.integer({ min: 0, max: 4 }) }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
        freshStorage();
        city = new FakeCity();
        for (let id = 1; id <= 5; id++) city.addCase(id);
        phone = new Phone(city);
        const made: string[] = [];
        const photos: number[] = [];
        for (const it of steps) {
          if (it.is === "close") {
            made.push(await phone.close(it.caseId, it.photos));
            photos.push(...it.photos);
          } else if (it.is === "progress") made.push((await phone.outbox.record(phone.deed(it.caseId))).id);
          else if (it.is === "find") {
            const id = await phone.find(it.photos);
            made.push(id, (await phone.outbox.record(phone.deed(0, { caseId: id, kind: "on_site" }))).id);
            photos.push(...it.photos);
          } else if (it.is === "run") {
            phone.faults = it.faults;
            await phone.run();
            phone.faults = [];
          } else if (it.is === "kill") await phone.restart();
          else if (it.is === "office") city.moveCase(it.caseId, true);
          else city.restore(it.keep);
        }
        // With a good link the queue empties.
        for (let i = 0; i < 4; i++) await phone.run();
        expect(await phone.outbox.entries()).toEqual([]);
        for (const id of made) expect(city.effects.get(id)).toBe(1);
        expect([...city.verified.values()].map((bytes) => bytes.length).sort((a, b) => a - b)).toEqual(photos.sort((a, b) => a - b));
      }),
      { numRuns: 60 },
    );
  });
});

describe("the driver", () => {
  const page = Object.assign(new EventTarget(), { visibilityState: "visible" });
  const register = vi.fn(async () => {});
  let driver: Driver;

  beforeEach(() => {
    register.mockClear();
    page.visibilityState = "visible";
    const serviceWorker = { getRegistration: async () => ({ sync: { register } }) };
    const here = new EventTarget();
    vi.stubGlobal("self", {});
    vi.stubGlobal("document", page);
    vi.stubGlobal("navigator", { serviceWorker });
    vi.stubGlobal("addEventListener", here.addEventListener.bind(here));
    vi.stubGlobal("removeEventListener", here.removeEventListener.bind(here));
  });

  afterEach(() => {
    driver.stop();
    vi.unstubAllGlobals();
  });

  /** Resolves when the first run has ended and the next is planned. */
  function start(): Promise<void> {
    return new Promise((resolve) => {
      const { outbox, cache } = phone;
      const told = (nextTryMs: number | null) => nextTryMs !== null && setTimeout(resolve, 20);
      driver = new Driver({ outbox, cache, city: new City(phone.fetch), appVersion: "test" }, (news) => told(news.nextTryMs), () => {}, () => {});
      driver.start();
    });
  }

  it("asks the browser to go on without it where only the signal is missing", async () => {
    await phone.close(1);
    phone.faults = ["lost"];
    await start();
    expect(register).toHaveBeenCalled();
  });

  it("lets nobody hurry past the pause the city asked for, until the screen goes dark", async () => {
    await phone.close(1);
    phone.faults = ["503"];
    await start();
    expect(register).not.toHaveBeenCalled();
    page.visibilityState = "hidden";
    page.dispatchEvent(new Event("visibilitychange"));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(register).toHaveBeenCalledOnce();
  });
});
