/**
 * Phones for the simulator: the real app of pwa/src, whole, each page life of it in surroundings of its own - clock,
 * chance, network, IndexedDB, locks, tabs - of which nothing but the stored databases survives a kill.
 */

import { createRequire } from "node:module";
import { createHash } from "node:crypto";
import { fileURLToPath, pathToFileURL } from "node:url";
import { PLANTED } from "./sabotage.mjs";

const pwa = fileURLToPath(new URL("../../pwa/", import.meta.url));
const require = createRequire(pwa + "package.json");
await import(pathToFileURL(require.resolve("fake-indexeddb/auto")).href);
const { IDBFactory } = await import(pathToFileURL(require.resolve("fake-indexeddb")).href);
const { rolldown } = await import(pathToFileURL(require.resolve("rolldown")).href);

// ---- tasks: fake-indexeddb asks for setImmediate; here the tasks queue up and run one by one, always in one order ----

const realImmediate = globalThis.setImmediate;
let tasks = [];
globalThis.setImmediate = (fn) => void tasks.push(fn);

/**
 * Run everything that can run without time passing or the network answering: each task with all the promises it settles.
 * One turn of Node's loop a task would say the same three times slower, so Node's own end of a turn is called instead.
 */
export function drain() {
  return new Promise((resolve, reject) => {
    realImmediate(() => {
      try {
        for (let n = 0; n < tasks.length; n++) {
          if (n > 2_000_000) throw new Error("the phones never rest");
          tasks[n]();
          process._tickCallback();
        }
        tasks = [];
        resolve();
      } catch (error) {
        reject(error);
      }
    });
  });
}

export function dropTasks() {
  tasks = [];
}

// ---- the bundle ------------------------------------------------------------------------------------------------------

/**
 * Small pieces and pages, so that small worlds have many of them, and fewer idle looks, for most of them say nothing. Each
 * must be found, or the sources have moved on.
 */
const SMALL = [
  ["store/outbox.ts", "export const CHUNK_BYTES = 60 * 1024;", "export const CHUNK_BYTES = 300;"],
  ["net/tus.ts", "const PIECE_BYTES = 256 * 1024;", "const PIECE_BYTES = 700;"],
  ["net/tus.ts", "const SMALLEST_PIECE_BYTES = 16 * 1024;", "const SMALLEST_PIECE_BYTES = 200;"],
  ["core/wire.ts", "export const MAX_OPERATIONS_PER_PUSH = 50;", "export const MAX_OPERATIONS_PER_PUSH = 3;"],
  ["loop/driver.ts", "const LOOK_EVERY_MS = 4_000;", "const LOOK_EVERY_MS = 60_000;"],
  ["loop/driver.ts", "const IN_HAND_LOOK_EVERY_MS = 1_400;", "const IN_HAND_LOOK_EVERY_MS = 20_000;"],
];

const SURROUNDINGS = [
  "indexedDB", "fetch", "setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date", "performance", "crypto",
  "Math", "navigator", "document", "location", "self", "window", "addEventListener", "removeEventListener",
  "BroadcastChannel", "caches", "console",
];

const bundles = new Map();

/** The app as a function of its surroundings; `plant` names a bug of sabotage.mjs to build into it. */
export async function appBundle(plant = "") {
  if (!bundles.has(plant)) bundles.set(plant, await build(plant));
  return bundles.get(plant);
}

async function build(plant) {
  const edits = [...SMALL, ...(PLANTED[plant] ?? [])];
  const left = new Set(edits);
  const entry = "virtual:sim-phone";
  const bundle = await rolldown({
    input: entry,
    cwd: pwa,
    transform: { define: { __APP_VERSION__: '"sim"' } },
    logLevel: "silent",
    plugins: [
      {
        name: "sim",
        resolveId: (id) => (id === entry ? entry : null),
        load: (id) => (id === entry ? `export { app } from ${JSON.stringify(`${pwa}src/crew/app.ts`)}; export { stateOf } from ${JSON.stringify(`${pwa}src/core/outbox.ts`)};` : null),
        transform(code, id) {
          let changed = code;
          for (const edit of edits) {
            const [file, from, to] = edit;
            if (!id.endsWith(`/src/${file}`)) continue;
            if (!changed.includes(from)) throw new Error(`${file} has no longer: ${from}`);
            changed = changed.replace(from, () => to);
            left.delete(edit);
          }
          return changed === code ? null : { code: changed, map: null };
        },
      },
    ],
  });
  const { output } = await bundle.generate({ format: "iife", name: "SIM_PHONE" });
  await bundle.close();
  if (left.size > 0) throw new Error(`not found: ${[...left].map(([file, from]) => `${file}: ${from}`).join("; ")}`);
  return new Function(...SURROUNDINGS, `${output[0].code}\nreturn SIM_PHONE;`);
}

// ---- one phone -------------------------------------------------------------------------------------------------------

export class Phone {
  /** Its databases: what survives. */
  disk = new IDBFactory();
  /** The browser's cookie, shared by all people on this phone. */
  jar = null;
  /** Milliseconds its wall clock is off. */
  skewMs = 0;
  pages = [];
  locks = new Set();
  channels = new Set();
  /** Is its screen on? With nothing to send, a phone that nobody looks at rests. */
  isLookedAt = true;
  /** Transactions that have ended since the last strict one: in the system's buffers, not on the disk. */
  unflushed = [];
  /** Chance that a write finds the disk full. */
  fullRate = 0;

  constructor(world, index, people, make) {
    Object.assign(this, { world, index, people, make });
    this.name = `phone${index}`;
  }

  get page() {
    return this.pages[0] ?? null;
  }

  open() {
    const page = new Page(this);
    this.pages.push(page);
    page.work = page.module.app.start();
    page.work.catch((error) => this.world.note(`${this.name} start failed: ${error}`));
    return page;
  }

  kill() {
    for (const page of [...this.pages]) page.kill();
  }

  /**
   * The battery falls out: of what was not flushed the last few transactions never were. A strict one flushes all before
   * it, for a browser keeps all databases of an origin in one log.
   */
  async losePower() {
    this.kill();
    await drain(); // what was committing is in the buffers or not at all
    const lost = this.world.between(0, this.unflushed.length);
    for (let n = 0; n < lost; n++) for (const undo of this.unflushed.pop()._rollbackLog.reverse()) undo();
    this.unflushed = [];
    return lost;
  }

  /** The screen goes on or off. */
  look(isLookedAt) {
    this.isLookedAt = isLookedAt;
    for (const page of this.pages) page.wake("visibilitychange");
  }

  /** Every record of a store, read around the app. */
  rows(database, store) {
    const raw = this.disk._databases.get(database)?.rawObjectStores.get(store);
    return raw === undefined ? [] : [...raw.records.values()].map((record) => ({ key: record.key, value: record.value }));
  }
}

/** One life of the app in one tab. */
export class Page {
  dead = false;
  timers = new Set();
  connections = new Set();
  held = new Set();
  listeners = [];
  reloads = false;
  /** The entry that was added last, by the storage's own witness. */
  added = [];
  busy = null;
  /** Dies at the n-th touch of storage or network from now. */
  pointsLeft = 0;

  constructor(phone) {
    this.phone = phone;
    this.world = phone.world;
    this.bornMs = this.world.nowMs;
    const surroundings = this.surroundings();
    this.module = phone.make(...SURROUNDINGS.map((name) => surroundings[name]));
  }

  get app() {
    return this.module.app;
  }

  point() {
    if (this.pointsLeft > 0 && --this.pointsLeft === 0) {
      this.world.note(`${this.phone.name} dies in the middle`);
      this.phone.kill();
    }
  }

  kill() {
    this.dead = true;
    for (const timer of this.timers) timer.dead = true;
    for (const lock of this.held) this.phone.locks.delete(lock);
    for (const connection of this.connections) {
      for (const tx of connection._rawDatabase.transactions) {
        if (tx.db === connection && (tx._state === "active" || tx._state === "inactive")) tx._abort("AbortError");
      }
      connection.close();
    }
    for (const channel of [...this.phone.channels]) if (channel.page === this) this.phone.channels.delete(channel);
    this.phone.pages = this.phone.pages.filter((page) => page !== this);
  }

  surroundings() {
    const page = this;
    const { phone, world } = this;
    const wallMs = () => Math.floor(world.beginMs + world.nowMs + phone.skewMs);
    class SimDate extends Date {
      constructor(...given) {
        if (given.length === 0) super(wallMs());
        else super(...given);
      }
      static now() {
        return wallMs();
      }
    }
    const math = Object.create(Math);
    Object.defineProperty(math, "random", { value: () => world.random() });
    const listen = (type, listener) => void page.listeners.push({ type, listener });
    const unlisten = (type, listener) => {
      page.listeners = page.listeners.filter((it) => it.type !== type || it.listener !== listener);
    };
    class SimChannel {
      onmessage = null;
      constructor() {
        this.page = page;
        phone.channels.add(this);
      }
      postMessage(data) {
        if (page.dead) return;
        const others = [...phone.channels].filter((it) => it !== this);
        for (const other of others) {
          setImmediate(() => {
            if (phone.channels.has(other)) other.onmessage?.({ data: structuredClone(data) });
          });
        }
      }
      close() {
        phone.channels.delete(this);
      }
    }
    const locks = {
      async request(name, _options, work) {
        if (page.dead) return new Promise(() => {});
        if (phone.locks.has(name)) return work(null);
        phone.locks.add(name);
        page.held.add(name);
        try {
          return await work({ name });
        } finally {
          if (page.held.delete(name)) phone.locks.delete(name);
        }
      },
    };
    const self = { BroadcastChannel: SimChannel };
    return {
      indexedDB: {
        open(name, version) {
          page.point();
          if (page.dead) throw new DOMException("this page is gone", "UnknownError");
          const asked = version === undefined ? phone.disk.open(name) : phone.disk.open(name, version);
          const adopt = () => {
            asked.result._page = page;
            page.connections.add(asked.result);
            if (page.dead) asked.result.close();
          };
          asked.addEventListener("upgradeneeded", adopt);
          asked.addEventListener("success", adopt);
          return asked;
        },
      },
      fetch: (url, init) => world.send(page, url, init),
      setTimeout: (fn, ms) => world.setTimer(page, fn, ms),
      clearTimeout: (timer) => world.clearTimer(timer),
      setInterval: () => 0,
      clearInterval: () => {},
      Date: SimDate,
      performance: { now: () => world.nowMs - page.bornMs },
      crypto: {
        getRandomValues(array) {
          for (let i = 0; i < array.length; i++) array[i] = Math.floor(world.random() * 256);
          return array;
        },
        subtle: {
          // At once: a real digest comes back from a thread whenever it likes, and no run would be like another.
          digest: async (_name, bytes) => {
            const view = bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : bytes;
            const digest = createHash("sha256").update(view).digest();
            return digest.buffer.slice(digest.byteOffset, digest.byteOffset + digest.byteLength);
          },
        },
      },
      Math: math,
      navigator: { language: "en-US", ...(world.swarm.noLocks ? {} : { locks }) },
      document: {
        get visibilityState() {
          return phone.isLookedAt ? "visible" : "hidden";
        },
        addEventListener: listen,
        removeEventListener: unlisten,
      },
      location: {
        reload() {
          page.reloads = true;
        },
      },
      self,
      window: self,
      addEventListener: listen,
      removeEventListener: unlisten,
      BroadcastChannel: SimChannel,
      caches: undefined,
      console: { error: (error) => world.note(`${phone.name} console: ${error}`), log() {}, warn() {} },
    };
  }

  wake(type) {
    for (const it of this.listeners) if (it.type === type) it.listener({});
  }
}

// ---- the storage's own faults and its witness ------------------------------------------------------------------------

const { IDBDatabase, IDBTransaction, IDBObjectStore } = globalThis;

const realTransaction = IDBDatabase.prototype.transaction;
IDBDatabase.prototype.transaction = function transaction(...given) {
  this._page?.point();
  const tx = realTransaction.apply(this, given);
  const phone = this._page?.phone;
  if (phone !== undefined && tx.mode === "readwrite") {
    tx.addEventListener("complete", () => {
      if (tx.durability === "strict") phone.unflushed = [];
      else phone.unflushed.push(tx);
    });
  }
  return tx;
};

const realCommit = IDBTransaction.prototype.commit;
IDBTransaction.prototype.commit = function commit() {
  const page = this.db._page;
  const phone = page?.phone;
  page?.point();
  if (page?.dead) return;
  if (phone !== undefined && phone.fullRate > 0 && this.mode === "readwrite" && phone.world.chance(phone.fullRate)) {
    phone.world.note(`${phone.name} disk full (${[...this._scope].join("+")})`);
    phone.world.faults++;
    this._abort("QuotaExceededError");
    return;
  }
  realCommit.call(this);
  page?.point();
};

for (const name of ["add", "put"]) {
  const real = IDBObjectStore.prototype[name];
  IDBObjectStore.prototype[name] = function write(value, key) {
    const page = this.transaction.db._page;
    if (page !== undefined && !page.dead && this.name === "entries") page.world.witness(page, name, value);
    return key === undefined ? real.call(this, value) : real.call(this, value, key);
  };
}
