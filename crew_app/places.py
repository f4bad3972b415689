"""Is this a place in the city, and in which district is it?"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any

from shapely import STRtree
from shapely.geometry import Point, box, mapping, shape
from shapely.ops import unary_union

METRES_PER_DEGREE = 111_320.0
# Reports from a pier or the edge of a park fall just outside the drawn districts.
EDGE_TOLERANCE_M = 500.0
SAME_PLACE_DEGREES = 0.00006  # about 6 m: legacy coordinates are rounded to 4 decimals


class PlaceProblem(StrEnum):
    MISSING = "missing"
    NOT_A_PLACE = "not_a_place"  # not a number, or beyond the poles
    ZERO = "zero"
    SWAPPED = "swapped"  # latitude and longitude exchanged: it would lie in the city
    OUTSIDE = "outside"
    STAND_IN = "stand_in"  # the point a geocoder gives when it knows nothing, e.g. City Hall


class Areas:
    """Areas that may overlap, ready to be asked which of them a place is in. Pairs of id and GeoJSON geometry."""

    def __init__(self, areas: Iterable[tuple[int, dict[str, Any]]]) -> None:
        pairs = [(area_id, shape(boundary)) for area_id, boundary in areas]
        self._ids = [area_id for area_id, _ in pairs]
        self._tree = STRtree([boundary for _, boundary in pairs])

    def at(self, latitude: float, longitude: float) -> frozenset[int]:
        if not self._ids:
            return frozenset()
        return frozenset(self._ids[i] for i in self._tree.query(Point(longitude, latitude), predicate="intersects"))


def joined(boundaries: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """One GeoJSON geometry that covers all of these."""
    whole: dict[str, Any] = mapping(unary_union([shape(boundary) for boundary in boundaries]))
    return whole


class CityMap:
    """The city's districts, ready to be asked. `districts`: (id, GeoJSON geometry); `stand_ins`: (latitude, longitude)."""

    def __init__(self, districts: Iterable[tuple[int, dict[str, Any]]], stand_ins: Sequence[tuple[float, float]] = ()) -> None:
        pairs = [(district_id, shape(boundary)) for district_id, boundary in districts]
        self._ids = [district_id for district_id, _ in pairs]
        self._shapes = [boundary for _, boundary in pairs]
        self._tree = STRtree(self._shapes)
        self._stand_ins = stand_ins

    def district_id_at(self, latitude: float, longitude: float) -> int | None:
        """The district that contains the place, or the nearest within 500 m of its edge, or None."""
        if not self._ids:
            return None
        place = Point(longitude, latitude)
        inside = self._tree.query(place, predicate="intersects")
        if len(inside):
            return min(self._ids[i] for i in inside)
        # Nearest in metres, not in degrees: a degree of longitude is the shorter one.
        north = EDGE_TOLERANCE_M / METRES_PER_DEGREE
        east = north / max(math.cos(math.radians(latitude)), 0.01)
        around = box(longitude - east, latitude - north, longitude + east, latitude + north)
        edges = [(self._edge_metres(i, latitude, longitude), self._ids[i]) for i in self._tree.query(around)]
        metres, district_id = min(edges, default=(math.inf, None))
        return district_id if metres <= EDGE_TOLERANCE_M else None

    def problem_with(self, latitude: float | None, longitude: float | None) -> PlaceProblem | None:
        """Why no crew should be sent there, or None. Without districts only what is plainly wrong is seen."""
        if latitude is None or longitude is None:
            return PlaceProblem.MISSING
        if not (math.isfinite(latitude) and math.isfinite(longitude)) or abs(longitude) > 180:
            return PlaceProblem.NOT_A_PLACE
        if latitude == 0 and longitude == 0:
            return PlaceProblem.ZERO
        if abs(latitude) <= 90 and self.contains(latitude, longitude):
            at_stand_in = any(
                abs(latitude - lat) < SAME_PLACE_DEGREES and abs(longitude - lon) < SAME_PLACE_DEGREES
                for lat, lon in self._stand_ins
            )
            return PlaceProblem.STAND_IN if at_stand_in else None
        if self._ids and abs(longitude) <= 90 and self.contains(longitude, latitude):
            return PlaceProblem.SWAPPED
        return PlaceProblem.OUTSIDE if abs(latitude) <= 90 else PlaceProblem.NOT_A_PLACE

    def contains(self, latitude: float, longitude: float) -> bool:
        return not self._ids or self.district_id_at(latitude, longitude) is not None

    def _edge_metres(self, index: int, latitude: float, longitude: float) -> float:
        """Metres to a district's edge, flat: good to a percent over the few hundred metres that matter."""
        here = Point(longitude, latitude)
        boundary = self._shapes[index]
        nearest = boundary.boundary.interpolate(boundary.boundary.project(here)) if boundary.area else boundary.centroid
        north = (nearest.y - latitude) * METRES_PER_DEGREE
        east = (nearest.x - longitude) * METRES_PER_DEGREE * math.cos(math.radians(latitude))
        return math.hypot(north, east)
