/** Which language the phone speaks: the one chosen here or on a page of the city, else the first the phone's owner reads. */

import { speak, type Catalogue } from "../design/translate";

export const LANGUAGES = __LANGUAGES__;
/** Words that do not come in this time come at the next start; until then it is English. */
const PATIENCE_MS = 4_000;

/** Ours for what a browser asks for: as languages.py has it. */
export function languageFor(tag: string): string | null {
  const [first = "", ...rest] = tag.toLowerCase().split("-");
  if (first === "zh") return rest.includes("hant") || (!rest.includes("hans") && rest.some((part) => ["tw", "hk", "mo"].includes(part))) ? "zh-Hant" : "zh-Hans";
  return first === "en" || LANGUAGES.some(({ code }) => code === first) ? first : null;
}

const isOurs = (code: string | undefined): code is string => code === "en" || LANGUAGES.some((language) => language.code === code);

export function chosen(cookies: string, asked: readonly string[]): string {
  const kept = /(?:^|; )language=([\w-]+)/.exec(cookies)?.[1];
  if (isOurs(kept)) return kept;
  return asked.map(languageFor).find((code) => code !== null) ?? "en";
}

/** From the service worker's cache, without signal too. English needs nothing. */
export async function learn(code: string, read: (path: string) => Promise<Response> = fromCity): Promise<boolean> {
  if (code === "en") {
    speak(null);
    return true;
  }
  try {
    const answer = await read(`/crew/languages/${code}.json`);
    if (!answer.ok) return false;
    speak((await answer.json()) as Catalogue);
    return true;
  } catch {
    return false;
  }
}

const fromCity = (path: string) => fetch(path, { signal: AbortSignal.timeout(PATIENCE_MS) });
