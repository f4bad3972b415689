/** The marks in the picture, as the painter last told: what a finger can touch. */

import { spotOf, type Camera, type Size } from "./camera";
import type { Drawn } from "./messages";

export const ALL_KINDS: readonly Drawn["kind"][] = ["case", "crew", "group"];

/** The nearest within reach of a spot of the picture. */
export function markAt(drawn: readonly Drawn[], camera: Camera, size: Size, x: number, y: number, reach: number, kinds = ALL_KINDS): Drawn | null {
  let best: Drawn | null = null;
  let bestPx = reach;
  for (const mark of drawn) {
    if (!kinds.includes(mark.kind)) continue;
    const spot = spotOf(camera, size, mark.x, mark.y);
    const px = Math.hypot(spot.x - x, spot.y - y);
    if (px <= bestPx) [best, bestPx] = [mark, px];
  }
  return best;
}

/** Those in view, from west to east: the order in which keys go through them. */
export function marksInView(drawn: readonly Drawn[], camera: Camera, size: Size): Drawn[] {
  return drawn
    .filter((mark) => {
      const { x, y } = spotOf(camera, size, mark.x, mark.y);
      return x >= 0 && y >= 0 && x <= size.wide && y <= size.high;
    })
    .sort((a, b) => a.x - b.x || a.y - b.y);
}
