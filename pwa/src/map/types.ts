/** What a page gives the map and gets from it. */

import type { Bounds } from "./camera";
import type { Outlines, Tone } from "./messages";
import type { MapWords } from "./words";

export type Theme = "auto" | "day" | "night" | "sun";
export type Id = number | string;

export interface MapCase {
  id: Id;
  lng: number;
  lat: number;
  tone: Tone;
  urgent?: boolean;
  /** A number to show in place of the tone's shape: the order of a crew's day. */
  label?: string;
  /** What a screen reader says of it. */
  name?: string;
}

export interface MapCrew {
  id: Id;
  lng: number;
  lat: number;
  label: string;
  stale: boolean;
  tone: Tone;
}

export interface MapOptions {
  /** The city: the map does not leave it. */
  bounds: Bounds;
  /** What to show at first, if not all of it. */
  look?: Bounds;
  theme?: Theme;
  /** Where the streets are; left out: ask the city; null: draw without. */
  basemapUrl?: string | null;
  districts?: Outlines | null;
  /** Many cases near each other as one mark with their number. Default: yes. */
  grouped?: boolean;
  /** The map's name for a screen reader. */
  label?: string;
  words?: Partial<MapWords>;
  onPickCase?(id: Id): void;
  onPickCrew?(id: Id): void;
  /** Cases so near to each other that no zoom parts them (at most a hundred are named). */
  onPickCluster?(ids: Id[]): void;
  /** The map has come to rest here. */
  onMove?(bounds: Bounds, zoom: number): void;
}

export interface CityMap {
  setCases(cases: readonly MapCase[]): void;
  setCrews(crews: readonly MapCrew[]): void;
  /** A line through these [lng, lat]. */
  setRoute(points: readonly (readonly [number, number])[] | null): void;
  setDistricts(outlines: Outlines | null): void;
  /** Where the person is, and to how many metres that is sure. */
  setMe(place: { lng: number; lat: number; metres: number } | null): void;
  /** Marks it, above all others. */
  select(kind: "case" | "crew", id: Id | null): void;
  focus(lng: number, lat: number, zoom?: number): void;
  fit(bounds: Bounds): void;
  zoomBy(by: number): void;
  /** What is drawn at a point of the window (clientX, clientY), for drag and drop. */
  caseAt(x: number, y: number): Id | null;
  crewAt(x: number, y: number): Id | null;
  /** Where a place is, in pixels from the map's top left, and the other way round: for what is laid over the map. */
  spotOf(lng: number, lat: number): { x: number; y: number };
  placeOf(x: number, y: number): { lng: number; lat: number };
  /** Called at each movement until the returned function is. */
  onCamera(follow: () => void): () => void;
  /** Called when a place is touched where no mark is (or Enter is pressed: the middle), until the returned function is. */
  onPlace(heard: (lng: number, lat: number) => void): () => void;
  metresPerPx(): number;
  setTheme(theme: Theme): void;
  readonly element: HTMLElement;
  destroy(): void;
}
