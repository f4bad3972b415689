"""A district's outline with a point in it, to be drawn without a map."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from shapely.geometry import shape
from shapely.geometry.polygon import Polygon

SKETCH_WIDTH, SKETCH_HEIGHT, SKETCH_EDGE = 320.0, 180.0, 12.0


@dataclass(frozen=True, slots=True)
class Sketch:
    """A district's outline and a point in it, in the units of a 320 x 180 picture. North is up."""

    outline: str
    x: float
    y: float


def sketch_place(boundary: dict[str, Any], latitude: float, longitude: float) -> Sketch | None:
    """None if there is nothing to draw."""
    district = shape(boundary)
    if district.is_empty or not district.area:
        return None
    west, south, east, north = district.bounds
    west, east = min(west, longitude), max(east, longitude)
    south, north = min(south, latitude), max(north, latitude)
    squeeze = math.cos(math.radians((south + north) / 2))  # a degree of longitude in degrees of latitude
    scale = min((SKETCH_WIDTH - 2 * SKETCH_EDGE) / ((east - west) * squeeze), (SKETCH_HEIGHT - 2 * SKETCH_EDGE) / (north - south))
    left = (SKETCH_WIDTH - (east - west) * squeeze * scale) / 2
    top = (SKETCH_HEIGHT - (north - south) * scale) / 2

    def at(lon: float, lat: float) -> tuple[float, float]:
        return round(left + (lon - west) * squeeze * scale, 1), round(top + (north - lat) * scale, 1)

    def path(ring: Iterable[tuple[float, ...]]) -> str:
        return "M" + "L".join(f"{x:g},{y:g}" for x, y in (at(point[0], point[1]) for point in ring)) + "Z"

    simple = district.simplify(1.0 / scale)
    polygons: list[Polygon] = [part for part in getattr(simple, "geoms", [simple]) if isinstance(part, Polygon)]
    return Sketch("".join(path(part.exterior.coords) for part in polygons), *at(longitude, latitude))
