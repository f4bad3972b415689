/** The city beside the lists: what is chosen here is chosen there, and cases can be dropped on crews. */

import { useEffect, useRef } from "preact/hooks";
import { dueOf, isOpen, isStale, type CrewCard } from "../core/board";
import type { Case } from "../core/picture";
import { theme } from "../design/theme";
import type { Bounds, CityMap, MapCase, MapCrew, Tone } from "../map/city-map";
import { boundsOf } from "./bounds";
import { useDesk, type Desk } from "./desk";
import { beginDrag } from "./drag";
import { W } from "./words";

/** The panel lies over the right of the map. */
const PANEL_PX = 380;
const NEAR_ZOOM = 14;
const MARKS_WITHIN_MS = 1_500;
const TILE_PX = 512;

export function MapPane() {
  const desk = useDesk();
  const box = useRef<HTMLDivElement>(null);
  const map = useRef<CityMap | null>(null);
  const seen = useRef<{ bounds: Bounds; zoom: number } | null>(null);
  const isThere = desk.picture !== null;

  useEffect(() => {
    if (!isThere || box.current === null) return;
    const element = box.current;
    let isLeft = false;
    void makeMap(element, desk, (bounds, zoom) => (seen.current = { bounds, zoom })).then((made) => {
      if (isLeft || made === null) return made?.destroy();
      map.current = made;
      desk.crewOnMap = (x, y) => Number(made.crewAt(x, y) ?? 0) || null;
      desk.say();
    });
    return () => {
      isLeft = true;
      map.current?.destroy();
      map.current = null;
      desk.crewOnMap = () => null;
    };
  }, [isThere]);

  const chosenCrew = chosenCrewOf(desk);
  const places = chosenCrew?.jobs.map(({ id }) => id).join() ?? "";
  const isMarking = useRef(false);
  useEffect(() => {
    // Thousands of marks go over to the painter when nothing moves, or after so long, as they are by then. What waits is
    // not called off by the next news, or a busy city would never get its marks.
    if (map.current === null || isMarking.current) return;
    isMarking.current = true;
    const mark = () => {
      isMarking.current = false;
      map.current?.setCases(casesOnMap(desk, chosenCrewOf(desk)));
    };
    requestIdleCallback(mark, { timeout: MARKS_WITHIN_MS });
  }, [map.current, desk.board, places]);
  useEffect(() => map.current?.setCrews(crewsOnMap(desk)), [map.current, desk.crews]);
  useEffect(() => map.current?.setRoute(chosenCrew === null ? null : roundOf(chosenCrew)), [map.current, places, chosenCrew?.crew.lat, chosenCrew?.crew.lon]);
  useEffect(() => map.current?.setTheme(desk.theme), [map.current, desk.theme]);
  useEffect(() => {
    map.current?.select(desk.chosen?.kind ?? "case", desk.chosen?.id ?? null);
    if (map.current !== null) bringIntoView(map.current, desk, seen.current);
  }, [map.current, desk.chosen?.kind, desk.chosen?.id]);

  const onPointerDown = (event: PointerEvent) => {
    // The chosen case, and those picked, are dragged; everything else moves the map.
    const id = Number(map.current?.caseAt(event.clientX, event.clientY) ?? 0);
    if (!(desk.picked.has(id) || (desk.chosen?.kind === "case" && desk.chosen.id === id))) return;
    event.stopPropagation();
    event.preventDefault();
    beginDrag(event, desk, id);
  };
  return <div id="map" class="map" ref={box} onPointerDownCapture={onPointerDown} data-testid="map" />;
}

const chosenCrewOf = (desk: Desk) => (desk.chosen?.kind === "crew" ? desk.card(desk.chosen.id) : null);

/** Loaded after the lists are shown: they do not wait for it. */
async function makeMap(element: HTMLElement, desk: Desk, onMove: (bounds: Bounds, zoom: number) => void): Promise<CityMap | null> {
  const [{ createCityMap }, districts] = await Promise.all([import("../map/city-map"), desk.live.outlines().catch(() => null)]);
  const bounds = boundsOf(districts, [...(desk.picture?.cases.values() ?? [])], desk.picture?.crews.all ?? []);
  if (!element.isConnected) return null;
  return createCityMap(element, {
    bounds,
    theme: theme(),
    districts,
    label: W.map,
    onPickCase: (id) => desk.choose({ kind: "case", id: Number(id) }),
    onPickCrew: (id) => desk.choose({ kind: "crew", id: Number(id) }),
    onPickCluster(ids) {
      desk.pick(ids.map(Number));
      if (ids[0] !== undefined) desk.choose({ kind: "case", id: Number(ids[0]) });
    },
    onMove,
  });
}

function toneOnMap(it: Case, desk: Desk): Tone {
  if (it.review !== null) return "review";
  if (dueOf(it, desk.nowS, desk.picture?.atRiskS ?? 0) === "late") return "late";
  return it.status === "assigned" || it.status === "en_route" || it.status === "on_site" ? it.status : "received";
}

/** All that the filter lets through; those of the chosen crew by their place in its day. */
function casesOnMap(desk: Desk, chosen: CrewCard | null): MapCase[] {
  const lists = desk.board?.lists;
  const place = new Map(chosen?.jobs.map(({ id }, i) => [id, String(i + 1)]));
  return [...(lists?.open ?? []), ...(lists?.review.filter((it) => !isOpen(it)) ?? [])].flatMap((it): MapCase[] => {
    if (it.lat === null || it.lon === null || it.isLost) return [];
    const label = place.get(it.id);
    return [{ id: it.id, lng: it.lon, lat: it.lat, tone: toneOnMap(it, desk), urgent: it.isUrgent, name: it.address || it.number, ...(label === undefined ? {} : { label }) }];
  });
}

const CREW_TONE: Record<CrewCard["state"], Tone> = { working: "assigned", pause: "received", silent: "late", off: "received" };

/** Those on duty, and those that still hold work. */
function crewsOnMap(desk: Desk): MapCrew[] {
  return desk.crews
    .filter(({ state, jobs }) => state !== "off" || jobs.length > 0)
    .map(({ crew, state }) => ({ id: crew.id, lng: crew.lon, lat: crew.lat, label: crew.code, stale: isStale(crew, desk.nowS, desk.picture?.freshS ?? 0), tone: CREW_TONE[state] }));
}

function roundOf({ crew, jobs }: CrewCard): [number, number][] {
  return [[crew.lon, crew.lat], ...jobs.flatMap((it): [number, number][] => (it.lat === null || it.lon === null || it.isLost ? [] : [[it.lon, it.lat]]))];
}

/** What was chosen in a list, unless it is to be seen already; beside the panel, not under it. A crew: its whole round. */
function bringIntoView(map: CityMap, desk: Desk, seen: { bounds: Bounds; zoom: number } | null): void {
  const covered = Math.min(PANEL_PX, map.element.clientWidth / 2);
  const card = chosenCrewOf(desk);
  if (card !== null && card.jobs.length > 0) {
    const [west, south, east, north] = boundsOf(null, card.jobs, [card.crew]);
    const share = covered / Math.max(1, map.element.clientWidth - covered);
    map.fit([west, south, east + (east - west + 0.01) * share, north]);
    return;
  }
  const it = desk.chosen?.kind === "case" ? desk.case(desk.chosen.id) : (card?.crew ?? null);
  if (it === null || it.lat === null || it.lon === null || ("isLost" in it && it.isLost)) return;
  const zoom = Math.max(seen?.zoom ?? 0, NEAR_ZOOM);
  const { x, y } = map.spotOf(it.lon, it.lat);
  const isSeen = x > 20 && x < map.element.clientWidth - covered && y > 20 && y < map.element.clientHeight - 20;
  if (isSeen && (seen?.zoom ?? 0) >= NEAR_ZOOM - 2) return;
  map.focus(it.lon + ((covered / 2) * 360) / (TILE_PX * 2 ** zoom), it.lat, zoom);
}
