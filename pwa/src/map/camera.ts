/** Where a map looks: web mercator, the world a square of 0 to 1, and 512 pixels of it at zoom 0 (as MapLibre counts). */

export interface Camera {
  x: number;
  y: number;
  zoom: number;
}

/** West, south, east, north, in degrees. */
export type Bounds = readonly [number, number, number, number];

export interface Size {
  wide: number;
  high: number;
}

export const TILE_PX = 512;
export const NEAREST = 19;
const LAST_LATITUDE = 85.05;
const EARTH_AROUND_M = 40_075_016.686;

export function xOf(lng: number): number {
  return lng / 360 + 0.5;
}

export function yOf(lat: number): number {
  const sine = Math.sin((Math.max(-LAST_LATITUDE, Math.min(LAST_LATITUDE, lat)) * Math.PI) / 180);
  return 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
}

export function lngOf(x: number): number {
  return (x - 0.5) * 360;
}

export function latOf(y: number): number {
  return (Math.atan(Math.sinh((0.5 - y) * 2 * Math.PI)) * 180) / Math.PI;
}

/** Pixels the whole world is wide. */
export function worldPx(zoom: number): number {
  return TILE_PX * 2 ** zoom;
}

export function metresPerPx({ y, zoom }: Camera): number {
  return (EARTH_AROUND_M * Math.cos((latOf(y) * Math.PI) / 180)) / worldPx(zoom);
}

/** The whole of `bounds` in a picture of this size, with `edge` pixels around it. */
export function cameraFor(bounds: Bounds, { wide, high }: Size, edge = 24, nearest = 16): Camera {
  const [west, south, east, north] = [xOf(bounds[0]), yOf(bounds[1]), xOf(bounds[2]), yOf(bounds[3])];
  const across = Math.max(east - west, 1e-9);
  const down = Math.max(south - north, 1e-9);
  const px = Math.min(Math.max(wide - 2 * edge, 50) / across, Math.max(high - 2 * edge, 50) / down);
  return { x: (west + east) / 2, y: (north + south) / 2, zoom: Math.max(0, Math.min(nearest, Math.log2(px / TILE_PX))) };
}

/** Where a place of the world is in the picture, in pixels from its top left. */
export function spotOf(camera: Camera, size: Size, x: number, y: number): { x: number; y: number } {
  const px = worldPx(camera.zoom);
  return { x: (x - camera.x) * px + size.wide / 2, y: (y - camera.y) * px + size.high / 2 };
}

/** The place of the world at a spot of the picture. */
export function placeAt(camera: Camera, size: Size, spotX: number, spotY: number): { x: number; y: number } {
  const px = worldPx(camera.zoom);
  return { x: camera.x + (spotX - size.wide / 2) / px, y: camera.y + (spotY - size.high / 2) / px };
}

export function movedBy(camera: Camera, dx: number, dy: number): Camera {
  const px = worldPx(camera.zoom);
  return { ...camera, x: camera.x - dx / px, y: camera.y - dy / px };
}

/** Nearer or farther, with what is at the spot staying there. */
export function zoomedAt(camera: Camera, size: Size, zoom: number, spotX: number, spotY: number): Camera {
  const fixed = placeAt(camera, size, spotX, spotY);
  const px = worldPx(zoom);
  return { zoom, x: fixed.x - (spotX - size.wide / 2) / px, y: fixed.y - (spotY - size.high / 2) / px };
}

/** Not farther out than the city with half as much around it, and its middle not out of the city. */
export function keptWithin(camera: Camera, bounds: Bounds, size: Size): Camera {
  const farthest = Math.max(0, cameraFor(bounds, size, 0, NEAREST).zoom - 1);
  return {
    x: Math.max(xOf(bounds[0]), Math.min(xOf(bounds[2]), camera.x)),
    y: Math.max(yOf(bounds[3]), Math.min(yOf(bounds[1]), camera.y)),
    zoom: Math.max(farthest, Math.min(NEAREST, camera.zoom)),
  };
}
