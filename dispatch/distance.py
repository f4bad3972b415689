"""How far, exactly; and who is nearest, without measuring everybody exactly.

The exact distance is the geodesic on the WGS 84 ellipsoid (Karney 2013, as geopy computes it). It costs about 80
microseconds, so crews are first ranked on a sphere, and only those that could still be nearest are measured.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from geopy.distance import geodesic
from numpy.typing import NDArray

from dispatch.types import Point

EARTH_RADIUS_M = 6_371_008.8  # IUGG mean radius
# Sphere and ellipsoid differ by at most 0.56 % either way (flattening 1/298), so whoever is within 1.2 % on the
# sphere could be first on the ellipsoid, and nobody else can.
SPHERE_ERROR = 0.0057


def metres_between(a: Point, b: Point) -> float:
    """The geodesic distance in metres."""
    return float(geodesic((a.latitude, a.longitude), (b.latitude, b.longitude)).meters)


class CrewIndex:
    """Points of n crews, ready to be ranked by distance from any place."""

    def __init__(self, points: Sequence[Point]) -> None:
        self.points = points
        self._latitudes = np.radians([p.latitude for p in points])
        self._longitudes = np.radians([p.longitude for p in points])
        self._cos_latitudes = np.cos(self._latitudes)

    def metres_on_sphere(self, place: Point) -> NDArray[np.float64]:
        """Distances in metres by the haversine formula, shape (n,); each within 0.57 % of the geodesic."""
        latitude, longitude = np.radians(place.latitude), np.radians(place.longitude)
        a = (
            np.sin((self._latitudes - latitude) / 2) ** 2
            + self._cos_latitudes * np.cos(latitude) * np.sin((self._longitudes - longitude) / 2) ** 2
        )
        metres: NDArray[np.float64] = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(a, 1.0)))
        return metres

    def by_distance(self, place: Point) -> Iterator[tuple[int, float]]:
        """Yield (index, geodesic metres), nearest first and exact, measuring no more than it must.

        A crew is yielded once its exact distance is no more than what any unmeasured crew could possibly have.
        Equal distances come in the order of the points given.
        """
        rough = self.metres_on_sphere(place)
        order = np.argsort(rough, kind="stable")
        measured: list[tuple[float, int]] = []
        for position, index in enumerate(order):
            measured.append((metres_between(place, self.points[index]), int(index)))
            if position + 1 < len(order):
                nearest_unmeasured = float(rough[order[position + 1]]) * (1 - SPHERE_ERROR)
                measured.sort(reverse=True)
                while measured and measured[-1][0] < nearest_unmeasured:
                    metres, found = measured.pop()
                    yield found, metres
        for metres, found in sorted(measured):
            yield found, metres
