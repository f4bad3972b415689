import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cameraFor, keptWithin, latOf, lngOf, metresPerPx, movedBy, placeAt, spotOf, xOf, yOf, zoomedAt, type Bounds } from "../src/map/camera";

const BOSTON: Bounds = [-71.19, 42.23, -70.99, 42.4];
const size = { wide: 360, high: 640 };
const cameras = fc.record({ x: fc.double({ min: 0.3, max: 0.31, noNaN: true }), y: fc.double({ min: 0.36, max: 0.37, noNaN: true }), zoom: fc.double({ min: 8, max: 19, noNaN: true }) });
const spots = fc.record({ x: fc.integer({ min: 0, max: 360 }), y: fc.integer({ min: 0, max: 640 }) });

describe("where a map looks", () => {
  it("finds a place again that it has drawn", () => {
    fc.assert(
      fc.property(cameras, spots, (camera, spot) => {
        const place = placeAt(camera, size, spot.x, spot.y);
        const again = spotOf(camera, size, xOf(lngOf(place.x)), yOf(latOf(place.y)));
        expect(again.x).toBeCloseTo(spot.x, 2);
        expect(again.y).toBeCloseTo(spot.y, 2);
      }),
    );
  });

  it("keeps what is under the fingers there while it zooms", () => {
    fc.assert(
      fc.property(cameras, spots, fc.double({ min: 8, max: 19, noNaN: true }), (camera, spot, zoom) => {
        const before = placeAt(camera, size, spot.x, spot.y);
        const after = placeAt(zoomedAt(camera, size, zoom, spot.x, spot.y), size, spot.x, spot.y);
        expect(after.x).toBeCloseTo(before.x, 10);
        expect(after.y).toBeCloseTo(before.y, 10);
      }),
    );
  });

  it("moves as far as the finger", () => {
    const camera = cameraFor(BOSTON, size);
    const spot = spotOf(movedBy(camera, 30, -20), size, camera.x, camera.y);
    expect(spot.x).toBeCloseTo(size.wide / 2 + 30, 6);
    expect(spot.y).toBeCloseTo(size.high / 2 - 20, 6);
  });

  it("shows the whole of what it is to show", () => {
    const camera = cameraFor(BOSTON, size, 24);
    const northWest = spotOf(camera, size, xOf(BOSTON[0]), yOf(BOSTON[3]));
    const southEast = spotOf(camera, size, xOf(BOSTON[2]), yOf(BOSTON[1]));
    expect(Math.min(northWest.x, northWest.y)).toBeGreaterThanOrEqual(23.9);
    expect(southEast.x).toBeLessThanOrEqual(size.wide - 23.9);
    expect(southEast.y).toBeLessThanOrEqual(size.high - 23.9);
  });

  it("does not leave the city", () => {
    fc.assert(
      fc.property(fc.double({ min: -1, max: 2, noNaN: true }), fc.double({ min: -1, max: 2, noNaN: true }), fc.double({ min: -5, max: 30, noNaN: true }), (x, y, zoom) => {
        const kept = keptWithin({ x, y, zoom }, BOSTON, size);
        expect(lngOf(kept.x)).toBeGreaterThanOrEqual(BOSTON[0] - 1e-9);
        expect(lngOf(kept.x)).toBeLessThanOrEqual(BOSTON[2] + 1e-9);
        expect(latOf(kept.y)).toBeGreaterThanOrEqual(BOSTON[1] - 1e-9);
        expect(latOf(kept.y)).toBeLessThanOrEqual(BOSTON[3] + 1e-9);
        expect(kept.zoom).toBeLessThanOrEqual(19);
      }),
    );
  });

  it("knows how long a pixel is: a degree of latitude is 111 km wherever one is", () => {
    const camera = cameraFor(BOSTON, size);
    const [a, b] = [spotOf(camera, size, xOf(-71), yOf(42.3)), spotOf(camera, size, xOf(-71), yOf(42.31))];
    expect(((a.y - b.y) * metresPerPx(camera)) / 1112).toBeCloseTo(1, 2);
  });
});
