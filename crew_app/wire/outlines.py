"""The districts as a map draws them: GeoJSON, no finer than a screen shows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from shapely import set_precision
from shapely.geometry import mapping, shape

from crew_app.models import District

FINE_DEGREES = 0.0001  # some 10 m
EXACT_DEGREES = 0.00001


def outlines_body(districts: Iterable[District]) -> dict[str, Any]:
    """A FeatureCollection with its `bbox` (west, south, east, north); without one if the city has no districts."""
    features: list[dict[str, Any]] = []
    boxes: list[tuple[float, float, float, float]] = []
    for district in districts:
        boundary = shape(district.boundary)
        if boundary.is_empty:
            continue
        boxes.append(boundary.bounds)
        simple = set_precision(boundary.simplify(FINE_DEGREES), EXACT_DEGREES)
        properties = {"code": district.code, "name": district.name}
        features.append({"type": "Feature", "id": district.id, "properties": properties, "geometry": _rounded(mapping(simple))})
    collection: dict[str, Any] = {"type": "FeatureCollection", "features": features}
    if boxes:
        west, south, east, north = zip(*boxes, strict=True)
        collection["bbox"] = [min(west), min(south), max(east), max(north)]
    return collection


def _rounded(value: Any) -> Any:
    """What set_precision leaves as 42.350010000000004 is sent as 42.35001."""
    if isinstance(value, float):
        return round(value, 5)
    if isinstance(value, dict):
        return {name: _rounded(part) for name, part in value.items()}
    return [_rounded(part) for part in value] if isinstance(value, list | tuple) else value
