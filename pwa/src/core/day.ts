/** The crew's day: its shift and what the office wrote, as the city knows them, and on top what was done here since. */

import type { Entry } from "./outbox";
import type { DayPart, Message, Shift, StartShiftPayload } from "./wire";

export type ShiftState =
  /** Nobody planned one for now; the next one, if known. */
  | { is: "off"; next: Shift | null }
  /** Planned for now or soon, and not begun. */
  | { is: "due"; shift: Shift }
  | { is: "on"; sinceMs: number; endsMs: number | null }
  | { is: "break"; sinceMs: number; minutes: number };

export interface ShiftNow {
  state: ShiftState;
  members: string[];
  vehicle: string;
  /** Null: the crew's own. */
  skills: string[] | null;
}

/** A crew that is early is at work (services/shifts.py says how early). */
const EARLY_MS = 2 * 3600_000;
const DEFAULT_BREAK_MIN = 30;

export function shiftNow(part: DayPart | null, entries: readonly Entry[], nowMs: number): ShiftNow {
  const shifts = part?.shifts ?? [];
  const running = shifts.filter((shift) => shift.startsMs <= nowMs && nowMs < shift.endsMs && shift.endedMs === null).at(-1);
  const soon = shifts.find((shift) => shift.startsMs > nowMs && shift.startsMs - nowMs <= EARLY_MS && shift.endedMs === null);
  const shift = running ?? soon ?? null;
  let now: ShiftNow = { state: asPlanned(shift, shifts, nowMs), members: shift?.members ?? [], vehicle: shift?.vehicle ?? "", skills: shift?.skills ?? null };
  for (const entry of [...entries].sort((a, b) => a.seq - b.seq)) {
    if (entry.answer?.verdict !== "quarantined") now = after(now, entry, shift);
  }
  return now;
}

function asPlanned(shift: Shift | null, shifts: readonly Shift[], nowMs: number): ShiftState {
  if (shift === null) return { is: "off", next: shifts.find(({ startsMs }) => startsMs > nowMs) ?? null };
  if (shift.breakSinceMs !== null) return { is: "break", sinceMs: shift.breakSinceMs, minutes: shift.breakMinutes };
  if (shift.startedMs === null) return { is: "due", shift };
  return { is: "on", sinceMs: shift.startedMs, endsMs: shift.endsMs };
}

function after(now: ShiftNow, { kind, made, payload }: Entry, shift: Shift | null): ShiftNow {
  const sinceMs = shift?.startedMs ?? made.wallMs;
  switch (kind) {
    case "start_shift": {
      const { members, vehicle, skills } = payload as StartShiftPayload;
      const state = now.state.is === "break" ? now.state : ({ is: "on", sinceMs, endsMs: shift?.endsMs ?? null } as const);
      return { state, members, vehicle, skills };
    }
    case "begin_break":
      return { ...now, state: { is: "break", sinceMs: made.wallMs, minutes: shift?.breakMinutes ?? DEFAULT_BREAK_MIN } };
    case "end_break":
      return { ...now, state: { is: "on", sinceMs, endsMs: shift?.endsMs ?? null } };
    case "end_shift":
      return { ...now, state: { is: "off", next: null } };
    default:
      return now;
  }
}

/** What the office wrote, the newest first, and whether somebody here has read it. */
export function messagesNow(part: DayPart | null, entries: readonly Entry[]): Message[] {
  const read = new Set(entries.filter(({ kind }) => kind === "read").flatMap(({ payload }) => (payload as { messages: number[] }).messages));
  return (part?.messages ?? []).map((message) => (read.has(message.id) ? { ...message, isRead: true } : message)).reverse();
}
