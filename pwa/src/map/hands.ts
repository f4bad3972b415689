/** Fingers, mouse, wheel and keys: what they ask of the map. */

import { movedBy, zoomedAt, type Camera, type Size } from "./camera";

const TAP_PX = 8;
const STEP_PX = 80;
const WHEEL_ZOOM = 1 / 240;
const DOUBLE_TAP_MS = 300;

export interface Hands {
  camera(): Camera;
  /** Where the map is going, if it is on its way: the next step goes on from there. */
  heading(): Camera;
  size(): Size;
  /** As the hand moves, at once. */
  look(camera: Camera): void;
  /** One step, that may be seen on its way. */
  go(camera: Camera): void;
  tap(x: number, y: number, isTouch: boolean): void;
  hover(x: number, y: number): void;
  whole(): void;
  step(by: 1 | -1): void;
  choose(): void;
}

/** Listens to `view` until the signal ends. */
export function listen(view: HTMLElement, hands: Hands, signal: AbortSignal): void {
  const down = new Map<number, { x: number; y: number }>();
  let began = { x: 0, y: 0 };
  let isTap = false;
  let last = { atMs: 0, x: 0, y: 0 };

  const at = (event: MouseEvent) => {
    const box = view.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const on = <K extends keyof HTMLElementEventMap>(name: K, heard: (event: HTMLElementEventMap[K]) => void, more: AddEventListenerOptions = {}) =>
    view.addEventListener(name, heard, { ...more, signal });

  on("pointerdown", (event) => {
    if (event.button !== 0) return;
    view.setPointerCapture(event.pointerId);
    down.set(event.pointerId, at(event));
    isTap = down.size === 1;
    began = at(event);
  });
  on("pointermove", (event) => {
    const spot = at(event);
    const before = down.get(event.pointerId);
    if (before === undefined) {
      hands.hover(spot.x, spot.y);
      return;
    }
    if (isTap && Math.hypot(spot.x - began.x, spot.y - began.y) < TAP_PX) return;
    isTap = false;
    const other = [...down].find(([id]) => id !== event.pointerId)?.[1];
    down.set(event.pointerId, spot);
    if (other === undefined) {
      hands.look(movedBy(hands.camera(), spot.x - before.x, spot.y - before.y));
    } else {
      const stretch = Math.hypot(spot.x - other.x, spot.y - other.y) / Math.max(1, Math.hypot(before.x - other.x, before.y - other.y));
      const moved = movedBy(hands.camera(), (spot.x - before.x) / 2, (spot.y - before.y) / 2);
      hands.look(zoomedAt(moved, hands.size(), moved.zoom + Math.log2(stretch), (spot.x + other.x) / 2, (spot.y + other.y) / 2));
    }
  });
  const up = (event: PointerEvent) => {
    if (!down.delete(event.pointerId) || !isTap || event.type === "pointercancel") return;
    isTap = false;
    const isDouble = event.timeStamp - last.atMs < DOUBLE_TAP_MS && Math.hypot(began.x - last.x, began.y - last.y) < 3 * TAP_PX;
    last = { atMs: isDouble ? 0 : event.timeStamp, ...began };
    if (isDouble) hands.go(zoomedAt(hands.camera(), hands.size(), hands.camera().zoom + 1, began.x, began.y));
    else hands.tap(began.x, began.y, event.pointerType === "touch");
  };
  on("pointerup", up);
  on("pointercancel", up);
  on(
    "wheel",
    (event) => {
      event.preventDefault();
      const { x, y } = at(event);
      const px = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * 16 : event.deltaY;
      // A pinch on a touch pad comes as a wheel with ctrl, in smaller numbers.
      const by = Math.max(-1, Math.min(1, -px * WHEEL_ZOOM * (event.ctrlKey ? 6 : 1)));
      hands.look(zoomedAt(hands.camera(), hands.size(), hands.camera().zoom + by, x, y));
    },
    { passive: false },
  );
  on("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const camera = hands.heading();
    const { wide, high } = hands.size();
    const step = event.shiftKey ? 3 * STEP_PX : STEP_PX;
    const deeds: Record<string, () => void> = {
      ArrowLeft: () => hands.go(movedBy(camera, step, 0)),
      ArrowRight: () => hands.go(movedBy(camera, -step, 0)),
      ArrowUp: () => hands.go(movedBy(camera, 0, step)),
      ArrowDown: () => hands.go(movedBy(camera, 0, -step)),
      "+": () => hands.go(zoomedAt(camera, { wide, high }, camera.zoom + 1, wide / 2, high / 2)),
      "-": () => hands.go(zoomedAt(camera, { wide, high }, camera.zoom - 1, wide / 2, high / 2)),
      Home: () => hands.whole(),
      n: () => hands.step(1),
      p: () => hands.step(-1),
      Enter: () => hands.choose(),
    };
    deeds["="] = deeds["+"] as () => void;
    deeds["_"] = deeds["-"] as () => void;
    const deed = deeds[event.key];
    if (deed === undefined) return;
    event.preventDefault();
    event.stopPropagation(); // the page has keys of its own
    deed();
  });
}
