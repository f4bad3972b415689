"""How far, exactly; and who is nearest, without measuring everybody exactly.

The exact distance is the geodesic on the WGS 84 ellipsoid (Karney 2013, as geopy computes it). It costs about 80
microseconds. The straight line through the earth, the chord, costs nanoseconds, and it bounds the geodesic tightly:

    chord <= geodesic <= 2 R asin(chord / 2 R),    R = b * b / a = 6,335.4 km

The geodesic curves nowhere more than a circle of radius R, the ellipsoid's smallest radius of curvature, so by Schur's
comparison theorem (for arcs up to half of that circle) its chord is at least the circle's. Across a city of 30 km the
two bounds lie 28 mm apart, so exact measuring is left for crews that are nearly as near as each other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from geopy.distance import geodesic
from numpy.typing import NDArray

from dispatch.types import Legs, Point

EQUATOR_M = 6_378_137.0  # WGS 84: a
FLATTENING = 1 / 298.257223563
ECCENTRICITY_2 = FLATTENING * (2 - FLATTENING)
TIGHTEST_RADIUS_M = EQUATOR_M * (1 - ECCENTRICITY_2)  # b * b / a: north-south at the equator
MEAN_RADIUS_M = 6_371_008.8
# Where two crews' bounds overlap by less than this, rounding decides nothing.
ROUNDING_M = 1e-5
CLOSE_ENOUGH_M = 0.001

# On the road it is longer than by air: 1.23 times in Boston (its street graph, pairs over 300 m).
DETOUR = 1.23
CITY_SPEED_KMH = 20.0

LegsOf = Callable[[Sequence[Point]], Legs]


def metres_between(a: Point, b: Point) -> float:
    """The geodesic distance in metres."""
    return float(geodesic((a.latitude, a.longitude), (b.latitude, b.longitude)).meters)


def positions_of(points: Sequence[Point]) -> NDArray[np.float64]:
    """Points as metres east, north and up of the earth's centre (ECEF, on the ellipsoid), shape (n, 3)."""
    degrees = np.array([(p.latitude, p.longitude) for p in points], dtype=np.float64).reshape(-1, 2)
    latitude, longitude = np.radians(degrees[:, 0]), np.radians(degrees[:, 1])
    normal = EQUATOR_M / np.sqrt(1 - ECCENTRICITY_2 * np.sin(latitude) ** 2)
    flat = normal * np.cos(latitude)
    return np.column_stack((flat * np.cos(longitude), flat * np.sin(longitude), normal * (1 - ECCENTRICITY_2) * np.sin(latitude)))


def longest_arc(chord: float) -> float:
    """The most metres a geodesic with this chord can have."""
    half = chord / (2 * TIGHTEST_RADIUS_M)
    return math.inf if half >= 1 else 2 * TIGHTEST_RADIUS_M * math.asin(half)


class CrewIndex:
    """Points of n crews, ready to be ranked by distance from any place.

    A tree is not needed: one pass over 5,000 crews' chords takes less time than a k-d tree's look-up from Python.
    """

    def __init__(self, points: Sequence[Point]) -> None:
        self.points = points
        positions = positions_of(points)
        self._middle = positions.mean(axis=0) if len(points) else np.zeros(3)
        self._x, self._y, self._z = np.ascontiguousarray((positions - self._middle).T)

    def nearest(self, place: Point) -> tuple[int, float]:
        """(index, geodesic metres) of the nearest; of several equally near the first. Metres are right to 1 mm.

        Raises ValueError without crews.
        """
        squares = self._squares(place)
        first = int(squares.argmin())
        reach = longest_arc(math.sqrt(squares[first])) + ROUNDING_M
        rivals = np.flatnonzero(squares <= reach * reach).tolist()
        metres, index = self._measured(place, rivals, squares)[0]
        return index, metres

    def by_distance(self, place: Point) -> Iterator[tuple[int, float]]:
        """Yield (index, geodesic metres), nearest first and exact, measuring no more than it must.

        Crews whose bounds overlap are measured together, the others not at all. Equal distances come in the order of
        the points given. Metres are right to 1 mm.
        """
        squares = self._squares(place)
        order = np.argsort(squares, kind="stable").tolist()
        first = 0
        while first < len(order):
            end, reach = first, math.inf
            while end < len(order) and (chord := math.sqrt(squares[order[end]])) <= reach + ROUNDING_M:
                reach = longest_arc(chord)
                end += 1
            for metres, index in self._measured(place, order[first:end], squares):
                yield index, metres
            first = end

    def _measured(self, place: Point, rivals: Sequence[int], squares: NDArray[np.float64]) -> list[tuple[float, int]]:
        """(geodesic metres, index) of crews whose bounds overlap, in order. Crews at one place are measured once."""
        if len(rivals) == 1:
            chord = math.sqrt(squares[rivals[0]])
            arc = longest_arc(chord)
            if arc - chord <= CLOSE_ENOUGH_M:
                return [(arc, rivals[0])]
        measured: dict[Point, float] = {}
        for index in rivals:
            point = self.points[index]
            if point not in measured:
                measured[point] = metres_between(place, point)
        return sorted((measured[self.points[index]], index) for index in rivals)

    def _seen_from_middle(self, place: Point) -> tuple[float, float, float]:
        latitude, longitude = math.radians(place.latitude), math.radians(place.longitude)
        sine = math.sin(latitude)
        normal = EQUATOR_M / math.sqrt(1 - ECCENTRICITY_2 * sine * sine)
        flat = normal * math.cos(latitude)
        middle = self._middle
        return (
            flat * math.cos(longitude) - float(middle[0]),
            flat * math.sin(longitude) - float(middle[1]),
            normal * (1 - ECCENTRICITY_2) * sine - float(middle[2]),
        )

    def _squares(self, place: Point) -> NDArray[np.float64]:
        x, y, z = self._seen_from_middle(place)
        squares: NDArray[np.float64] = np.square(self._x - x)
        squares += np.square(self._y - y)
        squares += np.square(self._z - z)
        return squares


def metres_by_air(origins: Sequence[Point], goals: Sequence[Point]) -> NDArray[np.float64]:
    """Geodesic metres from each origin to each goal, shape (origins, goals); within 0.01 mm at 10 km, 1 cm at 100 km.

    The arc over each chord on a sphere of the earth's mean radius: geodesics' radii are within 0.6 % of it.
    """
    a, b = positions_of(origins), positions_of(goals)
    squares = np.zeros((len(origins), len(goals)))
    for axis in range(3):
        squares += np.subtract.outer(a[:, axis], b[:, axis]) ** 2
    arcs: NDArray[np.float64] = 2 * MEAN_RADIUS_M * np.arcsin(np.minimum(np.sqrt(squares) / (2 * MEAN_RADIUS_M), 1.0))
    return arcs


def legs_by_air(points: Sequence[Point], speed_kmh: float = CITY_SPEED_KMH, detour: float = DETOUR) -> Legs:
    """Geodesic metres between all points; seconds as if the road were `detour` times longer and driven at speed_kmh."""
    metres = metres_by_air(points, points)
    return Legs(metres, metres * (detour * 3.6 / speed_kmh), "air")
