/** What the page itself is told of its language, and where it is kept: in the cookie that the city's pages read, too. */

const A_YEAR_S = 365 * 24 * 3600;

/** The page says which language it is in, and from which side it is read. */
export function wearLanguage(code: string): void {
  document.documentElement.lang = code;
  document.documentElement.dir = __LANGUAGES__.find((language) => language.code === code)?.dir ?? "ltr";
}

export function keepLanguage(code: string): void {
  document.cookie = `language=${code}; path=/; max-age=${A_YEAR_S}; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
}
