/** Something on the map that a hand can take and move: by pointer, or with the arrow keys while it has the focus. */

import type { CityMap } from "./city-map";

const STEP_PX = 10;

export interface HandleOptions {
  name: string;
  look: string;
  lng: number;
  lat: number;
  /** While it moves. */
  onMove(lng: number, lat: number): void;
  /** It was let go where it is now; not called where it was only touched. */
  onLetGo?(): void;
  /** Touched without being moved, or Enter. */
  onPress?(): void;
  /** Delete or Backspace. */
  onDelete?(): void;
}

export interface Handle {
  readonly element: HTMLButtonElement;
  put(lng: number, lat: number): void;
  name(words: string): void;
  remove(): void;
}

export function addHandle(map: CityMap, into: HTMLElement, options: HandleOptions): Handle {
  let { lng, lat } = options;
  const element = into.appendChild(document.createElement("button"));
  element.type = "button";
  element.className = `city-map-handle ${options.look}`;
  element.setAttribute("aria-label", options.name);

  const place = () => {
    const { x, y } = map.spotOf(lng, lat);
    element.style.transform = `translate(${x}px, ${y}px)`;
  };
  const moveTo = (x: number, y: number) => {
    ({ lng, lat } = map.placeOf(x, y));
    place();
    options.onMove(lng, lat);
  };

  let grip: { x: number; y: number } | null = null;
  let isMoved = false;
  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    element.setPointerCapture(event.pointerId);
    const spot = map.spotOf(lng, lat);
    grip = { x: event.clientX - spot.x, y: event.clientY - spot.y };
    isMoved = false;
  });
  element.addEventListener("pointermove", (event) => {
    if (grip === null) return;
    const spot = map.spotOf(lng, lat);
    if (!isMoved && Math.hypot(event.clientX - grip.x - spot.x, event.clientY - grip.y - spot.y) < 3) return;
    isMoved = true;
    moveTo(event.clientX - grip.x, event.clientY - grip.y);
  });
  const up = () => {
    if (grip !== null && isMoved) options.onLetGo?.();
    grip = null;
  };
  element.addEventListener("pointerup", up);
  element.addEventListener("pointercancel", up);
  element.addEventListener("click", () => {
    if (!isMoved) options.onPress?.();
    isMoved = false;
  });
  element.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.shiftKey ? 1 : STEP_PX;
    const by = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
    if (by !== undefined) {
      const { x, y } = map.spotOf(lng, lat);
      moveTo(x + (by[0] as number), y + (by[1] as number));
      options.onLetGo?.();
    } else if ((event.key === "Delete" || event.key === "Backspace") && options.onDelete !== undefined) {
      options.onDelete();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  });

  const stop = map.onCamera(place);
  place();
  return {
    element,
    put(toLng, toLat) {
      [lng, lat] = [toLng, toLat];
      place();
    },
    name: (words) => element.setAttribute("aria-label", words),
    remove() {
      stop();
      element.remove();
    },
  };
}
