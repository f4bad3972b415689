import { beforeEach, describe, expect, it, vi } from "vitest";
import { emptyDraft } from "../src/core/draft";
import { deedOf, emptyForm } from "../src/core/forms";
import { CHUNK_BYTES, Outbox } from "../src/store/outbox";
import { readPullPage, type PullPage } from "../src/core/wire";
import { Cache311, forgetJobs } from "../src/store/cache";
import { FakeCity } from "./fake-city";
import { freshStorage, Phone } from "./phone";

beforeEach(freshStorage);

const raw = (name: string): Promise<IDBDatabase> =>
  new Promise((resolve, reject) => {
    const request = indexedDB.open(name);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
const all = (db: IDBDatabase, store: string): Promise<unknown[]> =>
  new Promise((resolve) => {
    const request = db.transaction(store).objectStore(store).getAll();
    request.onsuccess = () => resolve(request.result);
  });

describe("the outbox's storage", () => {
  it("writes strictly and commits explicitly, each time", async () => {
    const modes: unknown[] = [];
    const commits = vi.spyOn(Object.getPrototypeOf(await aTransaction()) as IDBTransaction, "commit");
    const open = vi.spyOn(IDBDatabasePrototype(await raw("probe")), "transaction").mockImplementation(function (this: IDBDatabase, ...args) {
      if (args[1] === "readwrite") modes.push(args[2]);
      return original.apply(this, args);
    });
    const phone = new Phone(new FakeCity());
    await phone.close(1, [10]);
    await phone.outbox.saveDraft(emptyDraft(2, 1, 0));
    expect(modes.length).toBeGreaterThan(3);
    expect(modes.every((mode) => (mode as { durability?: string }).durability === "strict")).toBe(true);
    expect(commits.mock.calls.length).toBe(modes.length);
    open.mockRestore();
    commits.mockRestore();
  });

  it("keeps photo bytes as buffers of at most 60 KiB", async () => {
    const phone = new Phone(new FakeCity());
    await phone.close(1, [CHUNK_BYTES * 2 + 5]);
    await phone.restart();
    const chunks = await all(await raw("crew311-outbox-7"), "chunks");
    expect(chunks).toHaveLength(3);
    for (const chunk of chunks) {
      expect(chunk).toBeInstanceOf(ArrayBuffer);
      expect((chunk as ArrayBuffer).byteLength).toBeLessThanOrEqual(CHUNK_BYTES);
    }
  });

  it("numbers deeds 1, 2, 3 in the same transaction, also when they come at once", async () => {
    const phone = new Phone(new FakeCity());
    await Promise.all(Array.from({ length: 8 }, () => phone.outbox.record(phone.deed(1))));
    expect((await phone.outbox.entries()).map((entry) => entry.seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it("gives a draft back after the app was killed, photos and all, and takes it into the deed", async () => {
    const phone = new Phone(new FakeCity());
    let draft = { ...emptyDraft(5, 1, 0), outcome: "fixed", note: "half a senten" };
    draft = await phone.outbox.addPhoto(draft, { type: "image/jpeg", kind: "before" }, new Uint8Array(100_000).buffer) as typeof draft;
    await phone.outbox.setOpenForm(5);
    await phone.restart();
    const kept = await phone.outbox.draft(5);
    expect(kept).toEqual(draft);
    expect(await phone.outbox.openForm()).toBe(5);
    const photo = draft.photos[0];
    if (photo === undefined) throw new Error("no photo");
    expect((await phone.outbox.readPhoto(photo.id, photo.sha256)).length).toBe(100_000);
    await phone.outbox.record(phone.deed(5, { kind: "close", photos: draft.photos }));
    expect(await phone.outbox.draft(5)).toBeUndefined();
    expect(await phone.outbox.openForm()).toBeNull();
  });

  it("records nothing when a photo cannot be read back, and keeps the draft", async () => {
    const phone = new Phone(new FakeCity());
    const draft = await phone.outbox.addPhoto(emptyDraft(5, 1, 0), { type: "image/jpeg", kind: "after" }, new Uint8Array(10).buffer);
    await phone.restart();
    const db = await raw("crew311-outbox-7");
    const tx = db.transaction("chunks", "readwrite");
    tx.objectStore("chunks").clear();
    await new Promise((resolve) => (tx.oncomplete = resolve));
    db.close();
    await expect(phone.outbox.record(phone.deed(5, { kind: "close", photos: draft.photos }))).rejects.toThrow("not_kept");
    expect(await phone.outbox.entries()).toHaveLength(0);
    expect(await phone.outbox.draft(5)).toBeDefined();
  });

  it("keeps people apart: another person's outbox has another device and none of the work", async () => {
    const phone = new Phone(new FakeCity());
    await phone.close(1);
    const other = new Outbox(8);
    expect(await other.entries()).toHaveLength(0);
    expect((await other.who()).device).not.toBe((await phone.outbox.who()).device);
  });

  it("puts every job it holds into the order a page brings, not only those on the page", async () => {
    const { cache } = new Phone(new FakeCity());
    const page = (ids: number[], order: number[] | null): PullPage =>
      readPullPage({
        v: 1, epoch: "e", cursor: "c", more: false, reset: false, now: "n", operations: [], gone: [], order,
        jobs: ids.map((id) => ({ id, number: `26-${id}`, round: 1, status: "assigned", service: "", mine: true, order: (order ?? []).indexOf(id) + 1 || null })),
      });
    const orders = async () => Object.fromEntries((await cache.jobs()).map((job) => [job.id, job.order]));
    await cache.applyPage(page([1, 2, 3], [1, 2, 3]));
    await cache.applyPage(page([4], [4, 1, 3]));
    expect(await orders()).toEqual({ 1: 2, 2: null, 3: 3, 4: 1 });
    await cache.applyPage(page([], null));
    expect(await orders()).toEqual({ 1: 2, 2: null, 3: 3, 4: 1 });
    await cache.close();
  });

  it("writes nothing for who has signed out: closed is closed, and forgotten stays forgotten", async () => {
    const phone = new Phone(new FakeCity());
    await phone.cache.close();
    await forgetJobs(7);
    await expect(phone.cache.noteContact(1)).rejects.toThrow("cannot_open");
    await expect(phone.outbox.close().then(() => phone.outbox.entries())).rejects.toThrow("cannot_open");
    expect(await new Cache311(7).lastContactMs()).toBeNull();
  });

  it("gives every other form back after the app was killed, and takes it into its deed", async () => {
    const phone = new Phone(new FakeCity());
    let form = { ...emptyForm("follow_up", 5, 1, 0), words: "half a senten", service: { code: "w", name: "Water" } };
    form = await phone.outbox.addPhoto(form, { type: "image/jpeg", kind: "before" }, new Uint8Array(100_000).buffer);
    await phone.outbox.setOpenForm(form.key);
    await phone.restart();
    expect(await phone.outbox.form(form.key)).toEqual(form);
    expect(await phone.outbox.openForm()).toBe("follow_up:5");
    await phone.outbox.record(phone.deed(5, { ...deedOf(form, "assigned"), photos: form.photos, form }));
    expect(await phone.outbox.forms()).toEqual([]);
    expect(await phone.outbox.openForm()).toBeNull();
    const [entry] = await phone.outbox.entries();
    expect(entry).toMatchObject({ kind: "follow_up", caseId: 5, payload: { service: "w", description: "half a senten" } });
    expect(entry?.photos.map((photo) => photo.bytes)).toEqual(["kept"]);
  });

  it("keeps work of the first version of the app through the upgrade", async () => {
    const old = indexedDB.open("crew311-outbox-7", 1);
    await new Promise<void>((resolve) => {
      old.onupgradeneeded = () => {
        for (const [store, options] of [["meta"], ["entries", { keyPath: "id" }], ["done", { keyPath: "id" }], ["drafts", { keyPath: "caseId" }], ["photos", { keyPath: "id" }], ["chunks"]] as const) {
          old.result.createObjectStore(store, options);
        }
        old.transaction?.objectStore("drafts").put(emptyDraft(3, 1, 0));
        old.transaction?.objectStore("meta").put("my-device", "device");
        old.transaction?.objectStore("meta").put(8, "nextSeq");
      };
      old.onsuccess = () => resolve(old.result.close());
    });
    const phone = new Phone(new FakeCity());
    expect(await phone.outbox.draft(3)).toEqual(emptyDraft(3, 1, 0));
    expect((await phone.outbox.who()).device).toBe("my-device");
    expect((await phone.outbox.record(phone.deed(1))).seq).toBe(8);
  });

  describe("on a full phone", () => {
    /** The next `times` commits that would keep something find the disk full. */
    const fullFor = (times: number) => {
      const real = IDBTransaction.prototype.commit;
      let left = times;
      return vi.spyOn(IDBTransaction.prototype, "commit").mockImplementation(function (this: IDBTransaction) {
        const isDeleting = this.objectStoreNames.contains("done") && !this.objectStoreNames.contains("entries");
        if (isDeleting || left-- <= 0) return real.call(this);
        (this as unknown as { _abort(name: string): void })._abort("QuotaExceededError");
      });
    };

    it("makes room step by step, no further than it must, and asks nobody", async () => {
      const ballast = vi.fn(async () => true);
      const cached = vi.fn(async () => {});
      const outbox = new Outbox(7, [ballast, cached]);
      await outbox.who();
      let full = fullFor(1);
      await outbox.saveDraft(emptyDraft(1, 1, 0));
      full.mockRestore();
      expect([ballast.mock.calls.length, cached.mock.calls.length]).toEqual([1, 0]);
      full = fullFor(2);
      await outbox.saveDraft(emptyDraft(2, 1, 0));
      full.mockRestore();
      expect([ballast.mock.calls.length, cached.mock.calls.length]).toEqual([2, 1]);
      expect((await outbox.drafts()).map((draft) => draft.caseId)).toEqual([1, 2]);
    });

    it("says so when nothing helps, whatever the steps do; what was kept before stays", async () => {
      const phone = new Phone(new FakeCity());
      await phone.close(1, [10]);
      const outbox = new Outbox(7, [async () => false, () => Promise.reject(new Error("no such cache"))]);
      const full = fullFor(99);
      await expect(outbox.saveDraft(emptyDraft(3, 1, 0))).rejects.toMatchObject({ code: "full" });
      await expect(outbox.record(phone.deed(2))).rejects.toMatchObject({ code: "full" });
      full.mockRestore();
      const [entry] = await outbox.entries();
      expect(entry?.seq).toBe(1);
      expect((await outbox.readPhoto(entry?.photos[0]?.id ?? "", entry?.photos[0]?.sha256 ?? "")).length).toBe(10);
    });
  });

  it("steps aside for a newer version and opens again", async () => {
    const phone = new Phone(new FakeCity());
    await phone.close(1);
    const db = await raw("crew311-outbox-7");
    db.close();
    expect(await phone.outbox.entries()).toHaveLength(1);
  });
});

let original: IDBDatabase["transaction"];
function IDBDatabasePrototype(db: IDBDatabase): IDBDatabase {
  const prototype = Object.getPrototypeOf(db) as IDBDatabase;
  original = prototype.transaction;
  db.close();
  return prototype;
}

async function aTransaction(): Promise<IDBTransaction> {
  return new Promise((resolve) => {
    const request = indexedDB.open("probe");
    request.onupgradeneeded = () => {
      request.result.createObjectStore("x");
    };
    request.onsuccess = () => resolve(request.result.transaction("x"));
  });
}
