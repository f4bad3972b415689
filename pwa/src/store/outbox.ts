/**
 * The precious database of one person on this phone: what the crew did and the city does not yet show.
 *
 * Every write is one short strict transaction with an explicit commit; photo bytes are ArrayBuffers of at most 60 KiB
 * (a larger value would become a file of its own, which storage cleaners delete). Nothing here deletes by itself but
 * the copies of photos the city has, when they are old or the phone is full.
 */

import type { DBSchema, IDBPDatabase, StoreNames } from "idb";
import type { Draft, DraftPhoto } from "../core/draft";
import type { Form } from "../core/forms";
import type { Moment } from "../core/clocks";
import type { CaseKey, Payload, Kind, PhotoKind, PullPage, PushAnswer } from "../core/wire";
import {
  answered,
  ENTRY_SCHEMA,
  isUnseen,
  mayForget,
  mayRelease,
  mustReturn,
  photoMoved,
  released,
  shownByPull,
  tried,
  type Entry,
  type EntryPhoto,
} from "../core/outbox";
import { Opened, StorageTrouble } from "./opened";
import { newId, sha256Hex } from "./phone";

export const CHUNK_BYTES = 60 * 1024;
/** Copies of photos the city already has are kept while they fit in here, to heal a restored city. */
export const DONE_PHOTO_BYTES = 100 * 1024 * 1024;

interface StoredPhoto {
  id: string;
  /** The case whose draft holds it, or the key of its form; or the operation that carries it. */
  draftOf: CaseKey | null;
  entryId: string | null;
  sha256: string;
  size: number;
  type: string;
  kind: PhotoKind;
  chunks: number;
}

interface OutboxSchema extends DBSchema {
  meta: { key: string; value: string | number };
  entries: { key: string; value: Entry };
  done: { key: string; value: Entry };
  drafts: { key: CaseKey; value: Draft };
  forms: { key: string; value: Form };
  photos: { key: string; value: StoredPhoto };
  chunks: { key: [string, number]; value: ArrayBuffer };
}

/** Where a draft lies: closing forms in one store, the smaller forms in another. */
export type AnyDraft = Draft | Form;
const storeOf = (draft: AnyDraft) => ("form" in draft ? "forms" : "drafts");
const nameOf = (draft: AnyDraft): CaseKey => ("form" in draft ? draft.key : draft.caseId);

export interface Deed {
  kind: Kind;
  /** Null where it is about no case the city knows. */
  caseId: CaseKey | null;
  round: number;
  crewId: number;
  made: Moment;
  madeAt: string;
  payload: Payload;
  about: Entry["about"];
  photos: DraftPhoto[];
  /** The form it was written in, which ends with it; a closing ends the draft of its case by itself. */
  form?: Form;
}

type Db = IDBPDatabase<OutboxSchema>;

export class Outbox {
  private readonly opened: Opened<OutboxSchema>;

  /** `makeRoom` are ways to let go of what is not precious elsewhere on this phone; each says false if it had nothing. */
  constructor(
    readonly personId: number,
    private readonly makeRoom: readonly (() => Promise<unknown>)[] = [],
  ) {
    this.opened = new Opened<OutboxSchema>(
      outboxName(personId),
      2,
      (db, oldVersion) => {
        // Upgrades only ever add.
        if (oldVersion < 1) {
          db.createObjectStore("meta");
          db.createObjectStore("entries", { keyPath: "id" });
          db.createObjectStore("done", { keyPath: "id" });
          db.createObjectStore("drafts", { keyPath: "caseId" });
          db.createObjectStore("photos", { keyPath: "id" });
          db.createObjectStore("chunks");
        }
        if (oldVersion < 2) {
          db.createObjectStore("forms", { keyPath: "key" });
        }
      },
      prepare,
    );
  }

  close(): Promise<void> {
    return this.opened.close();
  }

  /** This person's device id on this phone, and the life of the server last heard of. */
  async who(): Promise<{ device: string; epoch: string | null }> {
    return this.opened.use(async (db) => {
      const tx = db.transaction("meta", "readonly");
      const [device, epoch] = await Promise.all([tx.store.get("device"), tx.store.get("epoch")]);
      return { device: String(device), epoch: textOf(epoch) };
    });
  }

  /** The lowest number of what the city answered and its copy has not shown yet. */
  async lowestUnseen(): Promise<number | null> {
    return (await this.entries()).find(isUnseen)?.seq ?? null;
  }

  entries(): Promise<Entry[]> {
    return this.opened.use(async (db) => (await db.getAll("entries")).sort(bySeq));
  }

  done(): Promise<Entry[]> {
    return this.opened.use(async (db) => (await db.getAll("done")).sort(bySeq));
  }

  /**
   * Keep a deed: allot its number, take its photos over from the draft, drop the draft and leave its form; all or
   * nothing. Resolves only after the photos were read back and matched, and the entry itself was read back.
   */
  async record(deed: Deed): Promise<Entry> {
    for (const photo of deed.photos) await this.readPhoto(photo.id, photo.sha256);
    const id = newId();
    await this.save(["meta", "entries", "photos", "drafts", "forms"], async (tx) => {
      const meta = tx.objectStore("meta");
      const seq = Number((await meta.get("nextSeq")) ?? 1);
      const photos = tx.objectStore("photos");
      const held = await Promise.all(deed.photos.map((photo) => photos.get(photo.id)));
      const entry: Entry = {
        schema: ENTRY_SCHEMA,
        id,
        seq,
        kind: deed.kind,
        caseId: deed.caseId ?? id,
        round: deed.round,
        personId: this.personId,
        crewId: deed.crewId,
        made: deed.made,
        madeAt: deed.madeAt,
        payload: deed.payload,
        about: deed.about,
        photos: deed.photos.map(asEntryPhoto),
        answer: null,
        seenEpoch: null,
        attempts: 0,
        lastTriedMs: null,
        lastTrouble: null,
        resendAsked: false,
        putAside: false,
        releasedMs: null,
      };
      quiet(tx.objectStore("entries").add(entry));
      quiet(meta.put(seq + 1, "nextSeq"));
      for (const photo of held) {
        if (photo === undefined) throw new StorageTrouble("not_kept");
        quiet(photos.put({ ...photo, draftOf: null, entryId: id }));
      }
      if (deed.kind === "close") quiet(tx.objectStore("drafts").delete(deed.caseId ?? id));
      if (deed.form !== undefined) quiet(tx.objectStore("forms").delete(deed.form.key));
      // Killed in the next moment, the app must not come back into an empty form of what is done.
      if (deed.kind === "close" || deed.form !== undefined) quiet(meta.put(0, "openForm"));
    });
    const kept = await this.opened.use((db) => db.get("entries", id));
    if (kept === undefined) throw new StorageTrouble("not_kept");
    return kept;
  }

  // ---- drafts ------------------------------------------------------------------------------------------------------

  draft(caseId: CaseKey): Promise<Draft | undefined> {
    return this.opened.use((db) => db.get("drafts", caseId));
  }

  drafts(): Promise<Draft[]> {
    return this.opened.use((db) => db.getAll("drafts"));
  }

  form(key: string): Promise<Form | undefined> {
    return this.opened.use((db) => db.get("forms", key));
  }

  forms(): Promise<Form[]> {
    return this.opened.use((db) => db.getAll("forms"));
  }

  saveDraft(draft: AnyDraft): Promise<void> {
    return this.save([storeOf(draft)], async (tx) => {
      putDraft(tx, draft);
    });
  }

  /** Throw a draft away, because the crew said so. */
  dropDraft(draft: AnyDraft): Promise<void> {
    return this.opened.use((db) =>
      strictly(db, [storeOf(draft), "photos", "chunks"], async (tx) => {
        quiet(tx.objectStore(storeOf(draft)).delete(nameOf(draft) as never));
        for (const { id } of draft.photos) {
          quiet(tx.objectStore("photos").delete(id));
          quiet(tx.objectStore("chunks").delete(chunksOf(id)));
        }
      }),
    );
  }

  /**
   * The form that was open when the app was last seen, to come back to it after the phone killed the app: a case for
   * its closing form, the key of any other form.
   */
  async openForm(): Promise<CaseKey | null> {
    return (await this.opened.use((db) => db.get("meta", "openForm"))) || null;
  }

  setOpenForm(form: CaseKey | null): Promise<void> {
    return this.save(["meta"], async (tx) => {
      quiet(tx.objectStore("meta").put(form ?? 0, "openForm"));
    });
  }

  // ---- photos ------------------------------------------------------------------------------------------------------

  /** Keep a photo with its draft; resolves only after its bytes were read back and their digest matched. */
  async addPhoto<D extends AnyDraft>(draft: D, photo: Omit<DraftPhoto, "id" | "sha256" | "size">, bytes: ArrayBuffer): Promise<D> {
    const id = newId();
    const sha256 = await sha256Hex(bytes);
    const kept: DraftPhoto = { id, sha256, size: bytes.byteLength, type: photo.type, kind: photo.kind };
    const next: D = { ...draft, photos: [...draft.photos, kept] };
    const chunks = Math.ceil(bytes.byteLength / CHUNK_BYTES);
    await this.save(["photos", "chunks", storeOf(draft)], async (tx) => {
      const store = tx.objectStore("chunks");
      for (let n = 0; n < chunks; n++) quiet(store.put(bytes.slice(n * CHUNK_BYTES, (n + 1) * CHUNK_BYTES), [id, n]));
      quiet(tx.objectStore("photos").put({ ...kept, draftOf: nameOf(draft), entryId: null, chunks }));
      putDraft(tx, next);
    });
    await this.readPhoto(id, sha256);
    return next;
  }

  /** The same pictures once more, under ids of their own: an id stands for one photo of one case for ever. */
  async copyPhotos<D extends AnyDraft>(draft: D, photos: readonly DraftPhoto[]): Promise<DraftPhoto[]> {
    const copies: DraftPhoto[] = [];
    for (const photo of photos) {
      const { buffer } = await this.readPhoto(photo.id, photo.sha256);
      const next = await this.addPhoto({ ...draft, photos: [...draft.photos, ...copies] }, { type: photo.type, kind: photo.kind }, buffer);
      copies.push(...next.photos.slice(-1));
    }
    return copies;
  }

  removePhoto<D extends AnyDraft>(draft: D, photoId: string): Promise<D> {
    const next: D = { ...draft, photos: draft.photos.filter((photo) => photo.id !== photoId) };
    return this.opened.use((db) =>
      strictly(db, ["photos", "chunks", storeOf(draft)], async (tx) => {
        putDraft(tx, next);
        quiet(tx.objectStore("photos").delete(photoId));
        quiet(tx.objectStore("chunks").delete(chunksOf(photoId)));
      }).then(() => next),
    );
  }

  /** The bytes of a photo, matched against `sha256`. */
  async readPhoto(photoId: string, sha256: string): Promise<Uint8Array<ArrayBuffer>> {
    const chunks = await this.opened.use((db) => db.getAll("chunks", chunksOf(photoId)));
    const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0));
    let at = 0;
    for (const chunk of chunks) {
      bytes.set(new Uint8Array(chunk), at);
      at += chunk.byteLength;
    }
    if ((await sha256Hex(bytes)) !== sha256) throw new StorageTrouble("not_kept");
    return bytes;
  }

  // ---- what the city said ------------------------------------------------------------------------------------------

  noteTried(ids: readonly string[], nowMs: number, trouble: string | null): Promise<void> {
    return this.change(ids, (entry) => tried(entry, nowMs, trouble));
  }

  /** Write down the answers of one push, all or none, and the server's life and clock. Entries put back into care return. */
  applyAnswer(answer: PushAnswer): Promise<void> {
    return this.opened.use((db) =>
      strictly(db, ["meta", "entries", "done"], async (tx) => {
        quiet(tx.objectStore("meta").put(answer.epoch, "epoch"));
        quiet(tx.objectStore("meta").put(answer.receivedAt, "heardAt"));
        for (const result of answer.results) {
          for (const name of ["entries", "done"] as const) {
            const entry = await tx.objectStore(name).get(result.id);
            if (entry === undefined) continue;
            keep(tx, name, answered(entry, result, answer.epoch, answer.receivedAt));
          }
        }
      }),
    );
  }

  /** Write down what a pulled page shows of our entries, done ones too. To be called before the page's cursor is kept. */
  applyPull(page: PullPage): Promise<void> {
    return this.opened.use((db) =>
      strictly(db, ["meta", "entries", "done"], async (tx) => {
        quiet(tx.objectStore("meta").put(page.epoch, "epoch"));
        quiet(tx.objectStore("meta").put(page.now, "heardAt"));
        for (const name of ["entries", "done"] as const) {
          for (const entry of await tx.objectStore(name).getAll()) {
            const next = shownByPull(entry, page);
            if (next !== entry) keep(tx, name, next);
          }
        }
      }),
    );
  }

  notePhoto(entryId: string, photoId: string, change: Partial<EntryPhoto>): Promise<void> {
    return this.change([entryId], (entry) => photoMoved(entry, photoId, change));
  }

  /** Let go of every entry of which the city showed all. They are kept aside for 14 days. Returns how many. */
  async release(nowMs: number): Promise<number> {
    if ((await this.entries()).length === 0) return 0; // no write to the disk every few seconds for nothing
    return this.opened.use((db) =>
      strictly(db, ["meta", "entries", "done"], async (tx) => {
        const epoch = textOf(await tx.objectStore("meta").get("epoch"));
        const store = tx.objectStore("entries");
        const ripe = (await store.getAll()).filter((entry) => mayRelease(entry, epoch));
        for (const entry of ripe) {
          quiet(tx.objectStore("done").put(released(entry, nowMs)));
          quiet(store.delete(entry.id));
        }
        return ripe.length;
      }),
    );
  }

  /** A person asks to send a refused entry, or its refused photos, again. */
  askResend(id: string): Promise<void> {
    return this.change([id], (entry) => ({
      ...entry,
      resendAsked: entry.answer?.verdict === "quarantined",
      photos: entry.photos.map((photo) => ({ ...photo, refused: null })),
    }));
  }

  /** A person says that an entry needs no more care. Its photos stay on the phone with it for 14 days. */
  putAside(id: string, nowMs: number): Promise<void> {
    return this.opened.use((db) =>
      strictly(db, ["entries", "done"], async (tx) => {
        const entry = await tx.objectStore("entries").get(id);
        if (entry === undefined) return;
        quiet(tx.objectStore("done").put({ ...released(entry, nowMs), putAside: true }));
        quiet(tx.objectStore("entries").delete(id));
      }),
    );
  }

  /**
   * The city waits for a number that this phone no longer has: begin anew as another device. Entries that the city has
   * not answered, or not shown, are numbered from 1 and sent again; they keep their ids.
   */
  renewDevice(): Promise<void> {
    return this.opened.use((db) =>
      strictly(db, ["meta", "entries"], async (tx) => {
        const store = tx.objectStore("entries");
        const unsent = (await store.getAll()).filter((entry) => entry.answer === null || isUnseen(entry)).sort(bySeq);
        let seq = 0;
        for (const entry of unsent) quiet(store.put({ ...entry, seq: ++seq, answer: null }));
        quiet(tx.objectStore("meta").put(seq + 1, "nextSeq"));
        quiet(tx.objectStore("meta").put(newId(), "device"));
      }),
    );
  }

  /** Forget what is done for longer than 14 days (see mayForget), and the oldest copies of sent photos beyond their share of room. */
  async tidy(nowMs: number): Promise<void> {
    await this.opened.use((db) =>
      strictly(db, ["meta", "entries", "drafts", "forms", "done", "photos", "chunks"], async (tx) => {
        const [epoch, heardAt] = await Promise.all(["epoch", "heardAt"].map((name) => tx.objectStore("meta").get(name)));
        const stores = [tx.objectStore("entries"), tx.objectStore("drafts"), tx.objectStore("forms")] as const;
        const unfinished = (await Promise.all(stores.map((store) => store.getAll()))).flat();
        // What is unfinished may still go by the name of the operation that opened its case.
        const named = new Set(unfinished.map(({ caseId }) => caseId));
        for (const entry of await tx.objectStore("done").getAll()) {
          if (!mayForget(entry, textOf(epoch), textOf(heardAt), nowMs) || named.has(entry.id)) continue;
          quiet(tx.objectStore("done").delete(entry.id));
          for (const { id } of entry.photos) {
            quiet(tx.objectStore("photos").delete(id));
            quiet(tx.objectStore("chunks").delete(chunksOf(id)));
          }
        }
      }),
    );
    await this.dropDonePhotos(DONE_PHOTO_BYTES);
  }

  /** Drop copies of photos that the city has verified and shown, oldest first, until they take at most `room` bytes. */
  private dropDonePhotos(room: number): Promise<void> {
    return this.opened.use((db) =>
      strictly(db, ["done", "photos", "chunks"], async (tx) => {
        const done = (await tx.objectStore("done").getAll()).sort((a, b) => (b.releasedMs ?? 0) - (a.releasedMs ?? 0));
        let kept = 0;
        for (const entry of done) {
          const held = entry.photos.filter((photo) => photo.bytes === "kept" && photo.verified);
          kept += held.reduce((sum, photo) => sum + photo.size, 0);
          if (kept <= room || held.length === 0 || entry.putAside) continue;
          for (const { id } of held) {
            quiet(tx.objectStore("photos").delete(id));
            quiet(tx.objectStore("chunks").delete(chunksOf(id)));
          }
          const ids = new Set(held.map((photo) => photo.id));
          void tx.objectStore("done").put({
            ...entry,
            photos: entry.photos.map((photo) => (ids.has(photo.id) ? { ...photo, bytes: "dropped" as const } : photo)),
          });
        }
      }),
    );
  }

  // ---- room --------------------------------------------------------------------------------------------------------

  /**
   * Keep what the crew has just made. Where the phone is full, room is made step by step, the least precious first;
   * last, copies of photos that the city has. What the crew did is never touched.
   */
  private async save<Names extends StoreNames<OutboxSchema>>(names: Names[], work: (tx: Tx<Names>) => Promise<void>): Promise<void> {
    const steps = [...this.makeRoom, () => this.dropDonePhotos(0)];
    for (;;) {
      try {
        return await this.opened.use((db) => strictly(db, names, work));
      } catch (error) {
        if (!isFull(error)) throw error;
        let isFreed: unknown = false;
        while (isFreed === false) {
          const step = steps.shift();
          if (step === undefined) throw error;
          isFreed = await step().catch(() => false);
        }
      }
    }
  }

  private change(ids: readonly string[], by: (entry: Entry) => Entry): Promise<void> {
    if (ids.length === 0) return Promise.resolve();
    return this.opened.use((db) =>
      strictly(db, ["entries", "done"], async (tx) => {
        for (const id of ids) {
          for (const name of ["entries", "done"] as const) {
            const store = tx.objectStore(name);
            const entry = await store.get(id);
            if (entry !== undefined) quiet(store.put(by(entry)));
          }
        }
      }),
    );
  }
}

function textOf(kept: string | number | undefined): string | null {
  return typeof kept === "string" ? kept : null;
}

function isFull(error: unknown): boolean {
  return error instanceof StorageTrouble && error.code === "full";
}

function putDraft(tx: { objectStore(name: never): { put(value: never): Promise<unknown> } }, draft: AnyDraft): void {
  quiet(tx.objectStore(storeOf(draft) as never).put(draft as never));
}

export function outboxName(personId: number): string {
  return `crew311-outbox-${personId}`;
}

/** How many entries of another person still wait on this phone. Opens the database only if it is there. */
export async function countWaiting(personId: number): Promise<number> {
  const outbox = new Outbox(personId);
  try {
    return (await outbox.entries()).length;
  } finally {
    await outbox.close();
  }
}

async function prepare(db: Db): Promise<void> {
  if ((await db.get("meta", "device")) !== undefined) return;
  await strictly(db, ["meta"], async (tx) => {
    const store = tx.objectStore("meta");
    if ((await store.get("device")) === undefined) {
      quiet(store.put(newId(), "device"));
      quiet(store.put(1, "nextSeq"));
    }
  });
}

type Tx<Names extends StoreNames<OutboxSchema>> = ReturnType<typeof db_transaction<Names>>;
function db_transaction<Names extends StoreNames<OutboxSchema>>(db: Db, names: Names[]) {
  return db.transaction(names, "readwrite", { durability: "strict" });
}

/** One strict transaction: `work` awaits nothing but its own requests; it commits explicitly, or not at all. */
async function strictly<Names extends StoreNames<OutboxSchema>, T>(
  db: Db,
  names: Names[],
  work: (tx: Tx<Names>) => Promise<T>,
): Promise<T> {
  const tx = db_transaction(db, names);
  // Without this a failing request would be an unhandled rejection besides failing the transaction.
  tx.done.catch(() => {});
  let result: T;
  try {
    result = await work(tx);
    tx.commit();
  } catch (error) {
    try {
      tx.abort();
    } catch {
      // It has ended by itself; why is in tx.error or in `error`.
    }
    throw tx.error ?? error;
  }
  await tx.done;
  return result;
}

/** Put an entry back where it was; one that was released and misses something goes back into care. */
function keep<Names extends StoreNames<OutboxSchema>>(tx: Tx<Names | "entries" | "done">, name: "entries" | "done", entry: Entry): void {
  if (name === "done" && mustReturn(entry)) {
    quiet(tx.objectStore("done").delete(entry.id));
    quiet(tx.objectStore("entries").put({ ...entry, releasedMs: null }));
  } else {
    quiet(tx.objectStore(name).put(entry));
  }
}

function asEntryPhoto(photo: DraftPhoto): EntryPhoto {
  return { ...photo, verified: false, sentBytes: 0, upload: null, bytes: "kept", refused: null };
}

function chunksOf(photoId: string): IDBKeyRange {
  return IDBKeyRange.bound([photoId, 0], [photoId, Infinity]);
}

function bySeq(a: Entry, b: Entry): number {
  return a.seq - b.seq;
}

/** Whether a transaction failed is said once, by its end; each of its requests would say it again, to nobody. */
function quiet(request: Promise<unknown>): void {
  request.catch(() => {});
}
