/** What the office does to cases, what it would cost, and what came of it (docs/console-api.md is the other end). Pure. */

import { readTold, type Case, type Told } from "./picture";
import { filled, flag, list, maybe, ownPath, shape, text, whole } from "./read";

/** A case as the dispatcher saw it. One that is not so any more is left alone, and the dispatcher is told. */
export interface Seen {
  id: number;
  round: number;
  status: string;
}

export const seen = (it: Case): Seen => ({ id: it.id, round: it.round, status: it.status });

/** What this desk did to cases: who decided by how one was before that means it as it was left. */
export class Mine {
  private readonly left = new Map<number, { was: Case[]; now: Case }>();

  /** These were done, and are so now; what was done to several on the way to it is forgotten only with the desk. */
  note(was: ReadonlyMap<number, Case>, done: readonly number[], now: readonly Case[]): void {
    const isDone = new Set(done);
    for (const it of now) {
      const before = was.get(it.id);
      if (before === undefined || !isDone.has(it.id)) continue;
      const mine = this.left.get(it.id);
      const isMine = mine !== undefined && isSame(mine.now, before);
      this.left.set(it.id, { was: isMine ? [...mine.was, before] : [before], now: it });
    }
  }

  /** The case as it is meant: as seen, or as this desk left it since. */
  asLeft(it: Case): Case {
    const mine = this.left.get(it.id);
    return mine !== undefined && !isSame(mine.now, it) && mine.was.some((was) => isSame(was, it)) ? mine.now : it;
  }
}

const isSame = (a: Case, b: Case) => a.round === b.round && a.status === b.status;

export interface Done {
  /** Null: nothing that could be undone as a unit. */
  deed: { id: number; state: string; words: string } | null;
  done: number[];
  left: Left[];
  /** The cases it was about, as they are after it. */
  told: Told | null;
}

/** A case that was left alone, and why, in words with who and when. */
export interface Left {
  caseId: number;
  number: string;
  why: string;
  words: string;
}

export interface Price {
  words: string;
  /** Why dispatch by itself would not, case by case; the office may all the same. */
  refusals: string[];
}

export interface Why {
  words: string;
  crews: CrewChoice[];
}

export interface CrewChoice {
  crewId: number;
  code: string;
  hasIt: boolean;
  refusal: string | null;
  words: string;
}

export function readDone(value: unknown): Done {
  const it = shape(value, "answer");
  return {
    deed: maybe(it.deed, "deed", (deed, what) => {
      const { id, state, words } = shape(deed, what);
      return { id: whole(id, what), state: filled(state, what), words: text(words, what) };
    }),
    done: list(it.done ?? [], "done", whole),
    left: list(it.left ?? [], "left", (row, what) => {
      const left = shape(row, what);
      return { caseId: whole(left.case, what), number: maybe(left.number, what, text) ?? "", why: text(left.why, what), words: text(left.words, what) };
    }),
    told: readTold(it),
  };
}

export function readPrice(value: unknown): Price {
  const it = shape(value, "price");
  const refusals = list(it.cases, "cases", (row, what) => maybe(shape(row, what).words, what, text) ?? "");
  return { words: text(it.words, "words"), refusals: [...new Set(refusals)].filter((words) => words !== "") };
}

export function readWhy(value: unknown): Why {
  const it = shape(value, "why");
  return {
    words: text(it.words, "words"),
    crews: list(it.crews, "crews", (row, what) => {
      const crew = shape(row, what);
      return {
        crewId: whole(crew.crew, what),
        code: filled(crew.code, what),
        hasIt: flag(crew.has_it, what),
        refusal: maybe(crew.refusal, what, text),
        words: text(crew.words, what),
      };
    }),
  };
}

/** The deeds that can be done to a case as it is now: no button is shown that would be refused. */
export const CASE_DEEDS = ["assign", "take-back", "hold", "lock", "release", "pin", "unpin", "urgent", "not-urgent"] as const;
export type CaseDeed = (typeof CASE_DEEDS)[number];

export function canBeDone(deed: CaseDeed, it: Case): boolean {
  const isOpen = ["received", "reopened", "assigned", "en_route", "on_site"].includes(it.status);
  switch (deed) {
    case "assign":
      return isOpen;
    case "take-back":
      return isOpen && it.crewId !== null;
    case "hold":
      return isOpen && it.crewId === null && !it.isHeld;
    case "lock":
      return isOpen && it.crewId !== null && !it.isHeld;
    case "release":
      return isOpen && it.isHeld;
    case "pin":
      return isOpen && it.pinnedTo === null;
    case "unpin":
      return isOpen && it.pinnedTo !== null;
    case "urgent":
      return isOpen && !it.isUrgent;
    case "not-urgent":
      return isOpen && it.isUrgent;
  }
}

/** What the desk shows of one chosen case beside its row. */
export interface Detail {
  description: string;
  heldWhy: string;
  why: string;
  photos: { kind: string; url: string; thumb: string }[];
}

export function readDetail(value: unknown): Detail {
  const it = shape(value, "case");
  return {
    description: maybe(it.description, "description", text) ?? "",
    heldWhy: maybe(it.held_why, "held_why", text) ?? "",
    why: text(it.why, "why"),
    photos: list(it.photos, "photos", (row, what) => {
      const photo = shape(row, what);
      return { kind: text(photo.kind, what), url: ownPath(photo.url, what), thumb: ownPath(photo.thumb, what) };
    }),
  };
}
