/** A territory's outline while it is drawn: its corners, [lng, lat], not closed (the last is not the first again). */

export type Corner = readonly [number, number];

/** GeoJSON closes a ring by repeating its first corner. */
export function opened(ring: readonly (readonly number[])[]): Corner[] {
  const corners = ring.map(([lng = 0, lat = 0]) => [lng, lat] as const);
  const [first, last] = [corners[0], corners[corners.length - 1]];
  if (corners.length > 1 && first?.[0] === last?.[0] && first?.[1] === last?.[1]) corners.pop();
  return corners;
}

export function closed(corners: readonly Corner[]): [number, number][] {
  const first = corners[0];
  return first === undefined ? [] : [...corners, first].map(([lng, lat]) => [lng, lat]);
}

export function moved(corners: readonly Corner[], at: number, to: Corner): Corner[] {
  return corners.map((corner, i) => (i === at ? to : corner));
}

export function added(corners: readonly Corner[], after: number, corner: Corner): Corner[] {
  return [...corners.slice(0, after + 1), corner, ...corners.slice(after + 1)];
}

/** The same where only three are left: fewer enclose nothing. */
export function removed(corners: readonly Corner[], at: number): Corner[] {
  return corners.length <= 3 ? [...corners] : corners.filter((_, i) => i !== at);
}

/** Does the outline cross or touch itself? Then nobody can say what is inside. */
export function crossesItself(corners: readonly Corner[]): boolean {
  const n = corners.length;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const [a, b] = [corners[i] as Corner, corners[(i + 1) % n] as Corner];
      const [c, d] = [corners[j] as Corner, corners[(j + 1) % n] as Corner];
      if (j === i + 1 || (i === 0 && j === n - 1)) {
        // Neighbours share a corner; they may not lie upon each other.
        const [p, q, r] = j === i + 1 ? [a, b, d] : [c, a, b];
        if (turn(p, q, r) === 0 && (r[0] - q[0]) * (p[0] - q[0]) + (r[1] - q[1]) * (p[1] - q[1]) > 0) return true;
      } else if (meet(a, b, c, d)) {
        return true;
      }
    }
  }
  return false;
}

/** Which way one turns from a to b to c: -1, 0 (straight on or back) or 1. */
function turn(a: Corner, b: Corner, c: Corner): number {
  return Math.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]));
}

function meet(a: Corner, b: Corner, c: Corner, d: Corner): boolean {
  const [abc, abd, cda, cdb] = [turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b)];
  if (abc !== abd && cda !== cdb) return true;
  return (abc === 0 && isOn(a, b, c)) || (abd === 0 && isOn(a, b, d)) || (cda === 0 && isOn(c, d, a)) || (cdb === 0 && isOn(c, d, b));
}

function isOn(a: Corner, b: Corner, p: Corner): boolean {
  return Math.min(a[0], b[0]) <= p[0] && p[0] <= Math.max(a[0], b[0]) && Math.min(a[1], b[1]) <= p[1] && p[1] <= Math.max(a[1], b[1]);
}
