/**
 * Bugs to plant into the phone: [file, what stands there, what to put in its place]. Built into the simulator's own
 * bundle only; a simulator that does not turn red with each of them sees nothing.
 */

const DROP = [
  "store/outbox.ts",
  "  /** A person asks to send a refused entry",
  `  drop(ids: readonly string[]): Promise<void> {
    return this.opened.use((db) => strictly(db, ["entries"], async (tx) => { for (const id of ids) void tx.objectStore("entries").delete(id); }));
  }
  /** A person asks to send a refused entry`,
];
const AT_FAILED_PUSH = "      await outbox.noteTried(ids, now.wallMs, noteOf(error));\n      parts.changed();\n      throw error;";
const atFailedPush = (what) => ["loop/run.ts", AT_FAILED_PUSH, `${what}\n${AT_FAILED_PUSH}`];

export const PLANTED = {
  relaxed: [["store/outbox.ts", 'return db.transaction(names, "readwrite", { durability: "strict" });', 'return db.transaction(names, "readwrite", { durability: "relaxed" });']],
  drop_on_401: [DROP, atFailedPush("if (error instanceof Refused && error.status === 401) await outbox.drop(ids);")],
  drop_on_403: [DROP, atFailedPush("if (error instanceof Refused && error.status === 403) await outbox.drop(ids);")],
  drop_on_500: [DROP, atFailedPush("if (error instanceof Refused && error.status >= 500) await outbox.drop(ids);")],
  portal_is_success: [DROP, atFailedPush("if (error instanceof NotOurs) await outbox.drop(ids);")],
  retry_with_new_id: [
    [
      "store/outbox.ts",
      "  /** A person asks to send a refused entry",
      `  rename(ids: readonly string[]): Promise<void> {
    return this.opened.use((db) => strictly(db, ["entries"], async (tx) => {
      for (const id of ids) {
        const entry = await tx.objectStore("entries").get(id);
        if (entry === undefined) continue;
        void tx.objectStore("entries").delete(id);
        void tx.objectStore("entries").put({ ...entry, id: newId(), seq: entry.seq });
      }
    }));
  }
  /** A person asks to send a refused entry`,
    ],
    atFailedPush("if (error instanceof NoAnswer) await outbox.rename(ids);"),
  ],
  cleared_at_sign_out: [
    DROP,
    ["crew/app.ts", "    if (this.signOutRefusal !== null) return this.signOutRefusal;", "    await this.outbox?.drop(this.entries.map((entry) => entry.id));"],
  ],
  evidence_skipped: [
    ["core/outbox.ts", '    stateOf(entry) === "received" &&\n    entry.answer !== null &&\n    entry.answer.epoch === epoch &&\n    entry.seenEpoch === epoch', "entry.answer !== null"],
  ],
  new_life_ignored: [
    ["core/outbox.ts", "|| (epoch !== null && entry.answer.epoch !== epoch)", ""],
    ["core/outbox.ts", "    entry.answer.epoch === epoch &&\n    entry.seenEpoch === epoch", "entry.seenEpoch !== null"],
  ],
  cursor_without_jobs: [
    [
      "store/cache.ts",
      'const tx = db.transaction(["meta", "jobs"], "readwrite", { durability: "relaxed" });',
      'await db.put("meta", page.cursor, "cursor");\n      const tx = db.transaction(["meta", "jobs"], "readwrite", { durability: "relaxed" });',
    ],
  ],
  received_when_sent: [
    [
      "loop/run.ts",
      "      const answer = await city.push(request);",
      `      await outbox.applyAnswer({ epoch: epoch ?? "?", device, receivedAt: "", expectedSeq: 0, results: batch.map((entry) => ({ id: entry.id, verdict: "counted" as const, review: null, reason: null, errors: {}, case: null, photosMissing: entry.photos.map((photo) => photo.id) })) });
      const answer = await city.push(request);`,
    ],
  ],
  // Bugs that were there once, planted again.
  order_ignored: [["store/cache.ts", "if (page.order !== null) {", "if (page.order === undefined) {"]],
  forgotten_comes_back: [["store/opened.ts", "    this.isClosed = true;", ""]],
  looks_by_the_wall_clock: [
    ["loop/driver.ts", "this.lastRunMs = moment().monoMs;", "this.lastRunMs = Date.now();"],
    ["loop/driver.ts", "moment().monoMs - this.lastRunMs", "Date.now() - this.lastRunMs"],
  ],
  work_without_a_name: [["net/http.ts", 'headers.set("X-Crew311-Person", String(personId));', ""]],
  gone_ignored: [["store/cache.ts", 'for (const id of page.gone) void jobs.delete(id);', ""]],
};
