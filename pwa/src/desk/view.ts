/** What somebody looks at on the desk, as the address says it: it can be reloaded, sent to a colleague, and gone back to. */

import { LISTS, type ListName } from "../core/board";

export interface View {
  list: ListName;
  /** As typed. */
  words: string;
  departmentId: number | null;
  /** A case by its number, or a crew by its code; neither means anything to who reads the address but names it. */
  chosen: { kind: "case" | "crew"; name: string } | null;
}

const LONGEST = 100;

/** What makes no sense in an address, or is usual, is left out. */
export function readView(search: string): View {
  const given = new URLSearchParams(search);
  const department = Number(given.get("department") ?? "");
  const named = (kind: "case" | "crew") => {
    const name = (given.get(kind) ?? "").slice(0, LONGEST);
    return name === "" ? null : { kind, name };
  };
  return {
    list: LISTS.find((it) => it === given.get("list")) ?? "unassigned",
    words: (given.get("find") ?? "").slice(0, LONGEST),
    departmentId: Number.isSafeInteger(department) && department > 0 ? department : null,
    chosen: named("case") ?? named("crew"),
  };
}

export function writeView({ list, words, departmentId, chosen }: View): string {
  const said = new URLSearchParams();
  if (list !== "unassigned") said.set("list", list);
  if (words !== "") said.set("find", words);
  if (departmentId !== null) said.set("department", String(departmentId));
  if (chosen !== null) said.set(chosen.kind, chosen.name);
  return said.size === 0 ? "" : `?${said}`;
}

/** Another page in the browser's history, or the same one grown: letters typed and steps through a list are no pages. */
export function isAnotherPage(before: View, now: View): boolean {
  return before.list !== now.list || before.departmentId !== now.departmentId || before.chosen?.kind !== now.chosen?.kind;
}
