/** Where in the app we are: the path below /crew/. The system's own back button works. */

import { useEffect, useState } from "preact/hooks";
import type { FormName } from "../core/forms";
import { isUuid } from "../core/uuid7";
import type { CaseKey } from "../core/wire";

export type Place =
  | { at: "jobs" }
  | { at: "job"; id: CaseKey }
  | { at: "close"; id: CaseKey }
  /** The smaller forms; `id` is null for a case that is still to be opened, and for several at once. */
  | { at: "form"; form: FormName; id: CaseKey | null }
  | { at: "map" }
  | { at: "me" }
  | { at: "shift" }
  | { at: "messages" }
  | { at: "sync" };

const JOB_FORMS = { note: true, photos: true, give_back: true, follow_up: true };

/** The place of the form that was open; see store/outbox.ts for how it is named. */
export function placeOfForm(name: CaseKey): Place {
  const [form = "", id = ""] = String(name).split(":");
  return typeof name === "number" || isUuid(name) ? { at: "close", id: name } : placeOf(form === "open" ? "/crew/new" : form === "batch" ? "/crew/batch" : `/crew/job/${id}/${form}`);
}

export function placeOf(path: string): Place {
  const [first, second, third] = path.replace(/^\/crew\/?/, "").split("/");
  if (first === "job" && second !== undefined && (/^\d+$/.test(second) || isUuid(second))) {
    const id = isUuid(second) ? second : Number(second);
    if (third !== undefined && third in JOB_FORMS) return { at: "form", form: third as FormName, id };
    return { at: third === "close" ? "close" : "job", id };
  }
  if (first === "new") return { at: "form", form: "open", id: null };
  if (first === "batch") return { at: "form", form: "batch", id: null };
  if (first === "map") return { at: "map" };
  if (first === "shift") return { at: "shift" };
  if (first === "me") return { at: second === "sync" || second === "messages" ? second : "me" };
  return { at: "jobs" };
}

export function pathOf(place: Place): string {
  switch (place.at) {
    case "jobs":
      return "/crew/";
    case "job":
      return `/crew/job/${place.id}`;
    case "close":
      return `/crew/job/${place.id}/close`;
    case "form":
      return place.form === "batch" ? "/crew/batch" : place.id === null ? "/crew/new" : `/crew/job/${place.id}/${place.form}`;
    case "map":
      return "/crew/map";
    case "me":
      return "/crew/me";
    case "shift":
      return "/crew/shift";
    case "messages":
      return "/crew/me/messages";
    case "sync":
      return "/crew/me/sync";
  }
}

const listeners = new Set<() => void>();
const scrolls = new Map<string, number>();
let depth = 0;

export function go(place: Place, how: "push" | "replace" = "push"): void {
  scrolls.set(location.pathname, scrollY);
  if (how === "push") depth++;
  history[how === "push" ? "pushState" : "replaceState"](null, "", pathOf(place));
  for (const listener of listeners) listener();
  scrollTo(0, place.at === "jobs" || place.at === "me" ? (scrolls.get(location.pathname) ?? 0) : 0);
}

/** Back to where we came from; to `fallback` if the app was opened right here. */
export function goBack(fallback: Place): void {
  if (depth > 0) history.back();
  else go(fallback, "replace");
}

addEventListener("popstate", () => {
  depth = Math.max(0, depth - 1);
  for (const listener of listeners) listener();
});

export function usePlace(): Place {
  const [place, set] = useState(() => placeOf(location.pathname));
  useEffect(() => {
    const look = () => set(placeOf(location.pathname));
    listeners.add(look);
    return () => void listeners.delete(look);
  }, []);
  return place;
}
