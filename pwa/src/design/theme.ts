/** The screen's theme: as the phone says, or as the crew says. Kept where it can be read before the first paint. */

export type Theme = "auto" | "day" | "night" | "sun";
export const THEMES: readonly Theme[] = ["auto", "day", "night", "sun"];
const KEY = "crew311-theme";

export function theme(): Theme {
  try {
    const kept = localStorage.getItem(KEY) as Theme | null;
    return kept !== null && THEMES.includes(kept) ? kept : "auto";
  } catch {
    return "auto";
  }
}

export function wear(choice: Theme): void {
  if (choice === "auto") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = choice;
  const paper = getComputedStyle(document.documentElement).getPropertyValue("--paper").trim();
  document.querySelector('meta[name="theme-color"]')?.setAttribute("content", paper);
  try {
    localStorage.setItem(KEY, choice);
  } catch {
    // Then it lasts until the app is closed.
  }
}
