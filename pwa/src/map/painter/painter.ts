/// <reference lib="webworker" />
/** The map's painter: a thread of its own, with the page's canvas. It paints when something changed, and only then. */

import { spotOf, xOf, yOf, type Camera, type Size } from "../camera";
import type { Chosen, FromPainter, Palette, ToPainter } from "../messages";
import { Names } from "./names";
import { paintChosen, paintCrews, paintMe, paintRoute } from "./people";
import { Groups } from "./groups";
import { Picture } from "./picture";
import { Signs } from "./signs";
import { Streets } from "./streets";

declare const self: DedicatedWorkerGlobalScope;

/** What one frame may spend on tiles not painted yet; the rest of it is for moving. */
const TILE_BUDGET_MS = 8;

const streets = new Streets(() => ask());
const picture = new Picture(streets);
const groups = new Groups();
const names = new Names();
const signs = new Signs();

let canvas: OffscreenCanvas;
let brush: OffscreenCanvasRenderingContext2D;
let size: Size = { wide: 1, high: 1 };
let density = 1;
let camera: Camera = { x: 0.5, y: 0.5, zoom: 0 };
let palette: Palette;
let crews: Extract<ToPainter, { is: "crews" }>["crews"] = [];
let route: [number, number][] | null = null;
let me: Extract<ToPainter, { is: "me" }>["me"] = null;
let chosen: Chosen | null = null;
let edition = 0;
let isAsked = false;
let told = "";

function say(message: FromPainter): void {
  self.postMessage(message);
}

function ask(): void {
  if (isAsked || canvas === undefined) return;
  isAsked = true;
  self.requestAnimationFrame(paint);
}

function resize(to: Extract<ToPainter, { is: "size" | "start" }>): void {
  size = { wide: to.wide, high: to.high };
  density = to.density;
  canvas.width = Math.round(to.wide * density);
  canvas.height = Math.round(to.high * density);
  repaint();
}

/** Nothing painted so far is right any more. */
function repaint(): void {
  picture.forget();
  names.forget();
  signs.use(palette, density);
}

self.addEventListener("message", ({ data }: MessageEvent<ToPainter>) => {
  switch (data.is) {
    case "start":
      canvas = data.canvas;
      brush = canvas.getContext("2d", { alpha: false }) as OffscreenCanvasRenderingContext2D;
      camera = data.camera;
      palette = data.palette;
      groups.isGrouped = data.isGrouped;
      resize(data);
      break;
    case "size":
      resize(data);
      break;
    case "camera":
      camera = data.camera;
      break;
    case "palette":
      palette = data.palette;
      repaint();
      break;
    case "basemap":
      streets.open(data.url);
      picture.forget();
      break;
    case "outlines":
      picture.outlines = data.outlines;
      picture.forget();
      break;
    case "cases":
      groups.fill(data.cases);
      edition = data.edition;
      break;
    case "crews":
      crews = data.crews;
      edition = data.edition;
      groups.changed();
      break;
    case "route":
      route = data.points;
      break;
    case "me":
      me = data.me;
      break;
    case "chosen":
      chosen = data.chosen;
      break;
    case "open_group":
      say({ is: "group", group: data.group, ...groups.open(data.group), edition });
      return;
  }
  ask();
});

function paint(): void {
  isAsked = false;
  const until = performance.now() + TILE_BUDGET_MS;
  brush.setTransform(density, 0, 0, density, 0, 0);
  const look = { camera, size, density, palette };
  const isWhole = picture.paint(brush, look, () => performance.now() < until);
  names.paint(brush, look, streets);
  paintRoute(brush, look, route);
  if (me !== null) paintMe(brush, look, me);
  if (groups.look(camera, size)) say({ is: "drawn", drawn: [...groups.drawn, ...crewsDrawn()], edition });
  for (const mark of groups.drawn) {
    const spot = spotOf(camera, size, mark.x, mark.y);
    signs.paint(brush, spot.x, spot.y, groups.signOf(mark));
  }
  paintCrews(brush, look, crews, signs);
  paintChosen(brush, look, chosen, groups, crews, signs);
  const state = streets.isThere ? (isWhole ? "drawn" : "coming") : streets.isSought ? "coming" : "none";
  if (state !== told) say({ is: "streets", state: (told = state) });
  if (!isWhole && streets.waiting === 0) ask(); // tiles are there to be painted; those not there yet ask when they come
}

function crewsDrawn() {
  return crews.map(({ lng, lat }, index) => ({ kind: "crew" as const, index, x: xOf(lng), y: yOf(lat) }));
}

