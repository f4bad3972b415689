/**
 * One sync run: operations first (small, urgent), then the city's truth, then photos, then the truth again.
 *
 * Safe to stop anywhere and to run twice at once: ids make every sending harmless, the city's own copy is the only
 * evidence on which an entry leaves the outbox, and progress lives in the database alone.
 */

import type { Phase, Trouble } from "../core/line";
import { MAX_OPERATIONS_PER_PUSH, MAX_PUSH_BYTES, NotOurs, type NothingNew, type PullPage, type PushRequest } from "../core/wire";
import { numberOf, numbersGiven } from "../core/field";
import { asSent, needsSending, photosToSend, type Entry } from "../core/outbox";
import { NoAnswer, Refused } from "../net/http";
import { PhotoRefused, sendPhoto } from "../net/tus";
import type { City } from "../net/city";
import type { Cache311 } from "../store/cache";
import type { Outbox } from "../store/outbox";
import { StorageTrouble } from "../store/opened";
import { moment } from "../store/phone";

export interface RunParts {
  outbox: Outbox;
  cache: Cache311;
  city: City;
  /** Says what is going on. */
  tell: (phase: Phase) => void;
  /** Something stored has changed; views look again. */
  changed: () => void;
  appVersion: string;
  /** Stop before this moment (a service worker has little time); work left over waits for the next run. */
  untilMs: number;
}

export interface RunReport {
  trouble: Trouble | null;
  retryAfterS: number | null;
  /** Did the city answer anything at all? */
  heard: boolean;
  /** The office has switched this phone off: what it shows is to go. */
  revoked: boolean;
}

type Page = PullPage | NothingNew;

/** A gap that cannot be closed by sending again; see sendOperations. */
const MOST_PUSHES = 200;
const MOST_PAGES = 500;

export async function runOnce(parts: RunParts): Promise<RunReport> {
  const report: RunReport = { trouble: null, retryAfterS: null, heard: false, revoked: false };
  /** Runs a step; says whether it is worth going on with the next. */
  const step = async (work: () => Promise<void>): Promise<boolean> => {
    try {
      await work();
      report.heard = true;
      return true;
    } catch (error) {
      const trouble = troubleOf(error);
      report.trouble ??= trouble;
      if (error instanceof Refused) {
        report.heard = true;
        report.retryAfterS = Math.max(report.retryAfterS ?? 0, error.retryAfterS ?? 0) || null;
      }
      // The city is there, but has trouble with this one step, or our disposable cache has: the others may still pass.
      return trouble === "city_busy" || trouble === "storage";
    }
  };
  let page: Page | null = null;
  const send = async () => {
    page = await sendOperations(parts);
  };
  if (await step(send)) {
    const look = async (first: Page | null) => {
      report.revoked ||= await takePages(parts, first);
    };
    if (await step(() => look(page))) {
      let sent = 0;
      const more = await step(async () => {
        sent = await sendPhotos(parts);
      });
      if (more && (sent > 0 || (await isWaitingForShow(parts)))) await step(() => look(null));
    }
  }
  await parts.outbox.release(moment().wallMs).catch(() => 0);
  await dropOver(parts).catch(() => {});
  parts.tell({ is: "idle" });
  parts.changed();
  return report;
}

export function troubleOf(error: unknown): Trouble {
  if (error instanceof Refused) {
    if (error.status === 401 || error.status === 403) return "sign_in";
    return error.status === 409 ? "other_person" : "city_busy";
  }
  if (error instanceof NotOurs) return "not_the_city";
  if (error instanceof NoAnswer) return "no_signal";
  if (error instanceof StorageTrouble) return "storage";
  throw error;
}

// ---- operations ----------------------------------------------------------------------------------------------------

/** Sends all that is due; returns the page that came with the last answer, if one did. */
async function sendOperations(parts: RunParts): Promise<Page | null> {
  const { outbox, city } = parts;
  let page: Page | null = null;
  let most = MAX_OPERATIONS_PER_PUSH;
  let from: number | null = null;
  for (let pushes = 0; pushes < MOST_PUSHES; pushes++) {
    const { device, epoch } = await outbox.who();
    const kept = [...(await outbox.done()), ...(await outbox.entries())].sort((a, b) => a.seq - b.seq);
    const due = kept.filter((entry) => needsSending(entry, epoch) || (from !== null && entry.seq >= from));
    if (due.length === 0 || Date.now() > parts.untilMs) return page;
    const now = moment();
    let batch = due.slice(0, most);
    let request = requestOf(device, parts.appVersion, batch, now);
    while (batch.length > 1 && JSON.stringify(request).length > MAX_PUSH_BYTES * 0.9) {
      batch = batch.slice(0, Math.ceil(batch.length / 2));
      request = requestOf(device, parts.appVersion, batch, now);
    }
    if (batch.length === due.length) request = { ...request, ...(await whatIsHad(parts, batch)) };
    const ids = batch.map((entry) => entry.id);
    parts.tell({ is: "sending" });
    try {
      const answer = await city.push(request);
      await outbox.noteTried(ids, now.wallMs, null);
      await outbox.applyAnswer(answer);
      page = answer.results.length > 0 ? answer.page : null;
      parts.changed();
      const highest = Math.max(...batch.filter((e) => answer.results.some((r) => r.id === e.id)).map((e) => e.seq), -1);
      if (from !== null) from = highest >= from ? highest + 1 : from;
      if (from !== null && !kept.some((entry) => entry.seq >= (from ?? 0))) from = null;
      if (answer.results.length > 0) continue;
      // The city waits for an earlier number than we sent. Begin there; if we no longer have it, begin anew.
      const first = batch[0]?.seq ?? 0;
      if (answer.expectedSeq < first && from === null) {
        if (kept.some((entry) => entry.seq === answer.expectedSeq)) from = answer.expectedSeq;
        else await outbox.renewDevice();
        continue;
      }
      throw new NotOurs("the push was answered without our operations");
    } catch (error) {
      if (error instanceof Refused && error.status === 413 && batch.length > 1) {
        most = Math.max(1, Math.floor(batch.length / 2));
        continue;
      }
      await outbox.noteTried(ids, now.wallMs, noteOf(error));
      parts.changed();
      throw error;
    }
  }
  return page;
}

/** The last push of a run asks for the page after it: on one bar a request saved is seconds. */
async function whatIsHad({ outbox, cache }: RunParts, batch: readonly Entry[]): Promise<{ cursor?: string; held?: number }> {
  const cursor = await cache.cursor().catch(() => null);
  if (cursor === null) return {};
  const seqs = [...batch.map((entry) => entry.seq), (await outbox.lowestUnseen()) ?? Infinity];
  return { cursor, held: Math.min(...seqs) };
}

function requestOf(device: string, app: string, batch: readonly Entry[], now: ReturnType<typeof moment>): PushRequest {
  return { v: 1, device, app, operations: batch.map((entry) => asSent(entry, now)) };
}

/** What is kept beside the entry for its page: a code that words.ts can say, and the city's own words if any. */
function noteOf(error: unknown): string {
  const trouble = troubleOf(error);
  return error instanceof Refused ? `${trouble} ${error.status} ${String(error.problem["detail"] ?? "")}`.trim() : trouble;
}

// ---- the city's truth ----------------------------------------------------------------------------------------------

/** Takes the pages after our cursor, `first` of them if a push brought it already. Says whether this phone is switched off. */
async function takePages(parts: RunParts, first: Page | null): Promise<boolean> {
  const { outbox, cache, city } = parts;
  const { device } = await outbox.who();
  /** Seen on any page of this look, not only on its last. */
  let isNewLife = false;
  let isResent = false;
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const cursor = await cache.cursor();
    parts.tell({ is: "asking" });
    const page = first ?? (await city.pull(cursor, device, await outbox.lowestUnseen(), (await outbox.entries()).length));
    first = null;
    if ("isBrief" in page) {
      await cache.applyNothing(page);
    } else {
      if (page.more && page.cursor === cursor && !page.reset) throw new NotOurs("the pull does not move on");
      const before = (await outbox.who()).epoch;
      isNewLife ||= before !== null && before !== page.epoch;
      // First the evidence, then the cursor: cut off in between, the page simply comes again.
      await outbox.applyPull(page);
      await cache.applyPage(page);
      parts.changed();
      if (page.more) continue;
      if (page.revoked) return true;
    }
    await cache.noteContact(Date.now());
    if (!isNewLife || isResent) return false;
    // The city was restored or replaced: tell it everything we still keep, then look again.
    isResent = true;
    first = await sendOperations(parts);
  }
  throw new NotOurs("the pull has no end");
}

/** Forget the jobs that are over for this crew: not its own any more, closed a day ago, nothing of its own unfinished. */
async function dropOver({ outbox, cache }: RunParts): Promise<void> {
  const entries = await outbox.entries();
  const given = numbersGiven([...(await outbox.done()), ...entries]);
  const unfinished = [...entries, ...(await outbox.drafts()), ...(await outbox.forms())];
  await cache.dropOver(new Set(unfinished.flatMap(({ caseId }) => (caseId === null ? [] : numberOf(caseId, given)))), moment().wallMs);
}

/** Answered and whole, but not shown by the city yet: ask once more in this run. */
async function isWaitingForShow(parts: RunParts): Promise<boolean> {
  const { epoch } = await parts.outbox.who();
  return (await parts.outbox.entries()).some(
    (entry) => entry.answer?.verdict !== "quarantined" && entry.answer !== null && entry.seenEpoch !== epoch,
  );
}

// ---- photos --------------------------------------------------------------------------------------------------------

async function sendPhotos(parts: RunParts): Promise<number> {
  const { outbox, city } = parts;
  let sent = 0;
  let failed: unknown = null;
  const entries = await outbox.entries();
  const of = entries.reduce((sum, entry) => sum + photosToSend(entry).length, 0);
  let i = 0;
  for (const entry of entries) {
    for (const photo of photosToSend(entry)) {
      if (Date.now() > parts.untilMs) return sent;
      parts.tell({ is: "photo", i: ++i, of });
      try {
        const bytes = await outbox.readPhoto(photo.id, photo.sha256);
        let shownAt = 0;
        const isNew = photo.isBegun !== true && photo.upload === null;
        if (isNew) await outbox.notePhoto(entry.id, photo.id, { isBegun: true });
        await sendPhoto(city.fetch, { id: photo.id, sha256: photo.sha256, bytes, upload: photo.upload, isNew }, async (offset, upload) => {
          // Not every piece is worth a write to flash; the city knows the offset anyway.
          if (upload === photo.upload && Date.now() - shownAt < 2_000) return;
          shownAt = Date.now();
          photo.upload = upload;
          await outbox.notePhoto(entry.id, photo.id, { sentBytes: offset, upload });
          parts.changed();
        });
        await outbox.notePhoto(entry.id, photo.id, { verified: true, sentBytes: photo.size, refused: null });
        sent++;
      } catch (error) {
        if (error instanceof StorageTrouble && error.code === "not_kept") {
          await outbox.notePhoto(entry.id, photo.id, { bytes: "unreadable" });
        } else if (error instanceof PhotoRefused || isFinalRefusal(error)) {
          const code = error instanceof PhotoRefused ? error.code : "not_wanted";
          await outbox.notePhoto(entry.id, photo.id, { refused: code, upload: null });
        } else if (error instanceof Refused && ![401, 403, 429, 503].includes(error.status)) {
          // Trouble with this one; the next may pass.
          failed = error;
          await outbox.noteTried([entry.id], Date.now(), noteOf(error));
        } else {
          await outbox.noteTried([entry.id], Date.now(), noteOf(error));
          parts.changed();
          throw error;
        }
      }
      parts.changed();
    }
  }
  if (failed !== null && sent === 0) throw failed;
  return sent;
}

function isFinalRefusal(error: unknown): boolean {
  return error instanceof Refused && [400, 409, 415, 422].includes(error.status);
}
