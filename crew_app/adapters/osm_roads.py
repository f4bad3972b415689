"""A city's streets out of an OpenStreetMap file (.osm.pbf, .osm): what a car may drive on, which way, how fast.

Speeds are those of OSRM's car profile: four fifths of the posted limit where there is one, else by the street's class
(github.com/Project-OSRM/osrm-backend, profiles/car.lua); access and one-way rules are the OpenStreetMap wiki's
(Key:access, Key:oneway). Turn restrictions are left out, and streets that are not joined to the city's others both
ways: nobody can drive there and back.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
import osmium

from dispatch.distance import positions_of
from dispatch.roads import RoadGraph
from dispatch.types import Point

SPEEDS_KMH: dict[str, float] = {
    "motorway": 90, "motorway_link": 45, "trunk": 85, "trunk_link": 40, "primary": 65, "primary_link": 30,
    "secondary": 55, "secondary_link": 25, "tertiary": 40, "tertiary_link": 20, "unclassified": 25, "residential": 25,
    "living_street": 10, "service": 15,
}  # fmt: skip
OF_THE_LIMIT = 0.8
SLOWEST_KMH = 5.0
KMH_PER_MPH = 1.609344
NOT_FOR_US = frozenset(["no", "private", "agricultural", "forestry", "emergency", "psv", "bus"])
ACCESS_KEYS = ("motorcar", "motor_vehicle", "vehicle", "access")  # the most particular that is there decides
CLOSED_TO_CARS = frozenset(
    ["bollard", "block", "jersey_barrier", "cycle_barrier", "planter", "chain", "log", "debris", "wall", "fence"]
)
_LIMIT = re.compile(r"(\d+(?:\.\d+)?)\s*(km/h|mph)?", re.IGNORECASE)


class NoRoads(Exception):
    """The file has no streets, or is no map. One sentence for the person who typed its name."""


def read_roads(file: Path) -> RoadGraph:
    """The streets of the file, those that can be reached and left again; NoRoads if there are none."""
    found = _Streets()
    try:
        reader = osmium.FileProcessor(str(file)).with_locations().with_filter(osmium.filter.KeyFilter("highway", "barrier"))
        for thing in reader:
            if isinstance(thing, osmium.osm.Node):
                if _is_closed(dict(thing.tags)):
                    found.closed.add(thing.id)
            elif isinstance(thing, osmium.osm.Way):
                found.add(thing)
    except (RuntimeError, OSError) as error:
        raise NoRoads(f"{file.name} cannot be read as an OpenStreetMap file: {error}.") from None
    graph = found.to_graph()
    if not len(graph.chains):
        raise NoRoads(f"{file.name} has no street that a car can reach and leave again.")
    return graph


def speed_kmh(tags: Mapping[str, str]) -> float | None:
    """How fast a street is driven, or None if it is none for cars. Of several classes in one tag the slowest counts."""
    classes = [SPEEDS_KMH[name] for name in re.findall(r"[a-z_]+", tags.get("highway", "")) if name in SPEEDS_KMH]
    if not classes or tags.get("area") == "yes" or not _may_enter(tags):
        return None
    limit = _LIMIT.fullmatch(tags.get("maxspeed", "").strip())
    if limit is None:
        return min(classes)
    posted = float(limit[1]) * (KMH_PER_MPH if (limit[2] or "").lower() == "mph" else 1)
    return max(SLOWEST_KMH, posted * OF_THE_LIMIT)


def directions(tags: Mapping[str, str]) -> tuple[bool, bool]:
    """(may be driven as it is drawn, against it)."""
    oneway = tags.get("oneway:motor_vehicle") or tags.get("oneway", "")
    if oneway in ("-1", "reverse"):
        return False, True
    if oneway in ("reversible", "alternating"):
        return False, False  # which way holds now, the map does not say
    runs_round = tags.get("junction") in ("roundabout", "circular") or tags.get("highway") == "motorway"
    return True, not (oneway in ("yes", "true", "1") or (runs_round and oneway != "no"))


def _may_enter(tags: Mapping[str, str]) -> bool:
    said = next((tags[key] for key in ACCESS_KEYS if key in tags), "yes")
    return said not in NOT_FOR_US


def _is_closed(tags: Mapping[str, str]) -> bool:
    if "barrier" not in tags:
        return False
    if any(key in tags for key in ACCESS_KEYS):
        return not _may_enter(tags)
    return tags["barrier"] in CLOSED_TO_CARS


@dataclass(slots=True)
class _Street:
    nodes: list[int]
    speed_kmh: float
    is_forward: bool
    is_backward: bool


@dataclass(slots=True)
class _Streets:
    closed: set[int] = field(default_factory=set)  # nodes that no car passes
    places: dict[int, Point] = field(default_factory=dict)
    uses: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    streets: list[_Street] = field(default_factory=list)

    def add(self, way: osmium.osm.Way) -> None:
        tags = dict(way.tags)
        speed = speed_kmh(tags)
        forward, backward = directions(tags)
        if speed is None or not (forward or backward):
            return
        piece: list[int] = []
        for node in way.nodes:
            if not node.location.valid():  # the file was cut at the city's edge
                self._end(piece, speed, forward, backward)
                piece = []
                continue
            self.places[node.ref] = Point(node.lat, node.lon)
            if not piece or piece[-1] != node.ref:
                piece.append(node.ref)
            if node.ref in self.closed:
                self._end(piece, speed, forward, backward)
                piece = [node.ref]
        self._end(piece, speed, forward, backward)

    def _end(self, nodes: list[int], speed: float, forward: bool, backward: bool) -> None:
        if len(nodes) < 2:
            return
        self.streets.append(_Street(nodes, speed, forward, backward))
        for node in (*nodes, nodes[0], nodes[-1]):  # ends count twice: there a chain ends whoever else comes by
            self.uses[node] += 1

    def to_graph(self) -> RoadGraph:
        numbers: dict[object, int] = {}
        chains: list[tuple[int, int, _Street, list[int]]] = []
        for way, street in enumerate(self.streets):
            begin = 0
            for k in range(1, len(street.nodes)):
                if self.uses[street.nodes[k]] > 1:
                    ends = (self._node(street.nodes[begin], way, begin), self._node(street.nodes[k], way, k))
                    a, b = (numbers.setdefault(end, len(numbers)) for end in ends)
                    chains.append((a, b, street, street.nodes[begin : k + 1]))
                    begin = k
        reachable = _there_and_back([(a, b, s.is_forward, s.is_backward) for a, b, s, _ in chains])
        chains = [chain for chain in chains if chain[0] in reachable and chain[1] in reachable]
        renumbered = {node: n for n, node in enumerate(sorted({node for a, b, _, _ in chains for node in (a, b)}))}
        pieces = [(self.places[u], self.places[v]) for *_, nodes in chains for u, v in pairwise(nodes)]
        piece_chain = np.repeat(np.arange(len(chains)), [len(nodes) - 1 for *_, nodes in chains]).astype(np.int64)
        # The straight line through the earth: over a street's piece it is the geodesic to a millimetre.
        lengths = np.linalg.norm(positions_of([v for _, v in pieces]) - positions_of([u for u, _ in pieces]), axis=1)
        metres = np.bincount(piece_chain, weights=lengths, minlength=len(chains)).astype(np.float64)
        speeds = np.array([street.speed_kmh for _, _, street, _ in chains])
        return RoadGraph(
            chains=np.array([(renumbered[a], renumbered[b]) for a, b, _, _ in chains], dtype=np.int64).reshape(-1, 2),
            metres=metres,
            seconds=metres * 3.6 / speeds,
            is_forward=np.array([street.is_forward for _, _, street, _ in chains], dtype=np.bool_),
            is_backward=np.array([street.is_backward for _, _, street, _ in chains], dtype=np.bool_),
            pieces=np.array([(u.latitude, u.longitude, v.latitude, v.longitude) for u, v in pieces]).reshape(-1, 4),
            piece_chain=piece_chain,
        )

    def _node(self, node: int, way: int, at: int) -> object:
        """A closed node is another one for each street that ends there: nobody gets across."""
        return (node, way, at) if node in self.closed else node


def _there_and_back(edges: list[tuple[int, int, bool, bool]]) -> set[int]:
    """The largest set of nodes from each of which every other can be reached."""
    ahead: dict[int, list[int]] = defaultdict(list)
    behind: dict[int, list[int]] = defaultdict(list)
    for a, b, forward, backward in edges:
        if forward:
            ahead[a].append(b)
            behind[b].append(a)
        if backward:
            ahead[b].append(a)
            behind[a].append(b)
    left = {node for a, b, _, _ in edges for node in (a, b)}
    largest: set[int] = set()
    while len(left) > len(largest):
        start = min(left)
        both = _reached(start, ahead, left) & _reached(start, behind, left)
        largest = max(largest, both, key=len)
        left -= both
    return largest


def _reached(start: int, ahead: Mapping[int, list[int]], within: set[int]) -> set[int]:
    seen, todo = {start}, [start]
    while todo:
        for node in ahead.get(todo.pop(), ()):
            if node in within and node not in seen:
                seen.add(node)
                todo.append(node)
    return seen
