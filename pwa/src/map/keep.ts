/**
 * Keeps the streets around a crew's work on its phone. A city whose map is small is kept whole; of a larger one, what lies
 * around the jobs, the far zooms first. Bounded in size; what is of another version or was long not wanted goes.
 */

import { findTile, PMTiles, SharedPromiseCache, zxyToTileId, type Header } from "pmtiles";
import { inPieces, lacking, merged, type Range } from "../core/ranges";
import { ABOUT, BASEMAP_CACHE, DISTRICTS, keyOf, keptAbout, pieces, type About } from "../net/kept-basemap";
import { xOf, yOf, type Bounds } from "./camera";

export const MOST_BYTES = 8 * 1024 * 1024;
const PIECE_BYTES = 256 * 1024;
/** Pieces nearer than this to each other are fetched as one: a request costs as much. */
const GAP_BYTES = 4 * 1024;
const UNWANTED_MS = 14 * 24 * 3600_000;

/** Whether all that is wanted is here now. Failing is harmless: what came is kept, the rest is fetched another time. */
export async function keepBasemap(around: Bounds | null, nowMs: number): Promise<boolean> {
  if (!("caches" in self)) return false;
  const cache = await caches.open(BASEMAP_CACHE);
  const [answer, districts] = await Promise.all([ask(ABOUT), ask(DISTRICTS)]);
  if (districts.ok) await cache.put(DISTRICTS, districts);
  if (!answer.ok) return false;
  const { url, bytes } = (await answer.clone().json()) as Partial<About>;
  if (typeof url !== "string" || typeof bytes !== "number") {
    await cache.delete(ABOUT);
    await drop(cache, "", [], nowMs);
    return true;
  }
  const wanted = bytes <= MOST_BYTES ? [{ from: 0, to: bytes - 1 }] : around === null ? [] : await territory(url, around);
  const held = (await pieces(cache)).filter((piece) => piece.url === url);
  for (const range of inPieces(lacking(wanted, held), PIECE_BYTES)) {
    const piece = await fetch(url, { cache: "reload", headers: { Range: `bytes=${range.from}-${range.to}` } });
    const body = piece.status === 206 ? await piece.arrayBuffer() : null;
    if (body?.byteLength !== range.to - range.from + 1) return false;
    await cache.put(keyOf(url, range, nowMs), new Response(body));
  }
  // Only now is the map of this version whole enough to be shown in place of the old one.
  if ((await keptAbout(cache))?.url !== url) await cache.put(ABOUT, answer);
  await drop(cache, url, wanted, nowMs);
  return true;
}

function ask(path: string): Promise<Response> {
  return fetch(path, { cache: "reload", redirect: "error", headers: { Accept: "application/json" } });
}

/** What is of another version, or is not wanted any more and old, or, the oldest first, is too much. */
async function drop(cache: Cache, url: string, wanted: readonly Range[], nowMs: number): Promise<void> {
  const isWanted = (range: Range) => wanted.some(({ from, to }) => range.from <= to && range.to >= from);
  let total = 0;
  for (const piece of (await pieces(cache)).sort((a, b) => Number(isWanted(b)) - Number(isWanted(a)) || b.keptMs - a.keptMs)) {
    total += piece.to - piece.from + 1;
    const isOld = !isWanted(piece) && nowMs - piece.keptMs > UNWANTED_MS;
    if (piece.url !== url || isOld || total > MOST_BYTES + PIECE_BYTES) await cache.delete(piece.key);
  }
}

/** The file's head, and the tiles that lie in these bounds, from the farthest zoom in, as far as there is room. */
async function territory(url: string, bounds: Bounds): Promise<Range[]> {
  const directories: Range[] = [{ from: 0, to: 16_383 }]; // as the reader asks for it
  const file = new PMTiles(url);
  const cache = new SharedPromiseCache();
  const header = await cache.getHeader(file.source);
  const tiles: Range[] = [];
  let total = 0;
  for (let zoom = header.minZoom; zoom <= header.maxZoom; zoom++) {
    for (const [x, y] of tilesIn(bounds, zoom)) {
      const tile = await rangeOf(zxyToTileId(zoom, x, y), header, cache, file, directories);
      if (tile === null) continue;
      total += tile.to - tile.from + 1;
      if (total > MOST_BYTES / 2) return merged([...directories, ...tiles], GAP_BYTES);
      tiles.push(tile);
    }
  }
  return merged([...directories, ...tiles], GAP_BYTES);
}

async function rangeOf(id: number, header: Header, cache: SharedPromiseCache, file: PMTiles, directories: Range[]): Promise<Range | null> {
  let [offset, length] = [header.rootDirectoryOffset, header.rootDirectoryLength];
  for (let depth = 0; depth < 4; depth++) {
    const entry = findTile(await cache.getDirectory(file.source, offset, length, header), id);
    if (entry === null) return null;
    if (entry.runLength > 0) {
      const from = header.tileDataOffset + entry.offset;
      return { from, to: from + entry.length - 1 };
    }
    [offset, length] = [header.leafDirectoryOffset + entry.offset, entry.length];
    directories.push({ from: offset, to: offset + length - 1 });
  }
  return null;
}

/** The tiles of a zoom that touch these bounds, those in the middle first. */
export function tilesIn([west, south, east, north]: Bounds, zoom: number): [number, number][] {
  const count = 2 ** zoom;
  const [x0, x1, y0, y1] = [xOf(west), xOf(east), yOf(north), yOf(south)].map((at) => Math.max(0, Math.min(count - 1, Math.floor(at * count)))) as [number, number, number, number];
  const all: [number, number][] = [];
  for (let x = x0; x <= x1; x++) for (let y = y0; y <= y1; y++) all.push([x, y]);
  const [midX, midY] = [(x0 + x1) / 2, (y0 + y1) / 2];
  return all.sort((a, b) => Math.hypot(a[0] - midX, a[1] - midY) - Math.hypot(b[0] - midX, b[1] - midY));
}
