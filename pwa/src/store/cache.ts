/** The disposable database of one person: the city's jobs as last pulled. Losing it costs one full pull. */

import type { DBSchema } from "idb";
import { isOver } from "../core/overlay";
import { readServices, type CaseKey, type DayPart, type Job, type NothingNew, type PullPage, type Service } from "../core/wire";
import { Opened } from "./opened";

interface CacheSchema extends DBSchema {
  meta: { key: string; value: string | number };
  jobs: { key: CaseKey; value: Job };
}

export class Cache311 {
  private readonly opened: Opened<CacheSchema>;

  constructor(readonly personId: number) {
    this.opened = new Opened<CacheSchema>(cacheName(personId), 1, (db, oldVersion) => {
      if (oldVersion < 1) {
        db.createObjectStore("meta");
        db.createObjectStore("jobs", { keyPath: "id" });
      }
    });
  }

  close(): Promise<void> {
    return this.opened.close();
  }

  jobs(): Promise<Job[]> {
    return this.opened.use((db) => db.getAll("jobs"));
  }

  async cursor(): Promise<string | null> {
    const cursor = await this.opened.use((db) => db.get("meta", "cursor"));
    return typeof cursor === "string" ? cursor : null;
  }

  async lastContactMs(): Promise<number | null> {
    const at = await this.opened.use((db) => db.get("meta", "lastContactMs"));
    return typeof at === "number" ? at : null;
  }

  noteContact(nowMs: number): Promise<void> {
    return this.opened.use(async (db) => {
      await db.put("meta", nowMs, "lastContactMs");
    });
  }

  /** A page and its cursor, in one transaction. A page that resets starts from nothing. */
  applyPage(page: PullPage): Promise<void> {
    return this.opened.use(async (db) => {
      const tx = db.transaction(["meta", "jobs"], "readwrite", { durability: "relaxed" });
      tx.done.catch(() => {});
      const jobs = tx.objectStore("jobs");
      if (page.reset) void jobs.clear();
      for (const job of page.jobs) void jobs.put(job);
      for (const id of page.gone) void jobs.delete(id);
      if (page.order !== null) {
        // A page brings only the jobs that changed; their order may have changed for all.
        const places = new Map<CaseKey, number>(page.order.map((id, i) => [id, i + 1]));
        for (const job of await jobs.getAll()) {
          const order = places.get(job.id) ?? null;
          if (job.order !== order) void jobs.put({ ...job, order });
        }
      }
      if (page.day !== null) void tx.objectStore("meta").put(JSON.stringify(page.day), "day");
      void tx.objectStore("meta").put(page.cursor, "cursor");
      tx.commit();
      await tx.done;
    });
  }

  /** Nothing was new: only the cursor moves on. */
  applyNothing({ cursor }: NothingNew): Promise<void> {
    return this.opened.use(async (db) => {
      await db.put("meta", cursor, "cursor");
    });
  }

  /** Forget the jobs that are over for this crew. `busy` are the cases on which anything of its own is unfinished. */
  dropOver(busy: ReadonlySet<CaseKey>, nowMs: number): Promise<void> {
    return this.opened.use(async (db) => {
      const over = (await db.getAll("jobs")).filter((job) => isOver(job, busy, nowMs));
      for (const job of over) await db.delete("jobs", job.id);
    });
  }

  /** The crew's day as last heard. */
  async day(): Promise<DayPart | null> {
    const kept = await this.opened.use((db) => db.get("meta", "day"));
    return typeof kept === "string" ? (JSON.parse(kept) as DayPart) : null;
  }

  /** What a case can be opened for, as last heard, and when that was. */
  async services(): Promise<{ services: Service[]; atMs: number }> {
    const [kept, at] = await this.opened.use((db) => Promise.all([db.get("meta", "services"), db.get("meta", "servicesMs")]));
    if (typeof kept !== "string" || typeof at !== "number") return { services: [], atMs: 0 };
    return { services: readServices(JSON.parse(kept)), atMs: at };
  }

  keepServices(services: readonly Service[], nowMs: number): Promise<void> {
    return this.opened.use(async (db) => {
      const tx = db.transaction("meta", "readwrite");
      void tx.store.put(JSON.stringify({ services }), "services");
      void tx.store.put(nowMs, "servicesMs");
      await tx.done;
    });
  }

  /** Forget everything: after signing out, or when the cache is beyond repair. */
  forget(): Promise<void> {
    return this.opened.use(async (db) => {
      const tx = db.transaction(["meta", "jobs"], "readwrite");
      void tx.objectStore("meta").clear();
      void tx.objectStore("jobs").clear();
      await tx.done;
    });
  }
}

/** Forget what a person's cache held, when nobody has it open any more. */
export async function forgetJobs(personId: number): Promise<void> {
  const cache = new Cache311(personId);
  try {
    await cache.forget();
  } finally {
    await cache.close();
  }
}

export function cacheName(personId: number): string {
  return `crew311-cache-${personId}`;
}
