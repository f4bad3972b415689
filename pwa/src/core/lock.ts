/** A screen lock of our own for phones that several share: who may try a PIN now, and when only the password helps. */

export interface Lock {
  personId: number;
  /** PBKDF2 of the PIN, in hexadecimal; `salt` too. */
  salt: string;
  digest: string;
  rounds: number;
  /** Wrong tries since the last right one. */
  wrong: number;
  /** No try before this moment. */
  waitUntilMs: number;
}

export const PIN = /^\d{4,8}$/;
export const IDLE_MS = 10 * 60_000;
const FREE_TRIES = 4;
const MOST_TRIES = 10;
const FIRST_WAIT_MS = 30_000;
const LONGEST_WAIT_MS = 15 * 60_000;

/** Four tries are a person with cold fingers; after them each takes longer, and after ten only the password opens. */
export function afterWrong(lock: Lock, nowMs: number): Lock {
  const wrong = lock.wrong + 1;
  const wait = wrong <= FREE_TRIES ? 0 : Math.min(FIRST_WAIT_MS * 2 ** (wrong - FREE_TRIES - 1), LONGEST_WAIT_MS);
  return { ...lock, wrong, waitUntilMs: nowMs + wait };
}

export function afterRight(lock: Lock): Lock {
  return { ...lock, wrong: 0, waitUntilMs: 0 };
}

export function mustSignIn(lock: Lock): boolean {
  return lock.wrong >= MOST_TRIES;
}

/** Milliseconds until the next try. A clock set back must not lock a crew out for years. */
export function waitMs(lock: Lock, nowMs: number): number {
  return Math.min(Math.max(0, lock.waitUntilMs - nowMs), LONGEST_WAIT_MS);
}
