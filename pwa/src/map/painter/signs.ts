/** The marks: each painted once, then stamped. Colour never speaks alone: each tone has its shape. */

import { TONES, type Palette, type Tone } from "../messages";

export type Sign =
  | { is: "case"; tone: number; isUrgent: boolean; isChosen: boolean; label: string }
  | { is: "group"; count: number; late: number; isUrgent: boolean }
  | { is: "crew"; tone: number; isStale: boolean; isChosen: boolean; label: string };

type Brush = OffscreenCanvasRenderingContext2D;

/** Shapes from Lucide (lucide.dev, ISC licence), the same as beside the words. */
const SHAPES: Record<Tone, string> = {
  received: "",
  assigned: "M12 8a4 4 0 1 0 0 8a4 4 0 1 0 0-8z",
  en_route: "M5 12h14M12 5l7 7-7 7",
  on_site:
    "M14.7 6.3a1 1 0 0 0 0 1.4l1.6 1.6a1 1 0 0 0 1.4 0l3.106-3.105c.32-.322.863-.22.983.218a6 6 0 0 1-8.259 7.057l-7.91 7.91a1 1 0 0 1-2.999-3l7.91-7.91a6 6 0 0 1 7.057-8.259c.438.12.54.662.219.984z",
  closed: "M20 6 9 17l-5-5",
  review: "M4 22V4a1 1 0 0 1 .4-.8A6 6 0 0 1 8 2c3 0 5 2 7.333 2q2 0 3.067-.8A1 1 0 0 1 20 4v10a1 1 0 0 1-.4.8A6 6 0 0 1 16 16c-3 0-5-2-8-2a6 6 0 0 0-4 1.528",
  late: "M12 5v7l5 3",
};
const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif';
const MOST = 600;

export class Signs {
  private readonly stamps = new Map<string, OffscreenCanvas>();
  private palette!: Palette;
  private density = 1;

  use(palette: Palette, density: number): void {
    this.palette = palette;
    this.density = density;
    this.stamps.clear();
  }

  paint(brush: Brush, x: number, y: number, sign: Sign): void {
    const key = JSON.stringify(sign);
    let stamp = this.stamps.get(key);
    if (stamp === undefined) {
      if (this.stamps.size > MOST) this.stamps.clear();
      this.stamps.set(key, (stamp = this.make(sign)));
    }
    const [wide, high] = [stamp.width / this.density, stamp.height / this.density];
    brush.drawImage(stamp, Math.round((x - wide / 2) * this.density) / this.density, Math.round((y - high / 2) * this.density) / this.density, wide, high);
  }

  private make(sign: Sign): OffscreenCanvas {
    const reach = sign.is === "case" ? (sign.isChosen ? 22 : 15) : sign.is === "group" ? radiusOf(sign.count) + 5 : 26;
    const wide = sign.is === "crew" ? Math.max(2 * reach, 16 + 9 * sign.label.length) : 2 * reach;
    const stamp = new OffscreenCanvas(Math.ceil(wide * this.density), Math.ceil(2 * reach * this.density));
    const brush = stamp.getContext("2d") as Brush;
    brush.setTransform(this.density, 0, 0, this.density, stamp.width / 2, stamp.height / 2);
    brush.textAlign = "center";
    brush.textBaseline = "middle";
    if (sign.is === "case") this.paintCase(brush, sign);
    else if (sign.is === "group") this.paintGroup(brush, sign);
    else this.paintCrew(brush, sign);
    return stamp;
  }

  private paintCase(brush: Brush, { tone, isUrgent, isChosen, label }: Extract<Sign, { is: "case" }>): void {
    const { palette } = this;
    const colour = palette.tones[tone] as string;
    const isLate = TONES[tone] === "late";
    const r = isChosen ? 16 : label === "" ? 9 : 12;
    if (isUrgent) {
      brush.strokeStyle = palette.bad;
      brush.lineWidth = 2;
      outline(brush, r + 4, isLate);
      brush.stroke();
    }
    brush.fillStyle = isChosen ? colour : palette.sheet;
    brush.strokeStyle = isChosen ? palette.sheet : colour;
    brush.lineWidth = 2.5;
    outline(brush, r, isLate);
    brush.fill();
    brush.stroke();
    const ink = isChosen ? palette.sheet : colour;
    if (label !== "") {
      brush.fillStyle = ink;
      brush.font = `700 ${isChosen ? 15 : 12}px ${FONT}`;
      brush.fillText(label, 0, 0.5);
      return;
    }
    const scale = (r * 1.15) / 24;
    brush.scale(scale, scale);
    brush.translate(-12, -12);
    const shape = new Path2D(SHAPES[TONES[tone] as Tone]);
    brush.lineWidth = 3;
    brush.lineCap = brush.lineJoin = "round";
    brush.strokeStyle = brush.fillStyle = ink;
    brush.stroke(shape);
    if (TONES[tone] === "assigned") brush.fill(shape);
  }

  /** A number, and around it how much of it is late. */
  private paintGroup(brush: Brush, { count, late, isUrgent }: Extract<Sign, { is: "group" }>): void {
    const { palette } = this;
    const r = radiusOf(count);
    brush.fillStyle = palette.sheet;
    brush.strokeStyle = palette.accent;
    brush.lineWidth = 3;
    brush.beginPath();
    brush.arc(0, 0, r, 0, 2 * Math.PI);
    brush.fill();
    brush.stroke();
    if (late > 0) {
      brush.strokeStyle = palette.tones[TONES.indexOf("late")] as string;
      brush.lineWidth = 5;
      brush.beginPath();
      brush.arc(0, 0, r, -Math.PI / 2, -Math.PI / 2 + (late / 12) * 2 * Math.PI);
      brush.stroke();
    }
    if (isUrgent) {
      brush.fillStyle = palette.bad;
      brush.beginPath();
      brush.arc(r * 0.72, -r * 0.72, 5, 0, 2 * Math.PI);
      brush.fill();
    }
    brush.fillStyle = palette.ink;
    brush.font = `700 ${count > 999 ? 12 : 13}px ${FONT}`;
    brush.fillText(short(count), 0, 0.5);
  }

  /** A plate with the crew's name; a place that is old is hollow and dashed. */
  private paintCrew(brush: Brush, { tone, isStale, isChosen, label }: Extract<Sign, { is: "crew" }>): void {
    const { palette } = this;
    const colour = palette.tones[tone] as string;
    brush.font = `700 12px ${FONT}`;
    const half = label === "" ? 7 : brush.measureText(label).width / 2 + 6;
    const high = label === "" ? 7 : 10;
    brush.beginPath();
    brush.roundRect(-half, -high, 2 * half, 2 * high, 4);
    brush.fillStyle = isStale ? palette.sheet : colour;
    brush.fill();
    brush.setLineDash(isStale ? [3, 3] : []);
    brush.lineWidth = isChosen ? 4 : 2;
    brush.strokeStyle = isChosen ? palette.ink : isStale ? colour : palette.sheet;
    brush.stroke();
    brush.fillStyle = isStale ? colour : palette.sheet;
    brush.fillText(label, 0, 0.5);
  }
}

function outline(brush: Brush, r: number, isSquare: boolean): void {
  brush.beginPath();
  if (isSquare) brush.roundRect(-r, -r, 2 * r, 2 * r, 4);
  else brush.arc(0, 0, r, 0, 2 * Math.PI);
}

function radiusOf(count: number): number {
  return count < 10 ? 13 : count < 100 ? 16 : count < 1000 ? 20 : 24;
}

function short(count: number): string {
  return count < 10_000 ? String(count) : `${Math.round(count / 1000)}k`;
}
