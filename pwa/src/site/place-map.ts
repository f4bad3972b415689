/** A map in the report form: touch it, or drag the pin. The two fields below hold what is sent, as without script. */

import { t } from "../design/translate";
import { findDistricts } from "../map/basemap";
import { createCityMap } from "../map/city-map";
import { pickPlace } from "../map/pick-place";

const NEAR_ZOOM = 16;

export async function showPlaceMap(box: HTMLElement, lat: HTMLInputElement, lon: HTMLInputElement): Promise<void> {
  const districts = await findDistricts();
  if (districts === null) return; // a city without districts: nobody knows where it is
  box.hidden = false;
  const map = createCityMap(box, { bounds: districts.bounds, districts: districts.outlines, label: t("Map of the city. Touch the place, or move there and press Enter.") });
  const picker = pickPlace(map, (place) => {
    lat.value = place.lat.toFixed(6);
    lon.value = place.lng.toFixed(6);
  });
  const show = () => {
    const place = { lat: Number(lat.value), lng: Number(lon.value) };
    const isPlace = lat.value.trim() !== "" && lon.value.trim() !== "" && Number.isFinite(place.lat) && Number.isFinite(place.lng);
    picker.put(isPlace ? place : null);
    if (isPlace) map.focus(place.lng, place.lat, NEAR_ZOOM);
  };
  for (const input of [lat, lon]) input.addEventListener("change", show);
  show();
}
