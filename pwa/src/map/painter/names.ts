/** Names of streets and places. Chosen when the map comes to another place or size, then moved along with it. */

import { spotOf, TILE_PX, worldPx } from "../camera";
import type { Look } from "./picture";
import type { Name, Streets } from "./streets";

type Brush = OffscreenCanvasRenderingContext2D;

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif';
const RANK = ["city", "town", "borough", "village", "suburb", "quarter", "neighbourhood", "motorway", "major", "water", "green", "street", "lane", "path"];
const FROM_ZOOM: Record<string, number> = { motorway: 12, major: 13, water: 13, green: 14, street: 14.5, lane: 16, path: 16.5 };
/** The same street is not named twice within this. */
const APART_PX = 260;

interface Stamp {
  image: OffscreenCanvas;
  wide: number;
  high: number;
}

export class Names {
  private chosen: { name: Name; stamp: Stamp }[] = [];
  private for = "";
  private readonly stamps = new Map<string, Stamp>();

  /** The look has another theme or density. */
  forget(): void {
    this.stamps.clear();
    this.for = "";
  }

  paint(brush: Brush, look: Look, streets: Streets): void {
    if (!streets.isThere) return;
    const { camera, size } = look;
    const zoom = Math.min(streets.last, Math.max(streets.first, Math.round(camera.zoom)));
    const px = worldPx(camera.zoom) / 2 ** zoom;
    const range = [
      Math.floor((camera.x * worldPx(camera.zoom) - size.wide / 2) / px),
      Math.floor((camera.x * worldPx(camera.zoom) + size.wide / 2) / px),
      Math.floor((camera.y * worldPx(camera.zoom) - size.high / 2) / px),
      Math.floor((camera.y * worldPx(camera.zoom) + size.high / 2) / px),
    ] as const;
    // A quarter of a zoom or a quarter of a tile further, other names may fit.
    const now = [Math.round(camera.zoom * 4), Math.round((camera.x * worldPx(camera.zoom)) / (TILE_PX / 4)), Math.round((camera.y * worldPx(camera.zoom)) / (TILE_PX / 4)), streets.arrived, size.wide, size.high].join();
    if (now !== this.for) {
      this.for = now;
      this.choose(look, streets, zoom, range);
    }
    for (const { name, stamp } of this.chosen) {
      const { x, y } = spotOf(camera, size, name.x, name.y);
      if (name.angle === null) {
        brush.drawImage(stamp.image, x - stamp.wide / 2, y - stamp.high / 2, stamp.wide, stamp.high);
        continue;
      }
      brush.save();
      brush.translate(x, y);
      brush.rotate(name.angle);
      brush.drawImage(stamp.image, -stamp.wide / 2, -stamp.high / 2, stamp.wide, stamp.high);
      brush.restore();
    }
  }

  private choose(look: Look, streets: Streets, zoom: number, [x0, x1, y0, y1]: readonly [number, number, number, number]): void {
    const { camera, size } = look;
    const found: Name[] = [];
    for (let x = x0; x <= x1; x++) for (let y = y0; y <= y1; y++) found.push(...(streets.held(zoom, x, y)?.names ?? []));
    found.sort((a, b) => RANK.indexOf(a.kind) - RANK.indexOf(b.kind) || b.length - a.length);
    const scale = worldPx(camera.zoom);
    const boxes: { x: number; y: number; halfWide: number; halfHigh: number; text: string }[] = [];
    this.chosen = [];
    for (const name of found) {
      if (camera.zoom < (FROM_ZOOM[name.kind] ?? 0)) continue;
      const { x, y } = spotOf(camera, size, name.x, name.y);
      if (x < -100 || y < -100 || x > size.wide + 100 || y > size.high + 100) continue;
      const stamp = this.stampOf(name, look);
      if (name.angle !== null && name.length * scale < stamp.wide * 0.9) continue;
      if (name.angle === null && name.length > 0 && name.length * scale < stamp.wide * 0.7) continue;
      const [cos, sin] = name.angle === null ? [1, 0] : [Math.abs(Math.cos(name.angle)), Math.abs(Math.sin(name.angle))];
      const box = { x, y, halfWide: (stamp.wide * cos + stamp.high * sin) / 2 + 2, halfHigh: (stamp.wide * sin + stamp.high * cos) / 2 + 2, text: name.text };
      const isInTheWay = boxes.some((other) => {
        const [dx, dy] = [Math.abs(other.x - box.x), Math.abs(other.y - box.y)];
        return (dx < other.halfWide + box.halfWide && dy < other.halfHigh + box.halfHigh) || (other.text === box.text && Math.hypot(dx, dy) < APART_PX);
      });
      if (isInTheWay) continue;
      boxes.push(box);
      this.chosen.push({ name, stamp });
    }
  }

  private stampOf({ text, kind }: Name, { density, palette }: Look): Stamp {
    const key = `${kind} ${text}`;
    const kept = this.stamps.get(key);
    if (kept !== undefined) return kept;
    const isPlace = RANK.indexOf(kind) < RANK.indexOf("motorway");
    const font = isPlace ? `600 ${kind === "city" || kind === "town" ? 15 : 13}px ${FONT}` : `${kind === "water" || kind === "green" ? "italic " : ""}500 12px ${FONT}`;
    const measure = new OffscreenCanvas(1, 1).getContext("2d") as Brush;
    measure.font = font;
    const wide = Math.ceil(measure.measureText(text).width) + 8;
    const high = 22;
    const image = new OffscreenCanvas(wide * density, high * density);
    const brush = image.getContext("2d") as Brush;
    brush.setTransform(density, 0, 0, density, image.width / 2, image.height / 2);
    brush.font = font;
    brush.textAlign = "center";
    brush.textBaseline = "middle";
    brush.lineJoin = "round";
    brush.lineWidth = 3;
    brush.strokeStyle = palette.halo;
    brush.strokeText(text, 0, 0);
    brush.fillStyle = palette.name;
    brush.fillText(text, 0, 0);
    if (this.stamps.size > 400) this.stamps.clear();
    const stamp = { image, wide, high };
    this.stamps.set(key, stamp);
    return stamp;
  }
}
