import "maplibre-gl/dist/maplibre-gl.css";
import { addProtocol, Map, setWorkerUrl, type LayerSpecification } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import { Protocol } from "pmtiles";
import { BOUNDS, cases, crews, drawn, element, TILES } from "./work";

setWorkerUrl(workerUrl);
addProtocol("pmtiles", new Protocol().tile);
const roads = (id: string, kinds: string[], colour: string, width: number): LayerSpecification => ({
  id,
  type: "line",
  source: "streets",
  "source-layer": "roads",
  filter: ["in", ["get", "kind"], ["literal", kinds]],
  layout: { "line-cap": "round", "line-join": "round" },
  paint: { "line-color": colour, "line-width": ["interpolate", ["linear"], ["zoom"], 10, width / 3, 14, width, 18, width * 6] },
});
const points = (list: readonly { lng: number; lat: number }[]) => ({
  type: "FeatureCollection" as const,
  features: list.map(({ lng, lat, ...properties }) => ({ type: "Feature" as const, properties, geometry: { type: "Point" as const, coordinates: [lng, lat] } })),
});
const map = new Map({
  container: element,
  bounds: BOUNDS,
  fadeDuration: 0,
  style: {
    version: 8,
    sources: {
      streets: { type: "vector", url: `pmtiles://${TILES}` },
      cases: { type: "geojson", data: points(cases), cluster: true, clusterRadius: 30, clusterMaxZoom: 18 },
      crews: { type: "geojson", data: points(crews) },
    },
    layers: [
      { id: "ground", type: "background", paint: { "background-color": "#f4f2ec" } },
      roads("casing", ["major", "motorway", "street", "lane"], "#d5d0c4", 5),
      roads("streets", ["street", "lane", "path"], "#ffffff", 3),
      roads("major", ["major", "motorway"], "#f7e2a8", 4),
      {
        id: "names",
        type: "symbol",
        source: "streets",
        "source-layer": "roads",
        minzoom: 13,
        layout: { "symbol-placement": "line", "text-field": ["get", "name"], "text-size": 12 },
        paint: { "text-halo-color": "#ffffff", "text-halo-width": 2 },
      },
      { id: "groups", type: "circle", source: "cases", paint: { "circle-radius": 16, "circle-color": "#ffffff", "circle-stroke-width": 3, "circle-stroke-color": "#0b4a6f" } },
      { id: "counts", type: "symbol", source: "cases", filter: ["has", "point_count"], layout: { "text-field": ["get", "point_count"], "text-size": 13, "text-allow-overlap": true } },
      { id: "crews", type: "circle", source: "crews", paint: { "circle-radius": 7, "circle-color": "#5a3c9e", "circle-stroke-width": 2, "circle-stroke-color": "#ffffff" } },
    ],
  },
});
map.on("idle", drawn);
