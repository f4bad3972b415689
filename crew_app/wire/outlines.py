"""The districts as a map draws them: no finer than a screen shows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from shapely import set_precision
from shapely.geometry import mapping, shape

from crew_app.models import District

FINE_DEGREES = 0.0002  # some 20 m
EXACT_DEGREES = 0.00001


def outlines_body(districts: Iterable[District]) -> dict[str, Any]:
    """GeoJSON, each district with its code as `name`."""
    features = []
    for district in districts:
        outline = set_precision(shape(district.boundary).simplify(FINE_DEGREES), EXACT_DEGREES)
        features.append({"type": "Feature", "properties": {"name": district.code}, "geometry": mapping(outline)})
    return {"type": "FeatureCollection", "features": features}
