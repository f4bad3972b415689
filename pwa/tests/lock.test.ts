import { expect, it } from "vitest";
import { afterRight, mustSignIn, waitMs, type Lock } from "../src/core/lock";
import { makeLock, tryPin } from "../src/store/pin";

const NOW = 1_000_000;

it("a PIN opens, another does not, and what is kept is not the PIN", async () => {
  const lock = await makeLock(7, "4711");
  expect(JSON.stringify(lock)).not.toContain("4711");
  expect((await tryPin(lock, "4711", NOW)).isRight).toBe(true);
  expect((await tryPin(lock, "4712", NOW)).isRight).toBe(false);
  expect((await makeLock(7, "4711")).digest).not.toBe(lock.digest);
});

it("after four wrong tries each takes longer, and after ten only the password opens", async () => {
  let lock: Lock = { ...(await makeLock(7, "4711")), rounds: 1 };
  const waits: number[] = [];
  for (let tries = 0; tries < 10; tries++) {
    expect(mustSignIn(lock)).toBe(false);
    ({ lock } = await tryPin(lock, "0000", NOW));
    waits.push(waitMs(lock, NOW));
  }
  expect(waits.slice(0, 4)).toEqual([0, 0, 0, 0]);
  expect(waits.slice(4)).toEqual([30_000, 60_000, 120_000, 240_000, 480_000, 900_000]);
  expect(mustSignIn(lock)).toBe(true);
  expect(mustSignIn(afterRight(lock))).toBe(false);
});

it("a clock set back by a year does not lock a crew out for a year", async () => {
  let lock: Lock = { ...(await makeLock(7, "4711")), rounds: 1 };
  for (let tries = 0; tries < 6; tries++) ({ lock } = await tryPin(lock, "0000", NOW));
  expect(waitMs(lock, NOW - 365 * 24 * 3600_000)).toBeLessThanOrEqual(15 * 60_000);
});
