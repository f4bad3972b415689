/** PINs are kept as slow digests. They keep curious hands out; who can read this phone's storage needs no PIN. */

import { afterRight, afterWrong, type Lock } from "../core/lock";

/** Half a second on a three-year-old phone. */
const ROUNDS = 210_000;

export async function makeLock(personId: number, pin: string): Promise<Lock> {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  return { personId, salt: hex(salt), digest: await digestOf(pin, salt, ROUNDS), rounds: ROUNDS, wrong: 0, waitUntilMs: 0 };
}

/** The lock after this try, and whether it opened. */
export async function tryPin(lock: Lock, pin: string, nowMs: number): Promise<{ lock: Lock; isRight: boolean }> {
  const isRight = (await digestOf(pin, bytes(lock.salt), lock.rounds)) === lock.digest;
  return { lock: isRight ? afterRight(lock) : afterWrong(lock, nowMs), isRight };
}

async function digestOf(pin: string, salt: Uint8Array<ArrayBuffer>, iterations: number): Promise<string> {
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveBits"]);
  return hex(new Uint8Array(await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations }, key, 256)));
}

function hex(of: Uint8Array): string {
  return Array.from(of, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function bytes(of: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(of.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}
