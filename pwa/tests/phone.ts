/** A phone for tests: its own IndexedDB, and a network between it and a fake city that does what it is told. */

import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { Outbox, type Deed } from "../src/store/outbox";
import { Cache311 } from "../src/store/cache";
import { City } from "../src/net/city";
import type { Fetch } from "../src/net/http";
import { runOnce, type RunReport } from "../src/loop/run";
import { emptyDraft } from "../src/core/draft";
import { deedOf, emptyForm } from "../src/core/forms";
import { isoOf, moment } from "../src/store/phone";
import { FakeCity } from "./fake-city";

export type Fault =
  | "none"
  /** The request never arrives. */
  | "lost"
  /** The city does it, and its answer never arrives. */
  | "answer_lost"
  | "portal"
  | "portal_json"
  | "500"
  | "401"
  | "503"
  | "truncated"
  /** The right words, under the wrong type. */
  | "wrong_type"
  /** The request arrives twice. */
  | "twice"
  /** A byte of the request's body changes. */
  | "flipped";

export function freshStorage(): void {
  globalThis.indexedDB = new IDBFactory();
}

export class Phone {
  outbox = new Outbox(7);
  cache = new Cache311(7);
  faults: Fault[] = [];
  requests: { method: string; path: string; body: string }[] = [];

  constructor(readonly server: FakeCity) {}

  /** The app is killed and starts again: only what is stored is left. */
  async restart(): Promise<void> {
    await Promise.all([this.outbox.close(), this.cache.close()]);
    this.outbox = new Outbox(7);
    this.cache = new Cache311(7);
  }

  readonly fetch: Fetch = async (url, init = {}) => {
    const fault = this.faults.shift() ?? "none";
    const headers = Object.fromEntries(new Headers(init.headers).entries());
    let body = typeof init.body === "string" ? new TextEncoder().encode(init.body) : ((init.body as Uint8Array | undefined) ?? new Uint8Array());
    this.requests.push({ method: init.method ?? "GET", path: url, body: typeof init.body === "string" ? init.body : "" });
    const html = (status: number) => new Response("<h1>Welcome to our Wi-Fi</h1>", { status, headers: { "Content-Type": "text/html" } });
    switch (fault) {
      case "lost":
        throw new TypeError("Failed to fetch");
      case "portal":
        return html(200);
      case "portal_json":
        return new Response('{"ok": true}', { status: 200, headers: { "Content-Type": "application/json" } });
      case "500":
        return html(500);
      case "401":
        return new Response("{}", { status: 401, headers: { "Content-Type": "application/problem+json" } });
      case "503":
        return new Response("{}", { status: 503, headers: { "Content-Type": "application/problem+json", "Retry-After": "7" } });
      case "twice":
        this.server.answer(init.method ?? "GET", url, headers, body);
        break;
      case "flipped":
        if (init.method === "PATCH") {
          body = body.slice();
          body[0] = (body[0] ?? 0) ^ 1;
        }
        break;
      default:
        break;
    }
    const said = this.server.answer(init.method ?? "GET", url, headers, body);
    if (fault === "answer_lost") throw new TypeError("Failed to fetch");
    const text = fault === "truncated" ? said.body.slice(0, said.body.length / 2) : said.body;
    if (fault === "wrong_type") said.headers["Content-Type"] = "text/html";
    return new Response(said.status === 204 || init.method === "HEAD" ? null : text, { status: said.status, headers: said.headers });
  };

  run(): Promise<RunReport> {
    return runOnce({ outbox: this.outbox, cache: this.cache, city: new City(this.fetch), tell: () => {}, changed: () => {}, appVersion: "test", untilMs: Infinity });
  }

  /** Close a case with photos of the given sizes. */
  async close(caseId: number, sizes: number[] = [], round = 1): Promise<string> {
    let draft = emptyDraft(caseId, round, Date.now());
    for (const [i, size] of sizes.entries()) {
      const bytes = new Uint8Array(size).map((_, n) => (n * 31 + caseId + i * 7) & 0xff);
      draft = await this.outbox.addPhoto(draft, { type: "image/jpeg", kind: "after" }, bytes.buffer);
    }
    const photos = draft.photos.map(({ id, sha256, size, kind }) => ({ id, sha256, size, kind }));
    const entry = await this.outbox.record(this.deed(caseId, { kind: "close", round, photos: draft.photos, payload: { outcome: "fixed", detail: null, note: "", place: null, photos } }));
    return entry.id;
  }

  /** Find a case in the field and keep it; returns the id it goes by. */
  async find(sizes: number[] = []): Promise<string> {
    let form = { ...emptyForm("open", null, 0, Date.now()), service: { code: "pothole", name: "Pothole" }, place: { lat: 42.3, lon: -71, accuracy_m: 8 }, keep: true };
    for (const size of sizes) {
      const bytes = new Uint8Array(size).map((_, n) => (n * 17 + size) & 0xff);
      form = await this.outbox.addPhoto(form, { type: "image/jpeg", kind: "before" }, bytes.buffer);
    }
    return (await this.outbox.record(this.deed(0, { ...deedOf(form, ""), caseId: null, round: 0, photos: form.photos, form }))).id;
  }

  deed(caseId: number, change: Partial<Deed> = {}): Deed {
    const made = moment();
    return {
      kind: "en_route",
      caseId,
      round: 1,
      crewId: 3,
      made,
      madeAt: isoOf(made.wallMs),
      payload: { place: null },
      about: { number: String(caseId), service: "", address: "" },
      photos: [],
      ...change,
    };
  }
}
