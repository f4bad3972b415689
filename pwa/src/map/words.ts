/** What the map says. */

import { numeral, t, tn } from "../design/translate";
import type { Drawn } from "./messages";

export const mapWords = () => ({
  map: t("Map"),
  keys: t("Arrow keys move the map, plus and minus zoom, Home shows the whole. N and P go from mark to mark, Enter opens one."),
  nearer: t("Nearer"),
  farther: t("Farther"),
  group: (count: number) => tn("{n} case here", "{n} cases here", count),
  mark: (n: number, of: number, what: string) => t("{n} of {of} in view: {what}", { n: numeral(n), of: numeral(of), what }),
  none: t("Nothing in view."),
  case: t("a case"),
});
export type MapWords = ReturnType<typeof mapWords>;

export function wordsFor(mark: Drawn, name: (kind: "case" | "crew", index: number) => string, words: MapWords): string {
  return mark.kind === "group" ? words.group(mark.count) : name(mark.kind, mark.index);
}
