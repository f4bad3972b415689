/** What the page and the painter say to each other. The painter works in a thread of its own, with the page's canvas. */

import type { Camera } from "./camera";

/** How a case or a crew is marked: each has a shape and a colour. */
export const TONES = ["received", "assigned", "en_route", "on_site", "closed", "review", "late"] as const;
export type Tone = (typeof TONES)[number];

/** GeoJSON: one shape or a collection. Polygons and lines are drawn, their `name` written into them. */
export type Outlines = GeoJSON.GeoJSON;

export interface CrewMark {
  lng: number;
  lat: number;
  label: string;
  stale: boolean;
  tone: Tone;
}

/** Cases as columns: ten thousand of them cross over in a millisecond. */
export interface CaseMarks {
  lng: Float64Array;
  lat: Float64Array;
  /** Place in TONES, + URGENT if it is. */
  marks: Uint8Array;
  /** What is written in the mark in place of its shape; none: null. */
  labels: string[] | null;
}

export const URGENT = 128;

export interface Chosen {
  kind: "case" | "crew";
  index: number;
}

/** The colours of a theme, as the page's style sheet says them. */
export type Palette = Readonly<Record<(typeof COLOURS)[number], string>> & { readonly tones: readonly string[] };
export const COLOURS = ["ground", "water", "green", "house", "rail", "road", "casing", "major", "name", "halo", "district", "sheet", "ink", "accent", "edge", "bad"] as const;

export type ToPainter =
  | { is: "start"; canvas: OffscreenCanvas; wide: number; high: number; density: number; camera: Camera; palette: Palette; isGrouped: boolean }
  | { is: "size"; wide: number; high: number; density: number }
  | { is: "camera"; camera: Camera }
  | { is: "palette"; palette: Palette }
  | { is: "basemap"; url: string | null }
  | { is: "outlines"; outlines: Outlines | null }
  | { is: "cases"; cases: CaseMarks; edition: number }
  | { is: "crews"; crews: CrewMark[]; edition: number }
  | { is: "route"; points: [number, number][] | null }
  | { is: "me"; me: { lng: number; lat: number; metres: number } | null }
  | { is: "chosen"; chosen: Chosen | null }
  | { is: "open_group"; group: number };

/** A mark in the picture: what a finger can touch. Places are the world's. */
export type Drawn =
  | { kind: "case" | "crew"; index: number; x: number; y: number }
  | { kind: "group"; index: number; x: number; y: number; count: number };

export type FromPainter =
  /** Indexes are those of this edition of cases and crews: meanwhile the page may have others. */
  | { is: "drawn"; drawn: Drawn[]; edition: number }
  /** Whether the streets in view are all painted, are being fetched, or cannot be had. */
  | { is: "streets"; state: "drawn" | "coming" | "none" }
  /** What is in a group (the first hundred), and from which zoom on it falls apart. */
  | { is: "group"; group: number; cases: number[]; zoom: number; edition: number };
