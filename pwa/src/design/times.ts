/** Moments, spans and sizes as people say them, on every screen. */

const LOCALE = "en-US";
let zone: string | undefined;

/** Times are the city's, wherever the phone thinks it is. */
export function speakInZone(timezone: string): void {
  try {
    new Intl.DateTimeFormat(LOCALE, { timeZone: timezone });
    zone = timezone;
  } catch {
    zone = undefined;
  }
}

function format(ms: number, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(LOCALE, { hourCycle: "h23", ...(zone === undefined ? {} : { timeZone: zone }), ...options }).format(ms);
}

export const clock = (ms: number) => format(ms, { hour: "2-digit", minute: "2-digit" });
const day = (ms: number) => format(ms, { year: "numeric", month: "2-digit", day: "2-digit" });
export const longDay = (ms: number) => format(ms, { weekday: "long", day: "numeric", month: "long" });
export const exactly = (ms: number) => format(ms, { weekday: "long", day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit" });

/** "14:02", "yesterday 14:02", "Tuesday 14:02", "3 November 14:02". */
export function when(ms: number, nowMs: number): string {
  if (day(ms) === day(nowMs)) return clock(ms);
  if (day(ms) === day(nowMs - 86_400_000)) return `yesterday ${clock(ms)}`;
  if (day(ms) === day(nowMs + 86_400_000)) return `tomorrow ${clock(ms)}`;
  const isNear = Math.abs(ms - nowMs) < 6 * 86_400_000;
  return `${format(ms, isNear ? { weekday: "long" } : { day: "numeric", month: "short" })} ${clock(ms)}`;
}

export function span(ms: number): string {
  const minutes = Math.round(Math.abs(ms) / 60_000);
  if (minutes < 60) return `${Math.max(1, minutes)} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}

export const due = (ms: number, nowMs: number) => (ms < nowMs ? `Late by ${span(nowMs - ms)}` : `By ${when(ms, nowMs)}`);
export const dueLong = (ms: number, nowMs: number) =>
  ms < nowMs ? `Was due ${when(ms, nowMs)}, ${span(nowMs - ms)} ago` : `Due ${when(ms, nowMs)}, in ${span(ms - nowMs)}`;
export const ago = (ms: number, nowMs: number) => (nowMs - ms < 60_000 ? "just now" : `${span(nowMs - ms)} ago`);

export function size(bytes: number): string {
  const mega = bytes / 1024 / 1024;
  if (mega < 1) return `${Math.max(1, Math.round(bytes / 1024))} KB`;
  return mega < 1024 ? `${mega.toFixed(mega < 100 ? 1 : 0)} MB` : `${(mega / 1024).toFixed(1)} GB`;
}
