"""Ways by road: points put onto the streets beside them, and the fastest way between each two of them.

A crew drives the fastest way, so metres are those of the fastest way too, as OSRM and Valhalla count them. One-way
streets hold. Turn restrictions and traffic are not in it. A point far from every street, or one that the streets do not
join to another, is reckoned by air, `DETOUR` times as long as the geodesic, so that the two can stand side by side.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from dispatch import road_search
from dispatch.distance import CITY_SPEED_KMH, DETOUR, MEAN_RADIUS_M, metres_by_air
from dispatch.road_search import Places, Streets
from dispatch.types import Legs, Point

Reals = NDArray[np.float64]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]

FAR_FROM_ROADS_M = 500.0
AT_A_JUNCTION_M = 1.0
METRES_PER_DEGREE = MEAN_RADIUS_M * math.pi / 180


@dataclass(frozen=True, slots=True)
class RoadGraph:
    """A city's streets: chains, and the straight pieces that each is made of, in its order.

    `chains` (c, 2): the nodes where each begins and ends; nodes are 0 to n - 1. `pieces` (p, 4): latitude and longitude of
    both ends; `piece_chain` (p,): of which chain, ascending.
    """

    chains: Whole
    metres: Reals  # (c,)
    seconds: Reals  # (c,)
    is_forward: Flags  # (c,): may be driven from where it begins to where it ends
    is_backward: Flags  # (c,)
    pieces: Reals
    piece_chain: Whole


class RoadMap:
    """A road graph ready to be asked."""

    def __init__(self, graph: RoadGraph, search: Callable[..., Any] = road_search.search) -> None:
        self._search = search
        self._forward = _streets(graph, reverse=False)
        self._backward = _streets(graph, reverse=True)
        # Flat metres around the middle of the city: the nearest street is then right to a thousandth over 50 km.
        self._origin = graph.pieces.reshape(-1, 2).mean(axis=0) if len(graph.pieces) else np.zeros(2)
        self._from = self._flat(graph.pieces[:, :2])
        self._to = self._flat(graph.pieces[:, 2:])
        self._tree = shapely.STRtree(shapely.linestrings(np.stack((self._from, self._to), axis=1)))
        self._chain = graph.piece_chain
        length = np.hypot(*(self._to - self._from).T)
        before = np.cumsum(length) - length
        is_first = np.r_[True, np.diff(graph.piece_chain) != 0] if len(length) else np.zeros(0, dtype=np.bool_)
        starts = np.flatnonzero(is_first)
        of_chain = np.cumsum(is_first) - 1
        whole = np.add.reduceat(length, starts) if len(length) else length
        self._begin_share = np.divide(
            before - before[starts][of_chain], whole[of_chain], where=whole[of_chain] > 0, out=np.zeros_like(length)
        )
        self._piece_share = np.divide(length, whole[of_chain], where=whole[of_chain] > 0, out=np.zeros_like(length))

    def legs(self, points: Sequence[Point]) -> Legs:
        """Ways between all points."""
        metres, seconds = self.ways(points, points)
        return Legs(metres, seconds, "roads")

    def ways(self, origins: Sequence[Point], goals: Sequence[Point]) -> tuple[Reals, Reals]:
        """(metres, seconds) from each origin to each goal, each of shape (origins, goals); all finite."""
        from_, from_gap = self.places_of(origins)
        to, to_gap = self.places_of(goals)
        metres = np.full((len(origins), len(goals)), np.inf)
        seconds = metres.copy()
        # A search costs about the same for one goal as for all: so one is made for each place of the shorter side.
        a, b = np.flatnonzero(np.isfinite(from_gap)), np.flatnonzero(np.isfinite(to_gap))
        if len(a) and len(b):
            some_s, some_m = np.empty((len(a), len(b))), np.empty((len(a), len(b)))
            some_from, some_to = Places(from_.chain[a], from_.share[a]), Places(to.chain[b], to.share[b])
            if len(a) <= len(b):
                self._search(self._forward, some_from, some_to, some_s, some_m)
            else:
                turned_s, turned_m = np.empty((len(b), len(a))), np.empty((len(b), len(a)))
                self._search(self._backward, some_to, some_from, turned_s, turned_m)
                some_s, some_m = turned_s.T, turned_m.T
            gaps = from_gap[a][:, None] + to_gap[b][None, :]
            metres[np.ix_(a, b)] = some_m + gaps
            seconds[np.ix_(a, b)] = some_s + gaps * 3.6 / CITY_SPEED_KMH
        return by_air_where_there_is_no_way(origins, goals, metres, seconds)

    def places_of(self, points: Sequence[Point]) -> tuple[Places, Reals]:
        """The nearest place on a street for each point, and the metres to it; infinite where none is near.

        Of several streets equally near the first.
        """
        chain, share, gap = np.zeros(len(points), dtype=np.int64), np.zeros(len(points)), np.full(len(points), np.inf)
        here = self._flat(np.array([(p.latitude, p.longitude) for p in points], dtype=np.float64).reshape(-1, 2))
        who, piece = self._tree.query_nearest(shapely.points(here), max_distance=FAR_FROM_ROADS_M)
        for i, k in sorted(zip(who.tolist(), piece.tolist(), strict=True), reverse=True):  # so that the first is kept
            begin, along = self._from[k], self._to[k] - self._from[k]
            length_2 = float(along @ along)
            part = min(1.0, max(0.0, float((here[i] - begin) @ along) / length_2)) if length_2 > 0 else 0.0
            chain[i] = self._chain[k]
            share[i] = self._at_junction(int(chain[i]), float(self._begin_share[k] + part * self._piece_share[k]))
            gap[i] = float(np.hypot(*(here[i] - begin - part * along)))
        return Places(chain, share), gap

    def _at_junction(self, chain: int, share: float) -> float:
        """0 or 1 within a metre of a chain's end, else the share."""
        metres = self._forward.metres[chain]
        if min(share, 1 - share) * metres > AT_A_JUNCTION_M:
            return share
        return 0.0 if share < 0.5 else 1.0

    def _flat(self, degrees: Reals) -> Reals:
        """Metres east and north of the city's middle, shape (n, 2)."""
        north = (degrees[:, 0] - self._origin[0]) * METRES_PER_DEGREE
        east = (degrees[:, 1] - self._origin[1]) * METRES_PER_DEGREE * math.cos(math.radians(float(self._origin[0])))
        return np.column_stack((east, north))


def by_air_where_there_is_no_way(
    origins: Sequence[Point], goals: Sequence[Point], metres: Reals, seconds: Reals
) -> tuple[Reals, Reals]:
    """The same with the infinite ones replaced by DETOUR times the geodesic, driven at CITY_SPEED_KMH."""
    none = ~(np.isfinite(metres) & np.isfinite(seconds))
    if none.any():
        air = metres_by_air(origins, goals) * DETOUR
        metres, seconds = np.where(none, air, metres), np.where(none, air * 3.6 / CITY_SPEED_KMH, seconds)
    return metres, seconds


def _streets(graph: RoadGraph, reverse: bool) -> Streets:
    """`reverse`: every street driven the other way round, to search from goals to origins."""
    forward, backward = (graph.is_backward, graph.is_forward) if reverse else (graph.is_forward, graph.is_backward)
    begins, ends = graph.chains[:, 0], graph.chains[:, 1]
    tails = np.concatenate((begins[forward], ends[backward]))
    heads = np.concatenate((ends[forward], begins[backward]))
    chain = np.concatenate((np.flatnonzero(forward), np.flatnonzero(backward)))
    order = np.lexsort((chain, heads, tails))
    n = int(graph.chains.max()) + 1 if len(graph.chains) else 0
    first_edge = np.searchsorted(tails[order], np.arange(n + 1))
    return Streets(
        np.ascontiguousarray(begins), np.ascontiguousarray(ends), graph.seconds, graph.metres, forward, backward,
        first_edge.astype(np.int64), heads[order], chain[order],
    )  # fmt: skip
