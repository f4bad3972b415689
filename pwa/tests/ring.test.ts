import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { added, closed, crossesItself, moved, opened, removed, type Corner } from "../src/map/ring";

const square: Corner[] = [
  [0, 0],
  [4, 0],
  [4, 4],
  [0, 4],
];
/** At these angles round a middle, none half a turn after the one before: never crosses itself. */
const stars = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 30 }), fc.double({ min: 1, max: 9, noNaN: true })), { minLength: 3, maxLength: 30 })
  .map((spokes) => {
    const whole = spokes.reduce((sum, [turn]) => sum + turn, 0);
    let angle = 0;
    return { widest: Math.max(...spokes.map(([turn]) => turn)) / whole, corners: spokes.map(([turn, r]) => [r * Math.cos((angle += (turn / whole) * 2 * Math.PI)), r * Math.sin(angle)] as const) };
  })
  .filter(({ widest }) => widest < 0.45);

describe("the outline of an area", () => {
  it("is closed for GeoJSON and open for drawing, and comes back the same", () => {
    expect(closed(square)).toHaveLength(5);
    expect(opened(closed(square))).toEqual(square);
    expect(opened(square)).toEqual(square);
    expect(opened([])).toEqual([]);
  });

  it("gains a corner on a side and loses one again", () => {
    const more = added(square, 0, [2, 0]);
    expect(more[1]).toEqual([2, 0]);
    expect(removed(more, 1)).toEqual(square);
  });

  it("gains a corner on its last side too, between the last and the first", () => {
    expect(added(square, 3, [0, 2])[4]).toEqual([0, 2]);
  });

  it("keeps three corners whatever is removed", () => {
    const three = square.slice(0, 3);
    expect(removed(three, 1)).toEqual(three);
  });

  it("is told from one that crosses itself", () => {
    expect(crossesItself(square)).toBe(false);
    expect(crossesItself(moved(square, 2, [-1, 2]))).toBe(true);
    expect(crossesItself([square[0], square[2], square[1], square[3]] as Corner[])).toBe(true); // a bow tie
    expect(crossesItself([...square, [2, 0]])).toBe(true); // a corner on another side
    expect(crossesItself([[0, 0], [4, 0], [2, 0], [2, 3]])).toBe(true); // back upon itself
    expect(crossesItself([[0, 0], [2, 0], [4, 0], [2, 3]])).toBe(false); // straight on is no crossing
  });

  it("never crosses itself where its corners lie round a middle, and does where two far ones are swapped", () => {
    fc.assert(fc.property(stars, ({ corners }) => !crossesItself(corners)));
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 40 }), (n) => {
        const circle = Array.from({ length: n }, (_, i) => [Math.cos((2 * Math.PI * i) / n), Math.sin((2 * Math.PI * i) / n)] as const);
        const swapped = moved(moved(circle, 0, circle[2] as Corner), 2, circle[0] as Corner);
        return !crossesItself(circle) && crossesItself(swapped);
      }),
    );
  });
});
