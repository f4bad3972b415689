/** Tiles of the city's PMTiles file, read by ranges and made into paths: decoded once, painted at any size. */

import { PMTiles } from "pmtiles";
import { VectorTile, type VectorTileFeature } from "@mapbox/vector-tile";
import { PbfReader } from "pbf";

export const ROADS = ["path", "lane", "street", "major", "motorway", "rail"] as const;
export type Road = (typeof ROADS)[number];
const AREAS = ["green", "water", "houses"] as const;

/** A name, at a place of the world. A street's runs along it: `length` is of the straight piece it may stand on. */
export interface Name {
  text: string;
  kind: string;
  x: number;
  y: number;
  angle: number | null;
  length: number;
}

/** One tile as paths, in units of its extent. */
export interface Tile {
  areas: Map<(typeof AREAS)[number], Path2D>;
  roads: Map<Road, Path2D>;
  streams: Path2D;
  extent: number;
  names: Name[];
}

const MOST_TILES = 96;
/** A tile that could not be had is asked for again after this, if it is still looked at. */
const LOST_MS = 20_000;

export class Streets {
  isThere = false;
  isSought = true;
  first = 0;
  last = 0;
  waiting = 0;
  /** Grows with each tile that comes. */
  arrived = 0;
  private file: PMTiles | null = null;
  private readonly tiles = new Map<string, Tile | null | "coming" | { lostMs: number }>();

  constructor(private readonly changed: () => void) {}

  open(url: string | null): void {
    this.tiles.clear();
    this.isThere = false;
    const file = (this.file = url === null ? null : new PMTiles(url));
    this.isSought = file !== null;
    file
      ?.getHeader()
      .then((header) => {
        if (this.file !== file) return;
        [this.first, this.last, this.isThere] = [header.minZoom, header.maxZoom, true];
      })
      .catch(() => {})
      .finally(() => {
        this.isSought = false;
        this.changed();
      });
    if (file === null) this.changed();
  }

  /** The tile, null where there is nothing, "coming" (it is asked for), or "lost": it cannot be had just now. */
  tile(z: number, x: number, y: number): Tile | null | "coming" | "lost" {
    const key = `${z}/${x}/${y}`;
    const kept = this.tiles.get(key);
    if (kept === "coming") return kept;
    if (kept != null && "lostMs" in kept) {
      if (performance.now() - kept.lostMs < LOST_MS) return "lost";
    } else if (kept !== undefined) {
      this.tiles.delete(key); // used last, dropped last
      this.tiles.set(key, kept);
      return kept;
    }
    this.tiles.set(key, "coming");
    void this.fetch(key, z, x, y);
    return "coming";
  }

  /** The tile if it is here already. */
  held(z: number, x: number, y: number): Tile | null {
    const kept = this.tiles.get(`${z}/${x}/${y}`);
    return kept == null || kept === "coming" || "lostMs" in kept ? null : kept;
  }

  private async fetch(key: string, z: number, x: number, y: number): Promise<void> {
    const { file } = this;
    this.waiting++;
    let tile: Tile | null | { lostMs: number } = null;
    try {
      const answer = await file?.getZxy(z, x, y);
      if (answer !== undefined) tile = readTile(new Uint8Array(answer.data), z, x, y);
    } catch {
      tile = { lostMs: performance.now() }; // without signal, or the city has another file now
    }
    this.waiting--;
    if (this.file !== file) return;
    this.tiles.set(key, tile);
    this.arrived++;
    for (const [old, kept] of this.tiles) {
      if (this.tiles.size <= MOST_TILES) break;
      if (kept !== "coming") this.tiles.delete(old);
    }
    this.changed();
  }
}

export function readTile(bytes: Uint8Array, z: number, x: number, y: number): Tile {
  const { layers } = new VectorTile(new PbfReader(bytes));
  const extent = layers["roads"]?.extent ?? 4096;
  const tile: Tile = { areas: new Map(), roads: new Map(), streams: new Path2D(), extent, names: [] };
  const perUnit = 1 / (extent * 2 ** z);
  const worldOf = (point: { x: number; y: number }) => ({ x: (x * extent + point.x) * perUnit, y: (y * extent + point.y) * perUnit });
  const features = (name: string): VectorTileFeature[] => {
    const layer = layers[name];
    return layer === undefined ? [] : Array.from({ length: layer.length }, (_, i) => layer.feature(i));
  };

  for (const name of AREAS) {
    const path = new Path2D();
    for (const feature of features(name)) {
      const shape = feature.loadGeometry();
      for (const ring of shape) addLine(path, ring, true);
      const text = feature.properties["name"];
      if (typeof text === "string" && shape[0] !== undefined) tile.names.push(areaName(text, name, shape[0], worldOf));
    }
    tile.areas.set(name, path);
  }
  for (const feature of features("streams")) for (const line of feature.loadGeometry()) addLine(tile.streams, line, false);
  for (const feature of features("roads")) {
    const kind = feature.properties["kind"] as Road;
    let path = tile.roads.get(kind);
    if (path === undefined) tile.roads.set(kind, (path = new Path2D()));
    const text = feature.properties["name"];
    for (const line of feature.loadGeometry()) {
      addLine(path, line, false);
      if (typeof text === "string") tile.names.push(streetName(text, kind, line, worldOf));
    }
  }
  for (const feature of features("places")) {
    const { name, kind } = feature.properties;
    const at = feature.loadGeometry()[0]?.[0];
    if (at !== undefined) tile.names.push({ text: String(name), kind: String(kind), ...worldOf(at), angle: null, length: 0 });
  }
  return tile;
}

type Line = readonly { x: number; y: number }[];
type ToWorld = (point: { x: number; y: number }) => { x: number; y: number };

function addLine(path: Path2D, line: Line, isClosed: boolean): void {
  line.forEach(({ x, y }, i) => (i === 0 ? path.moveTo(x, y) : path.lineTo(x, y)));
  if (isClosed) path.closePath();
}

function areaName(text: string, kind: string, ring: Line, worldOf: ToWorld): Name {
  const xs = ring.map(({ x }) => x);
  const ys = ring.map(({ y }) => y);
  const [west, east, north, south] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const from = worldOf({ x: west, y: north });
  const to = worldOf({ x: east, y: south });
  return { text, kind, x: (from.x + to.x) / 2, y: (from.y + to.y) / 2, angle: null, length: to.x - from.x };
}

/** A street's name stands in the middle of its longest nearly straight piece. */
function streetName(text: string, kind: string, line: Line, worldOf: ToWorld): Name {
  let best = { from: line[0] as Line[number], to: line[0] as Line[number], length: -1 };
  for (let i = 0; i + 1 < line.length; ) {
    const from = line[i] as Line[number];
    let end = i + 1;
    let along = stretch(from, line[end] as Line[number]);
    while (end + 1 < line.length) {
      const further = along + stretch(line[end] as Line[number], line[end + 1] as Line[number]);
      if (stretch(from, line[end + 1] as Line[number]) < 0.985 * further) break;
      along = further;
      end++;
    }
    const length = stretch(from, line[end] as Line[number]);
    if (length > best.length) best = { from, to: line[end] as Line[number], length };
    i = end;
  }
  const from = worldOf(best.from);
  const to = worldOf(best.to);
  const angle = Math.atan2(to.y - from.y, to.x - from.x);
  const isBackwards = Math.abs(angle) > Math.PI / 2;
  return { text, kind, x: (from.x + to.x) / 2, y: (from.y + to.y) / 2, angle: isBackwards ? angle - Math.sign(angle) * Math.PI : angle, length: Math.hypot(to.x - from.x, to.y - from.y) };
}

function stretch(a: Line[number], b: Line[number]): number {
  return Math.hypot(b.x - a.x, b.y - a.y);
}
