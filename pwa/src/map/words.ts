/** What the map says. A page in another language gives its own. */

import type { Drawn } from "./messages";

export const WORDS = {
  map: "Map",
  keys: "Arrow keys move the map, plus and minus zoom, Home shows the whole. N and P go from mark to mark, Enter opens one.",
  nearer: "Nearer",
  farther: "Farther",
  group: (count: number) => `${count} cases here`,
  mark: (n: number, of: number, what: string) => `${n} of ${of} in view: ${what}`,
  none: "Nothing in view.",
  case: "a case",
};
export type MapWords = typeof WORDS;

export function wordsFor(mark: Drawn, name: (kind: "case" | "crew", index: number) => string, words: MapWords): string {
  return mark.kind === "group" ? words.group(mark.count) : name(mark.kind, mark.index);
}
