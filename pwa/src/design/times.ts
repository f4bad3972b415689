/** Moments, spans and sizes as people say them, on every screen. */

import { isKnownToIntl, locale, numeral, t, tn } from "./translate";

let zone: string | undefined;

/** Times are the city's, wherever the phone thinks it is. */
export function speakInZone(timezone: string): void {
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: timezone });
    zone = timezone;
  } catch {
    zone = undefined;
  }
}

function format(ms: number, options: Intl.DateTimeFormatOptions, by = locale()): string {
  return new Intl.DateTimeFormat(by, { hourCycle: "h23", ...(zone === undefined ? {} : { timeZone: zone }), ...options }).format(ms);
}

/** Names of days and months come from the catalogue where the browser does not know the language. */
function dayIn(ms: number, options: Intl.DateTimeFormatOptions): string {
  if (isKnownToIntl()) return format(ms, options);
  const [year = 0, month = 0, day = 0] = format(ms, { year: "numeric", month: "2-digit", day: "2-digit" }, "sv-SE").split("-").map(Number);
  const names = t("January, February, March, April, May, June, July, August, September, October, November, December").split(", ");
  const weekday = t("Sunday, Monday, Tuesday, Wednesday, Thursday, Friday, Saturday").split(", ")[new Date(Date.UTC(year, month - 1, day)).getUTCDay()];
  const said = [options.weekday && weekday, options.day && day, options.month && names[month - 1], options.year && year];
  return said.filter(Boolean).join(" ");
}

export const clock = (ms: number) => format(ms, { hour: "2-digit", minute: "2-digit" });
const date = (ms: number) => format(ms, { year: "numeric", month: "2-digit", day: "2-digit" }, "sv-SE");
export const longDay = (ms: number) => dayIn(ms, { weekday: "long", day: "numeric", month: "long" });
export const exactly = (ms: number) => t("{day}, {time}", { day: dayIn(ms, { weekday: "long", day: "numeric", month: "long", year: "numeric" }), time: clock(ms) });

/** "14:02", "yesterday 14:02", "Tuesday 14:02", "3 November 14:02". */
export function when(ms: number, nowMs: number): string {
  const time = clock(ms);
  if (date(ms) === date(nowMs)) return time;
  if (date(ms) === date(nowMs - 86_400_000)) return t("yesterday {time}", { time });
  if (date(ms) === date(nowMs + 86_400_000)) return t("tomorrow {time}", { time });
  const isNear = Math.abs(ms - nowMs) < 6 * 86_400_000;
  return t("{day} {time}", { day: dayIn(ms, isNear ? { weekday: "long" } : { day: "numeric", month: "short" }), time });
}

export function span(ms: number): string {
  const minutes = Math.round(Math.abs(ms) / 60_000);
  if (minutes < 60) return tn("{n} min", "{n} min", Math.max(1, minutes));
  const hours = Math.round(minutes / 60);
  return hours < 48 ? tn("{n} h", "{n} h", hours) : tn("{n} day", "{n} days", Math.round(hours / 24));
}

export const due = (ms: number, nowMs: number) => (ms < nowMs ? t("Late by {span}", { span: span(nowMs - ms) }) : t("By {when}", { when: when(ms, nowMs) }));
export const dueLong = (ms: number, nowMs: number) =>
  ms < nowMs
    ? t("Was due {when}, {span} ago", { when: when(ms, nowMs), span: span(nowMs - ms) })
    : t("Due {when}, in {span}", { when: when(ms, nowMs), span: span(ms - nowMs) });
export const ago = (ms: number, nowMs: number) => (nowMs - ms < 60_000 ? t("just now") : t("{span} ago", { span: span(nowMs - ms) }));

export function size(bytes: number): string {
  const mega = bytes / 1024 / 1024;
  if (mega < 1) return t("{size} KB", { size: numeral(Math.max(1, Math.round(bytes / 1024))) });
  return mega < 1024 ? t("{size} MB", { size: numeral(mega, mega < 100 ? 1 : 0) }) : t("{size} GB", { size: numeral(mega / 1024, 1) });
}
