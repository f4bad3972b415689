/** The city beside a call: the place that was found, and a pin to put where no address helps. */

import { boundsOf } from "../desk/bounds";
import { createCityMap } from "../map/city-map";
import { pickPlace } from "../map/pick-place";
import { Live } from "../net/live";

type Put = (place: { lng: number; lat: number } | null) => void;

const NEAR_ZOOM = 16;

export async function mapFor(box: HTMLElement, picked: (place: { lat: number; lon: number }) => void): Promise<Put> {
  const districts = await new Live((...asked) => fetch(...asked)).outlines().catch(() => null);
  if (districts === null) return () => undefined;
  box.hidden = false;
  const map = createCityMap(box, { bounds: boundsOf(districts, [], []), districts, label: "Map of the city. Touch where it is." });
  const picker = pickPlace(map, ({ lng, lat }) => picked({ lat, lon: lng }));
  return (place) => {
    picker.put(place);
    if (place !== null) map.focus(place.lng, place.lat, NEAR_ZOOM);
  };
}
