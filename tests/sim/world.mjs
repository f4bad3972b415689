/**
 * One world: a few phones, one city, and between them a network that does what chance says. Everything that happens is
 * chosen by one seeded generator and told to one trace, so a seed is the whole story.
 *
 * Talks to city.py over its own stdin and stdout, one question and one answer at a time: no true time passes here.
 */

import { createHash } from "node:crypto";
import { readSync, writeSync } from "node:fs";
import { drain, dropTasks, appBundle, Phone } from "./phone.mjs";

process.on("unhandledRejection", () => {}); // promises of pages that were killed

// ---- the pipe --------------------------------------------------------------------------------------------------------

function readExactly(size) {
  const buffer = Buffer.alloc(size);
  for (let at = 0; at < size; ) {
    const got = readSync(0, buffer, at, size - at, null);
    if (got === 0) process.exit(0);
    at += got;
  }
  return buffer;
}

function ask(question, body = Buffer.alloc(0)) {
  const text = Buffer.from(JSON.stringify(question));
  const head = Buffer.alloc(8);
  head.writeUInt32LE(text.length, 0);
  head.writeUInt32LE(body.length, 4);
  const all = Buffer.concat([head, text, body]);
  for (let at = 0; at < all.length; ) at += writeSync(1, all, at);
  const sizes = readExactly(8);
  const answer = JSON.parse(readExactly(sizes.readUInt32LE(0)).toString());
  const bytes = readExactly(sizes.readUInt32LE(4));
  return { answer, bytes };
}

// ---- chance ----------------------------------------------------------------------------------------------------------

function generator(seed) {
  let a = (seed ^ 0x9e3779b9) >>> 0, b = 0x243f6a88, c = 0xb7e15162, d = 1;
  const next = () => {
    const t = (((a + b) >>> 0) + d) >>> 0;
    d = (d + 1) >>> 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) >>> 0;
    c = ((c << 21) | (c >>> 11)) >>> 0;
    c = (c + t) >>> 0;
    return t / 4294967296;
  };
  for (let i = 0; i < 15; i++) next();
  return next;
}

/** What can happen to one request, and how often at most when a world has it. */
const NETWORK = {
  lost: 0.4, // never arrives
  hang: 0.15, // nothing ever answers; it may still arrive later
  answer_lost: 0.4,
  answer_hangs: 0.15,
  answer_late: 0.4, // other things happen first
  twice: 0.3,
  again_later: 0.3, // a second copy arrives long after
  cut_upload: 0.3, // half of the body arrives
  flipped: 0.3, // one byte of a photo's piece changes
  portal: 0.3,
  portal_json: 0.2,
  portal_511: 0.1,
  html_500: 0.2,
  json_500: 0.15,
  s503: 0.2,
  s429: 0.15,
  s401: 0.12,
  s403: 0.08,
  truncated: 0.25,
  answer_breaks: 0.25, // the connection breaks in the middle of the answer
  death: 0.15, // the server dies while it works on this
};
/** What can happen beside the network, and how often at most per step. */
const EVENTS = {
  kill_phone: 0.08,
  kill_phone_midway: 0.1,
  power_loss: 0.08, // of a phone
  kill_server: 0.05,
  backup_restore: 0.2,
  clock_jump: 0.06,
  switch_user: 0.25,
  session_ends: 0.06,
  other_cookie: 0.05, // the browser is signed in as the other person of a shared phone, and the app does not know
  revoke: 0.02,
  disk_full: 0.15,
  second_tab: 0.06,
  long_pause: 0.08,
};
const PEOPLE = ["rosa", "sam", "tess", "uma"];
/** Whose the phones are: rosa and tess are one crew, sam and uma the other; tess and uma share a phone. */
const PHONES = [
  [["tess", "uma"]],
  [["rosa"], ["sam"]],
  [["rosa"], ["tess", "uma"]],
  [["sam"], ["tess", "uma"]],
  [["rosa"], ["sam"], ["tess", "uma"]],
];
/** How many steps a world takes, at least and at most: many small worlds find more in a minute than few large ones. */
const SIZES = [[3, 10], [3, 10], [8, 30]];
const OFFICE = ["assign", "assign", "take_back", "reopen", "withdraw", "settle", "settle", "close", "note", "dispatch", "report", "relay"];
const WAKES = ["online", "pageshow", "visibilitychange"];
const OUTCOMES = [["fixed", ""], ["fixed", ""], ["made_safe", ""], ["not_found", ""], ["not_ours", "the water board"], ["scheduled", "2026-07-01"]];

const DAY_MS = 86_400_000;
/** With a good link everything must have come to rest within this; the longest pause of the phone is 5 minutes. */
const REST_WITHIN_MS = 40 * 60_000;

class Violation extends Error {}

class World {
  nowMs = 0;
  timers = [];
  timerCount = 0;
  pending = [];
  requests = 0;
  /** Requests that may have changed something at the city, so far. */
  writes = 0;
  steps = 0;
  faults = 0;
  deeds = [];
  /** Every entry a phone ever added to an outbox, by the storage's own witness. */
  made = new Map();
  putAside = new Set();
  violations = [];
  lives = new Set();
  answersChecked = new Set();
  bodyBytes = 0;
  serverDown = false;
  good = true;
  isResting = false;
  trace = [];
  digest = createHash("sha256");
  counts = {};

  constructor(seed, verbose) {
    this.seed = seed;
    this.verbose = verbose;
    this.random = generator(seed);
  }

  chance(p) {
    return this.random() < p;
  }

  pick(list) {
    return list[Math.floor(this.random() * list.length)];
  }

  between(a, b) {
    return a + Math.floor(this.random() * (b - a + 1));
  }

  note(line) {
    const text = `${(this.nowMs / 1000).toFixed(3)} ${line}`;
    this.digest.update(text + "\n");
    this.trace.push(text);
    if (this.verbose) process.stderr.write(text + "\n");
  }

  count(what) {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }

  violate(rule, what) {
    this.violations.push({ rule, what });
    this.note(`!! ${rule}: ${what}`);
  }

  // ---- time ----------------------------------------------------------------------------------------------------------

  setTimer(page, fn, ms) {
    const timer = { at: this.nowMs + Math.max(0, Number(ms) || 0), n: ++this.timerCount, fn, page, dead: page.dead };
    page.timers.add(timer);
    this.timers.push(timer);
    return timer;
  }

  clearTimer(timer) {
    if (timer) timer.dead = true;
  }

  nextTimer(untilMs) {
    this.timers = this.timers.filter((timer) => !timer.dead);
    let first = null;
    for (const timer of this.timers) {
      if (timer.at <= untilMs && (first === null || timer.at < first.at || (timer.at === first.at && timer.n < first.n))) first = timer;
    }
    return first;
  }

  async advance(ms) {
    const until = this.nowMs + ms;
    for (let timer; (timer = this.nextTimer(until)) !== null; ) {
      this.nowMs = Math.max(this.nowMs, timer.at);
      timer.dead = true;
      timer.page.timers.delete(timer);
      timer.fn();
      await drain();
      if (this.good) await this.deliverAll();
      else for (let n = this.between(0, 3); n > 0 && this.pending.length > 0; n--) await this.netStep();
    }
    this.nowMs = until;
  }

  // ---- the network ---------------------------------------------------------------------------------------------------

  send(page, url, init = {}) {
    page.point();
    if (page.dead) return new Promise(() => {});
    return new Promise((resolve, reject) => {
      const body = typeof init.body === "string" ? Buffer.from(init.body) : init.body ? Buffer.from(init.body) : Buffer.alloc(0);
      const item = {
        n: ++this.requests, page, phone: page.phone, method: init.method ?? "GET", url, headers: Object.fromEntries(new Headers(init.headers)), body,
        cookie: page.phone.jar, resolve, reject, state: "out", over: false, isGhost: false,
      };
      init.signal?.addEventListener("abort", () => {
        if (item.over) return;
        item.over = true;
        reject(new DOMException("aborted", "AbortError"));
      });
      this.pending.push(item);
    });
  }

  label(item) {
    return `${item.phone.name} #${item.n} ${item.method} ${item.url.replace(/device=[0-9a-f-]+/, "device=")}`;
  }

  chooseFault(item) {
    if (this.good) return "none";
    for (const [name, rate] of this.swarm.network) {
      if (!this.chance(rate)) continue;
      if ((name === "cut_upload" || name === "flipped") && item.method !== "PATCH") continue;
      return name;
    }
    return "none";
  }

  /** Let one request, or one answer, go one step further. */
  async netStep() {
    const index = Math.floor(this.random() * this.pending.length);
    const [item] = this.pending.splice(index, 1);
    if (item.state === "answer") {
      this.note(`${this.label(item)} answer arrives at last`);
      this.finish(item);
    } else if (item.isGhost || item.over || item.page.dead) {
      // The phone no longer waits for it. It may still come through.
      if (item.isGhost || this.chance(0.5)) this.arrive(item, "late");
      else this.note(`${this.label(item)} never came`);
    } else {
      this.meet(item, this.chooseFault(item));
    }
    await drain();
  }

  meet(item, fault) {
    if (fault !== "none") {
      this.faults++;
      this.count(fault);
    }
    const html = (status, headers = {}) => this.fake(item, fault, status, "<html><h1>Welcome to our Wi-Fi</h1></html>", { "Content-Type": "text/html", ...headers });
    const json = (status, body, headers = {}) => this.fake(item, fault, status, JSON.stringify(body), { "Content-Type": "application/json", ...headers });
    switch (fault) {
      case "lost":
        return this.fail(item, fault);
      case "hang":
        this.note(`${this.label(item)} hangs`);
        return void this.pending.push(Object.assign(this.ghost(item), { holds: item }));
      case "portal":
        return html(200);
      case "portal_json":
        return json(200, { ok: true });
      case "portal_511":
        return html(511);
      case "html_500":
        return html(500);
      case "json_500":
        return json(500, { title: "Internal Server Error" });
      case "s503":
        return json(503, { title: "Busy" }, { "Retry-After": String(this.between(1, 60)) });
      case "s429":
        return json(429, { title: "Too many" }, { "Retry-After": String(this.between(1, 60)) });
      case "s401":
        return json(401, { title: "Please sign in" });
      case "s403":
        return json(403, { title: "No" });
      default:
    }
    const reply = this.arrive(item, fault);
    if (reply === null) return this.fail(item, "server gone");
    switch (fault) {
      case "answer_lost":
      case "cut_upload":
        return this.fail(item, fault);
      case "answer_hangs":
        return undefined;
      case "answer_late":
        item.state = "answer";
        item.reply = reply;
        return void this.pending.push(item);
      case "twice":
        this.arrive(item, "the second copy");
        break;
      case "again_later":
        this.pending.push(this.ghost(item));
        break;
      case "truncated":
        reply.body = reply.body.subarray(0, reply.body.length / 2);
        break;
      case "answer_breaks":
        reply.breaks = true;
        break;
      default:
    }
    item.reply = reply;
    return this.finish(item);
  }

  ghost(item) {
    return { ...item, isGhost: true, over: true };
  }

  fake(item, fault, status, body, headers) {
    item.reply = { status, headers, body: Buffer.from(body) };
    this.note(`${this.label(item)} [${fault}]`);
    this.finish(item);
  }

  fail(item, why) {
    this.note(`${this.label(item)} [${why}]`);
    if (item.over) return;
    item.over = true;
    item.reject(new TypeError("Failed to fetch"));
  }

  /** The request reaches the city. Null if there is nobody to answer. */
  arrive(item, fault) {
    if (this.serverDown) {
      this.note(`${this.label(item)} [${fault}] nobody there`);
      return null;
    }
    let body = item.body;
    let cut = null;
    if (fault === "cut_upload") cut = this.between(0, body.length);
    if (fault === "flipped" && body.length > 0) {
      body = Buffer.from(body);
      body[this.between(0, body.length - 1)] ^= 1;
    }
    this.bodyBytes += item.method === "PATCH" ? body.length : 0;
    const crash = fault === "death" ? this.between(1, 6) : 0;
    const headers = item.cookie === null ? item.headers : { ...item.headers, Cookie: item.cookie };
    const { answer, bytes } = ask({ op: "http", now: this.nowMs, method: item.method, url: item.url, headers, crash, cut }, body);
    if (answer.died !== undefined) {
      this.note(`${this.label(item)} [${fault}] the server dies ${answer.died}`);
      this.serverDown = true;
      return null;
    }
    this.note(`${this.label(item)} [${fault}] ${answer.status} ${short(bytes)}`);
    if (answer.status >= 500) this.violate("5xx", `${item.method} ${item.url.slice(0, 40)}: ${answer.status} ${bytes.toString().slice(0, 200)}`);
    if (!["GET", "HEAD"].includes(item.method)) this.writes++;
    return { status: answer.status, headers: answer.headers, body: bytes, writes: this.writes };
  }

  finish(item) {
    if (item.over || item.page.dead) return;
    item.over = true;
    const { reply } = item;
    const cookie = reply.headers["Set-Cookie"];
    if (cookie !== undefined) {
      const value = cookie.split(";")[0];
      item.phone.jar = value === "session=" || /max-age=0/i.test(cookie) ? null : value;
      if (item.url === "/sync/v1/sign-in" && reply.status === 200) this.overtake(item.phone, item.body);
    }
    if (this.good && reply.status === 200 && item.url.startsWith("/sync/v1/pull")) {
      item.page.goodPulls = (item.page.goodPulls ?? 0) + 1;
      item.page.knows = reply.writes;
    }
    const hasBody = reply.status !== 204 && item.method !== "HEAD";
    let at = 0;
    const parts = reply.breaks ? [reply.body.subarray(0, reply.body.length / 2), null] : [reply.body];
    item.resolve({
      status: reply.status,
      ok: reply.status >= 200 && reply.status < 300,
      headers: new Headers(Object.entries(reply.headers).filter(([name]) => name !== "Set-Cookie")),
      body: !hasBody ? null : {
        getReader: () => ({
          async read() {
            if (at >= parts.length) return { done: true, value: undefined };
            const part = parts[at++];
            if (part === null) throw new TypeError("network error");
            return { done: false, value: new Uint8Array(part) };
          },
        }),
      },
    });
  }

  // ---- the storage's witness -----------------------------------------------------------------------------------------

  witness(page, how, entry) {
    if (how === "add") {
      page.added.push(entry.id);
      this.made.set(entry.id, {
        id: entry.id, person: entry.personId, phone: page.phone.index, case: entry.caseId, kind: entry.kind, round: entry.round,
        payload: entry.payload, made_at: entry.madeAt, order: this.made.size,
      });
    }
    const { answer } = entry;
    if (answer === null) return;
    const key = `${entry.id} ${answer.epoch}`;
    if (this.answersChecked.has(key)) return;
    this.answersChecked.add(key);
    const { answer: said } = ask({ op: "committed", ids: [entry.id] });
    if (!this.lives.has(said.epoch)) this.lives.add(said.epoch);
    if (!this.lives.has(answer.epoch)) this.violate("I7", `the phone believes an answer of no life of the server: ${entry.id}`);
    else if (answer.epoch === said.epoch && said.ids.length === 0) this.violate("I7", `shown as received, but not committed: ${entry.id}`);
  }

  // ---- what people do ------------------------------------------------------------------------------------------------

  does(page, what, work) {
    this.note(`${page.phone.name} ${what}`);
    const done = work().then(
      (said) => void (page.dead || this.note(`${page.phone.name} ${what}: ${said ?? "done"}`)),
      (error) => void (page.dead || this.note(`${page.phone.name} ${what}: ${error.name} ${error.message}`)),
    );
    page.busy = done.finally(() => (page.busy = null));
  }

  signIn(page, person) {
    this.does(page, `signs in as ${person}`, () => page.app.signIn(`${person}@city.test`, "x"));
  }

  crewStep(phone) {
    const { page } = phone;
    if (page === null) return void this.startPhone(phone);
    const { app } = page;
    if (page.busy !== null) return;
    if (app.stage.is === "signed_out") return void this.signIn(page, this.pick(phone.people));
    if (app.stage.is !== "ready") return void phone.kill();
    if (app.news.trouble === "sign_in" && this.chance(0.6)) return void this.signIn(page, this.pick(phone.people));
    const open = app.day(this.beginMs + this.nowMs + phone.skewMs).open.map((card) => card.job);
    const job = this.pick(open.length > 0 && this.chance(0.9) ? open : app.jobs);
    if (job === undefined) return;
    this.deed(page, job);
  }

  deed(page, job) {
    const { app } = page;
    const kind = this.pick(["close", "close", "close", "close", "note", "note", "en_route", "on_site"]);
    const deed = { n: this.deeds.length, token: `deed ${this.seed}/${this.deeds.length}`, person: app.identity.person.id, crew: app.identity.crew.id, case: job.id, kind, round: job.round, saved: false, id: null, photos: [] };
    this.deeds.push(deed);
    const sizes = kind === "close" ? Array.from({ length: this.pick([0, 0, 1, 1, 2]) }, () => this.between(1, this.chance(0.3) ? 2500 : 400)) : [];
    const [outcome, detail] = this.pick(OUTCOMES);
    page.added = [];
    this.does(page, `${kind} case ${job.id} round ${job.round}${sizes.length ? ` photos ${sizes}` : ""}`, async () => {
      if (kind === "note") await app.note(job, deed.token);
      else if (kind !== "close") await app.progress(job, kind);
      else {
        let draft = await app.openDraft(job);
        deed.round = draft.round;
        for (const size of sizes) draft = await app.addPhoto(draft, this.pick(["before", "after"]), { type: "image/jpeg", bytes: this.photoBytes(size) });
        draft = { ...draft, outcome, detail, note: deed.token };
        deed.photos = draft.photos.map(({ id, sha256, size }) => ({ id, sha256, size }));
        await app.saveDraft(draft);
        await app.close(job, draft);
      }
      deed.id = page.added.at(-1) ?? null;
      deed.saved = true;
      return "saved on this phone";
    });
  }

  photoBytes(size) {
    return Uint8Array.from({ length: size }, () => Math.floor(this.random() * 256)).buffer;
  }

  startPhone(phone) {
    this.note(`${phone.name} starts`);
    phone.open();
  }

  office(deed) {
    const { answer } = ask({ op: "office", now: this.nowMs, deed, a: this.random(), b: this.random() });
    this.note(`office: ${answer.said}`);
  }

  // ---- what goes wrong -----------------------------------------------------------------------------------------------

  async event(name) {
    const phone = this.pick(this.phones);
    this.count(name);
    this.faults++;
    switch (name) {
      case "kill_phone":
        this.note(`${phone.name} killed`);
        return phone.kill();
      case "kill_phone_midway":
        if (phone.page !== null) phone.page.pointsLeft = this.between(1, 40);
        return undefined;
      case "power_loss":
        return void this.note(`${phone.name} loses power, ${await phone.losePower()} unflushed writes gone`);
      case "kill_server":
        this.note("server killed");
        ask({ op: "restart", whole: this.chance(0.1) });
        this.serverDown = true;
        return undefined;
      case "backup_restore":
        if (!this.hasBackup || this.chance(0.25)) {
          ask({ op: "backup" });
          this.hasBackup = true;
          return void this.note("server backed up");
        }
        ask({ op: "restore", photos_too: this.chance(0.6) });
        this.lives.add(ask({ op: "committed", ids: [] }).answer.epoch);
        this.restores = (this.restores ?? 0) + 1;
        return void this.note("server restored from its backup");
      case "clock_jump":
        phone.skewMs = this.pick([0, -DAY_MS, DAY_MS, 3 * 365 * DAY_MS, -20 * 365 * DAY_MS, 3_600_000, -90_000]);
        return void this.note(`${phone.name} clock off by ${phone.skewMs} ms`);
      case "switch_user": {
        const shared = this.phones.filter((it) => it.people.length > 1 && it.page?.busy === null && it.page.app.stage.is === "ready");
        const other = shared[0];
        if (other === undefined) return undefined;
        // People take a phone in hand to sign out: it is just asking the city something when they do.
        if (this.chance(0.5)) other.page.wake("visibilitychange");
        this.does(other.page, "signs out", () => other.page.app.signOut());
        return undefined;
      }
      case "session_ends":
        phone.jar = null;
        return void this.note(`${phone.name} session ends`);
      case "other_cookie": {
        const shared = this.phones.find((it) => it.people.length > 1);
        const present = shared?.page?.app.identity?.person.name.toLowerCase();
        return present === undefined ? undefined : this.giveCookie(shared, shared.people.find((name) => name !== present));
      }
      case "revoke":
        return this.office("revoke");
      case "disk_full":
        phone.fullRate = phone.fullRate > 0 ? 0 : this.pick([0.02, 0.1, 0.5]);
        return void this.note(`${phone.name} disk full at ${phone.fullRate}`);
      case "second_tab":
        if (phone.pages.length === 1) {
          this.note(`${phone.name} second tab`);
          phone.open();
        } else if (phone.pages.length > 1) {
          this.note(`${phone.name} first tab closed`);
          phone.pages[0].kill();
        }
        return undefined;
      case "long_pause":
        for (const it of this.phones) it.look(false);
        await this.advance(this.between(1, 20) * 60_000);
        for (const it of this.phones) it.look(true);
        return undefined;
      default:
        throw new Error(name);
    }
  }

  giveCookie(phone, name) {
    phone.jar = ask({ op: "cookie", now: this.nowMs, person: 1 + PEOPLE.indexOf(name) }).answer.cookie;
    this.note(`${phone.name} has the cookie of ${name}`);
  }

  /** Both of a shared phone had pressed "sign in", and the answer to the other comes last: before the city ever heard of this outbox. */
  overtake(phone, body) {
    if (this.isResting || phone.people.length < 2 || !this.swarm.events.some(([name]) => name === "other_cookie") || !this.chance(0.3)) return;
    const { email } = JSON.parse(body.toString());
    this.giveCookie(phone, phone.people.find((name) => !email.startsWith(name)));
  }

  async step() {
    this.steps++;
    if (this.serverDown && this.chance(0.3)) {
      this.serverDown = false;
      this.note("server is back");
    }
    await this.advance(this.between(1, 300));
    for (const [name, rate] of this.swarm.events) if (this.chance(rate)) await this.event(name);
    await drain();
    const what = this.random();
    if (what < 0.35) this.crewStep(this.pick(this.phones));
    else if (what < 0.55) {
      if (!this.serverDown) this.office(this.pick(OFFICE));
    } else if (what < 0.65) await this.timeGoesBy(this.between(1, 90) * 1000);
    else if (what < 0.7) this.pick(this.phones).page?.wake(this.pick(WAKES));
    await drain();
    for (let n = this.between(0, 7); n > 0 && this.pending.length > 0; n--) await this.netStep();
    for (const phone of this.phones) for (const page of phone.pages) if (page.reloads) this.reload(phone, page);
  }

  /** Some of it with the phones in the hand, most in the pocket: looked at, each asks every other second, and hears nothing new. */
  async timeGoesBy(ms) {
    const lookedAtMs = Math.min(ms, this.between(1, 3) * 1000);
    await this.advance(lookedAtMs);
    for (const it of this.phones) it.look(false);
    await this.advance(ms - lookedAtMs);
    for (const it of this.phones) it.look(true);
  }

  reload(phone, page) {
    this.note(`${phone.name} reloads a tab`);
    page.kill();
    phone.open();
  }

  // ---- from beginning to end -----------------------------------------------------------------------------------------

  async live(make) {
    const { answer } = ask({ op: "begin", seed: this.seed });
    this.beginMs = answer.begin_ms;
    this.lives.add(ask({ op: "committed", ids: [] }).answer.epoch);
    const enabled = (table, p) =>
      Object.entries(table).filter(() => this.chance(p)).map(([name, most]) => [name, most * (0.2 + 0.8 * this.random())]);
    this.swarm = { network: [], events: [], noLocks: this.chance(0.2) };
    this.swarm.network = enabled(NETWORK, this.pick([0.05, 0.2, 0.35]));
    this.swarm.events = enabled(EVENTS, this.pick([0.1, 0.3, 0.5]));
    this.note(`swarm ${JSON.stringify(this.swarm)}`);
    this.phones = this.pick(PHONES).map((names, i) => new Phone(this, i, names, make));
    for (const phone of this.phones) {
      this.startPhone(phone);
      await drain();
      this.signIn(phone.page, phone.people[0]);
      await this.deliverAll();
    }
    this.good = false;
    for (let left = this.between(...this.pick(SIZES)); left > 0; left--) await this.step();
    await this.rest();
    this.note(`end: ${this.deeds.length} deeds, ${this.made.size} made, ${this.requests} requests`);
  }

  async deliverAll() {
    await drain();
    for (let n = 0; this.pending.length > 0; n++) {
      if (n > 3000) throw new Violation("I9: the phones never stop asking");
      const item = this.pending.shift();
      if (item.state === "answer") this.finish(item);
      else if (item.isGhost || item.over || item.page.dead) this.arrive(item, "late");
      else this.meet(item, "none");
      await drain();
    }
  }

  /** The faults stop. Everything must come to rest by itself; people only sign in where they are asked to. */
  async rest() {
    // A clock that is set wrong stays wrong: this trouble does not end with the others, and may be the last of them.
    if (this.swarm.events.some(([name]) => name === "clock_jump") && this.chance(0.5)) await this.event("clock_jump");
    this.note("-- the faults stop");
    this.good = this.isResting = true;
    if (this.serverDown) this.serverDown = false;
    for (const phone of this.phones) {
      phone.fullRate = 0;
      for (const page of phone.pages) Object.assign(page, { pointsLeft: 0, goodPulls: 0 });
      while (phone.pages.length > 1) phone.pages.at(-1).kill();
    }
    // What still hangs is answered by nobody; the phone's own patience ends it.
    await this.deliverAll();
    this.restFrom = this.nowMs;
    this.rejected = [];
    for (const phone of this.phones) {
      if (phone.page === null || phone.page.app.stage.is === "storage" || phone.page.app.stage.is === "starting") {
        phone.kill();
        this.startPhone(phone);
        await this.deliverAll();
      }
      if (phone.page.reloads) this.reload(phone, phone.page);
      await this.deliverAll();
      const present = phone.page.app.identity?.person.name.toLowerCase() ?? null;
      const names = [...phone.people].sort((a, b) => Number(b === present) - Number(a === present));
      for (const name of names) {
        const id = 1 + PEOPLE.indexOf(name);
        const wasHere = phone.rows(`crew311-outbox-${id}`, "meta").length > 0;
        if (name !== names[0] && !wasHere) continue;
        await this.becomes(phone, name);
        await this.calm(phone, name);
      }
    }
    // The last of them may have moved what the first had pulled: it looks once more.
    for (const phone of this.phones) {
      if (phone.page.knows === this.writes) continue;
      phone.page.goodPulls = 0;
      phone.page.wake("online");
      await this.calm(phone, phone.page.app.identity?.person.name.toLowerCase());
    }
  }

  async becomes(phone, name) {
    const { page } = phone;
    const present = page.app.identity?.person.name.toLowerCase() ?? null;
    if (present === name) return;
    if (present !== null) {
      await this.wait(page, page.app.read());
      for (const entry of page.app.entries) {
        if (page.module.stateOf(entry) !== "needs_you") continue;
        this.putAside.add(entry.id);
        await this.wait(page, page.app.putAside(entry.id));
      }
      for (const draft of page.app.drafts) await this.wait(page, page.app.dropDraft(draft));
      const said = await this.wait(page, page.app.signOut());
      if (said !== null) this.violate("I9", `${present} cannot sign out at the end: ${said}`);
    }
    const said = await this.wait(page, page.app.signIn(`${name}@city.test`, "x"));
    if (said !== null) this.violate("I9", `${name} cannot sign in at the end: ${said}`);
  }

  async wait(page, promise) {
    let said;
    let isDone = false;
    promise.then((value) => ((said = value), (isDone = true)), (error) => ((said = String(error)), (isDone = true)));
    for (let n = 0; !isDone; n++) {
      await this.deliverAll();
      if (!isDone) await this.advance(5_000);
      if (n > 200) throw new Violation("I9: something a person asked for never ends");
    }
    return said;
  }

  /** Waits until the phone has nothing left to say, and says which of its work a person must look at. */
  async calm(phone, name) {
    const { page } = phone;
    const from = this.nowMs;
    let asked = 0;
    for (;;) {
      await this.deliverAll();
      if (phone.page !== page) return void (await this.calm(phone, name));
      const { app } = page;
      const waiting = app.entries.filter((entry) => page.module.stateOf(entry) !== "needs_you");
      // The office has switched it off: it shows nothing any more, and whoever signs in can only send what was unsent.
      if (app.isWiped && page.busy === null && this.keptBy(phone, name).every((entry) => entry.answer !== null)) break;
      const isQuiet = page.busy === null && app.stage.is === "ready" && app.news.trouble === null && app.news.phase.is === "idle";
      if (isQuiet && waiting.length === 0 && (page.goodPulls ?? 0) > 0) break;
      if (this.nowMs - from > REST_WITHIN_MS) {
        this.violate("I9", `${phone.name} (${name}) does not come to rest: ${app.stage.is}, ${app.news.trouble}, ${waiting.map((e) => `${e.kind} ${page.module.stateOf(e)} ${e.lastTrouble}`)}`);
        return;
      }
      if ((app.news.trouble === "sign_in" || app.news.trouble === "other_person" || app.stage.is === "signed_out") && page.busy === null && asked++ < 5) {
        this.signIn(page, name ?? phone.people[0]);
        continue;
      }
      const timer = this.nextTimer(Infinity);
      await this.advance(timer === null ? 60_000 : Math.max(1, Math.min(60_000, timer.at - this.nowMs)));
    }
    for (const entry of page.app.isWiped ? this.keptBy(phone, name) : page.app.entries) {
      this.rejected.push({ id: entry.id, reason: entry.answer?.reason ?? entry.photos.map((p) => p.refused ?? p.bytes).join() });
    }
  }

  /** What is in somebody's outbox, read around the app. */
  keptBy(phone, name) {
    return phone.rows(`crew311-outbox-${1 + PEOPLE.indexOf(name)}`, "entries").map(({ value }) => value);
  }

  /** Everything the checker needs to know of the phones, read around the app. */
  testimony() {
    const phones = this.phones.map((phone) => {
      const people = {};
      for (const name of phone.people) {
        const id = 1 + PEOPLE.indexOf(name);
        const outbox = `crew311-outbox-${id}`;
        const meta = Object.fromEntries(phone.rows(outbox, "meta").map(({ key, value }) => [key, value]));
        if (meta.device === undefined) continue;
        people[id] = {
          device: meta.device,
          entries: phone.rows(outbox, "entries").map(({ value }) => value),
          done: phone.rows(outbox, "done").map(({ value }) => value),
          photos: phone.rows(outbox, "photos").map(({ value }) => value.id),
          jobs: phone.rows(`crew311-cache-${id}`, "jobs").map(({ value }) => value),
        };
      }
      const { page } = phone;
      return { name: phone.name, person: page?.app.identity?.person.id ?? null, is_off: page?.app.isWiped ?? false, people, shown: this.shownBy(page) };
    });
    return {
      phones, deeds: this.deeds, made: [...this.made.values()], put_aside: [...this.putAside], rejected: this.rejected ?? [],
      clocks_moved: (this.counts.clock_jump ?? 0) > 0, faults: this.faults, body_bytes: this.bodyBytes, restores: this.restores ?? 0,
    };
  }

  /** What the crew sees on its screen: each case's status and whether the office looks at its closing. */
  shownBy(page) {
    if (page === null || page.app.stage.is !== "ready") return [];
    const { open, done } = page.app.day(this.beginMs + this.nowMs);
    return [...open, ...done].map((card) => ({ case: card.job.id, status: card.status, review: card.review, standing: card.standing.is, is_open: card.isOpen }));
  }
}

function short(bytes) {
  return createHash("sha256").update(bytes).digest("hex").slice(0, 8);
}

// ---- worlds, one after the other -------------------------------------------------------------------------------------

for (;;) {
  const { answer: order } = ask({ op: "next" });
  if (order.seed === undefined) break;
  const world = new World(order.seed, order.verbose);
  const make = await appBundle(order.plant ?? "");
  const began = performance.now();
  try {
    await world.live(make);
  } catch (error) {
    if (error instanceof Violation) world.violate("I9", error.message);
    else world.violate("simulator", error.stack ?? String(error));
  }
  const { answer: checked } = ask({ op: "check", testimony: world.testimony() });
  for (const { rule, what } of checked.violations) world.violate(rule, what);
  for (const phone of world.phones ?? []) phone.kill();
  dropTasks();
  ask({
    op: "done", seed: world.seed, steps: world.steps, requests: world.requests, faults: world.faults, counts: world.counts,
    deeds: world.deeds.length, restores: world.restores ?? 0, violations: world.violations,
    trace: world.digest.digest("hex").slice(0, 16), tail: world.violations.length > 0 ? world.trace.slice(-60) : [], ms: performance.now() - began,
  });
}
