/**
 * Moving work: deeds with what was seen, what came of them in words, and the way back.
 *
 * Keys come faster than the city answers. So deeds go out one after the other, and each is done to the cases as the ones
 * before it left them: nobody is told that a case was changed meanwhile where it was they who changed it.
 */

import { canBeDone, Mine, seen, type CaseDeed, type Done, type Left } from "../core/deeds";
import type { Case } from "../core/picture";
import { NoAnswer, Refused } from "../net/http";
import type { Desk } from "./desk";
import { count } from "./words";

export interface Notice {
  id: number;
  tone: "good" | "warn" | "bad";
  words: string;
  /** Cases that were left alone, each with who changed it and when. */
  left: Left[];
  /** The deed that can be undone. */
  deedId: number | null;
}

/** Null until the city has done it. */
interface Doing {
  deedId: number | null;
}

const GOOD_FOR_MS = 12_000;

export class Moves {
  notices: Notice[] = [];
  /** What this person did here, the latest last, with those that are on their way; `u` takes the latest back. */
  private done: Doing[] = [];
  private latest: Promise<void> = Promise.resolve();
  private readonly mine = new Mine();
  private lastId = 0;

  constructor(private readonly desk: Desk) {}

  /** To all of these that it fits; says what came of it. */
  async do(deed: CaseDeed, cases: readonly Case[], more: { crew?: number; why?: string } = {}): Promise<void> {
    await this.inTurn(async (doing) => {
      const isMeant = (it: Case) => canBeDone(deed, it) && !(deed === "assign" && it.crewId === more.crew);
      const fit = cases.map((it) => this.mine.asLeft(it)).filter(isMeant);
      if (fit.length > 0) await this.carryOut(doing, () => this.desk.office.do(deed, fit.map(seen), more), new Map(fit.map((it) => [it.id, it])));
    });
  }

  async handOver(fromCrew: number, to: number, why: string): Promise<void> {
    await this.inTurn((doing) => this.carryOut(doing, () => this.desk.office.handOver(fromCrew, to, why)));
  }

  async lend(crew: number, department: number, untilS: number, why: string): Promise<void> {
    await this.inTurn((doing) => this.carryOut(doing, () => this.desk.office.lend(crew, department, untilS, why)));
  }

  async endSurge(id: number): Promise<void> {
    await this.inTurn((doing) => this.carryOut(doing, () => this.desk.office.endSurge(id)), false);
  }

  /** A deed that was carried out elsewhere on this desk: it can be taken back as any other. */
  wasDone(deedId: number, words: string): void {
    this.done.push({ deedId });
    this.tell("good", words, [], deedId);
  }

  /** The given deed, or the latest of this desk, which may still be on its way. */
  async undo(deedId?: number): Promise<void> {
    const meant = deedId === undefined ? this.done.at(-1) : (this.done.find((it) => it.deedId === deedId) ?? { deedId });
    if (meant === undefined) {
      this.tell("warn", "There is nothing of yours to undo here.");
      return;
    }
    this.done = this.done.filter((it) => it !== meant);
    await this.inTurn(async (doing) => {
      const { deedId: id } = meant;
      if (id === null) return; // it came to nothing, as has been said
      this.notices = this.notices.filter((notice) => notice.deedId !== id);
      await this.carryOut(doing, () => this.desk.office.undo(id));
    }, false);
  }

  dismiss(id: number): void {
    this.notices = this.notices.filter((notice) => notice.id !== id);
    this.desk.say();
  }

  /** After all that was asked for before it. */
  private inTurn(doIt: (doing: Doing) => Promise<void>, canUndo = true): Promise<void> {
    const doing: Doing = { deedId: null };
    if (canUndo) this.done.push(doing);
    this.latest = this.latest.then(() => doIt(doing)).finally(() => {
      if (!canUndo || doing.deedId === null) this.done = this.done.filter((it) => it !== doing);
    });
    return this.latest;
  }

  /** `was`: the cases as they are known to have been when the city did it, if it did. */
  private async carryOut(doing: Doing, doIt: () => Promise<Done>, was: ReadonlyMap<number, Case> = this.desk.picture?.cases ?? new Map()): Promise<void> {
    try {
      const { deed, left, done, told } = await doIt();
      if (told !== null) {
        this.mine.note(was, done, told.cases);
        this.desk.learn(told);
      }
      if (deed?.state === "done") doing.deedId = deed.id;
      const deedId = this.done.includes(doing) ? doing.deedId : null;
      const words = deed === null ? (done.length > 0 ? "Done." : "Nothing was changed.") : deed.state === "asked" ? `${deed.words}: waits for a second person's yes.` : `${deed.words}.`;
      const more = left.length > 0 ? ` ${count(left.length, "case was", "cases were")} left alone:` : "";
      this.tell(left.length > 0 ? "warn" : "good", `${words}${more}`, left, deedId);
    } catch (error) {
      this.tell("bad", troubleWords(error));
    }
  }

  private tell(tone: Notice["tone"], words: string, left: Left[] = [], deedId: number | null = null): void {
    const id = (this.lastId += 1);
    this.notices = [...this.notices.filter((notice) => notice.tone !== "good").slice(-2), { id, tone, words, left, deedId }];
    // What somebody must read stays until they say so.
    if (tone === "good") setTimeout(() => this.dismiss(id), GOOD_FOR_MS);
    this.desk.say();
  }
}

export function troubleWords(error: unknown): string {
  if (error instanceof Refused) {
    if (error.status === 401) return "You are signed out. Sign in again; nothing was changed.";
    const fields = Object.values((error.problem["errors"] ?? {}) as Record<string, unknown>).flat().filter((it) => typeof it === "string");
    return fields.length > 0 ? fields.join(" ") : String(error.problem["detail"] ?? "The city refused this. Nothing was changed.");
  }
  if (error instanceof NoAnswer) return "The city did not answer, so we do not know whether this was done. The list shows it as soon as the city answers again.";
  return "What answered was not the city. Nothing is known to have changed.";
}
