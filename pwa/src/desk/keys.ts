/** The keys of the desk, in one table: what `?` shows is what works. */

import type { ListName } from "../core/board";
import { canBeDone, type CaseDeed } from "../core/deeds";
import type { Asked } from "./ask";
import type { Desk } from "./desk";

export interface Key {
  key: string;
  words: string;
  /** Nothing to do with it where it does not fit what is chosen. */
  press: (desk: Desk, ask: (asked: Asked) => void) => unknown;
  /** Only for those who may move work. */
  moves?: true;
}

const toList = (list: ListName) => (desk: Desk) => {
  desk.show(list);
  document.getElementById("cases")?.focus();
};

const focus = (id: string) => () => document.getElementById(id)?.focus();

/** The first of these that fits at least one of the cases that are meant. */
function deed(...deeds: CaseDeed[]): Key["press"] {
  return (desk, ask) => {
    const cases = desk.meant;
    const fits = deeds.find((it) => cases.some((one) => canBeDone(it, one)));
    if (fits === "assign" || fits === "pin") ask({ is: "crew", deed: fits, cases });
    else if (fits !== undefined) ask({ is: "deed", deed: fits, cases });
  };
}

const withCrew = (ask: (crew: number) => Asked): Key["press"] => (desk, open) => {
  if (desk.chosen?.kind === "crew") open(ask(desk.chosen.id));
};

export const LIST_KEYS: readonly { keys: string; words: string }[] = [
  { keys: "↓ ↑ or j k", words: "Through the list; the case opens beside the map" },
  { keys: "Space or x", words: "Choose several, one by one" },
  { keys: "Shift + ↓ ↑", words: "Choose several in a row; Ctrl + A: all of the list" },
  { keys: "→ ←", words: "Unfold a crew's jobs, fold them" },
  { keys: "Esc", words: "Close what is open, then choose none" },
];

export const KEYS: readonly Key[] = [
  { key: "m", words: "Move to a crew: type its code, see the price, Enter", press: deed("assign"), moves: true },
  { key: "u", words: "Undo the last thing you did", press: (desk) => void desk.moves.undo(), moves: true },
  { key: "t", words: "Take back from the crew", press: deed("take-back"), moves: true },
  { key: "h", words: "Hold, lock with its crew, or release", press: deed("hold", "lock", "release"), moves: true },
  { key: "p", words: "Pin to a crew, or unpin", press: deed("unpin", "pin"), moves: true },
  { key: "r", words: "Urgent, or not any more", press: deed("urgent", "not-urgent"), moves: true },
  { key: "d", words: "Hand a crew's day over to another", press: withCrew((from) => ({ is: "hand-over", from })), moves: true },
  { key: "l", words: "Lend a crew to another department", press: withCrew((crew) => ({ is: "lend", crew })), moves: true },
  { key: "e", words: "Extra crews for an emergency, from a list", press: (desk, ask) => desk.picture?.maySurge === true && ask({ is: "surge" }), moves: true },
  { key: "1", words: "Unassigned", press: toList("unassigned") },
  { key: "2", words: "Late and at risk", press: toList("risk") },
  { key: "3", words: "Needs review", press: toList("review") },
  { key: "4", words: "All open", press: toList("open") },
  { key: "c", words: "To the crews", press: focus("crews") },
  { key: "g", words: "To the map", press: () => document.querySelector<HTMLElement>("#map [tabindex='0']")?.focus() },
  { key: "/", words: "Find a case", press: focus("find") },
  { key: "?", words: "These keys", press: (_desk, ask) => ask({ is: "help" }) },
];

/** Single letters can be switched off: who speaks to their computer would press them by talking (WCAG 2.1.4). */
const OFF = "crew311-desk-keys-off";

export const areKeysOn = () => localStorage.getItem(OFF) === null;

export function switchKeys(isOn: boolean): void {
  if (isOn) localStorage.removeItem(OFF);
  else localStorage.setItem(OFF, "1");
}

export function press(event: KeyboardEvent, desk: Desk, ask: (asked: Asked) => void): void {
  const target = event.target as HTMLElement;
  if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || target.closest("input, textarea, select, dialog") !== null) return;
  if (event.key === "Escape") {
    if (desk.chosen !== null) desk.choose(null);
    else desk.pick([]);
    return;
  }
  const key = KEYS.find((it) => it.key === event.key);
  if (key === undefined || (!areKeysOn() && key.key !== "?") || (key.moves === true && desk.picture?.mayMove !== true)) return;
  event.preventDefault();
  key.press(desk, ask);
}
