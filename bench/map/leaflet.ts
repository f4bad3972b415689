import "leaflet/dist/leaflet.css";
import "leaflet.markercluster/dist/MarkerCluster.css";
import "leaflet.markercluster/dist/MarkerCluster.Default.css";
import L from "leaflet";
import "leaflet.markercluster";
import { leafletLayer, LineLabelSymbolizer, LineSymbolizer } from "protomaps-leaflet";
import { BOUNDS, cases, crews, drawn, element, TILES } from "./work";

const roads = (kinds: string[], color: string, width: number) => ({
  dataLayer: "roads",
  symbolizer: new LineSymbolizer({ color, width: (zoom: number) => (zoom < 14 ? width / 2 : width * 2 ** ((zoom - 14) / 2)) }),
  filter: (_: number, feature: { props: Record<string, unknown> }) => kinds.includes(String(feature.props["kind"])),
});
const [west, south, east, north] = BOUNDS;
const map = L.map(element, { preferCanvas: true }).fitBounds([
  [south, west],
  [north, east],
]);
const streets = leafletLayer({
  url: TILES,
  maxDataZoom: 14,
  backgroundColor: "#f4f2ec",
  paintRules: [roads(["major", "motorway", "street", "lane"], "#d5d0c4", 5), roads(["street", "lane", "path"], "#ffffff", 3), roads(["major", "motorway"], "#f7e2a8", 4)],
  labelRules: [{ dataLayer: "roads", minzoom: 13, symbolizer: new LineLabelSymbolizer({ font: "12px sans-serif", fill: "#4a4d47", stroke: "#ffffff", width: 2 }) }],
}) as unknown as L.GridLayer;
streets.on("load", drawn);
streets.addTo(map);
const groups = (L as unknown as { markerClusterGroup(options: object): L.LayerGroup & { addLayers(list: L.Layer[]): void } }).markerClusterGroup({ maxClusterRadius: 30, animate: false });
groups.addLayers(cases.map(({ lat, lng }) => L.circleMarker([lat, lng], { radius: 9 })));
map.addLayer(groups);
for (const { lat, lng } of crews) L.circleMarker([lat, lng], { radius: 7, color: "#ffffff", fillColor: "#5a3c9e", fillOpacity: 1 }).addTo(map);
