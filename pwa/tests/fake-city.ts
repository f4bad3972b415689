/** The city's half of docs/sync-protocol.md, in memory, with switches for everything that goes wrong out there. */

import { createHash, randomUUID } from "node:crypto";

export interface Said {
  status: number;
  headers: Record<string, string>;
  body: string;
}

interface Operation {
  id: string;
  seq: number;
  kind: string;
  case: number | string | null;
  round: number;
  payload: { outcome?: string; text?: string; keep?: boolean; description?: string; photos?: { id: string; sha256: string; size: number; kind: string }[] };
}

interface Push {
  device: string;
  operations: Operation[];
  cursor?: string;
}

interface Case {
  id: number;
  round: number;
  status: string;
  changed: number;
  mine: boolean;
  extra: Record<string, unknown>;
  closures: { id: string; outcome: string; counts: boolean; review: string | null }[];
}

interface Upload {
  id: string;
  photo: string;
  sha256: string;
  length: number;
  bytes: Uint8Array;
}

export class FakeCity {
  epoch: string = randomUUID();
  signedIn = true;
  /** Effects by operation id: each must stay at one. */
  effects = new Map<string, number>();
  operations = new Map<string, { device: string; clock: number; body: string; result: Record<string, unknown> }>();
  devices = new Map<string, number>();
  cases = new Map<number, Case>();
  uploads = new Map<string, Upload>();
  verified = new Map<string, Uint8Array>();
  clock = 0;
  /** Case ids of which operations are quarantined. */
  poison = new Set<number | string | null>();
  /** The office has switched the phone off. */
  revoked = false;
  /** How far its clock has gone on beyond the phone's. */
  laterMs = 0;
  /** The case each `open` operation made. */
  opened = new Map<string, number>();
  services = [{ code: "pothole", name: "Pothole", group: "Streets", department: "Public Works" }];
  /** Does it take a first piece with the creation? */
  takesFirstPiece = true;
  /** Does a push with a cursor bring the page after it? */
  pagesWithPush = true;
  pageSize = 100;
  log: string[] = [];
  identity = {
    person: { id: 7, name: "Rosa Diaz", role: "crew" },
    crew: { id: 3, code: "PWD-3", name: "Highway 3", department: "Public Works" },
    city: { name: "Boston", timezone: "America/New_York" },
    outcomes: [
      { code: "fixed", needs: null },
      { code: "made_safe", needs: null },
      { code: "not_found", needs: null },
      { code: "no_access", needs: null },
      { code: "not_ours", needs: "whose it is" },
      { code: "duplicate", needs: "the number of the other case" },
      { code: "scheduled", needs: "the day it is planned for" },
    ],
  };

  addCase(id: number, extra: Record<string, unknown> = {}): void {
    this.cases.set(id, { id, round: 1, status: "assigned", changed: ++this.clock, mine: true, extra, closures: [] });
  }

  private now(): string {
    return new Date(Date.now() + this.laterMs).toISOString();
  }

  /** The office takes a job and gives it out again. */
  moveCase(id: number, mine = false): void {
    const it = this.cases.get(id);
    if (it === undefined) return;
    it.round++;
    it.mine = mine;
    it.status = "assigned";
    it.changed = ++this.clock;
  }

  /** Restored from a backup in which nothing of `lost` is known. */
  restore(keepFirst: number): void {
    this.epoch = randomUUID();
    const kept = [...this.operations].slice(0, keepFirst);
    this.operations = new Map(kept);
    this.effects = new Map(kept.map(([id]) => [id, 1]));
    this.devices = new Map();
    for (const [, { device, body }] of kept) this.devices.set(device, Math.max(this.devices.get(device) ?? 0, (JSON.parse(body) as Operation).seq));
    for (const it of this.cases.values()) {
      it.closures = it.closures.filter((closure) => this.operations.has(closure.id));
      if (it.closures.length === 0) it.status = "assigned";
    }
    for (const [id, made] of this.opened) {
      if (this.operations.has(id)) continue;
      this.opened.delete(id);
      this.cases.delete(made);
    }
    this.verified.clear();
    this.uploads.clear();
  }

  answer(method: string, url: string, headers: Record<string, string>, body: Uint8Array): Said {
    const { pathname, searchParams } = new URL(url, "http://city.test");
    this.log.push(`${method} ${pathname}`);
    if (pathname === "/sync/v1/sign-in") {
      const { email, password } = JSON.parse(new TextDecoder().decode(body)) as { email: string; password: string };
      if (email !== "rosa@boston.test" || password !== "rosa") return problem(401, "Please sign in");
      this.signedIn = true;
      return json(200, this.identity);
    }
    if (method !== "GET" && method !== "HEAD" && headers["x-crew311"] !== "1") return problem(403, "the header is missing");
    if (!this.signedIn) return problem(401, "Please sign in");
    if (pathname === "/sync/v1/me") return json(200, this.identity);
    if (pathname === "/sync/v1/sign-out") {
      this.signedIn = false;
      return json(200, {});
    }
    if (pathname === "/sync/v1/push") return this.push(JSON.parse(new TextDecoder().decode(body)) as Push);
    if (pathname === "/sync/v1/pull") return json(200, this.page(searchParams.get("cursor"), searchParams.get("device") ?? "", searchParams.get("brief") === "1"));
    if (pathname === "/sync/v1/services") return json(200, { services: this.services });
    if (pathname === "/sync/v1/photos" && method === "POST") return this.createUpload(headers, body);
    if (pathname.startsWith("/sync/v1/photos/")) return this.upload(method, pathname.split("/").pop() ?? "", headers, body);
    return problem(404, "nothing here");
  }

  private push({ device, operations, cursor }: Push): Said {
    const results: Record<string, unknown>[] = [];
    let expected = (this.devices.get(device) ?? 0) + 1;
    for (const operation of operations) {
      const known = this.operations.get(operation.id);
      if (known !== undefined) {
        const same = sameIntent(known.body, operation);
        results.push(same ? known.result : quarantined(operation.id, "id_reused"));
        continue;
      }
      if (operation.seq > expected) break;
      const result = operation.seq < expected ? quarantined(operation.id, "seq_reused") : this.take(operation);
      if (operation.seq === expected) {
        this.operations.set(operation.id, { device, clock: ++this.clock, body: JSON.stringify(operation), result });
        expected++;
        this.devices.set(device, operation.seq);
      }
      results.push(result);
    }
    const page = cursor === undefined || !this.pagesWithPush ? {} : { page: this.page(cursor, device, true) };
    return json(200, { v: 1, epoch: this.epoch, device, received_at: this.now(), results, expected_seq: expected, ...page });
  }

  private take(operation: Operation): Record<string, unknown> {
    if (this.revoked) return quarantined(operation.id, "device_revoked");
    if (this.poison.has(operation.case)) return { ...quarantined(operation.id, "unreadable"), errors: { "payload.note": ["too odd"] } };
    if (operation.kind === "open") {
      const id = 9000 + this.opened.size + 1;
      this.opened.set(operation.id, id);
      this.addCase(id, { description: operation.payload.description });
      if (operation.payload.keep !== true) this.moveCase(id);
    }
    const key = operation.kind === "open" ? operation.id : operation.case;
    const it = this.cases.get(typeof key === "string" ? (this.opened.get(key) ?? -1) : (key ?? -1));
    if (it === undefined) return quarantined(operation.id, "unknown_case");
    this.effects.set(operation.id, (this.effects.get(operation.id) ?? 0) + 1);
    let verdict = "counted";
    let review: string | null = null;
    if (operation.kind === "close") {
      if (operation.round !== it.round) [verdict, review] = ["needs_review", "office_moved"];
      else it.status = "closed";
      it.closures.push({ id: operation.id, outcome: operation.payload.outcome ?? "", counts: verdict === "counted", review });
    } else if (operation.kind in MOVES) {
      const { from, to } = MOVES[operation.kind] ?? { from: [], to: "" };
      if (operation.round !== it.round || !from.includes(it.status)) verdict = "superseded";
      else {
        it.status = to;
        if (to === "received") [it.mine, it.round] = [false, it.round + 1];
      }
    }
    it.changed = ++this.clock;
    return {
      id: operation.id,
      verdict,
      review,
      reason: null,
      errors: {},
      case: { id: it.id, status: it.status, round: it.round },
      photos_missing: (operation.payload.photos ?? []).filter((photo) => !this.verified.has(photo.id)).map((photo) => photo.id),
    };
  }

  private page(cursor: string | null, device: string, brief: boolean): Record<string, unknown> {
    const [epoch, at] = (cursor ?? "").split(":");
    if (this.revoked) return { v: 1, epoch: this.epoch, cursor: `${this.epoch}:0`, more: false, reset: true, revoked: true, now: this.now(), jobs: [], operations: [], gone: [] };
    const reset = cursor === null || epoch !== this.epoch;
    const since = reset ? 0 : Number(at);
    const news = [
      ...[...this.cases.values()].filter((it) => it.changed > since).map((it) => ({ clock: it.changed, job: this.job(it), operation: null })),
      ...[...this.operations].filter(([, it]) => it.device === device && it.clock > since).map(([id, it]) => ({ clock: it.clock, job: null, operation: id })),
    ].sort((a, b) => a.clock - b.clock);
    const page = news.slice(0, this.pageSize);
    if (brief && !reset && page.length === 0) return { v: 1, cursor: `${this.epoch}:${since}` };
    const told = page.flatMap((it) => (it.job === null ? [] : [it.job]));
    const jobs = told.filter((job) => job["mine"] === true || (job["closures"] as unknown[]).length > 0);
    const gone = told.filter((job) => !jobs.includes(job)).map((job) => job["id"]);
    return {
      v: 1,
      epoch: this.epoch,
      cursor: `${this.epoch}:${page.at(-1)?.clock ?? since}`,
      more: news.length > page.length,
      reset,
      now: this.now(),
      jobs,
      operations: page.flatMap((it) => it.operation ?? []),
      gone,
      ...(jobs.length + gone.length === 0 ? {} : { order: [...this.cases.values()].filter((it) => it.mine && it.status !== "closed").map((it) => it.id) }),
    };
  }

  private job(it: Case): Record<string, unknown> {
    return {
      id: it.id,
      number: `26-${String(it.id).padStart(6, "0")}`,
      round: it.round,
      status: it.status,
      service: "Request for Pothole Repair",
      group: "Highway Maintenance",
      description: "Deep hole beside the crossing.",
      address: `${it.id} Henchman St, Boston`,
      lat: 42.36 + (it.id % 10) / 500,
      lon: -71.06 + (it.id % 7) / 500,
      opened_at: this.now(),
      due_at: null,
      assigned_at: this.now(),
      why: "Nearest free crew: 412 m away.",
      mine: it.mine,
      order: it.id,
      photos: [],
      notes: [],
      ...it.extra,
      closures: it.closures.map((closure) => ({
        ...closure,
        settled: null,
        photos: (this.photosOf(closure.id) ?? []).map((photo) => ({ id: photo.id, state: this.verified.has(photo.id) ? "verified" : "awaited" })),
      })),
    };
  }

  private photosOf(operationId: string) {
    const kept = this.operations.get(operationId);
    return kept === undefined ? [] : (JSON.parse(kept.body) as Operation).payload.photos;
  }

  private createUpload(headers: Record<string, string>, body: Uint8Array): Said {
    const metadata = new Map((headers["upload-metadata"] ?? "").split(",").map((pair) => pair.trim().split(" ") as [string, string]));
    const photo = atob(metadata.get("photo") ?? "");
    const sha256 = atob(metadata.get("sha256") ?? "");
    const length = Number(headers["upload-length"]);
    if (this.verified.has(photo)) return tus(201, { Location: `/sync/v1/photos/held-${photo}`, "Upload-Offset": String(length) });
    const known = [...this.uploads.values()].find((upload) => upload.photo === photo);
    const upload = known ?? { id: randomUUID(), photo, sha256, length, bytes: new Uint8Array(0) };
    this.uploads.set(upload.id, upload);
    if (headers["content-type"] === "application/offset+octet-stream") {
      if (!this.takesFirstPiece) return tus(415, {});
      const said = this.upload("PATCH", upload.id, { ...headers, "upload-offset": String(upload.bytes.length) }, body);
      if (said.status !== 204) return said;
    }
    return tus(201, { Location: `/sync/v1/photos/${upload.id}`, "Upload-Offset": String(upload.bytes.length) });
  }

  private upload(method: string, id: string, headers: Record<string, string>, body: Uint8Array): Said {
    const upload = this.uploads.get(id);
    if (upload === undefined) return tus(404, {});
    if (method === "HEAD") return tus(200, { "Upload-Offset": String(upload.bytes.length), "Upload-Length": String(upload.length) });
    if (Number(headers["upload-offset"]) !== upload.bytes.length) return tus(409, {});
    const digest = createHash("sha256").update(body).digest("base64");
    if (headers["upload-checksum"] !== `sha256 ${digest}`) return tus(460, {});
    if (upload.bytes.length + body.length > upload.length) return tus(413, {});
    upload.bytes = new Uint8Array(Buffer.concat([upload.bytes, body]));
    if (upload.bytes.length < upload.length) return tus(204, { "Upload-Offset": String(upload.bytes.length) });
    if (createHash("sha256").update(upload.bytes).digest("hex") !== upload.sha256) {
      upload.bytes = new Uint8Array(0);
      return tus(460, {});
    }
    this.verified.set(upload.photo, upload.bytes);
    for (const it of this.cases.values()) {
      if (it.closures.some((closure) => this.photosOf(closure.id)?.some((photo) => photo.id === upload.photo))) it.changed = ++this.clock;
    }
    return tus(204, { "Upload-Offset": String(upload.length) });
  }
}

const MOVES: Record<string, { from: string[]; to: string }> = {
  accept: { from: ["assigned"], to: "assigned" },
  decline: { from: ["assigned"], to: "received" },
  hand_back: { from: ["assigned", "en_route", "on_site"], to: "received" },
  en_route: { from: ["assigned"], to: "en_route" },
  on_site: { from: ["assigned", "en_route"], to: "on_site" },
};

function sameIntent(kept: string, operation: Operation): boolean {
  const intent = (it: Operation) => JSON.stringify({ ...it, age_ms: null, seq: null });
  return intent(JSON.parse(kept) as Operation) === intent(operation);
}

function quarantined(id: string, reason: string): Record<string, unknown> {
  return { id, verdict: "quarantined", review: null, reason, errors: {}, case: null, photos_missing: [] };
}

function json(status: number, body: unknown): Said {
  return { status, headers: { "Content-Type": "application/json", "Cache-Control": "no-store" }, body: JSON.stringify(body) };
}

function problem(status: number, detail: string): Said {
  return { status, headers: { "Content-Type": "application/problem+json" }, body: JSON.stringify({ title: detail, detail, status }) };
}

function tus(status: number, headers: Record<string, string>): Said {
  return { status, headers: { "Tus-Resumable": "1.0.0", ...headers }, body: "" };
}
