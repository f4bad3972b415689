/** What the desk shows and what is chosen on it. One object; views re-render when it says so. */

import { useEffect, useState } from "preact/hooks";
import { boardOf, crewCards, EVERYTHING, type Board, type CrewCard, type Filter, type ListName } from "../core/board";
import type { Case, Crew, Picture, Told } from "../core/picture";
import type { SignIn } from "../core/surge";
import type { View } from "./view";
import { theme, wear, type Theme } from "../design/theme";
import { speakInZone } from "../design/times";
import type { Fetch } from "../net/http";
import { Live } from "../net/live";
import { Office } from "../net/office";
import { Feed, type Contact, type FeedNews } from "./feed";
import { Moves } from "./moves";
import { Prices } from "./prices";

export type Chosen = { kind: "case"; id: number } | { kind: "crew"; id: number };

/** Due moments pass without news. */
const TICK_MS = 15_000;
/** A case that is on no desk any more. */
const NOT_HERE = 0;
/** A row that changed glows once; one that scrolls into view later does not. */
const GLOW_MS = 3_000;

const ask: Fetch = (url, init) => fetch(url, init);

export class Desk {
  picture: Picture | null = null;
  contact: Contact = "starting";
  heardMs: number | null = null;
  board: Board | null = null;
  crews: CrewCard[] = [];
  list: ListName = "unassigned";
  filter: Filter = EVERYTHING;
  /** What is looked for, as it was typed. */
  words = "";
  chosen: Chosen | null = null;
  /** The number of the chosen case or the code of the chosen crew, also where it is on the desk no more. */
  chosenName = "";
  /** Of temporary crews, until somebody has written them down. */
  signIns: readonly SignIn[] = [];
  /** Several cases at once; none: what is done is done to the chosen one. */
  picked: ReadonlySet<number> = new Set();
  unfolded: ReadonlySet<number> = new Set();
  theme: Theme = theme();
  readonly live = new Live(ask);
  readonly office = new Office(ask);
  readonly moves = new Moves(this);
  readonly prices = new Prices(this.office);
  /** Whose mark is at this point of the window; the map says it. */
  crewOnMap: (x: number, y: number) => number | null = () => null;

  private readonly feed = new Feed(this.live, (news) => this.hear(news));
  private readonly listeners = new Set<() => void>();
  private readonly changedMs = new Map<number, number>();
  private aheadMs = 0;
  /** Chosen before there was a picture to find it in. */
  private toChoose: View["chosen"] = null;
  private isSaying = false;

  start(): void {
    this.feed.start();
    setInterval(() => this.reckon(), TICK_MS);
    addEventListener("online", () => this.feed.poke());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.feed.poke());
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Views hear of it once a frame, however much has happened in it. */
  say(): void {
    if (this.isSaying) return;
    this.isSaying = true;
    queueMicrotask(() => {
      this.isSaying = false;
      for (const listener of this.listeners) listener();
    });
  }

  /** The city's clock, whatever this machine's says. */
  get nowS(): number {
    return Math.floor((Date.now() + this.aheadMs) / 1000);
  }

  case(id: number): Case | null {
    return this.picture?.cases.get(id) ?? null;
  }

  crew(id: number | null): Crew | null {
    return this.picture?.crews.all.find((crew) => crew.id === id) ?? null;
  }

  card(crewId: number): CrewCard | null {
    return this.crews.find((it) => it.crew.id === crewId) ?? null;
  }

  isGlowing(caseId: number): boolean {
    return Date.now() - (this.changedMs.get(caseId) ?? 0) < GLOW_MS;
  }

  wear(theme: Theme): void {
    wear(theme);
    this.theme = theme;
    this.say();
  }

  // ---- what is chosen ----

  show(list: ListName): void {
    this.list = list;
    this.picked = new Set();
    this.say();
  }

  narrow(filter: Partial<Filter>): void {
    this.filter = { ...this.filter, ...filter };
    this.reckon();
  }

  find(typed: string): void {
    this.words = typed;
    this.narrow({ words: normal(typed) });
  }

  choose(chosen: Chosen | null): void {
    this.chosen = chosen;
    this.chosenName = (chosen === null ? undefined : chosen.kind === "case" ? this.case(chosen.id)?.number : this.crew(chosen.id)?.code) ?? "";
    this.say();
  }

  /** What is looked at, for the address. */
  get view(): View {
    const chosen = this.chosen === null || this.chosenName === "" ? null : { kind: this.chosen.kind, name: this.chosenName };
    return { list: this.list, words: this.words.trim(), departmentId: this.filter.departmentId, chosen };
  }

  /** Looks at what an address says. */
  look({ list, words, departmentId, chosen }: View): void {
    this.list = list;
    this.words = words;
    this.picked = new Set();
    this.toChoose = chosen;
    this.narrow({ words: normal(words), departmentId });
    this.chooseNamed();
  }

  keepSignIns(signIns: readonly SignIn[]): void {
    this.signIns = signIns;
    this.say();
  }

  pick(ids: Iterable<number>): void {
    this.picked = new Set(ids);
    this.say();
  }

  togglePick(id: number): void {
    const picked = new Set(this.picked);
    if (!picked.delete(id)) picked.add(id);
    this.pick(picked);
  }

  fold(crewId: number, isOpen: boolean): void {
    const unfolded = new Set(this.unfolded);
    if (isOpen) unfolded.add(crewId);
    else unfolded.delete(crewId);
    this.unfolded = unfolded;
    this.say();
  }

  /** The cases a deed is done to: those picked, or the chosen one. */
  get meant(): Case[] {
    const ids = this.picked.size > 0 ? [...this.picked] : this.chosen?.kind === "case" ? [this.chosen.id] : [];
    return ids.map((id) => this.case(id)).filter((it): it is Case => it !== null);
  }

  /** Cases to a crew, as they were when somebody decided it. */
  async give(cases: readonly Case[], crewId: number): Promise<void> {
    this.picked = new Set();
    this.prices.forget();
    await this.moves.do("assign", cases, { crew: crewId });
  }

  /** What came of a deed of this desk. */
  learn(told: Told): void {
    this.feed.learn(told);
  }

  // ---- news ----

  private hear({ contact, heardMs, picture, changed }: FeedNews): void {
    const isFirst = this.picture === null && picture !== null;
    this.contact = contact;
    this.heardMs = heardMs;
    if (picture !== null && picture !== this.picture) {
      if (picture.nowS !== this.picture?.nowS) this.aheadMs = picture.nowS * 1000 - Date.now();
      this.picture = picture;
      if (isFirst) {
        speakInZone(picture.city.timezone);
        this.chooseNamed();
      }
      const nowMs = Date.now();
      for (const [id, ms] of this.changedMs) if (nowMs - ms > GLOW_MS) this.changedMs.delete(id);
      for (const id of changed ?? []) this.changedMs.set(id, nowMs);
      if ([...this.picked].some((id) => !picture.cases.has(id))) this.picked = new Set([...this.picked].filter((id) => picture.cases.has(id)));
      this.reckon(changed);
    }
    this.say();
  }

  private chooseNamed(): void {
    const wanted = this.toChoose;
    if (this.picture === null) return;
    this.toChoose = null;
    if (wanted === null) return this.choose(null);
    if (wanted.kind === "crew") {
      const crew = this.picture.crews.all.find(({ code }) => code === wanted.name);
      return this.choose(crew === undefined ? null : { kind: "crew", id: crew.id });
    }
    const id = [...this.picture.cases.values()].find(({ number }) => number === wanted.name)?.id;
    this.choose({ kind: "case", id: id ?? NOT_HERE });
    this.chosenName = wanted.name;
  }

  /** `changed`: what else is as it was; null: nothing is sure to be. */
  private reckon(changed: readonly number[] | null = null): void {
    if (this.picture !== null) {
      this.board = boardOf(this.picture, this.nowS, this.filter, changed === null ? null : this.board, changed ?? []);
      this.crews = crewCards(this.picture, this.nowS, this.filter);
    }
    this.say();
  }
}

export const desk = new Desk();

/** Re-renders whoever calls it when the desk says something. */
export function useDesk(): Desk {
  const [, look] = useState(0);
  useEffect(() => desk.subscribe(() => look((n) => n + 1)), []);
  return desk;
}

const normal = (words: string) => words.trim().toLowerCase().replaceAll(/\s+/g, " ");
