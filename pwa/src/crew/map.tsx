import { useEffect, useRef, useState } from "preact/hooks";
import type { Card } from "../core/overlay";
import { boundsAround, metresBetween, type Point } from "../core/places";
import type { CaseKey } from "../core/wire";
import { findDistricts, type Districts } from "../map/basemap";
import { createCityMap, type Bounds, type CityMap, type Tone } from "../map/city-map";
import { useApp } from "./app";
import { Icon } from "../design/icons";
import { Badge, distanceTo, Link, placeName } from "./parts";
import { due, W } from "./words";

/** My position belongs in the picture only where it does not squeeze the jobs into one dot. */
const NEAR_M = 30_000;
const AROUND_M = 250;
const CITY_M = 20_000;

/** The jobs in their order on the city's streets, and me. Without streets: districts, jobs and me all the same. */
export function MapPage() {
  const { app, nowMs } = useApp();
  const [districts, setDistricts] = useState<Districts | null | undefined>(undefined);
  const [chosenId, choose] = useState<CaseKey | null>(null);
  useEffect(() => void findDistricts().then(setDistricts), []);
  const open = app.day(nowMs).open.filter((card) => card.job.lat !== null && card.job.lon !== null);
  const at = Math.max(0, open.findIndex((card) => card.job.id === chosenId));
  const chosen = open[at] ?? null;
  const places = open.map(placeOf);
  const me = app.position;
  const near = me !== null && (places[0] === undefined || metresBetween(places[0], me) < NEAR_M) ? [...places, me] : places;
  const city = districts?.bounds ?? boundsAround(near, CITY_M);
  return (
    <main class="page page-map">
      <h1 class="out-of-sight">{W.map.title}</h1>
      <div class="plot">
        {districts !== undefined && city !== null && (
          <Streets city={joined(city, boundsAround(near, AROUND_M))} look={boundsAround(near, AROUND_M)} districts={districts} open={open} chosen={chosen} onChoose={choose} />
        )}
        {open.length === 0 && <p class="plot-empty">{W.map.none}</p>}
      </div>
      {app.positionState === "denied" && <p class="quiet plot-note">{W.map.denied}</p>}
      {chosen !== null && (
        <div class="plot-card">
          {open.length > 1 && <Step name="before" words={W.map.before} to={open[(at + open.length - 1) % open.length]} onChoose={choose} />}
          <Link to={{ at: "job", id: chosen.job.id }} class="plot-job" data-testid="map-card">
            <span class="plot-number">{at + 1}</span>
            <span class="card-text">
              <strong class="card-where">{placeName(chosen.job)}</strong>
              <span class="card-what">{chosen.job.service}</span>
              <span class="card-badges">
                <Badge code={chosen.status} />
                {distanceTo(chosen) !== null && <span class="fact">{distanceTo(chosen)}</span>}
                {chosen.job.dueAt !== null && <span class={`fact${chosen.isLate ? " fact-late" : ""}`}>{due(Date.parse(chosen.job.dueAt), nowMs)}</span>}
              </span>
            </span>
          </Link>
          {open.length > 1 && <Step name="after" words={W.map.after} to={open[(at + 1) % open.length]} onChoose={choose} />}
        </div>
      )}
    </main>
  );
}

function Step({ name, words, to, onChoose }: { name: "before" | "after"; words: string; to: Card | undefined; onChoose(id: CaseKey): void }) {
  return (
    <button type="button" class={`icon-button plot-${name}`} aria-label={words} onClick={() => to !== undefined && onChoose(to.job.id)}>
      <Icon name="chevron" />
    </button>
  );
}

interface StreetsProps {
  city: Bounds;
  look: Bounds | null;
  districts: Districts | null;
  open: readonly Card[];
  chosen: Card | null;
  onChoose(id: CaseKey): void;
}

function Streets({ city, look, districts, open, chosen, onChoose }: StreetsProps) {
  const { app } = useApp();
  const box = useRef<HTMLDivElement>(null);
  const map = useRef<CityMap | null>(null);
  const me = app.position;
  useEffect(() => {
    const words = { map: W.map.title, nearer: W.map.nearer, farther: W.map.farther };
    const made = createCityMap(box.current as HTMLElement, { bounds: city, ...(look === null ? {} : { look }), districts: districts?.outlines ?? null, grouped: false, words, onPickCase: onChoose });
    map.current = made;
    return () => made.destroy();
  }, []);
  useEffect(() => {
    map.current?.setCases(open.map((card, i) => ({ id: card.job.id, lng: card.job.lon as number, lat: card.job.lat as number, tone: toneOf(card), urgent: card.job.urgent, label: String(i + 1), name: `${i + 1}. ${placeName(card.job)}, ${card.job.service}` })));
    map.current?.setRoute(open.map((card) => [card.job.lon as number, card.job.lat as number]));
  }, [open.map((card) => [card.job.id, card.job.lon, card.job.lat, toneOf(card), card.job.urgent].join()).join(";")]);
  useEffect(() => map.current?.select("case", chosen?.job.id ?? null), [chosen?.job.id]);
  useEffect(() => map.current?.setMe(me === null ? null : { lng: me.lon, lat: me.lat, metres: me.accuracy_m }), [me?.lat, me?.lon, me?.accuracy_m]);
  const locate = () => {
    if (me === null) app.watchPosition();
    else map.current?.focus(me.lon, me.lat, 16);
  };
  return (
    <>
      <div class="plot-map" ref={box} data-testid="map" />
      {app.positionState !== "denied" && (
        <button type="button" class="icon-button plot-locate" aria-label={W.map.locate} onClick={locate}>
          <Icon name="locate" />
        </button>
      )}
    </>
  );
}

function toneOf(card: Card): Tone {
  if (card.isLate) return "late";
  return card.status === "en_route" || card.status === "on_site" ? card.status : "assigned";
}

function placeOf(card: Card): Point {
  return { lat: card.job.lat ?? 0, lon: card.job.lon ?? 0 };
}

function joined(a: Bounds, b: Bounds | null): Bounds {
  return b === null ? a : [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])];
}
