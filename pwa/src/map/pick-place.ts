/** A pin that says where: touch the map, drag the pin, or move it with the arrow keys. */

import { t } from "../design/translate";
import type { CityMap } from "./city-map";
import { addHandle, type Handle } from "./handle";

export interface PlacePicker {
  /** Put the pin there (an address was found, the position is known), or take it away. */
  put(place: { lng: number; lat: number } | null): void;
  destroy(): void;
}

export const pinWords = () => ({ pin: t("The place. Arrow keys move it, with Shift a little.") });

/** `onChange` hears of each place that a person chose; not of those the page put. */
export function pickPlace(map: CityMap, onChange: (place: { lng: number; lat: number }) => void, words = pinWords()): PlacePicker {
  let pin: Handle | null = null;
  let chosen = { lng: 0, lat: 0 };

  function put(place: { lng: number; lat: number } | null): void {
    if (place === null) {
      pin?.remove();
      pin = null;
      return;
    }
    chosen = place;
    pin ??= addHandle(map, map.element, {
      name: words.pin,
      look: "city-map-pin",
      ...place,
      onMove: (lng, lat) => (chosen = { lng, lat }),
      onLetGo: () => onChange(chosen),
    });
    pin.put(place.lng, place.lat);
  }

  const stop = map.onPlace((lng, lat) => {
    put({ lng, lat });
    onChange(chosen);
  });
  return {
    put,
    destroy() {
      stop();
      put(null);
    },
  };
}
