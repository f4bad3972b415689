/** Who is signed in on this phone, so that the app opens without the city; and who else ever was. */

import type { DBSchema } from "idb";
import type { Lock } from "../core/lock";
import type { Identity } from "../core/wire";
import { Opened } from "./opened";

interface SessionSchema extends DBSchema {
  session: { key: "identity" | "lock"; value: Identity | Lock };
  people: { key: number; value: { id: number; name: string } };
}

export class Session {
  private readonly opened = new Opened<SessionSchema>("crew311-session", 1, (db, oldVersion) => {
    if (oldVersion < 1) {
      db.createObjectStore("session");
      db.createObjectStore("people", { keyPath: "id" });
    }
  });

  close(): Promise<void> {
    return this.opened.close();
  }

  async identity(): Promise<Identity | null> {
    return ((await this.opened.use((db) => db.get("session", "identity"))) as Identity | undefined) ?? null;
  }

  /** The PIN of whoever is signed in, if there is one. */
  async lock(personId: number): Promise<Lock | null> {
    const lock = (await this.opened.use((db) => db.get("session", "lock"))) as Lock | undefined;
    return lock?.personId === personId ? lock : null;
  }

  keepLock(lock: Lock | null): Promise<void> {
    return this.opened.use(async (db) => {
      if (lock === null) await db.delete("session", "lock");
      else await db.put("session", lock, "lock");
    });
  }

  people(): Promise<{ id: number; name: string }[]> {
    return this.opened.use((db) => db.getAll("people"));
  }

  begin(identity: Identity): Promise<void> {
    return this.opened.use(async (db) => {
      const tx = db.transaction(["session", "people"], "readwrite", { durability: "strict" });
      void tx.objectStore("session").put(identity, "identity");
      void tx.objectStore("people").put({ id: identity.person.id, name: identity.person.name });
      tx.commit();
      await tx.done;
    });
  }

  end(): Promise<void> {
    return this.opened.use(async (db) => {
      await db.delete("session", "identity");
      await db.delete("session", "lock");
    });
  }
}
