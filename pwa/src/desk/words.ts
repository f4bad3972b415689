/** Every word of the desk, in one place: calm, plain, short. */

import type { CrewState, ListName } from "../core/board";
import type { CaseDeed } from "../core/deeds";
import type { Case, Crew } from "../core/picture";
import { clock, size, span } from "../design/times";
import type { Contact } from "./feed";

export const count = (n: number, one: string, many = `${one}s`) => `${n.toLocaleString("en-US")} ${n === 1 ? one : many}`;

export const STATUS: Record<string, string> = {
  received: "Received",
  assigned: "Assigned",
  en_route: "On the way",
  on_site: "On site",
  closed: "Closed",
  reopened: "Reopened",
  withdrawn: "Withdrawn",
  merged: "Merged",
};

export const REVIEW: Record<string, string> = {
  office_moved: "The office moved this case while the crew was working on it.",
  not_theirs: "A crew closed it that never had it.",
  closed_twice: "It was closed twice, and the two say different things.",
};

export const LIST: Record<ListName, { name: string; empty: string }> = {
  unassigned: { name: "Unassigned", empty: "Every open case is in a crew's hands." },
  risk: { name: "Late and at risk", empty: "Nothing is late, and nothing is due soon." },
  review: { name: "Needs review", empty: "Nothing needs a decision." },
  open: { name: "All open", empty: "No case is open." },
};

export const CREW_STATE: Record<CrewState, string> = {
  working: "On shift",
  pause: "On a break",
  silent: "Out of contact",
  off: "Off duty",
};

export const DEED: Record<CaseDeed, string> = {
  assign: "Give to a crew",
  "take-back": "Take back",
  hold: "Hold",
  lock: "Lock",
  release: "Release",
  pin: "Pin to a crew",
  unpin: "Unpin",
  urgent: "Make urgent",
  "not-urgent": "Not urgent",
};

/** A deed of the office's that asks why. */
export const NEEDS_WHY: ReadonlySet<CaseDeed> = new Set(["hold"]);

/** The line that is always true. */
export function contactLine(contact: Contact, heardMs: number | null): { word: string; more: string } {
  const asOf = heardMs === null ? "" : `As of ${clock(heardMs)}`;
  switch (contact) {
    case "starting":
      return { word: "Reading the city…", more: "" };
    case "live":
      return { word: "Live", more: "" };
    case "asking":
      return { word: asOf, more: "asking every 3 s" };
    case "trying":
      return { word: asOf === "" ? "The city does not answer" : asOf, more: "trying again" };
    case "out":
      return { word: asOf, more: "signed out" };
  }
}

/** "late 3 h", "2 h", "5 days"; nothing where no moment is due. */
export function dueShort(it: Case, nowS: number): string {
  if (it.dueS === null) return "";
  return it.dueS < nowS ? `late ${span((nowS - it.dueS) * 1000)}` : span((it.dueS - nowS) * 1000);
}

/** What a crew is doing, and how much of that is known. */
export function crewLine(crew: Crew, state: CrewState, nowS: number): string {
  const until = crew.untilS === null ? "" : ` until ${clock(crew.untilS * 1000)}`;
  if (state === "silent") return crew.seenS === null ? "Not heard of in this shift" : `No contact for ${span((nowS - crew.seenS) * 1000)}`;
  const words = state === "off" ? CREW_STATE[state] : `${CREW_STATE[state]}${until}`;
  return crew.seenS === null ? words : `${words} · seen ${seenAgo(crew.seenS, nowS)}`;
}

export const seenAgo = (seenS: number, nowS: number) => (nowS - seenS < 60 ? "now" : `${span((nowS - seenS) * 1000)} ago`);

export const unsent = (crew: Crew) => `${count(crew.photos, "photo")} (${size(crew.bytes)}) still on its phone`;

export function placedWords(crew: Crew, nowS: number): string {
  return crew.placedS === null ? "It told no place in this shift; the map shows its depot." : `Its place is from ${seenAgo(crew.placedS, nowS)}.`;
}

export const W = {
  skip: "Skip to the cases",
  desk: "Desk",
  cases: "Cases",
  more: "More",
  crews: "Crews",
  map: "Map",
  signOut: "Sign out",
  signIn: "Sign in again",
  theme: { auto: "Theme: as this screen", day: "Theme: bright room", night: "Theme: dark room", sun: "Theme: sun" },
  help: "Keys",
  numbers: "Are we all right?",
  open: "Open",
  unassigned: "Unassigned",
  risk: "Due in 4 h",
  late: "Late",
  review: "Needs review",
  silent: "Crews silent",
  find: "Find: number, street, service",
  anyDepartment: "All departments",
  department: "Department",
  nothingFits: "No case fits what you typed.",
  noCrews: "No crew works for this department.",
  close: "Close",
  urgent: "Urgent",
  held: "Held",
  pinned: "Pinned",
  nobody: "Nobody",
  noAddress: "No address",
  noPlace: "Its place cannot be trusted. Somebody must set it before a crew is sent.",
  whyCrew: "Why this crew",
  ranking: "All crews on duty",
  wholeCase: "All about this case",
  jobs: "Jobs, in its order",
  noJobs: "Nothing in hand.",
  unread: "Not read by the crew yet",
  picked: (n: number) => `${count(n, "case")} chosen`,
  pickNone: "Choose none",
  crew: "Crew",
  opened: "Opened",
  district: (code: string) => `district ${code}`,
  decide: "Decide",
  photo: (kind: string) => ({ before: "Photo before the work", after: "Photo after the work" })[kind] ?? "Photo of the report",
  whyWaiting: "Why it waits",
  reckoningCrews: "Reckoning what it would be for each crew…",
  noRanking: "This could not be had just now. Fold it and open it again.",
  hasIt: "has it",
  give: "Give to a crew",
  moveTo: "Move to…",
  lentTo: "Lent to",
  inHand: "In hand",
  handOver: "Hand its day over",
  lend: "Lend",
  whichCrew: "Which crew? Code or name",
  noCrewFits: "No crew is called so.",
  chooseKeys: "↓ ↑ choose, Enter does it, Esc leaves it as it is.",
  why: "Why",
  howLong: "For how long",
  lendCrew: (code: string) => `Lend ${code} to another department`,
  noOtherDepartment: "It works for every department already.",
  leave: "Leave it",
  gone: "This case is over, or nobody needs to look at it any more.",
  widthOf: (pane: string) => `Width of ${pane}`,
  undo: "Undo",
  andMore: (n: number) => `and ${n} more`,
  singleKeys: "Single letters are keys",
  giveTitle: (n: number) => (n === 1 ? "Give this case to a crew" : `Give ${n.toLocaleString("en-US")} cases to a crew`),
  pinTitle: "Pin to a crew: no other will get it",
  handOverTitle: (code: string, n: number) => `Hand the day of ${code} (${count(n, "job")}) to another crew`,
  whyForCrews: "Why, for both crews to read (may stay empty)",
  surge: "Extra crews for an emergency",
  surgeShort: "Extra",
  surgeWhat: "They come on duty at once. At the end they go off duty by themselves, and what they have not begun goes back to dispatch.",
  surgeEnd: "End it now",
  surgeName: "What for",
  surgeList: "The crews, as CSV",
  surgeColumns: "One row a crew, or a person of a crew. Only crew and department are needed; skills with blanks between them.",
  surgeFile: "Or from a file",
  surgeNothing: "Nobody was put on duty:",
  surgeGo: "Put them on duty",
  surgeBusy: "Putting them on duty…",
  surgeStarted: (crews: number) => `${count(crews, "temporary crew")} on duty.`,
  notUtf8: (file: string) => `${file} is not UTF-8. Save it as “CSV UTF-8”.`,
  signIns: "Passwords of the extra crews",
  signInsOnce: "Write them down, copy or print them now. The city keeps them nowhere in readable form.",
  signInColumns: ["Crew", "Who", "E-mail", "Password"],
  signInsKept: "I have them",
  copy: "Copy",
  print: "Print",
  dropHere: "let go over a crew",
  reckoning: "Reckoning what that costs…",
  notReckoned: "What it costs could not be had just now. You can move it all the same.",
  tooMany: (most: number) => `What it costs is reckoned for up to ${most} cases.`,
} as const;
