/**
 * The one map of the house: streets, districts, cases, crews. The phone, the desk and residents' pages all use it.
 *
 * The page only keeps where it looks and what was touched; a painter in a thread of its own reads the tiles and paints:
 * however much is on the map, the page stays free (docs/adr/0009-own-map-painter.md).
 */

import "./map.css";
import { findBasemap, type Basemap } from "./basemap";
import { cameraFor, keptWithin, latOf, lngOf, metresPerPx, placeAt, spotOf, xOf, yOf, zoomedAt, type Bounds, type Camera } from "./camera";
import { build, columnsOf, densityOf, paletteOf, sizeOf } from "./frame";
import { listen } from "./hands";
import { markAt, marksInView } from "./marks";
import type { Drawn, FromPainter, ToPainter } from "./messages";
import type { CityMap, Id, MapCase, MapCrew, MapOptions, Theme } from "./types";
import { mapWords, wordsFor } from "./words";

export type { Bounds, Camera } from "./camera";
export type { Outlines, Tone } from "./messages";
export type { CityMap, Id, MapCase, MapCrew, MapOptions, Theme } from "./types";

/** Beyond this zoom groups no longer fall apart: what is in them is at one place. */
const NEAREST_GROUP = 18;
const EASE_MS = 140;
const REST_MS = 160;
const REACH_PX = { mouse: 14, touch: 24 };

interface Given {
  edition: number;
  cases: readonly MapCase[];
  crews: readonly MapCrew[];
}

export function createCityMap(element: HTMLElement, options: MapOptions): CityMap {
  const words = { ...mapWords(), ...options.words };
  const ended = new AbortController();
  const { view, canvas, spoken, credit, buttons } = build(element, options.label ?? words.map, words);
  const painter = new Worker(new URL("./painter/painter.ts", import.meta.url), { type: "module", name: "map" });
  const say = (message: ToPainter, given: Transferable[] = []) => painter.postMessage(message, given);

  let size = sizeOf(view);
  const { bounds } = options;
  let camera = keptWithin(cameraFor(options.look ?? bounds, size), bounds, size);
  let theme: Theme = options.theme ?? "auto";
  let given: Given = { edition: 0, cases: [], crews: [] };
  /** What was given and is not painted yet, and what is painted now. */
  let coming: Given[] = [];
  let shown = given;
  let drawn: Drawn[] = [];
  let chosenId: { kind: "case" | "crew"; id: Id } | null = null;
  let stepped = -1;
  let easing = 0;
  let heading: Camera | null = null;
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
    const goal = (heading = keptWithin(to, bounds, size));
    const from = camera;
    const beganMs = performance.now();
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
      look(goal);
      heading = null;
      return;
    }
    const step = (nowMs: number) => {
      const part = Math.min(1, Math.max(0, (nowMs - beganMs) / EASE_MS));
      const eased = 1 - (1 - part) ** 2;
      look({ x: from.x + (goal.x - from.x) * eased, y: from.y + (goal.y - from.y) * eased, zoom: from.zoom + (goal.zoom - from.zoom) * eased });
      if (part < 1 && !ended.signal.aborted) easing = requestAnimationFrame(step);
      else heading = null;
    };
    easing = requestAnimationFrame(step);
  }

  function inView(): Bounds {
    const northWest = placeAt(camera, size, 0, 0);
    const southEast = placeAt(camera, size, size.wide, size.high);
    return [lngOf(northWest.x), latOf(southEast.y), lngOf(southEast.x), latOf(northWest.y)];
  }

  function zoomBy(by: number): void {
    const from = heading ?? camera;
    go(zoomedAt(from, size, from.zoom + by, size.wide / 2, size.high / 2));
  }

  // ---- touching ----

  function pick(mark: Drawn): void {
    if (mark.kind === "group") say({ is: "open_group", group: mark.index });
    else if (mark.kind === "case") options.onPickCase?.((shown.cases[mark.index] as MapCase).id);
    else options.onPickCrew?.((shown.crews[mark.index] as MapCrew).id);
  }

  function atPoint(clientX: number, clientY: number, kind: "case" | "crew"): number | null {
    const box = view.getBoundingClientRect();
    const mark = markAt(drawn, camera, size, clientX - box.left, clientY - box.top, REACH_PX.touch, [kind]);
    return mark === null ? null : mark.index;
  }

  /** From mark to mark in view, west to east, by the keyboard. */
  function step(by: 1 | -1): void {
    const seen = marksInView(drawn, camera, size);
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

  function nameOf(kind: "case" | "crew", index: number): string {
    return kind === "crew" ? (shown.crews[index]?.label ?? "") : (shown.cases[index]?.name ?? words.case);
  }

  function placeRing(): void {
    const mark = ring.hidden ? undefined : marksInView(drawn, camera, size)[stepped];
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
      heading: () => heading ?? camera,
      size: () => size,
      look(to) {
        cancelAnimationFrame(easing);
        heading = null;
        look(to);
      },
      go,
      tap(x, y, isTouch) {
        const mark = markAt(drawn, camera, size, x, y, isTouch ? REACH_PX.touch : REACH_PX.mouse);
        if (mark !== null) {
          pick(mark);
          return;
        }
        const place = placeAt(camera, size, x, y);
        for (const heard of touched) heard(lngOf(place.x), latOf(place.y));
      },
      hover: (x, y) => view.classList.toggle("city-map-over", markAt(drawn, camera, size, x, y, REACH_PX.mouse) !== null),
      whole: () => go(cameraFor(options.look ?? bounds, size)),
      step,
      choose() {
        const mark = ring.hidden ? undefined : marksInView(drawn, camera, size)[stepped];
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
      shown = coming.find(({ edition }) => edition === data.edition) ?? shown;
      coming = coming.filter(({ edition }) => edition > data.edition);
      placeRing();
    } else if (data.is === "streets") {
      element.dataset["streets"] = data.state;
      credit.hidden = data.state === "none";
    } else {
      const group = drawn.find((mark) => mark.kind === "group" && mark.index === data.group);
      const cannotPart = data.zoom > NEAREST_GROUP;
      if (cannotPart && options.onPickCluster !== undefined) options.onPickCluster(data.edition === shown.edition ? data.cases.flatMap((index) => shown.cases[index]?.id ?? []) : []);
      else if (group !== undefined) go({ x: group.x, y: group.y, zoom: data.zoom });
    }
  });

  const offscreen = canvas.transferControlToOffscreen();
  say({ is: "start", canvas: offscreen, ...size, density: densityOf(), camera, palette: paletteOf(element, theme), isGrouped: options.grouped ?? true }, [offscreen]);
  if (options.districts != null) say({ is: "outlines", outlines: options.districts });
  void (async () => {
    const url = options.basemapUrl;
    const found: Basemap | null = url === undefined ? await findBasemap() : url === null ? null : { url, bounds, credit: "© OpenStreetMap contributors" };
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
    const list: readonly { id: Id }[] = chosenId?.kind === "crew" ? given.crews : given.cases;
    const index = list.findIndex(({ id }) => id === chosenId?.id);
    say({ is: "chosen", chosen: index < 0 || chosenId === null ? null : { kind: chosenId.kind, index } });
  }

  function give(next: Omit<Given, "edition">): number {
    given = { ...next, edition: given.edition + 1 };
    coming.push(given);
    return given.edition;
  }

  return {
    element,
    setCases(all) {
      const cases = all.filter(isSomewhere);
      const columns = columnsOf(cases);
      say({ is: "cases", cases: columns, edition: give({ ...given, cases }) }, [columns.lng.buffer, columns.lat.buffer, columns.marks.buffer]);
      choose();
    },
    setCrews(all) {
      const crews = all.filter(isSomewhere);
      say({ is: "crews", crews: crews.map(({ lng, lat, label, stale, tone }) => ({ lng, lat, label, stale, tone })), edition: give({ ...given, crews }) });
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
      return index === null ? null : (shown.cases[index]?.id ?? null);
    },
    crewAt(x, y) {
      const index = atPoint(x, y, "crew");
      return index === null ? null : (shown.crews[index]?.id ?? null);
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

function isSomewhere({ lng, lat }: { lng: number; lat: number }): boolean {
  return Number.isFinite(lng) && Number.isFinite(lat);
}
