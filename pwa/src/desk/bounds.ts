import type { Case, Crew } from "../core/picture";
import type { Bounds, Outlines } from "../map/city-map";

/** What the map shows at first: the districts; where there are none, where the cases and crews are. */
export function boundsOf(districts: Outlines | null, cases: readonly Case[], crews: readonly Crew[]): Bounds {
  const places: [number, number][] = [];
  collect(districts, places);
  if (places.length === 0) {
    for (const it of cases) if (it.lat !== null && it.lon !== null && !it.isLost) places.push([it.lon, it.lat]);
    for (const crew of crews) places.push([crew.lon, crew.lat]);
  }
  let [west, south, east, north] = [180, 90, -180, -90];
  for (const [lng, lat] of places) [west, south, east, north] = [Math.min(west, lng), Math.min(south, lat), Math.max(east, lng), Math.max(north, lat)];
  return west > east ? [-180, -60, 180, 70] : [west, south, east, north];
}

/** Every [longitude, latitude] in a GeoJSON, however deep. */
function collect(value: unknown, into: [number, number][]): void {
  if (Array.isArray(value)) {
    if (typeof value[0] === "number" && typeof value[1] === "number") into.push([value[0], value[1]]);
    else for (const item of value) collect(item, into);
  } else if (typeof value === "object" && value !== null) {
    for (const key of ["features", "geometry", "geometries", "coordinates"]) collect((value as Record<string, unknown>)[key], into);
  }
}
