/** The map's elements on the page, and what the painter is told of the page: its size, its colours, its cases as columns. */

import type { Size } from "./camera";
import { COLOURS, TONES, URGENT, type CaseMarks, type Palette } from "./messages";
import type { MapCase, Theme } from "./types";
import type { MapWords } from "./words";

export function build(element: HTMLElement, label: string, words: MapWords) {
  element.classList.add("city-map");
  element.dataset["streets"] = "coming";
  const make = <K extends keyof HTMLElementTagNameMap>(tag: K, name: string, into: HTMLElement) => {
    const made = into.appendChild(document.createElement(tag));
    made.className = name;
    return made;
  };
  const view = make("div", "city-map-view", element);
  view.tabIndex = 0;
  view.setAttribute("role", "application");
  view.setAttribute("aria-roledescription", "map");
  view.setAttribute("aria-label", label);
  view.setAttribute("aria-description", words.keys);
  const canvas = make("canvas", "city-map-picture", view);
  canvas.setAttribute("aria-hidden", "true");
  const spoken = make("p", "city-map-spoken", element);
  spoken.setAttribute("role", "status");
  const row = make("div", "city-map-buttons", element);
  const button = (words: string, sign: string) => {
    const made = make("button", "city-map-button", row);
    made.type = "button";
    made.setAttribute("aria-label", words);
    made.textContent = sign;
    return made;
  };
  const buttons = { nearer: button(words.nearer, "+"), farther: button(words.farther, "−") };
  const credit = make("p", "city-map-credit", element);
  credit.hidden = true;
  return { view, canvas, spoken, credit, buttons };
}

export function sizeOf(view: HTMLElement): Size {
  return { wide: Math.max(1, view.clientWidth), high: Math.max(1, view.clientHeight) };
}

/** More than two pixels to a pixel cost memory and nobody sees them. */
export function densityOf(): number {
  return Math.min(2, devicePixelRatio || 1);
}

export function columnsOf(cases: readonly MapCase[]): CaseMarks {
  const marks = new Uint8Array(cases.length);
  const lng = new Float64Array(cases.length);
  const lat = new Float64Array(cases.length);
  cases.forEach((it, i) => {
    lng[i] = it.lng;
    lat[i] = it.lat;
    marks[i] = TONES.indexOf(it.tone) + (it.urgent === true ? URGENT : 0);
  });
  return { lng, lat, marks, labels: cases.some(({ label }) => label !== undefined) ? cases.map(({ label }) => label ?? "") : null };
}

/** The colours the style sheet gives this theme (tokens.css, map.css). */
export function paletteOf(element: HTMLElement, theme: Theme): Palette {
  if (theme === "auto") delete element.dataset["theme"];
  else element.dataset["theme"] = theme;
  const said = getComputedStyle(element);
  const colour = (name: string) => said.getPropertyValue(`--${name}`).trim();
  const tones = TONES.map((tone) => colour(`status-${tone.replace("_", "-")}`));
  return { ...Object.fromEntries(COLOURS.map((name) => [name, colour(`map-${name}`)])), tones } as unknown as Palette;
}
