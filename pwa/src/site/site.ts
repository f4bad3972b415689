/** What script adds to the pages the server renders. Each page is whole without it. */

import { speak, t, tn, type Catalogue } from "../design/translate";
import { drawAreas } from "./draw-areas";
import { offerReplies } from "./replies";
import { moveByKeys } from "./row-keys";
import "./site.css";
import "./data.css";

/** A button pressed twice sends once. The name of the button pressed goes with the form, so it is dimmed after sending. */
function sendOnce(form: HTMLFormElement): void {
  form.addEventListener("submit", (event) => {
    if (form.dataset["sent"] !== undefined) {
      event.preventDefault();
      return;
    }
    form.dataset["sent"] = "";
    setTimeout(() => {
      for (const button of form.querySelectorAll("button")) button.disabled = true;
    });
  });
  // Back from the next page, the browser may show this one as it was.
  addEventListener("pageshow", () => {
    delete form.dataset["sent"];
    for (const button of form.querySelectorAll("button")) button.disabled = false;
  });
}

/** A choice shows its cases at once; words wait for Enter. Nothing chosen is left out of the address. */
function filterAtOnce(form: HTMLFormElement): void {
  const show = () => {
    const wanted = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === "string" && value !== "") wanted.set(name, value);
    location.assign(`${form.action}?${wanted.toString()}`);
  };
  form.addEventListener("change", (event) => {
    if (event.target instanceof HTMLSelectElement) show();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    show();
  });
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target instanceof Element && event.target.matches("input, textarea, select");
    if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    form.querySelector<HTMLInputElement>("input[type=search]")?.focus();
  });
}

/** "Use my position" fills in the coordinates. */
function offerPosition(button: HTMLButtonElement): void {
  if (!("geolocation" in navigator)) return;
  const words = document.querySelector("[data-locate-words]");
  const say = (text: string) => {
    if (words !== null) words.textContent = text;
  };
  const fill = (name: string, value: number) => {
    const input = document.querySelector<HTMLInputElement>(`input[name=${name}]`);
    if (input === null) return;
    input.value = value.toFixed(6);
    input.dispatchEvent(new Event("change"));
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    say(t("Looking for your position…"));
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        fill("lat", coords.latitude);
        fill("lon", coords.longitude);
        document.querySelector("[data-locate-place]")?.setAttribute("open", "");
        say(tn("We have your position, to about {n} metre.", "We have your position, to about {n} metres.", Math.max(5, Math.round(coords.accuracy))));
      },
      () => say(t("Your position could not be found. Write an address instead.")),
      { enableHighAccuracy: true, timeout: 20_000, maximumAge: 60_000 },
    );
  });
}

/** A map where a place is asked for. It is loaded when it comes near the screen: many reports need none. */
function offerMap(box: HTMLElement): void {
  const [lat, lon] = ["lat", "lon"].map((name) => box.closest("form")?.querySelector<HTMLInputElement>(`input[name=${name}]`));
  if (!lat || !lon) return;
  whenNear(box, () => void import("./place-map").then(({ showPlaceMap }) => showPlaceMap(box, lat, lon)));
}

function whenNear(box: HTMLElement, then: () => void): void {
  const watch = new IntersectionObserver(
    (seen) => {
      if (!seen.some(({ isIntersecting }) => isIntersecting)) return;
      watch.disconnect();
      then();
    },
    { rootMargin: "400px" },
  );
  watch.observe(box.parentElement ?? box); // the box itself is hidden until there is a map in it
}

/** Only an outcome that needs a detail asks for one, and says which. */
function askForDetail(select: HTMLSelectElement): void {
  const place = select.form?.querySelector<HTMLElement>("[data-detail]");
  const label = place?.querySelector<HTMLElement>(".field > span");
  const hint = place?.querySelector<HTMLElement>("small");
  const input = place?.querySelector("input");
  if (!place || !label || !input) return;
  const ask = () => {
    const needs = select.selectedOptions[0]?.dataset["needs"];
    place.hidden = needs === undefined;
    input.required = needs !== undefined;
    input.type = select.value === "scheduled" ? "date" : "text";
    if (hint) hint.hidden = true;
    if (needs !== undefined) label.textContent = needs.charAt(0).toUpperCase() + needs.slice(1);
    else input.value = "";
  };
  select.addEventListener("change", ask);
  ask();
}

// What the server puts beside a page that is not in English.
const words = document.getElementById("words")?.textContent;
if (words) speak(JSON.parse(words) as Catalogue);

if (document.body.classList.contains("public") && "locks" in navigator)
  void import("./keep-report").then(({ keepReport, sendKeptReports }) => {
    for (const form of document.querySelectorAll<HTMLFormElement>("form[data-keep]")) keepReport(form);
    return sendKeptReports();
  });
for (const form of document.querySelectorAll<HTMLFormElement>("form[data-once]")) sendOnce(form);
for (const form of document.querySelectorAll<HTMLFormElement>("form[data-filters]")) filterAtOnce(form);
for (const canvas of document.querySelectorAll<HTMLElement>("[data-areas]")) drawAreas(canvas);
for (const box of document.querySelectorAll<HTMLElement>("[data-territory]")) void import("./draw-territory").then(({ drawTerritory }) => drawTerritory(box));
for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
for (const field of document.querySelectorAll<HTMLElement>("[data-replies]")) offerReplies(field);
for (const list of document.querySelectorAll<HTMLElement>("[data-rows]")) moveByKeys(list);
for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-locate]")) offerPosition(button);
for (const box of document.querySelectorAll<HTMLElement>("[data-place-map]")) offerMap(box);
for (const box of document.querySelectorAll<HTMLElement>("[data-public-map]")) void import("./public-map").then(({ showPublicMap }) => showPublicMap(box));
for (const select of document.querySelectorAll<HTMLSelectElement>("select[data-outcome]")) askForDetail(select);
document.querySelector<HTMLElement>("[role=alert][tabindex]")?.focus();
