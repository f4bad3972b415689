/** What only the phone can give: random ids, its two clocks, digests. Passed into the pure core as values. */

import { uuid7 } from "../core/uuid7";
import { isoWithOffset, type Moment } from "../core/clocks";

/** One life of this page or worker: its monotonic clock means nothing to the next. */
const life = newId();

export function newId(): string {
  return uuid7(Date.now(), crypto.getRandomValues(new Uint8Array(10)));
}

export function moment(): Moment {
  return { wallMs: Date.now(), monoMs: performance.now(), life };
}

export function isoOf(wallMs: number): string {
  return isoWithOffset(wallMs, -new Date(wallMs).getTimezoneOffset());
}

export async function sha256Hex(bytes: ArrayBuffer | Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Resolves after `ms`, or at once when `signal` fires. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
