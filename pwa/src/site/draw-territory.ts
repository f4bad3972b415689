/** A territory drawn on the map: what is drawn goes into the form's hidden field. Without a map, its districts are ticked. */

import { boundsOf } from "../desk/bounds";
import { createCityMap } from "../map/city-map";
import { editPolygon, type AreaChange } from "../map/edit-polygon";
import { Live } from "../net/live";

interface Polygon {
  type: "Polygon";
  coordinates: [number, number][][];
}

export async function drawTerritory(box: HTMLElement): Promise<void> {
  const form = box.closest("form");
  const field = form?.querySelector<HTMLInputElement>("input[name=boundary]");
  const begin = form?.querySelector<HTMLButtonElement>("button[data-draw]");
  const undo = form?.querySelector<HTMLButtonElement>("button[data-undo]");
  const keep = form?.querySelector<HTMLButtonElement>("button[data-keep]");
  if (!form || !field || !begin || !undo || !keep) return;
  const districts = await new Live((...asked) => fetch(...asked)).outlines().catch(() => null);
  if (districts === null) return;
  box.hidden = false;
  const kept = field.value === "" ? null : ((JSON.parse(field.value) as Polygon).coordinates[0] ?? null);
  const look = kept === null ? {} : { look: boundsOf({ type: "FeatureCollection", features: [{ type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [kept] } }] }, [], []) };
  const map = createCityMap(box, { bounds: boundsOf(districts, [], []), ...look, districts, label: "Map of the city, to draw on" });
  const heard = ({ ring, isArea }: AreaChange) => {
    keep.disabled = !isArea;
    if (isArea) field.value = JSON.stringify({ type: "Polygon", coordinates: [ring] } satisfies Polygon);
  };
  const draw = () => {
    const editor = editPolygon(map, kept, heard);
    heard({ ring: editor.ring(), isArea: true });
    begin.hidden = true;
    undo.hidden = false;
    undo.addEventListener("click", () => editor.undo());
    for (const tick of form.querySelectorAll<HTMLInputElement>("input[name=district]")) tick.checked = false;
  };
  begin.hidden = false;
  begin.addEventListener("click", draw);
  if (kept !== null) draw();
}
