/** What lies over the streets beside cases: crews, the way, oneself, and what is chosen. */

import { metresPerPx, spotOf, xOf, yOf } from "../camera";
import { TONES, type Chosen, type CrewMark } from "../messages";
import type { Groups } from "./groups";
import type { Look } from "./picture";
import type { Signs } from "./signs";

type Brush = OffscreenCanvasRenderingContext2D;

/** From here on crews show their names; farther out two hundred names would hide the city. */
const NAMES_FROM = 13;

export function paintCrews(brush: Brush, { camera, size }: Look, crews: readonly CrewMark[], signs: Signs): void {
  for (const crew of crews) {
    const { x, y } = spotOf(camera, size, xOf(crew.lng), yOf(crew.lat));
    if (x < -60 || y < -30 || x > size.wide + 60 || y > size.high + 30) continue;
    signs.paint(brush, x, y, { is: "crew", tone: TONES.indexOf(crew.tone), isStale: crew.stale, isChosen: false, label: camera.zoom >= NAMES_FROM ? crew.label : "" });
  }
}

export function paintRoute(brush: Brush, { camera, size, palette }: Look, points: readonly [number, number][] | null): void {
  if (points === null || points.length < 2) return;
  brush.beginPath();
  points.forEach(([lng, lat], i) => {
    const { x, y } = spotOf(camera, size, xOf(lng), yOf(lat));
    if (i === 0) brush.moveTo(x, y);
    else brush.lineTo(x, y);
  });
  brush.lineCap = brush.lineJoin = "round";
  for (const [colour, px] of [
    [palette.halo, 6],
    [palette.accent, 3],
  ] as const) {
    brush.strokeStyle = colour;
    brush.lineWidth = px;
    brush.stroke();
  }
}

export function paintMe(brush: Brush, { camera, size, palette }: Look, me: { lng: number; lat: number; metres: number }): void {
  const { x, y } = spotOf(camera, size, xOf(me.lng), yOf(me.lat));
  const circle = (r: number, colour: string, alpha = 1) => {
    brush.globalAlpha = alpha;
    brush.fillStyle = colour;
    brush.beginPath();
    brush.arc(x, y, r, 0, 2 * Math.PI);
    brush.fill();
    brush.globalAlpha = 1;
  };
  circle(Math.min(300, Math.max(14, me.metres / metresPerPx(camera))), palette.accent, 0.15);
  circle(9, palette.sheet);
  circle(6.5, palette.accent);
}

/** Above all others, and by itself even where it is one of a group. */
export function paintChosen(brush: Brush, { camera, size }: Look, chosen: Chosen | null, groups: Groups, crews: readonly CrewMark[], signs: Signs): void {
  if (chosen === null) return;
  const crew = chosen.kind === "crew" ? crews[chosen.index] : undefined;
  const place = crew !== undefined ? { x: xOf(crew.lng), y: yOf(crew.lat) } : chosen.kind === "case" ? groups.placeOf(chosen.index) : null;
  if (place === null) return;
  const { x, y } = spotOf(camera, size, place.x, place.y);
  signs.paint(brush, x, y, crew !== undefined ? { is: "crew", tone: TONES.indexOf(crew.tone), isStale: crew.stale, isChosen: true, label: crew.label } : groups.signOfCase(chosen.index, true));
}
