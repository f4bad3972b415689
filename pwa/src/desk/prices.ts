/** What a move would cost, asked once for the same question, and only when somebody has stopped moving. */

import type { Price } from "../core/deeds";
import type { Office } from "../net/office";
import { troubleWords } from "./moves";
import { W } from "./words";

const REST_MS = 120;
const KEPT_MS = 20_000;
/** More than this the city does not reckon before the move (docs/console-api.md). */
export const MOST_PRICED = 200;

export interface Priced {
  words: string;
  /** What dispatch would refuse, case by case, and what comes late by it. */
  warnings: string[];
}

export class Prices {
  private readonly kept = new Map<string, { priced: Priced; atMs: number }>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private leave: AbortController | null = null;

  constructor(private readonly office: Office) {}

  /** Tells what is known now (null: it is being reckoned), and again when more is. The next question ends this one. */
  ask(ids: readonly number[], crewId: number, tell: (priced: Priced | null) => void): void {
    this.end();
    if (ids.length > MOST_PRICED) return tell({ words: W.tooMany(MOST_PRICED), warnings: [] });
    const key = `${crewId} ${[...ids].sort((a, b) => a - b).join()}`;
    const kept = this.kept.get(key);
    if (kept !== undefined && Date.now() - kept.atMs < KEPT_MS) return tell(kept.priced);
    tell(null);
    const leave = (this.leave = new AbortController());
    this.timer = setTimeout(() => {
      this.office.whatIf([...ids], crewId, leave.signal).then(
        (price) => {
          const priced = pricedOf(price);
          this.kept.set(key, { priced, atMs: Date.now() });
          if (this.kept.size > 100) this.kept.delete(this.kept.keys().next().value ?? "");
          if (!leave.signal.aborted) tell(priced);
        },
        (error: unknown) => {
          if (!leave.signal.aborted) tell({ words: troubleWords(error), warnings: [] });
        },
      );
    }, REST_MS);
  }

  end(): void {
    clearTimeout(this.timer);
    this.leave?.abort();
    this.leave = null;
  }

  /** Something was moved: what was reckoned before it is not so any more. */
  forget(): void {
    this.kept.clear();
  }
}

function pricedOf(price: Price): Priced {
  return { words: price.words, warnings: [...new Set(price.cases.map((it) => it.words).filter((words) => words !== ""))].slice(0, 3) };
}
