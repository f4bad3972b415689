/**
 * An area drawn on the map: its corners are handles, and so is the middle of each side, which becomes a corner when it
 * is taken. By pointer, or by Tab, arrow keys, Enter (a new corner) and Delete; Ctrl+Z takes the last step back.
 */

import type { CityMap } from "./city-map";
import { addHandle, type Handle } from "./handle";
import { added, closed, crossesItself, moved, opened, removed, type Corner } from "./ring";

/** A side shorter than this has no handle in its middle, and a corner nearer than this to the one before has none. */
const SIDE_PX = 44;
const NEAR_PX = 12;

export const AREA_WORDS = {
  corner: (n: number, of: number) => `Corner ${n} of ${of}. Arrow keys move it, Delete removes it.`,
  side: (n: number, next: number) => `Between corner ${n} and ${next}. Enter makes a new corner here.`,
  crosses: "The outline crosses itself: move a corner.",
};

export interface AreaEditor {
  /** What is drawn now, closed as GeoJSON wants it. */
  ring(): [number, number][];
  undo(): void;
  destroy(): void;
}

export interface AreaChange {
  ring: [number, number][];
  /** False while the outline crosses itself; such a ring is no area and must not be saved. */
  isArea: boolean;
}

/** Begins with `ring` (closed or not), or with a square in the middle of the picture. */
export function editPolygon(map: CityMap, ring: readonly (readonly number[])[] | null, onChange: (change: AreaChange) => void, words = AREA_WORDS): AreaEditor {
  let corners = ring === null || opened(ring).length < 3 ? squareInView(map) : opened(ring);
  const steps: Corner[][] = [];
  const layer = map.element.appendChild(document.createElement("div"));
  layer.className = "city-map-layer";
  const svg = layer.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "svg"));
  svg.setAttribute("aria-hidden", "true");
  const shape = svg.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "polygon"));
  const note = layer.appendChild(document.createElement("p"));
  note.className = "city-map-note";
  note.setAttribute("role", "alert");
  let handles: Handle[] = [];

  function draw(): void {
    shape.setAttribute("points", corners.map(([lng, lat]) => map.spotOf(lng, lat)).map(({ x, y }) => `${x},${y}`).join(" "));
  }

  function tell(): void {
    const isArea = !crossesItself(corners);
    svg.classList.toggle("city-map-crossed", !isArea);
    note.textContent = isArea ? "" : words.crosses;
    onChange({ ring: closed(corners), isArea });
  }

  /** Remember how it was, then be otherwise. */
  function become(next: Corner[]): void {
    steps.push(corners);
    corners = next;
    build(null);
    tell();
  }

  function build(focus: number | null): void {
    for (const handle of handles) handle.remove();
    handles = [];
    let last: { x: number; y: number } | null = null;
    corners.forEach((corner, i) => {
      const spot = map.spotOf(corner[0], corner[1]);
      if (last === null || Math.hypot(spot.x - last.x, spot.y - last.y) >= NEAR_PX) {
        last = spot;
        addCorner(i, focus === i);
      }
      const next = corners[(i + 1) % corners.length] as Corner;
      const end = map.spotOf(next[0], next[1]);
      if (Math.hypot(end.x - spot.x, end.y - spot.y) >= SIDE_PX) addSide(i, (spot.x + end.x) / 2, (spot.y + end.y) / 2);
    });
    draw();
  }

  function addCorner(i: number, isFocused: boolean): void {
    const before = corners;
    const [lng, lat] = corners[i] as Corner;
    const handle = addHandle(map, layer, {
      name: words.corner(i + 1, corners.length),
      look: "city-map-corner",
      lng,
      lat,
      onMove(toLng, toLat) {
        corners = moved(corners, i, [toLng, toLat]);
        draw();
      },
      onLetGo() {
        steps.push(before);
        build(i);
        tell();
      },
      onDelete() {
        become(removed(corners, i));
        focusOn(Math.min(i, corners.length - 1));
      },
    });
    handle.element.dataset["corner"] = String(i);
    handles.push(handle);
    if (isFocused) handle.element.focus({ preventScroll: true });
  }

  function addSide(i: number, x: number, y: number): void {
    const { lng, lat } = map.placeOf(x, y);
    const before = corners;
    let isCorner = false;
    const handle = addHandle(map, layer, {
      name: words.side(i + 1, ((i + 1) % corners.length) + 1),
      look: "city-map-side",
      lng,
      lat,
      onMove(toLng, toLat) {
        corners = isCorner ? moved(corners, i + 1, [toLng, toLat]) : added(corners, i, [toLng, toLat]);
        isCorner = true;
        draw();
      },
      onLetGo() {
        steps.push(before);
        build(i + 1);
        tell();
      },
      onPress() {
        become(added(corners, i, [lng, lat]));
        focusOn(i + 1);
      },
    });
    handles.push(handle);
  }

  function focusOn(i: number): void {
    layer.querySelector<HTMLElement>(`[data-corner="${i}"]`)?.focus({ preventScroll: true });
  }

  function undo(): void {
    const before = steps.pop();
    if (before === undefined) return;
    corners = before;
    build(null);
    focusOn(0);
    tell();
  }

  layer.addEventListener("keydown", (event) => {
    if (event.key !== "z" || !(event.ctrlKey || event.metaKey) || steps.length === 0) return;
    event.preventDefault();
    event.stopPropagation();
    undo();
  });
  // At another zoom other corners have room for a handle. While the map moves, the handles that are there go along.
  let built: ReturnType<typeof setTimeout> | undefined;
  const stop = map.onCamera(() => {
    draw();
    clearTimeout(built);
    built = setTimeout(() => {
      if (!layer.contains(document.activeElement)) build(null);
    }, 200);
  });
  build(null);
  return {
    ring: () => closed(corners),
    undo,
    destroy() {
      stop();
      clearTimeout(built);
      for (const handle of handles) handle.remove();
      layer.remove();
    },
  };
}

function squareInView(map: CityMap): Corner[] {
  const { clientWidth: wide, clientHeight: high } = map.element;
  const half = Math.min(wide, high) / 4;
  return [
    [-half, -half],
    [half, -half],
    [half, half],
    [-half, half],
  ].map(([dx = 0, dy = 0]) => {
    const { lng, lat } = map.placeOf(wide / 2 + dx, high / 2 + dy);
    return [lng, lat] as const;
  });
}
