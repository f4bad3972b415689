/** What a move would cost, asked once for the same question, and only when somebody has stopped moving. */

import type { Price } from "../core/deeds";
import { Refused } from "../net/http";
import type { Office } from "../net/office";
import { troubleWords } from "./moves";
import { W } from "./words";

const REST_MS = 120;
const KEPT_MS = 20_000;
/** More than this the city does not reckon before the move (docs/console-api.md). */
export const MOST_PRICED = 200;

const SHOWN_REFUSALS = 3;

export class Prices {
  private readonly kept = new Map<string, { price: Price; atMs: number }>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private leave: AbortController | null = null;

  constructor(private readonly office: Office) {}

  /** Tells what is known now (null: it is being reckoned), and again when more is. The next question ends this one. */
  ask(ids: readonly number[], crewId: number, tell: (price: Price | null) => void): void {
    this.end();
    if (ids.length > MOST_PRICED) return tell({ words: W.tooMany(MOST_PRICED), refusals: [] });
    const key = `${crewId} ${[...ids].sort((a, b) => a - b).join()}`;
    const kept = this.kept.get(key);
    if (kept !== undefined && Date.now() - kept.atMs < KEPT_MS) return tell(kept.price);
    tell(null);
    const leave = (this.leave = new AbortController());
    this.timer = setTimeout(() => {
      this.office.whatIf([...ids], crewId, leave.signal).then(
        (reckoned) => {
          const price = { ...reckoned, refusals: reckoned.refusals.slice(0, SHOWN_REFUSALS) };
          this.kept.set(key, { price, atMs: Date.now() });
          if (this.kept.size > 100) this.kept.delete(this.kept.keys().next().value ?? "");
          if (!leave.signal.aborted) tell(price);
        },
        (error: unknown) => {
          if (!leave.signal.aborted) tell({ words: error instanceof Refused ? troubleWords(error) : W.notReckoned, refusals: [] });
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
