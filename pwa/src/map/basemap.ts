/** What the city has to draw: its streets (one PMTiles file, whose address changes when it does), and its districts. */

import type { Bounds } from "./camera";
import type { Outlines } from "./messages";

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

export interface Districts {
  outlines: Outlines;
  bounds: Bounds;
}

/** Null: the city has none, or nobody answers. */
export async function findDistricts(): Promise<Districts | null> {
  try {
    const answer = await fetch("/districts.json", { headers: { Accept: "application/json" } });
    if (!answer.ok) return null;
    const outlines = (await answer.json()) as GeoJSON.FeatureCollection;
    const bbox = outlines.bbox;
    return Array.isArray(outlines.features) && bbox?.length === 4 ? { outlines, bounds: bbox } : null;
  } catch {
    return null;
  }
}
