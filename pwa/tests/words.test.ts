/** Sentences in other languages: places, plurals by CLDR, days and numbers; and which language is spoken. */

import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { readCatalogues } from "../scripts/catalogues";
import { chosen, languageFor } from "../src/crew/language";
import { sayAnew, W } from "../src/crew/words";
import { due, exactly, longDay, speakInZone, when } from "../src/design/times";
import { speak, t, tc, tn } from "../src/design/translate";

const catalogues = readCatalogues(join(__dirname, "../../crew_app/translations"));
const learn = (code: string) => {
  const found = catalogues.find(({ language }) => language === code);
  if (found === undefined) throw new Error(`no catalogue for ${code}`);
  speak({ language: code, plurals: found.plurals, words: found.wordsOf(() => true) });
  sayAnew();
};
const NOW = Date.parse("2026-11-03T18:00:00Z");

afterEach(() => {
  speak(null);
  sayAnew();
});

describe("a sentence", () => {
  it("is English where nothing was learnt, and fills its places", () => {
    expect(t("Case {number}", { number: "26-1" })).toBe("Case 26-1");
    expect([tn("{n} job to do", "{n} jobs to do", 1), tn("{n} job to do", "{n} jobs to do", 1200)]).toEqual(["1 job to do", "1,200 jobs to do"]);
  });

  it("is said in the language that was learnt, and the words in use change with it", () => {
    learn("es");
    expect(W.tabs.jobs).toBe("Trabajos");
    expect([W.jobs.left(0), W.jobs.left(1), W.jobs.left(3)]).toEqual(["No queda nada por hacer", "1 trabajo por hacer", "3 trabajos por hacer"]);
    expect(tc("pause", "Break")).toBe("Descanso");
    expect(t("Nobody ever wrote this")).toBe("Nobody ever wrote this");
  });

  it("has the form that CLDR names for its number, however many there are", () => {
    speak({ language: "ar", plurals: ["zero", "one", "two", "few", "many", "other"], words: { "{n} job": ["0", "1", "2", "3-10", "11-99", "100"] } });
    expect([0, 1, 2, 3, 11, 100].map((n) => tn("{n} job", "{n} jobs", n))).toEqual(["0", "1", "2", "3-10", "11-99", "100"]);
  });
});

describe("moments", () => {
  it("are said as in the language", () => {
    speakInZone("America/New_York");
    learn("es");
    expect(longDay(NOW)).toBe("martes, 3 de noviembre");
    expect(when(NOW - 86_400_000, NOW)).toBe("ayer, 13:00");
    expect(due(NOW - 7_200_000, NOW)).toBe("Tarde por 2 h");
    expect(exactly(NOW)).toContain("13:00");
  });

  it("have names of the catalogue where the browser has none", () => {
    speakInZone("America/New_York");
    speak({ language: "xx", plurals: ["other"], words: {} });
    expect(longDay(NOW)).toBe("Tuesday 3 November");
  });
});

describe("the language", () => {
  it("is the one that was chosen, else the first the browser asks for that we have", () => {
    expect(chosen("theme=day; language=es; x=1", ["en-US"])).toBe("es");
    expect(chosen("language=tlh", ["tlh", "es-419", "en"])).toBe("es");
    expect(chosen("", ["tlh"])).toBe("en");
    expect([languageFor("zh-TW"), languageFor("zh-Hant-HK"), languageFor("zh"), languageFor("zh-Hans-TW"), languageFor("en-GB")]).toEqual(["zh-Hant", "zh-Hant", "zh-Hans", "zh-Hans", "en"]);
  });
});
