/**
 * Every sentence in the reader's language. English is written in the code; the catalogues (crew_app/translations, one PO file
 * for each language) have the rest, and `make words` gathers what is to be translated.
 */

export interface Catalogue {
  /** BCP 47. */
  language: string;
  /** The forms a sentence with a number has, by CLDR's names, in the order in which they stand in `words`. */
  plurals: readonly string[];
  /** English, with its context before it if it has one, to what is said. */
  words: Readonly<Record<string, string | readonly string[]>>;
}

export type Values = Readonly<Record<string, string | number>>;

const ENGLISH: Catalogue = { language: "en", plurals: ["one", "other"], words: {} };
let spoken = ENGLISH;
let rules: Intl.PluralRules | null = null;

/** From now on; null is English. */
export function speak(catalogue: Catalogue | null): void {
  spoken = catalogue ?? ENGLISH;
  rules = null;
}

export const language = () => spoken.language;

/** What Intl is asked for. Where a browser does not know a language, numbers are those of the one it grew beside. */
export function locale(): string {
  if (spoken === ENGLISH) return "en-US";
  const near: Record<string, string> = { ht: "fr", kea: "pt" };
  if (spoken.language === "ar") return "ar-u-nu-latn"; // the digits of case numbers and of the city
  return isKnownToIntl() ? spoken.language : (near[spoken.language] ?? spoken.language);
}

export const isKnownToIntl = () => Intl.DateTimeFormat.supportedLocalesOf(spoken.language).length > 0;

/** A sentence, its {places} filled. */
export function t(words: string, values?: Values): string {
  return fill(formsOf(words)?.[0] ?? words, values);
}

/** The same, of words that mean something else elsewhere; `context` says what they are about. */
export function tc(context: string, words: string, values?: Values): string {
  return fill(formsOf(`${context}\u0004${words}`)?.[0] ?? words, values);
}

/** The form for this number; {n} is the number as the language writes it. */
export function tn(one: string, many: string, n: number, values?: Values): string {
  const forms = formsOf(one);
  if (forms === null) return fill(n === 1 ? one : many, { n: numeral(n), ...values });
  rules ??= new Intl.PluralRules(locale());
  const at = spoken.plurals.indexOf(rules.select(n));
  return fill(forms[at] ?? forms[forms.length - 1] ?? many, { n: numeral(n), ...values });
}

export const numeral = (n: number, digits = 0) => n.toLocaleString(locale(), { maximumFractionDigits: digits, minimumFractionDigits: digits });

/** A number, or an address of Main St, keeps its own direction in a line that runs from the right. */
export const isolated = (text: string) => (spoken.language === "ar" ? `\u2068${text}\u2069` : text);

function formsOf(key: string): readonly string[] | null {
  const found = spoken.words[key];
  return found === undefined ? null : typeof found === "string" ? [found] : found;
}

function fill(words: string, values: Values = {}): string {
  return words.replace(/\{(\w+)\}/g, (place, name: string) => (name in values ? isolated(String(values[name])) : place));
}
