import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Card } from "../core/overlay";
import type { CaseKey } from "../core/wire";
import { offsetFrom, type Point } from "../core/places";
import { useApp } from "./app";
import { Icon } from "../design/icons";
import { Badge, distanceTo, Link, placeName } from "./parts";
import { distance, due, UNIT_M, W } from "./words";

const EDGE = 44;

interface Size {
  wide: number;
  high: number;
}

/** Jobs around me, as a plot: no tiles, no streets, works everywhere. Tapping a dot shows its job. */
export function MapPage() {
  const { app, nowMs } = useApp();
  const [chosenId, choose] = useState<CaseKey | null>(null);
  const [zoom, setZoom] = useState(1);
  const plot = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState<Size>({ wide: 360, high: 480 });
  useEffect(() => {
    const box = plot.current;
    if (box === null) return;
    const measure = () => setSize({ wide: box.clientWidth || 360, high: box.clientHeight || 480 });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    return () => observer.disconnect();
  }, []);
  const { wide, high } = size;
  const open = app.day(nowMs).open.filter((card) => card.job.lat !== null && card.job.lon !== null);
  const chosen = open.find((card) => card.job.id === chosenId) ?? open[0] ?? null;
  const me = app.position;
  const points = open.map((card) => placeOf(card));
  const frame = useMemo(() => frameOf(me === null || !isNear(me, points) ? points : [...points, me], size), [points.map((p) => `${p.lat} ${p.lon}`).join(), me?.lat, me?.lon, wide, high]);
  const centre = zoom > 1 ? (chosen !== null ? placeOf(chosen) : frame.centre) : frame.centre;
  const perMetre = frame.perMetre * zoom;
  const spot = (point: Point) => {
    const { eastM, northM } = offsetFrom(centre, point);
    return { x: wide / 2 + eastM * perMetre, y: high / 2 - northM * perMetre };
  };
  const scale = scaleOf(perMetre, wide);
  return (
    <main class="page page-map">
      <h1 class="out-of-sight">{W.map.title}</h1>
      <div class="plot" ref={plot}>
        <svg viewBox={`0 0 ${wide} ${high}`} role="group" aria-label={W.map.title}>
          <Grid stepPx={scale.metres * perMetre} size={size} />
          {open.length > 1 && <polyline class="plot-way" points={open.map((card) => spot(placeOf(card))).map(({ x, y }) => `${x},${y}`).join(" ")} />}
          {me !== null && (
            <g>
              <circle class="dot-me-halo" cx={spot(me).x} cy={spot(me).y} r={Math.min(120, Math.max(14, me.accuracy_m * perMetre))} />
              <circle class="dot-me" cx={spot(me).x} cy={spot(me).y} r="8" />
            </g>
          )}
          {[...open].reverse().map((card) => {
            const { x, y } = spot(placeOf(card));
            const n = open.indexOf(card) + 1;
            return (
              <g
                key={card.job.id}
                class={`dot${card === chosen ? " dot-chosen" : ""}${card.isLate ? " dot-late" : ""}`}
                role="button"
                tabIndex={0}
                aria-label={`${n}. ${placeName(card.job)}, ${card.job.service}`}
                onClick={() => choose(card.job.id)}
                onKeyDown={(event) => (event.key === "Enter" || event.key === " ") && choose(card.job.id)}
                data-testid="map-dot"
                data-case={card.job.number}
              >
                <circle class="dot-reach" cx={x} cy={y} r="24" />
                <DotBody x={x} y={y} r={card === chosen ? 18 : 14} isLate={card.isLate} />
                <text x={x} y={y}>
                  {n}
                </text>
              </g>
            );
          })}
          <g class="plot-scale">
            <path d={`M14 ${high - 20}v6h${scale.metres * perMetre}v-6`} />
            <text x="14" y={high - 26}>
              {distance(scale.metres)}
            </text>
          </g>
          <g class="sketch-north">
            <path d={`M${wide - 22} 40V18l-6 8m6-8l6 8`} />
            <text x={wide - 22} y="56">
              {W.job.north}
            </text>
          </g>
        </svg>
        <div class="plot-buttons">
          <button type="button" class="icon-button" aria-label={W.map.nearer} onClick={() => setZoom(Math.min(32, zoom * 2))}>
            <Icon name="plus" />
          </button>
          <button type="button" class="icon-button" aria-label={W.map.farther} onClick={() => setZoom(Math.max(1, zoom / 2))}>
            <Icon name="minus" />
          </button>
          {me === null && app.positionState !== "denied" && (
            <button type="button" class="icon-button" aria-label={W.map.locate} onClick={() => app.watchPosition()}>
              <Icon name="locate" />
            </button>
          )}
        </div>
        {open.length === 0 && <p class="plot-empty">{W.map.none}</p>}
      </div>
      {app.positionState === "denied" && <p class="quiet plot-note">{W.map.denied}</p>}
      {chosen !== null && (
        <Link to={{ at: "job", id: chosen.job.id }} class="card plot-card" data-testid="map-card">
          <span class="plot-number">{open.indexOf(chosen) + 1}</span>
          <span class="card-text">
            <strong class="card-where">{placeName(chosen.job)}</strong>
            <span class="card-what">{chosen.job.service}</span>
            <span class="card-badges">
              <Badge code={chosen.status} />
              {distanceTo(chosen) !== null && <span class="fact">{distanceTo(chosen)}</span>}
              {chosen.job.dueAt !== null && <span class={`fact${chosen.isLate ? " fact-late" : ""}`}>{due(Date.parse(chosen.job.dueAt), nowMs)}</span>}
            </span>
          </span>
          <Icon name="chevron" />
        </Link>
      )}
    </main>
  );
}

/** Late jobs are square: colour never speaks alone. */
function DotBody({ x, y, r, isLate }: { x: number; y: number; r: number; isLate: boolean }) {
  return isLate ? <rect class="dot-body" x={x - r} y={y - r} width={2 * r} height={2 * r} rx="5" /> : <circle class="dot-body" cx={x} cy={y} r={r} />;
}

function placeOf(card: Card): Point {
  return { lat: card.job.lat ?? 0, lon: card.job.lon ?? 0 };
}

/** My position belongs in the picture only where it does not squeeze the jobs into one dot. */
function isNear(me: Point, points: readonly Point[]): boolean {
  const first = points[0];
  if (first === undefined) return true;
  const { eastM, northM } = offsetFrom(first, me);
  return Math.hypot(eastM, northM) < 30_000;
}

function frameOf(points: readonly Point[], { wide, high }: Size): { centre: Point; perMetre: number } {
  const lats = points.map((p) => p.lat);
  const lons = points.map((p) => p.lon);
  if (points.length === 0) return { centre: { lat: 0, lon: 0 }, perMetre: 0.1 };
  const [south, north, west, east] = [Math.min(...lats), Math.max(...lats), Math.min(...lons), Math.max(...lons)];
  const centre = { lat: (south + north) / 2, lon: (west + east) / 2 };
  const { eastM, northM } = offsetFrom({ lat: south, lon: west }, { lat: north, lon: east });
  const perMetre = Math.min((wide - 2 * EDGE) / Math.max(eastM, 300), (high - 2.6 * EDGE) / Math.max(northM, 300));
  return { centre, perMetre };
}

/** A round length that is about a quarter of the picture: round in the unit the crew reads. */
function scaleOf(perMetre: number, wide: number): { metres: number } {
  const target = wide / 4 / perMetre / UNIT_M;
  const power = 10 ** Math.floor(Math.log10(target));
  const step = [5, 2, 1].find((n) => n * power <= target) ?? 1;
  return { metres: step * power * UNIT_M };
}

function Grid({ stepPx, size: { wide, high } }: { stepPx: number; size: Size }) {
  const lines: string[] = [];
  for (let x = (wide / 2) % stepPx; x < wide; x += stepPx) lines.push(`M${x} 0V${high}`);
  for (let y = (high / 2) % stepPx; y < high; y += stepPx) lines.push(`M0 ${y}H${wide}`);
  return <path class="sketch-grid" d={lines.join("")} />;
}
