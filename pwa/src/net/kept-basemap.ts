/** The part of the city's map that this phone keeps: streets, answered by ranges as the city does, and districts. */

import { covering, readRange, type Range } from "../core/ranges";

export const BASEMAP_CACHE = "crew311-basemap";
export const ABOUT = "/basemap.json";
export const TILES = "/basemap.pmtiles";
export const DISTRICTS = "/districts.json";

/** What the city says of its map. */
export interface About {
  url: string;
  bytes: number;
}

/** A piece is an entry of the cache: the map's address, which names its version, and which bytes of it. */
export interface Piece extends Range {
  key: string;
  url: string;
  keptMs: number;
}

export function keyOf(url: string, { from, to }: Range, keptMs: number): string {
  return `${url}&from=${from}&to=${to}&kept=${keptMs}`;
}

export async function pieces(cache: Cache): Promise<Piece[]> {
  return (await cache.keys()).flatMap(({ url: address }) => {
    const { pathname, searchParams } = new URL(address);
    if (pathname !== TILES) return [];
    const [from, to, keptMs] = ["from", "to", "kept"].map((name) => Number(searchParams.get(name)));
    return [{ key: address, url: `${TILES}?v=${searchParams.get("v")}`, from: from as number, to: to as number, keptMs: keptMs as number }];
  });
}

export async function keptAbout(cache: Cache): Promise<About | null> {
  const kept = await cache.match(ABOUT);
  return kept === undefined ? null : ((await kept.json()) as About);
}

/** From what is kept, as the server would answer: 206 for a range; undefined if it is not all here. */
export async function answerFromKept(request: Request): Promise<Response | undefined> {
  if (!(await caches.has(BASEMAP_CACHE))) return undefined;
  const cache = await caches.open(BASEMAP_CACHE);
  const { pathname, search } = new URL(request.url);
  if (pathname !== TILES) return cache.match(pathname);
  const asked = readRange(request.headers.get("Range"));
  const about = await keptAbout(cache);
  if (asked === null || about === null || about.url !== pathname + search) return undefined;
  const { from } = asked;
  const to = Math.min(asked.to, about.bytes - 1);
  const parts = covering((await pieces(cache)).filter(({ url }) => url === about.url), { from, to });
  if (parts === null || from > to) return undefined;
  const blobs: Blob[] = [];
  for (const part of parts) {
    const kept = await (await cache.match(part.key))?.blob();
    if (kept === undefined) return undefined;
    blobs.push(kept.slice(Math.max(0, from - part.from), to - part.from + 1));
  }
  const headers = { "Content-Type": "application/vnd.pmtiles", "Content-Range": `bytes ${from}-${to}/${about.bytes}`, "Content-Length": String(to - from + 1) };
  return new Response(new Blob(blobs), { status: 206, headers });
}

export async function forgetBasemap(): Promise<void> {
  if ("caches" in self) await caches.delete(BASEMAP_CACHE);
}
