/** Moving work: deeds with what was seen, what came of them in words, and the way back. */

import { canBeDone, seen, type CaseDeed, type Done, type Left } from "../core/deeds";
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

const GOOD_FOR_MS = 12_000;

export class Moves {
  notices: Notice[] = [];
  /** What this person did here, the latest last; `u` takes the latest back. */
  private done: number[] = [];
  private lastId = 0;

  constructor(private readonly desk: Desk) {}

  /** To all of these that it fits; says what came of it. */
  async do(deed: CaseDeed, cases: readonly Case[], more: { crew?: number; why?: string } = {}): Promise<void> {
    const fit = cases.filter((it) => canBeDone(deed, it));
    if (fit.length === 0) return;
    await this.carryOut(() => this.desk.office.do(deed, fit.map(seen), more));
  }

  async handOver(fromCrew: number, to: number, why: string): Promise<void> {
    await this.carryOut(() => this.desk.office.handOver(fromCrew, to, why));
  }

  async lend(crew: number, department: number, untilS: number, why: string): Promise<void> {
    await this.carryOut(() => this.desk.office.lend(crew, department, untilS, why));
  }

  /** The given deed, or the latest of this desk. */
  async undo(deedId: number | undefined = this.done.at(-1)): Promise<void> {
    if (deedId === undefined) {
      this.tell("warn", "There is nothing of yours to undo here.");
      return;
    }
    this.done = this.done.filter((id) => id !== deedId);
    this.notices = this.notices.filter((notice) => notice.deedId !== deedId);
    await this.carryOut(() => this.desk.office.undo(deedId), false);
  }

  dismiss(id: number): void {
    this.notices = this.notices.filter((notice) => notice.id !== id);
    this.desk.say();
  }

  private async carryOut(doIt: () => Promise<Done>, canUndo = true): Promise<void> {
    try {
      const { deed, left, done } = await doIt();
      const deedId = canUndo && deed?.state === "done" ? deed.id : null;
      if (deedId !== null) this.done.push(deedId);
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
