/** The cases of the list on a map; where the map is moved, the list follows. */

import { t } from "../design/translate";
import { findDistricts } from "../map/basemap";
import { createCityMap, type Bounds, type Id, type MapCase, type Tone } from "../map/city-map";

const HERE = 0.00005; // degrees: five metres
const TONES: Record<string, Tone> = { assigned: "assigned", en_route: "en_route", on_site: "on_site", closed: "closed" };

export async function showPublicMap(box: HTMLElement): Promise<void> {
  const districts = await findDistricts();
  if (districts === null) return;
  box.hidden = false;
  const asked = new Asking();
  const map = createCityMap(box, {
    bounds: districts.bounds,
    districts: districts.outlines,
    label: t("Map of reported cases. The list below has the same."),
    onPickCase: (number) => location.assign(`/cases/${encodeURIComponent(number)}`),
    onPickCluster: (numbers) => void showTogether(numbers),
    onMove: (bounds) => void follow(bounds),
  });
  const follow = async (bounds: Bounds) => {
    const bbox = bounds.map((degrees) => degrees.toFixed(5)).join(",");
    const page = await asked.for(`/map/?bbox=${bbox}`, "text/html");
    const list = page === null ? null : new DOMParser().parseFromString(await page.text(), "text/html").querySelector("[data-latest]");
    if (list !== null) document.querySelector("[data-latest]")?.replaceWith(list);
  };
  // So many at one place that no map parts them: the list does.
  const showTogether = async (numbers: readonly Id[]) => {
    const together = cases.filter(({ id }) => numbers.includes(id));
    const [lngs, lats] = [together.map(({ lng }) => lng), together.map(({ lat }) => lat)];
    await follow([Math.min(...lngs) - HERE, Math.min(...lats) - HERE, Math.max(...lngs) + HERE, Math.max(...lats) + HERE]);
    document.querySelector<HTMLElement>("[data-latest] a")?.focus();
  };
  const answer = await fetch("/map/cases.json", { headers: { Accept: "application/json" } }).catch(() => null);
  const cases = answer?.ok ? readMarks((await answer.json()) as GeoJSON.FeatureCollection) : [];
  map.setCases(cases);
}

function readMarks({ features }: GeoJSON.FeatureCollection): MapCase[] {
  return features.flatMap(({ geometry, properties }) => {
    if (geometry.type !== "Point") return [];
    const [lng = NaN, lat = NaN] = geometry.coordinates;
    const { number, service, status, words } = properties as Record<string, string>;
    return [{ id: number ?? "", lng, lat, tone: TONES[status ?? ""] ?? "received", name: t("{service}, {words}", { service: service ?? "", words: words ?? "" }) }];
  });
}

/** Only the last question matters. */
class Asking {
  private last = new AbortController();

  async for(address: string, type: string): Promise<Response | null> {
    this.last.abort();
    this.last = new AbortController();
    try {
      const answer = await fetch(address, { headers: { Accept: type }, signal: this.last.signal });
      return answer.ok ? answer : null;
    } catch {
      return null;
    }
  }
}
