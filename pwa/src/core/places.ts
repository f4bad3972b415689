/** Distances and directions on the ground, good to a fraction of a percent within a city. */

export interface Point {
  lat: number;
  lon: number;
}

const EARTH_RADIUS_M = 6_371_008.8;
const RAD = Math.PI / 180;

export function metresBetween(a: Point, b: Point): number {
  const dLat = (b.lat - a.lat) * RAD;
  const dLon = (b.lon - a.lon) * RAD;
  const h = Math.sin(dLat / 2) ** 2 + Math.cos(a.lat * RAD) * Math.cos(b.lat * RAD) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** Degrees clockwise from north, 0 to 360. */
export function bearingFrom(a: Point, b: Point): number {
  const dLon = (b.lon - a.lon) * RAD;
  const y = Math.sin(dLon) * Math.cos(b.lat * RAD);
  const x = Math.cos(a.lat * RAD) * Math.sin(b.lat * RAD) - Math.sin(a.lat * RAD) * Math.cos(b.lat * RAD) * Math.cos(dLon);
  return (Math.atan2(y, x) / RAD + 360) % 360;
}

/** Metres east and north of `origin`. */
export function offsetFrom(origin: Point, point: Point): { eastM: number; northM: number } {
  return {
    eastM: (point.lon - origin.lon) * RAD * EARTH_RADIUS_M * Math.cos(origin.lat * RAD),
    northM: (point.lat - origin.lat) * RAD * EARTH_RADIUS_M,
  };
}

/** West, south, east, north of all of them, with so many metres around; null for none. */
export function boundsAround(points: readonly Point[], marginM: number): [number, number, number, number] | null {
  if (points.length === 0) return null;
  const lats = points.map(({ lat }) => lat);
  const lons = points.map(({ lon }) => lon);
  const [south, north] = [Math.min(...lats), Math.max(...lats)];
  const up = marginM / (RAD * EARTH_RADIUS_M);
  const across = up / Math.cos(Math.max(Math.abs(south), Math.abs(north)) * RAD);
  return [Math.min(...lons) - across, south - up, Math.max(...lons) + across, north + up];
}
