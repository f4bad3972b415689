/** What the desk lists: cases in groups and in order, crews with their load, and the numbers on top. Pure. */

import type { Case, Crew, Picture } from "./picture";

export const LISTS = ["unassigned", "risk", "review", "open"] as const;
export type ListName = (typeof LISTS)[number];

export type Due = "none" | "later" | "risk" | "late";
/** What a case is shown as: its status, unless something about it is more pressing. */
export type Tone = "late" | "review" | "risk" | "waiting" | "held" | "given" | "moving";

const OVER = new Set(["closed", "withdrawn", "merged"]);
const UNDER_WAY = new Set(["en_route", "on_site"]);

export const isOpen = (it: Case) => !OVER.has(it.status);
export const isWaiting = (it: Case) => isOpen(it) && it.crewId === null;

export function dueOf(it: Case, nowS: number, atRiskS: number): Due {
  if (it.dueS === null || !isOpen(it)) return "none";
  return it.dueS < nowS ? "late" : it.dueS < nowS + atRiskS ? "risk" : "later";
}

export function toneOf(it: Case, nowS: number, atRiskS: number): Tone {
  if (it.review !== null) return "review";
  const due = dueOf(it, nowS, atRiskS);
  if (due === "late" || due === "risk") return due;
  if (UNDER_WAY.has(it.status)) return "moving";
  if (it.crewId !== null) return "given";
  return it.isHeld ? "held" : "waiting";
}

export interface Filter {
  words: string;
  departmentId: number | null;
}

export const EVERYTHING: Filter = { words: "", departmentId: null };

/** Each word must be somewhere in number, address or service. */
export function fits(it: Case, filter: Filter, services: ReadonlyMap<number, string>): boolean {
  if (filter.departmentId !== null && it.departmentId !== filter.departmentId) return false;
  if (filter.words === "") return true;
  const said = `${it.number} ${it.address} ${services.get(it.serviceId) ?? ""}`.toLowerCase();
  return filter.words.split(" ").every((word) => said.includes(word));
}

export interface Numbers {
  open: number;
  unassigned: number;
  risk: number;
  late: number;
  review: number;
  silent: number;
}

export interface Board {
  lists: Record<ListName, Case[]>;
  numbers: Numbers;
}

const NEVER = Number.MAX_SAFE_INTEGER;

/** Urgent first, then by what is due first; what has no due moment comes last, the oldest of it first. */
export function inOrder(a: Case, b: Case): number {
  return Number(b.isUrgent) - Number(a.isUrgent) || (a.dueS ?? NEVER) - (b.dueS ?? NEVER) || a.openedS - b.openedS || a.id - b.id;
}

/**
 * `before` and `changed`: the board of the picture before, with the same filter, and the cases that are another since. The
 * order of ten thousand does not change with a handful of them, so those are taken out and put in where they belong.
 */
export function boardOf(picture: Picture, nowS: number, filter: Filter = EVERYTHING, before: Board | null = null, changed: readonly number[] = []): Board {
  const fitting = (it: Case) => fits(it, filter, picture.services);
  const open = before === null ? sorted(picture, (it) => isOpen(it) && fitting(it)) : renewed(before.lists.open, picture, changed, (it) => isOpen(it) && fitting(it));
  const review: Case[] = [];
  const numbers: Numbers = { open: 0, unassigned: 0, risk: 0, late: 0, review: 0, silent: 0 };
  for (const it of picture.cases.values()) {
    const due = dueOf(it, nowS, picture.atRiskS);
    if (isOpen(it)) numbers.open += 1;
    if (isWaiting(it)) numbers.unassigned += 1;
    if (due === "risk" || due === "late") numbers[due] += 1;
    if (it.review === null) continue;
    numbers.review += 1;
    if (fitting(it)) review.push(it);
  }
  numbers.silent = picture.crews.all.filter((crew) => crew.untilS !== null && crew.isSilent).length;
  review.sort((a, b) => a.changedS - b.changedS || a.id - b.id);
  const isPressing = (it: Case) => it.dueS !== null && it.dueS < nowS + picture.atRiskS;
  return { lists: { open, review, unassigned: open.filter(isWaiting), risk: open.filter(isPressing) }, numbers };
}

function sorted(picture: Picture, belongs: (it: Case) => boolean): Case[] {
  return [...picture.cases.values()].filter(belongs).sort(inOrder);
}

function renewed(list: readonly Case[], picture: Picture, changed: readonly number[], belongs: (it: Case) => boolean): Case[] {
  if (changed.length === 0) return list as Case[];
  const ids = new Set(changed);
  const fresh = [...ids].map((id) => picture.cases.get(id)).filter((it): it is Case => it !== undefined && belongs(it)).sort(inOrder);
  const merged: Case[] = [];
  let n = 0;
  for (const it of list) {
    if (ids.has(it.id)) continue;
    for (let next = fresh[n]; next !== undefined && inOrder(next, it) < 0; next = fresh[n]) {
      merged.push(next);
      n += 1;
    }
    merged.push(it);
  }
  return [...merged, ...fresh.slice(n)];
}

// ---- crews ---------------------------------------------------------------------------------------------------------

export type CrewState = "working" | "pause" | "silent" | "off";

export function crewState(crew: Crew): CrewState {
  if (crew.untilS === null) return "off";
  if (crew.isSilent) return "silent";
  return crew.pauseS === null ? "working" : "pause";
}

/** Too old to be where it is now; or its depot, because it told none. */
export const isStale = (crew: Crew, nowS: number, freshS: number) => crew.placedS === null || nowS - crew.placedS > freshS;

export interface CrewCard {
  crew: Crew;
  state: CrewState;
  jobs: Case[];
  late: number;
}

const STATE_ORDER: readonly CrewState[] = ["silent", "working", "pause", "off"];

/** The silent that hold work first: somebody must look. Then those at work, by code. */
export function crewCards(picture: Picture, nowS: number, filter: Filter = EVERYTHING): CrewCard[] {
  const held = heldBy(picture);
  const cards = picture.crews.all
    .filter((crew) => filter.departmentId === null || [crew.departmentId, ...crew.lentTo].includes(filter.departmentId))
    .map((crew) => {
      const jobs = inCrewsOrder(crew, held.get(crew.id) ?? []);
      return { crew, state: crewState(crew), jobs, late: jobs.filter((it) => dueOf(it, nowS, picture.atRiskS) === "late").length };
    });
  const place = ({ state, jobs }: CrewCard) => (state === "silent" && jobs.length === 0 ? 2 : STATE_ORDER.indexOf(state));
  return cards.sort((a, b) => place(a) - place(b) || byCode(a.crew, b.crew));
}

function heldBy(picture: Picture): Map<number, Case[]> {
  const held = new Map<number, Case[]>();
  for (const it of picture.cases.values()) {
    if (it.crewId === null || !isOpen(it)) continue;
    const jobs = held.get(it.crewId);
    if (jobs === undefined) held.set(it.crewId, [it]);
    else jobs.push(it);
  }
  return held;
}

/** Whose a case is, its own row says at once; the crew's order follows within seconds, and what is not in it yet is last. */
function inCrewsOrder(crew: Crew, held: readonly Case[]): Case[] {
  const place = new Map(crew.jobs.map((id, i) => [id, i]));
  return [...held].sort((a, b) => (place.get(a.id) ?? crew.jobs.length) - (place.get(b.id) ?? crew.jobs.length) || a.id - b.id);
}

const codes = new Intl.Collator("en", { numeric: true });
const byCode = (a: Crew, b: Crew) => codes.compare(a.code, b.code);

/** Crews by what somebody typed, the likeliest first: code from its beginning, then anywhere, then the name. */
export function findCrews(crews: readonly Crew[], typed: string): Crew[] {
  const words = typed.trim().toLowerCase();
  const bare = (code: string) => code.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  const rank = (crew: Crew) => {
    const code = crew.code.toLowerCase();
    if (code === words || bare(code) === bare(words)) return 0;
    if (code.startsWith(words)) return 1;
    if (code.endsWith(words)) return 2;
    if (code.includes(words) || (bare(words) !== "" && bare(code).includes(bare(words)))) return 3;
    return crew.name.toLowerCase().includes(words) ? 4 : 9;
  };
  return crews
    .map((crew) => ({ crew, rank: words === "" ? 0 : rank(crew) }))
    .filter((it) => it.rank < 9)
    .sort((a, b) => a.rank - b.rank || byCode(a.crew, b.crew))
    .map((it) => it.crew);
}
