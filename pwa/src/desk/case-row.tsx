import { dueOf, isOpen } from "../core/board";
import type { Case } from "../core/picture";
import { Icon, statusIcon, type IconName } from "../design/icons";
import type { Desk } from "./desk";
import { dueShort, STATUS, W } from "./words";

export const CASE_ROW_PX = 32;

/** One line: where it stands, what it is, where, whose, by when. */
export function CaseRow({ it, desk, showsCrew }: { it: Case; desk: Desk; showsCrew: boolean }) {
  const { nowS, picture } = desk;
  const due = dueOf(it, nowS, picture?.atRiskS ?? 0);
  return (
    <>
      <span class={`row-status status-${it.review !== null ? "review" : it.status}`}>
        <Icon name={iconOf(it)} size={16} />
        <span class="out-of-sight">{STATUS[it.status] ?? it.status}</span>
      </span>
      <span class="row-what">
        {it.isUrgent && <Mark word={W.urgent} tone="bad" />}
        {it.isHeld && <Mark word={W.held} tone="quiet" />}
        {picture?.services.get(it.serviceId)}
      </span>
      <span class="row-where">{shortAddress(it.address, picture?.city.name ?? "") || (it.isLost ? W.noAddress : it.number)}</span>
      {showsCrew && <span class="row-crew">{desk.crew(it.crewId)?.code ?? ""}</span>}
      <span class={`row-due due-${due}`}>{dueShort(it, nowS)}</span>
    </>
  );
}

export function iconOf(it: Case): IconName {
  if (it.review !== null && !isOpen(it)) return "review";
  return it.status === "reopened" ? "again" : statusIcon(it.status);
}

function Mark({ word, tone }: { word: string; tone: "bad" | "quiet" }) {
  return <span class={`mark mark-${tone}`}>{word}</span>;
}

/** The street without the city's name, which every case shares. */
export function shortAddress(address: string, city: string): string {
  const at = city === "" ? -1 : address.toLowerCase().search(new RegExp(`[,\\s]+${city.toLowerCase().replaceAll(/[^\w\s]/g, "")}\\b`));
  return at > 0 ? address.slice(0, at) : address;
}

/** Where two rows of the same look differ for the eye: chosen, picked, just changed. */
export function rowClass(id: number, desk: Desk): string {
  const isAt = desk.chosen?.kind === "case" && desk.chosen.id === id;
  return `row${isAt ? " row-at" : ""}${desk.picked.has(id) ? " row-picked" : ""}${desk.isGlowing(id) ? " row-new" : ""}`;
}
