/** The city's streets, if it has them: one PMTiles file, whose address changes when it does. */

import type { Bounds } from "./camera";

export interface Basemap {
  url: string;
  bounds: Bounds;
  /** Who made the map, as its licence asks to say. */
  credit: string;
}

/** What the city says of its basemap; null: it has none, or nobody answers. */
export async function findBasemap(): Promise<Basemap | null> {
  try {
    const answer = await fetch("/basemap.json", { headers: { Accept: "application/json" } });
    if (!answer.ok) return null;
    const said = (await answer.json()) as Partial<Basemap>;
    const { url, bounds, credit } = said;
    if (typeof url !== "string" || !/^\/(?![/\\])/.test(url) || !Array.isArray(bounds) || bounds.length !== 4) return null;
    return { url, bounds, credit: typeof credit === "string" ? credit : "" };
  } catch {
    return null;
  }
}
