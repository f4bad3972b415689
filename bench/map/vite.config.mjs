import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const peers = join(here, "../../.cache/bench-map/node_modules");
const names = ["leaflet.markercluster", "leaflet", "maplibre-gl", "protomaps-leaflet", "pmtiles"];

export default {
  root: here,
  base: "./",
  logLevel: "error",
  resolve: { alias: names.map((name) => ({ find: new RegExp(`^${name}(?=$|/)`), replacement: join(peers, name) })) },
  worker: { format: "es" },
  build: {
    outDir: join(here, "../../.cache/bench-map/dist"),
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    rollupOptions: { input: ["crew311", "maplibre", "leaflet"].map((name) => join(here, `${name}.html`)) },
  },
};
