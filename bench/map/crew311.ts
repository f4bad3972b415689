import { createCityMap } from "../../pwa/src/map/city-map";
import { BOUNDS, cases, crews, drawn, element, TILES } from "./work";

const map = createCityMap(element, { bounds: BOUNDS, basemapUrl: TILES });
map.setCases(cases);
map.setCrews(crews);
new MutationObserver(() => element.dataset["streets"] === "drawn" && drawn()).observe(element, { attributeFilter: ["data-streets"] });
