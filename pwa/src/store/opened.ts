import { openDB, type DBSchema, type IDBPDatabase, type OpenDBCallbacks } from "idb";

/** The phone's storage did not open or did not keep what it was given. The words for it are in crew/words.ts. */
export class StorageTrouble extends Error {
  override name = "StorageTrouble";
  constructor(
    readonly code: "blocked" | "newer_version" | "cannot_open" | "full" | "not_kept",
    cause?: unknown,
  ) {
    super(code, { cause });
  }
}

const OPEN_PATIENCE_MS = 8_000;

/**
 * One database that reopens itself: after the system cut its connection, and after another tab asked us to step aside.
 * Nothing here ever deletes a database.
 */
export class Opened<S extends DBSchema> {
  private opening: Promise<IDBPDatabase<S>> | null = null;
  private isClosed = false;

  constructor(
    readonly name: string,
    private readonly version: number,
    private readonly upgrade: NonNullable<OpenDBCallbacks<S>["upgrade"]>,
    private readonly prepare: (db: IDBPDatabase<S>) => Promise<void> = async () => {},
  ) {}

  /** Run `work` on the open database; once more on a fresh connection if the old one was lost. */
  async use<T>(work: (db: IDBPDatabase<S>) => Promise<T>): Promise<T> {
    const db = await this.db();
    try {
      return await work(db);
    } catch (error) {
      if (!isLostConnection(error)) throw asTrouble(error);
      this.forget();
      return await work(await this.db()).catch((again: unknown) => {
        throw asTrouble(again);
      });
    }
  }

  /** For good: a run that is still waiting for an answer must not write for who has signed out. */
  async close(): Promise<void> {
    this.isClosed = true;
    const opening = this.opening;
    this.opening = null;
    (await opening?.catch(() => null))?.close();
  }

  private async db(): Promise<IDBPDatabase<S>> {
    if (this.isClosed) throw new StorageTrouble("cannot_open");
    this.opening ??= this.open().catch((error: unknown) => {
      this.opening = null;
      throw error;
    });
    return this.opening;
  }

  private async open(): Promise<IDBPDatabase<S>> {
    try {
      return await this.openOnce();
    } catch (error) {
      if (error instanceof StorageTrouble && error.code !== "cannot_open") throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
      return await this.openOnce();
    }
  }

  private async openOnce(): Promise<IDBPDatabase<S>> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const patience = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new StorageTrouble("blocked")), OPEN_PATIENCE_MS);
    });
    const opening = openDB<S>(this.name, this.version, {
      upgrade: this.upgrade,
      blocked: () => {},
      // Another tab brings a newer version: step aside at once, or it waits for ever.
      blocking: () => this.forget(),
      terminated: () => this.forget(),
    });
    opening.catch(() => {});
    try {
      return await Promise.race([opening.then((db) => this.prepare(db).then(() => db)), patience]);
    } catch (error) {
      if (error instanceof DOMException && error.name === "VersionError") throw new StorageTrouble("newer_version", error);
      if (error instanceof StorageTrouble) {
        void opening.then((db) => db.close()).catch(() => {});
        throw error;
      }
      throw new StorageTrouble("cannot_open", error);
    } finally {
      clearTimeout(timer);
    }
  }

  private forget(): void {
    const old = this.opening;
    this.opening = null;
    void old?.then((db) => db.close()).catch(() => {});
  }
}

function isLostConnection(error: unknown): boolean {
  return error instanceof DOMException && (error.name === "InvalidStateError" || error.name === "UnknownError");
}

function asTrouble(error: unknown): unknown {
  return error instanceof DOMException && error.name === "QuotaExceededError" ? new StorageTrouble("full", error) : error;
}
