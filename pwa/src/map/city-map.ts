/**
 * The one map of the house: streets, districts, cases, crews. The phone, the desk and residents' pages all use it.
 *
 * The page only keeps where it looks and what was touched; a painter in a thread of its own reads the tiles and paints:
 * however much is on the map, the page stays free.
 */

import "./map.css";
import { findBasemap, type Basemap } from "./basemap";
import { cameraFor, keptWithin, latOf, lngOf, metresPerPx, placeAt, spotOf, xOf, yOf, zoomedAt, type Bounds, type Camera, type Size } from "./camera";
import { listen } from "./hands";
import { COLOURS, TONES, URGENT, type CaseMarks, type Chosen, type Drawn, type FromPainter, type Outlines, type Palette, type Tone, type ToPainter } from "./messages";
import { WORDS, wordsFor, type MapWords } from "./words";

export type { Bounds, Camera } from "./camera";
export type { Outlines, Tone } from "./messages";
export type Theme = "auto" | "day" | "night" | "sun";
export type Id = number | string;

export interface MapCase {
  id: Id;
  lng: number;
  lat: number;
  tone: Tone;
  urgent?: boolean;
  /** A number to show in place of the tone's shape: the order of a crew's day. */
  label?: string;
  /** What a screen reader says of it. */
  name?: string;
}

export interface MapCrew {
  id: Id;
  lng: number;
  lat: number;
  label: string;
  stale: boolean;
  tone: Tone;
}

export interface MapOptions {
  /** The city: the map does not leave it. */
  bounds: Bounds;
  /** What to show at first, if not all of it. */
  look?: Bounds;
  theme?: Theme;
  /** Where the streets are; left out: ask the city; null: draw without. */
  basemapUrl?: string | null;
  districts?: Outlines | null;
  /** Many cases near each other as one mark with their number. Default: yes. */
  grouped?: boolean;
  /** The map's name for a screen reader. */
  label?: string;
  words?: Partial<MapWords>;
  onPickCase?(id: Id): void;
  onPickCrew?(id: Id): void;
  /** Cases so near to each other that no zoom parts them (at most a hundred are named). */
  onPickCluster?(ids: Id[]): void;
  /** The map has come to rest here. */
  onMove?(bounds: Bounds, zoom: number): void;
}

export interface CityMap {
  setCases(cases: readonly MapCase[]): void;
  setCrews(crews: readonly MapCrew[]): void;
  /** A line through these [lng, lat]. */
  setRoute(points: readonly (readonly [number, number])[] | null): void;
  setDistricts(outlines: Outlines | null): void;
  /** Where the person is, and to how many metres that is sure. */
  setMe(place: { lng: number; lat: number; metres: number } | null): void;
  /** Marks it, above all others. */
  select(kind: "case" | "crew", id: Id | null): void;
  focus(lng: number, lat: number, zoom?: number): void;
  fit(bounds: Bounds): void;
  zoomBy(by: number): void;
  /** What is drawn at a point of the window (clientX, clientY), for drag and drop. */
  caseAt(x: number, y: number): Id | null;
  crewAt(x: number, y: number): Id | null;
  /** Where a place is, in pixels from the map's top left, and the other way round: for what is laid over the map. */
  spotOf(lng: number, lat: number): { x: number; y: number };
  placeOf(x: number, y: number): { lng: number; lat: number };
  /** Called at each movement until the returned function is. */
  onCamera(follow: () => void): () => void;
  /** Called when a place is touched where no mark is (or Enter is pressed: the middle), until the returned function is. */
  onPlace(heard: (lng: number, lat: number) => void): () => void;
  metresPerPx(): number;
  setTheme(theme: Theme): void;
  readonly element: HTMLElement;
  destroy(): void;
}

const EASE_MS = 140;
const REST_MS = 160;
const REACH_PX = { mouse: 14, touch: 24 };

export function createCityMap(element: HTMLElement, options: MapOptions): CityMap {
  const words = { ...WORDS, ...options.words };
  const ended = new AbortController();
  const { view, canvas, spoken, credit, buttons } = build(element, options.label ?? words.map, words);
  const painter = new Worker(new URL("./painter/painter.ts", import.meta.url), { type: "module", name: "map" });
  const say = (message: ToPainter, given: Transferable[] = []) => painter.postMessage(message, given);

  let size = sizeOf(view);
  const { bounds } = options;
  let camera = keptWithin(cameraFor(options.look ?? bounds, size), bounds, size);
  let theme: Theme = options.theme ?? "auto";
  let cases: readonly MapCase[] = [];
  let crews: readonly MapCrew[] = [];
  let drawn: Drawn[] = [];
  let chosen: Chosen | null = null;
  let chosenId: { kind: "case" | "crew"; id: Id } | null = null;
  let stepped = -1;
  let easing = 0;
  let resting: ReturnType<typeof setTimeout> | undefined;
  let isTold = true;
  const followers = new Set<() => void>();
  const touched = new Set<(lng: number, lat: number) => void>();

  // ---- looking ----

  function look(to: Camera): void {
    camera = keptWithin(to, bounds, size);
    if (isTold) {
      isTold = false;
      requestAnimationFrame(() => {
        isTold = true;
        if (ended.signal.aborted) return;
        say({ is: "camera", camera });
        for (const follow of followers) follow();
      });
    }
    clearTimeout(resting);
    resting = setTimeout(() => options.onMove?.(inView(), camera.zoom), REST_MS);
  }

  function go(to: Camera): void {
    cancelAnimationFrame(easing);
    const goal = keptWithin(to, bounds, size);
    const from = camera;
    const beganMs = performance.now();
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
      look(goal);
      return;
    }
    const step = (nowMs: number) => {
      const part = Math.min(1, Math.max(0, (nowMs - beganMs) / EASE_MS));
      const eased = 1 - (1 - part) ** 2;
      look({ x: from.x + (goal.x - from.x) * eased, y: from.y + (goal.y - from.y) * eased, zoom: from.zoom + (goal.zoom - from.zoom) * eased });
      if (part < 1 && !ended.signal.aborted) easing = requestAnimationFrame(step);
    };
    easing = requestAnimationFrame(step);
  }

  function inView(): Bounds {
    const northWest = placeAt(camera, size, 0, 0);
    const southEast = placeAt(camera, size, size.wide, size.high);
    return [lngOf(northWest.x), latOf(southEast.y), lngOf(southEast.x), latOf(northWest.y)];
  }

  function zoomBy(by: number): void {
    go(zoomedAt(camera, size, camera.zoom + by, size.wide / 2, size.high / 2));
  }

  // ---- touching ----

  /** The nearest mark within reach of a spot of the picture. */
  function markAt(x: number, y: number, reach: number, kinds: readonly Drawn["kind"][]): Drawn | null {
    let best: Drawn | null = null;
    let bestPx = reach;
    for (const mark of drawn) {
      if (!kinds.includes(mark.kind)) continue;
      const spot = spotOf(camera, size, mark.x, mark.y);
      const px = Math.hypot(spot.x - x, spot.y - y);
      if (px <= bestPx) [best, bestPx] = [mark, px];
    }
    return best;
  }

  const MARKS = ["case", "crew", "group"] as const;

  function pick(mark: Drawn): void {
    if (mark.kind === "group") say({ is: "open_group", group: mark.index });
    else if (mark.kind === "case") options.onPickCase?.((cases[mark.index] as MapCase).id);
    else options.onPickCrew?.((crews[mark.index] as MapCrew).id);
  }

  function atPoint(clientX: number, clientY: number, kind: "case" | "crew"): number | null {
    const box = view.getBoundingClientRect();
    const mark = markAt(clientX - box.left, clientY - box.top, REACH_PX.touch, [kind]);
    return mark === null ? null : mark.index;
  }

  /** From mark to mark in view, west to east, by the keyboard. */
  function step(by: 1 | -1): void {
    const seen = marksInView();
    if (seen.length === 0) {
      spoken.textContent = words.none;
      return;
    }
    stepped = (stepped + by + seen.length) % seen.length;
    const mark = seen[stepped] as Drawn;
    ring.hidden = false;
    placeRing();
    spoken.textContent = words.mark(stepped + 1, seen.length, wordsFor(mark, nameOf, words));
  }

  function marksInView(): Drawn[] {
    return drawn
      .filter((mark) => {
        const { x, y } = spotOf(camera, size, mark.x, mark.y);
        return x >= 0 && y >= 0 && x <= size.wide && y <= size.high;
      })
      .sort((a, b) => a.x - b.x || a.y - b.y);
  }

  function nameOf(kind: "case" | "crew", index: number): string {
    return kind === "crew" ? (crews[index]?.label ?? "") : (cases[index]?.name ?? words.case);
  }

  function placeRing(): void {
    const mark = ring.hidden ? undefined : marksInView()[stepped];
    if (mark === undefined) {
      ring.hidden = true;
      stepped = -1;
      return;
    }
    const { x, y } = spotOf(camera, size, mark.x, mark.y);
    ring.style.transform = `translate(${x}px, ${y}px)`;
  }

  const ring = view.appendChild(document.createElement("div"));
  ring.className = "city-map-ring";
  ring.hidden = true;
  followers.add(placeRing);
  view.addEventListener("blur", () => (ring.hidden = true), { signal: ended.signal });

  listen(
    view,
    {
      camera: () => camera,
      size: () => size,
      look(to) {
        cancelAnimationFrame(easing);
        look(to);
      },
      go,
      tap(x, y, isTouch) {
        const mark = markAt(x, y, isTouch ? REACH_PX.touch : REACH_PX.mouse, MARKS);
        if (mark !== null) {
          pick(mark);
          return;
        }
        const place = placeAt(camera, size, x, y);
        for (const heard of touched) heard(lngOf(place.x), latOf(place.y));
      },
      hover: (x, y) => view.classList.toggle("city-map-over", markAt(x, y, REACH_PX.mouse, MARKS) !== null),
      whole: () => go(cameraFor(options.look ?? bounds, size)),
      step,
      choose() {
        const mark = ring.hidden ? undefined : marksInView()[stepped];
        if (mark !== undefined) pick(mark);
        else for (const heard of touched) heard(lngOf(camera.x), latOf(camera.y));
      },
    },
    ended.signal,
  );
  buttons.nearer.addEventListener("click", () => zoomBy(1));
  buttons.farther.addEventListener("click", () => zoomBy(-1));

  // ---- the painter ----

  painter.addEventListener("message", ({ data }: MessageEvent<FromPainter>) => {
    if (data.is === "drawn") {
      drawn = data.drawn;
      placeRing();
    } else if (data.is === "streets") {
      element.dataset["streets"] = data.state;
      credit.hidden = data.state === "none";
    } else {
      const group = drawn.find((mark) => mark.kind === "group" && mark.index === data.group);
      const cannotPart = data.zoom > NEAREST_GROUP;
      if (cannotPart && options.onPickCluster !== undefined) options.onPickCluster(data.cases.flatMap((index) => cases[index]?.id ?? []));
      else if (group !== undefined) go({ x: group.x, y: group.y, zoom: data.zoom });
    }
  });

  const offscreen = canvas.transferControlToOffscreen();
  say({ is: "start", canvas: offscreen, ...size, density: densityOf(), camera, palette: paletteOf(element, theme), isGrouped: options.grouped ?? true }, [offscreen]);
  if (options.districts != null) say({ is: "outlines", outlines: options.districts });
  void (async () => {
    const given = options.basemapUrl;
    const found: Basemap | null = given === undefined ? await findBasemap() : given === null ? null : { url: given, bounds, credit: "© OpenStreetMap contributors" };
    if (ended.signal.aborted) return;
    credit.textContent = found?.credit ?? "";
    say({ is: "basemap", url: found === null ? null : new URL(found.url, location.href).href });
  })();

  const grown = new ResizeObserver(() => {
    size = sizeOf(view);
    say({ is: "size", ...size, density: densityOf() });
    look(camera);
  });
  grown.observe(view);
  const repaint = () => say({ is: "palette", palette: paletteOf(element, theme) });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint, { signal: ended.signal });

  function choose(): void {
    const list: readonly { id: Id }[] = chosenId?.kind === "crew" ? crews : cases;
    const index = chosenId === null ? -1 : list.findIndex(({ id }) => id === chosenId?.id);
    chosen = index < 0 || chosenId === null ? null : { kind: chosenId.kind, index };
    say({ is: "chosen", chosen });
  }

  return {
    element,
    setCases(given) {
      cases = given.filter(({ lng, lat }) => Number.isFinite(lng) && Number.isFinite(lat));
      const columns = columnsOf(cases);
      say({ is: "cases", cases: columns }, [columns.lng.buffer, columns.lat.buffer, columns.marks.buffer]);
      choose();
    },
    setCrews(given) {
      crews = given.filter(({ lng, lat }) => Number.isFinite(lng) && Number.isFinite(lat));
      say({ is: "crews", crews: crews.map(({ lng, lat, label, stale, tone }) => ({ lng, lat, label, stale, tone })) });
      choose();
    },
    setRoute: (points) => say({ is: "route", points: points === null ? null : points.map(([lng, lat]) => [lng, lat]) }),
    setDistricts: (outlines) => say({ is: "outlines", outlines }),
    setMe: (me) => say({ is: "me", me }),
    select(kind, id) {
      chosenId = id === null ? null : { kind, id };
      choose();
    },
    focus: (lng, lat, zoom) => go({ x: xOf(lng), y: yOf(lat), zoom: zoom ?? camera.zoom }),
    fit: (to) => go(cameraFor(to, size)),
    zoomBy,
    caseAt(x, y) {
      const index = atPoint(x, y, "case");
      return index === null ? null : (cases[index]?.id ?? null);
    },
    crewAt(x, y) {
      const index = atPoint(x, y, "crew");
      return index === null ? null : (crews[index]?.id ?? null);
    },
    placeOf(x, y) {
      const place = placeAt(camera, size, x, y);
      return { lng: lngOf(place.x), lat: latOf(place.y) };
    },
    spotOf: (lng, lat) => spotOf(camera, size, xOf(lng), yOf(lat)),
    onCamera(follow) {
      followers.add(follow);
      return () => followers.delete(follow);
    },
    onPlace(heard) {
      touched.add(heard);
      return () => touched.delete(heard);
    },
    metresPerPx: () => metresPerPx(camera),
    setTheme(to) {
      theme = to;
      repaint();
    },
    destroy() {
      ended.abort();
      grown.disconnect();
      clearTimeout(resting);
      cancelAnimationFrame(easing);
      painter.terminate();
      element.replaceChildren();
      element.classList.remove("city-map");
    },
  };
}

/** Beyond this zoom groups no longer fall apart: what is in them is at one place. */
const NEAREST_GROUP = 18;

function build(element: HTMLElement, label: string, words: MapWords) {
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

function sizeOf(view: HTMLElement): Size {
  return { wide: Math.max(1, view.clientWidth), high: Math.max(1, view.clientHeight) };
}

/** More than two pixels to a pixel cost memory and nobody sees them. */
function densityOf(): number {
  return Math.min(2, devicePixelRatio || 1);
}

function columnsOf(cases: readonly MapCase[]): CaseMarks {
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
function paletteOf(element: HTMLElement, theme: Theme): Palette {
  if (theme === "auto") delete element.dataset["theme"];
  else element.dataset["theme"] = theme;
  const said = getComputedStyle(element);
  const colour = (name: string) => said.getPropertyValue(`--${name}`).trim();
  const tones = TONES.map((tone) => colour(`status-${tone.replace("_", "-")}`));
  return { ...Object.fromEntries(COLOURS.map((name) => [name, colour(`map-${name}`)])), tones } as unknown as Palette;
}
