/** Cases near each other become one mark with their number; near enough, each is drawn by itself. */

import Supercluster from "supercluster";
import { latOf, lngOf, placeAt, xOf, yOf, type Camera, type Size } from "../camera";
import { TONES, URGENT, type CaseMarks, type Drawn } from "../messages";
import type { Sign } from "./signs";

const NEAREST_GROUP = 18;
const REACH_PX = 30;
const LATE = TONES.indexOf("late");
/** How far beyond the picture marks are worked out, so that moving a little needs nothing new. */
const BEYOND = 0.5;

interface Kept {
  index: number;
  late: number;
  urgent: number;
}
type Drop = { late: number; urgent: number };

export class Groups {
  isGrouped = true;
  drawn: Drawn[] = [];
  private cases: CaseMarks = { lng: new Float64Array(), lat: new Float64Array(), marks: new Uint8Array(), labels: null };
  private index: Supercluster<Kept, Drop> | null = null;
  private looked: { zoom: number; west: number; south: number; east: number; north: number } | null = null;
  private drops = new Map<number, Sign>();

  fill(cases: CaseMarks): void {
    this.cases = cases;
    this.looked = null;
    this.index = null;
    if (!this.isGrouped) return;
    this.index = new Supercluster<Kept, Drop>({
      radius: REACH_PX,
      extent: 512,
      maxZoom: NEAREST_GROUP,
      map: ({ late, urgent }) => ({ late, urgent }),
      reduce: (into, more) => {
        into.late += more.late;
        into.urgent += more.urgent;
      },
    });
    this.index.load(
      Array.from(cases.lng, (lng, index) => {
        const mark = cases.marks[index] as number;
        return {
          type: "Feature",
          properties: { index, late: (mark & ~URGENT) === LATE ? 1 : 0, urgent: mark & URGENT ? 1 : 0 },
          geometry: { type: "Point", coordinates: [lng, cases.lat[index] as number] },
        };
      }),
    );
  }

  /** Something beside the cases is drawn otherwise: tell the page again. */
  changed(): void {
    this.looked = null;
  }

  /** Work out what is drawn here; whether it is something else than before. */
  look(camera: Camera, size: Size): boolean {
    const zoom = Math.floor(camera.zoom + 0.25);
    const northWest = placeAt(camera, size, 0, 0);
    const southEast = placeAt(camera, size, size.wide, size.high);
    const [west, north, east, south] = [northWest.x, northWest.y, southEast.x, southEast.y];
    const old = this.looked;
    if (old !== null && old.zoom === zoom && west >= old.west && east <= old.east && north >= old.north && south <= old.south) return false;
    const [across, down] = [(east - west) * BEYOND, (south - north) * BEYOND];
    const now = { zoom, west: west - across, east: east + across, north: north - down, south: south + down };
    this.looked = now;
    this.drops.clear();
    if (this.index === null) {
      this.drawn = Array.from(this.cases.lng, (lng, index) => ({ kind: "case" as const, index, x: xOf(lng), y: yOf(this.cases.lat[index] as number) }));
      return true;
    }
    const found = this.index.getClusters([lngOf(now.west), latOf(now.south), lngOf(now.east), latOf(now.north)], zoom);
    this.drawn = found.map(({ properties, geometry }) => {
      const [lng = 0, lat = 0] = geometry.coordinates;
      const at = { x: xOf(lng), y: yOf(lat) };
      if (!("cluster_id" in properties)) return { kind: "case", index: (properties as Kept).index, ...at };
      const { cluster_id: index, point_count: count, late, urgent } = properties as unknown as { cluster_id: number; point_count: number } & Drop;
      this.drops.set(index, { is: "group", count, late: Math.round((late / count) * 12), isUrgent: urgent > 0 });
      return { kind: "group", index, count, ...at };
    });
    return true;
  }

  signOf(mark: Drawn): Sign {
    return mark.kind === "group" ? (this.drops.get(mark.index) as Sign) : this.signOfCase(mark.index, false);
  }

  signOfCase(index: number, isChosen: boolean): Sign {
    const mark = this.cases.marks[index] as number;
    return { is: "case", tone: mark & ~URGENT, isUrgent: (mark & URGENT) !== 0, isChosen, label: this.cases.labels?.[index] ?? "" };
  }

  placeOf(index: number): { x: number; y: number } | null {
    const lng = this.cases.lng[index];
    return lng === undefined ? null : { x: xOf(lng), y: yOf(this.cases.lat[index] as number) };
  }

  open(group: number): { cases: number[]; zoom: number } {
    try {
      return {
        cases: (this.index?.getLeaves(group, 100) ?? []).map(({ properties }) => properties.index),
        zoom: this.index?.getClusterExpansionZoom(group) ?? 0,
      };
    } catch {
      return { cases: [], zoom: 0 }; // of a picture that is no more
    }
  }
}
