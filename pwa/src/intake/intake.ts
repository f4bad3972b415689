/** A call being taken: what and where are found while they are typed, and what is known beside them is shown at once. */

import { combobox, type Suggestion } from "./combobox";

interface Place extends Suggestion {
  lat: number;
  lon: number;
}

const PAUSE_MS = 120;

function takeCalls(page: HTMLElement): void {
  const address = page.dataset["intake"] ?? "";
  const form = page.querySelector("form");
  const select = page.querySelector<HTMLSelectElement>("[data-choose]");
  const where = page.querySelector<HTMLInputElement>("[data-place]");
  const coordinates = page.querySelector<HTMLElement>("[data-coordinates]");
  const lat = page.querySelector<HTMLInputElement>("input[name=lat]");
  const lon = page.querySelector<HTMLInputElement>("input[name=lon]");
  const words = page.querySelector<HTMLElement>("[data-place-words]");
  const questions = page.querySelector<HTMLElement>("[data-questions]");
  const beside = page.querySelector<HTMLElement>("[data-beside]");
  const mapBox = page.querySelector<HTMLElement>("[data-map]");
  if (!form || !select || !where || !coordinates || !lat || !lon || !words || !questions || !beside || !mapBox) return;

  let putOnMap: (place: { lng: number; lat: number } | null) => void = () => undefined;

  const part = async (name: string, asked: Record<string, string>): Promise<string | null> => {
    const answer = await fetch(`${address}/${name}?${new URLSearchParams(asked).toString()}`, { headers: { Accept: "text/html" } }).catch(() => null);
    return answer?.ok ? answer.text() : null;
  };
  let asked = 0;
  const lookBeside = async () => {
    const mine = ++asked;
    const html = await part("beside", { service: select.value, lat: lat.value, lon: lon.value });
    if (mine === asked && html !== null) beside.innerHTML = html;
  };
  const setPlace = (place: { lat: number; lon: number } | null, said: string) => {
    lat.value = place?.lat.toFixed(6) ?? "";
    lon.value = place?.lon.toFixed(6) ?? "";
    words.textContent = said;
    putOnMap(place && { lng: place.lon, lat: place.lat });
    void lookBeside();
  };

  chooseService(select, async () => {
    void lookBeside();
    const service = select.value;
    const html = await part("questions", { service });
    if (service === select.value && html !== null) questions.innerHTML = html;
  });

  coordinates.hidden = true;
  let pause: ReturnType<typeof setTimeout> | undefined;
  combobox<Place>(
    where,
    (typed) =>
      new Promise((found) => {
        clearTimeout(pause);
        pause = setTimeout(() => void placesFor(address, typed).then(found), PAUSE_MS);
      }),
    (place) => setPlace(place, place.aside ? "About there: nobody has reported from this address yet." : "Found."),
  );
  where.addEventListener("input", () => {
    if (lat.value !== "") setPlace(null, "");
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  for (const keys of page.querySelectorAll<HTMLElement>("[data-keys]")) keys.hidden = false;

  void import("./map").then(async ({ mapFor }) => {
    putOnMap = await mapFor(mapBox, (place) => setPlace(place, "The place on the map."));
    if (lat.value !== "") putOnMap({ lng: Number(lon.value), lat: Number(lat.value) });
  });
}

async function placesFor(address: string, typed: string): Promise<Place[]> {
  if (typed.length < 2) return [];
  const answer = await fetch(`${address}/places?${new URLSearchParams({ q: typed }).toString()}`).catch(() => null);
  if (!answer?.ok) return [];
  const { places } = (await answer.json()) as { places: { address: string; lat: number; lon: number; about: boolean }[] };
  return places.map((one) => ({ words: one.address.replace(/\s+/g, " "), lat: one.lat, lon: one.lon, ...(one.about ? { aside: "about" } : {}) }));
}

/** The list of services becomes a field to type into; the list stays, unseen, as what is sent. */
function chooseService(select: HTMLSelectElement, changed: () => void): void {
  const services = [...select.options].filter((option) => option.value !== "").map((option) => ({
    words: option.text,
    value: option.value,
    asked: `${option.text} ${option.dataset["words"] ?? ""}`.toLowerCase(),
    aside: (option.dataset["words"] ?? "").trim(),
  }));
  const input = document.createElement("input");
  input.id = "call-what";
  input.autocomplete = "off";
  input.required = true;
  input.value = select.value === "" ? "" : (select.selectedOptions[0]?.text ?? "");
  input.setAttribute("aria-describedby", select.getAttribute("aria-describedby") ?? "");
  if (select.ariaInvalid !== null) input.ariaInvalid = select.ariaInvalid;
  select.hidden = true;
  select.required = false;
  select.before(input);
  const matches = (typed: string) => {
    const parts = typed.toLowerCase().split(/\s+/);
    const begins = (text: string) => parts.every((part) => text.split(/[^\p{L}\p{N}]+/u).some((word) => word.startsWith(part)));
    const inName = services.filter((one) => begins(one.words.toLowerCase()));
    return [...inName, ...services.filter((one) => !inName.includes(one) && begins(one.asked))].slice(0, 8);
  };
  combobox(input, matches, (chosen) => {
    select.value = chosen.value;
    input.setCustomValidity("");
    changed();
  });
  input.addEventListener("input", () => {
    select.value = "";
    input.setCustomValidity("Choose one from the list.");
  });
  input.focus();
}

for (const page of document.querySelectorAll<HTMLElement>("[data-intake]")) takeCalls(page);
