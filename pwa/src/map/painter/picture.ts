/**
 * The ground, streets and districts, painted once into squares of 256 pixels and put together at each frame: while the
 * map moves, only the squares that come into view are painted.
 */

import { TILE_PX, worldPx, xOf, yOf, type Camera, type Size } from "../camera";
import type { Outlines, Palette } from "../messages";
import { ROADS, type Road, type Streets, type Tile } from "./streets";

export interface Look {
  camera: Camera;
  size: Size;
  density: number;
  palette: Palette;
}

type Brush = OffscreenCanvasRenderingContext2D;

const SQUARE_PX = 256;
const MOST_BYTES = 40 * 1024 * 1024;
/** How wide a street is, in pixels, at these zooms; between them it grows evenly. */
const ZOOMS = [10, 12, 14, 16, 18];
const WIDTHS: Record<Road, readonly number[]> = {
  motorway: [1.2, 2, 4, 10, 22],
  major: [0.8, 1.6, 3.2, 9, 20],
  street: [0, 0.7, 2, 6, 16],
  lane: [0, 0, 1, 3, 9],
  path: [0, 0, 0.6, 1.2, 2.4],
  rail: [0, 0.6, 0.9, 1.4, 2],
};

export class Picture {
  outlines: Outlines | null = null;
  private readonly squares = new Map<string, OffscreenCanvas>();
  private lines: { path: Path2D; ofPx: number } | null = null;

  /** Everything is to be painted anew. */
  forget(): void {
    this.squares.clear();
    this.lines = null;
  }

  /** Whether all of it could be painted within the time there is. */
  paint(brush: Brush, look: Look, isTimeLeft: () => boolean): boolean {
    const { camera, size, density, palette } = look;
    brush.fillStyle = palette.ground;
    brush.fillRect(0, 0, size.wide, size.high);
    const zoom = Math.max(0, Math.round(camera.zoom));
    const count = 2 ** zoom * (TILE_PX / SQUARE_PX);
    const px = worldPx(camera.zoom) / count;
    const left = camera.x * worldPx(camera.zoom) - size.wide / 2;
    const top = camera.y * worldPx(camera.zoom) - size.high / 2;
    let isWhole = true;
    for (const [x, y] of fromTheMiddle(Math.floor(left / px), Math.floor((left + size.wide) / px), Math.floor(top / px), Math.floor((top + size.high) / px))) {
      if (x < 0 || y < 0 || x >= count || y >= count) continue;
      let square = this.kept(`${zoom}/${x}/${y}`);
      if (square === undefined && (isTimeLeft() || !isWhole)) {
        square = isTimeLeft() ? this.make(zoom, x, y, look) : undefined;
      }
      // Edges on whole pixels: no seams.
      const [x0, x1] = [snap(x * px - left, density), snap((x + 1) * px - left, density)];
      const [y0, y1] = [snap(y * px - top, density), snap((y + 1) * px - top, density)];
      if (square !== undefined) {
        brush.drawImage(square, x0, y0, x1 - x0, y1 - y0);
      } else {
        isWhole = false;
        this.paintFarther(brush, zoom, x, y, x0, y0, x1 - x0, y1 - y0);
      }
    }
    return isWhole;
  }

  private kept(key: string): OffscreenCanvas | undefined {
    const square = this.squares.get(key);
    if (square !== undefined) {
      this.squares.delete(key);
      this.squares.set(key, square);
    }
    return square;
  }

  /** Until a square is painted, the one it lies in, enlarged. */
  private paintFarther(brush: Brush, zoom: number, x: number, y: number, toX: number, toY: number, wide: number, high: number): void {
    for (let up = 1; up <= 4 && up <= zoom; up++) {
      const square = this.squares.get(`${zoom - up}/${x >> up}/${y >> up}`);
      if (square === undefined) continue;
      const part = square.width / 2 ** up;
      brush.drawImage(square, (x - ((x >> up) << up)) * part, (y - ((y >> up) << up)) * part, part, part, toX, toY, wide, high);
      return;
    }
  }

  /** Undefined where its tile is still to come. */
  private make(zoom: number, x: number, y: number, look: Look): OffscreenCanvas | undefined {
    const found = this.tileFor(zoom, x, y);
    if (found === "coming") return undefined;
    const { tile, per } = found;
    const wide = SQUARE_PX * look.density;
    const square = new OffscreenCanvas(wide, wide);
    const brush = square.getContext("2d", { alpha: false }) as Brush;
    brush.fillStyle = look.palette.ground;
    brush.fillRect(0, 0, wide, wide);
    if (tile !== null) {
      const scale = (wide * per) / tile.extent;
      brush.setTransform(scale, 0, 0, scale, -(x % per) * wide, -(y % per) * wide);
      paintTile(brush, tile, zoom, look.palette, scale / look.density);
    }
    const px = wide * 2 ** zoom * (TILE_PX / SQUARE_PX);
    this.paintOutlines(brush, px, x * wide, y * wide, look);
    if (found.isPoor) return square; // painted again at each frame, until its tile can be had
    this.squares.set(`${zoom}/${x}/${y}`, square);
    const most = Math.max(24, MOST_BYTES / (4 * wide * wide));
    for (const old of this.squares.keys()) {
      if (this.squares.size <= most) break;
      this.squares.delete(old);
    }
    return square;
  }

  /** The tile a square lies in, and how many squares along one side of it. Where it is lost, the one farther out serves. */
  private tileFor(zoom: number, x: number, y: number): { tile: Tile | null; per: number; isPoor: boolean } | "coming" {
    const { streets } = this;
    if (streets.isSought) return "coming";
    let ofZoom = Math.min(zoom, streets.last);
    let isPoor = false;
    for (; streets.isThere && ofZoom >= streets.first; ofZoom--) {
      const per = 2 ** (zoom - ofZoom) * (TILE_PX / SQUARE_PX);
      const tile = streets.tile(ofZoom, Math.floor(x / per), Math.floor(y / per));
      if (tile === "coming") return tile;
      if (tile !== "lost") return { tile, per, isPoor };
      isPoor = true;
    }
    return { tile: null, per: 1, isPoor };
  }

  /** Districts and territories. Their path is made for a world of 2^20 pixels, so that it keeps its exactness. */
  private paintOutlines(brush: Brush, px: number, left: number, top: number, { palette, density }: Look): void {
    if (this.outlines === null) return;
    const ofPx = 2 ** 20;
    this.lines ??= { path: pathOf(this.outlines, ofPx), ofPx };
    const scale = px / this.lines.ofPx;
    brush.setTransform(scale, 0, 0, scale, -left, -top);
    brush.strokeStyle = palette.district;
    brush.lineJoin = "round";
    brush.globalAlpha = 0.16;
    brush.lineWidth = (6 * density) / scale;
    brush.stroke(this.lines.path);
    brush.globalAlpha = 0.75;
    brush.lineWidth = (1.4 * density) / scale;
    brush.stroke(this.lines.path);
    brush.globalAlpha = 1;
  }

  constructor(private readonly streets: Streets) {}
}

function paintTile(brush: Brush, tile: Tile, zoom: number, palette: Palette, perPx: number): void {
  for (const [name, colour] of [
    ["green", palette.green],
    ["water", palette.water],
    ["houses", palette.house],
  ] as const) {
    brush.fillStyle = colour;
    brush.fill(tile.areas.get(name) as Path2D);
  }
  brush.lineJoin = "round";
  brush.lineCap = "round";
  brush.strokeStyle = palette.water;
  brush.lineWidth = widthAt(WIDTHS.lane, zoom) / perPx;
  brush.stroke(tile.streams);
  const rim = zoom >= 13 ? 1.6 : 0.8;
  const lines = ROADS.flatMap((kind) => {
    const path = tile.roads.get(kind);
    const px = widthAt(WIDTHS[kind], zoom);
    return path === undefined || px === 0 ? [] : [{ kind, path, px }];
  });
  brush.strokeStyle = palette.casing;
  for (const { kind, path, px } of lines) {
    if (kind === "path" || kind === "rail") continue;
    brush.lineWidth = (px + rim) / perPx;
    brush.stroke(path);
  }
  for (const { kind, path, px } of lines) {
    brush.strokeStyle = kind === "motorway" || kind === "major" ? palette.major : kind === "rail" ? palette.rail : kind === "path" ? palette.casing : palette.road;
    brush.lineWidth = px / perPx;
    brush.setLineDash(kind === "rail" ? [8 / perPx, 4 / perPx] : kind === "path" ? [4 / perPx, 3 / perPx] : []);
    brush.stroke(path);
  }
  brush.setLineDash([]);
}

export function widthAt(widths: readonly number[], zoom: number): number {
  const last = ZOOMS.length - 1;
  const i = ZOOMS.findIndex((at) => at >= zoom);
  if (i === 0) return zoom < (ZOOMS[0] as number) - 1 ? (widths[0] as number) / 2 : (widths[0] as number);
  if (i === -1) return (widths[last] as number) * 1.7 ** (zoom - (ZOOMS[last] as number));
  const part = (zoom - (ZOOMS[i - 1] as number)) / ((ZOOMS[i] as number) - (ZOOMS[i - 1] as number));
  return (widths[i - 1] as number) * (1 - part) + (widths[i] as number) * part;
}

function snap(px: number, density: number): number {
  return Math.round(px * density) / density;
}

/** The squares of a range, those in the middle first. */
function fromTheMiddle(x0: number, x1: number, y0: number, y1: number): [number, number][] {
  const all: [number, number][] = [];
  for (let y = y0; y <= y1; y++) for (let x = x0; x <= x1; x++) all.push([x, y]);
  const [midX, midY] = [(x0 + x1) / 2, (y0 + y1) / 2];
  return all.sort((a, b) => Math.hypot(a[0] - midX, a[1] - midY) - Math.hypot(b[0] - midX, b[1] - midY));
}

function pathOf(outlines: Outlines, px: number): Path2D {
  const path = new Path2D();
  const ring = (places: GeoJSON.Position[]) => places.forEach(([lng = 0, lat = 0], i) => (i === 0 ? path.moveTo(xOf(lng) * px, yOf(lat) * px) : path.lineTo(xOf(lng) * px, yOf(lat) * px)));
  for (const shape of shapesOf(outlines)) {
    if (shape.type === "LineString") ring(shape.coordinates);
    else if (shape.type === "Polygon" || shape.type === "MultiLineString") shape.coordinates.forEach(ring);
    else if (shape.type === "MultiPolygon") shape.coordinates.forEach((polygon) => polygon.forEach(ring));
  }
  return path;
}

export function shapesOf(outlines: Outlines): GeoJSON.Geometry[] {
  if (outlines.type === "FeatureCollection") return outlines.features.flatMap(({ geometry }) => (geometry === null ? [] : shapesOf(geometry)));
  if (outlines.type === "Feature") return outlines.geometry === null ? [] : shapesOf(outlines.geometry);
  if (outlines.type === "GeometryCollection") return outlines.geometries.flatMap(shapesOf);
  return [outlines];
}
