/** The phone's two clocks: the wall clock, which anyone may set, and the monotonic one, which stops with its page. */

export interface Moment {
  wallMs: number;
  /** Monotonic milliseconds since this page life began. */
  monoMs: number;
  /** Which page life `monoMs` belongs to: a new one at each start of the app. */
  life: string;
}

/** Wall time may run this much ahead of the monotonic clock before we say that the phone slept. */
const SLEEP_TOLERATED_MS = 5_000;

/**
 * How long ago `made` was, by the monotonic clock; null if that clock cannot say. It cannot after a restart of the
 * app, and it cannot if the phone slept in between: on Android the page's monotonic clock stands still while the
 * phone sleeps, so it would name too small an age, which the server would believe before the wall clock.
 */
export function ageMs(made: Moment, now: Moment): number | null {
  if (made.life !== now.life) return null;
  const age = now.monoMs - made.monoMs;
  if (age < 0) return null;
  const wallAge = now.wallMs - made.wallMs;
  return wallAge - age > SLEEP_TOLERATED_MS ? null : Math.round(age);
}

/** The moment as ISO 8601 with the phone's own offset; `offsetMin` is minutes east of UTC. */
export function isoWithOffset(wallMs: number, offsetMin: number): string {
  const local = new Date(wallMs + offsetMin * 60_000).toISOString().slice(0, -1);
  const sign = offsetMin < 0 ? "-" : "+";
  const abs = Math.abs(offsetMin);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${local}${sign}${two(Math.floor(abs / 60))}:${two(abs % 60)}`;
}
