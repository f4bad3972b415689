"""Ways between places, from whatever the city has: by air, by its own road graph, or by an OSRM or Valhalla server.

`open_roads(address, file)` gives what planning asks for (`dispatch.distance.LegsOf`). What cannot be had by road is
reckoned by air, and the log says why: a plan is late by nothing and wrong by little.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import fields
from http.client import HTTPException
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from dispatch import road_search
from dispatch.distance import LegsOf, legs_by_air
from dispatch.roads import RoadGraph, RoadMap, by_air_where_there_is_no_way
from dispatch.types import Legs, Point

logger = logging.getLogger(__name__)

Reals = NDArray[np.float64]

FORMAT = 1  # of the graph's file: raised when its arrays mean something else
TIMEOUT_S = 3.0  # for one answer
ALL_ANSWERS_S = 10.0  # for all that a plan asks for: nobody waits longer for a better guess
SILENCE_S = 60.0  # so long a server that failed is not asked again
# A server's own limits, as it comes: OSRM 100 points in a table, Valhalla 2,500 pairs.
BLOCK = 50
MOST_REMEMBERED = 2_000  # points: 64 MB


class RoadsUnavailable(Exception):
    """No way can be told just now. One sentence for the log."""


class Ways(Protocol):
    source: str

    def __call__(self, origins: Sequence[Point], goals: Sequence[Point]) -> tuple[Reals, Reals]:
        """(metres, seconds), each of shape (origins, goals), infinite where there is no way; or RoadsUnavailable."""


def open_roads(address: str, file: Path, search: Callable[..., Any] | None = None) -> LegsOf:
    """By `address`: "osrm+http://...", "valhalla+http://...", "air"; "" is the graph in `file` if there is one, else air.

    The graph is for processes that bring the compiled search: interpreted it would take minutes where the air takes
    milliseconds. It is read, or the server asked, when a plan first wants it. ValueError if the address is none of these.
    """
    kind, _, url = address.partition("+")
    if not address and search is not None and file.exists():
        return RememberedLegs(GraphWays(file, search))
    if address in ("", "air"):
        return legs_by_air
    if kind in SERVERS and urlsplit(url).scheme in ("http", "https"):
        return RememberedLegs(SERVERS[kind](url))
    raise ValueError(f"ROADS={address!r} is not understood; use osrm+http://..., valhalla+http://..., air, or leave it out")


def graph_file(instance: Path) -> Path:
    """Where a city keeps its road graph: beside the database."""
    return instance / "roads.npz"


class RememberedLegs:
    """Legs by road, asked for only once: a plan made anew a minute later has nearly the same places."""

    def __init__(self, ways: Ways, read_clock: Callable[[], float] = time.monotonic) -> None:
        self._ways, self._read_clock = ways, read_clock
        self._numbers: dict[Point, int] = {}
        self._metres, self._seconds = np.zeros((0, 0)), np.zeros((0, 0))
        self._silent_until = -np.inf
        self._said = ""
        self._lock = threading.Lock()

    def __call__(self, points: Sequence[Point]) -> Legs:
        with self._lock:
            return self._legs(points)

    def _legs(self, points: Sequence[Point]) -> Legs:
        if self._read_clock() < self._silent_until:
            return legs_by_air(points)
        try:
            self._learn(points)
        except RoadsUnavailable as error:
            self._silent_until = self._read_clock() + SILENCE_S
            if str(error) != self._said:
                logger.warning("ways are reckoned by air: %s", error)
                self._said = str(error)
            return legs_by_air(points)
        at = np.array([self._numbers[point] for point in points], dtype=np.int64)
        return Legs(self._metres[np.ix_(at, at)], self._seconds[np.ix_(at, at)], self._ways.source)

    def _learn(self, points: Sequence[Point]) -> None:
        new = [point for point in dict.fromkeys(points) if point not in self._numbers]
        if not new:
            return
        if len(self._numbers) + len(new) > MOST_REMEMBERED:
            self._numbers, self._metres, self._seconds = {}, np.zeros((0, 0)), np.zeros((0, 0))
            new = list(dict.fromkeys(points))
        old = list(self._numbers)
        there = self._asked(new, [*old, *new])
        back = self._asked(old, new) if old else (np.zeros((0, len(new))), np.zeros((0, len(new))))
        k = len(old)
        self._metres, self._seconds = (
            np.block([[known, coming], [going[:, :k], going[:, k:]]])
            for known, coming, going in zip((self._metres, self._seconds), back, there, strict=True)
        )
        self._numbers |= {point: k + n for n, point in enumerate(new)}

    def _asked(self, origins: Sequence[Point], goals: Sequence[Point]) -> tuple[Reals, Reals]:
        return by_air_where_there_is_no_way(origins, goals, *self._ways(origins, goals))


class GraphWays:
    """The city's own graph, read when it is first asked for. A running worker keeps what it has read until it starts anew."""

    source = "roads"

    def __init__(self, file: Path, search: Callable[..., Any] = road_search.search) -> None:
        self._file, self._search = file, search
        self._map: RoadMap | None = None

    def __call__(self, origins: Sequence[Point], goals: Sequence[Point]) -> tuple[Reals, Reals]:
        if self._map is None:
            self._map = RoadMap(load_graph(self._file), self._search)
        return self._map.ways(origins, goals)


def save_graph(graph: RoadGraph, file: Path) -> None:
    """Write the graph; whoever reads meanwhile finds the old one whole."""
    partial = file.with_name(f"{file.name}.{os.getpid()}.partial")
    arrays = {field.name: getattr(graph, field.name) for field in fields(graph)}
    with open(partial, "wb") as out:
        np.savez_compressed(out, format=np.array(FORMAT), **arrays)
    partial.replace(file)


def load_graph(file: Path) -> RoadGraph:
    """RoadsUnavailable if there is none, or none that this version can read."""
    try:
        with np.load(file, allow_pickle=False) as arrays:
            if int(arrays["format"]) != FORMAT:
                raise RoadsUnavailable(f"{file.name} was written by another version; run flask roads again.")
            return RoadGraph(**{field.name: arrays[field.name] for field in fields(RoadGraph)})
    except FileNotFoundError:
        raise RoadsUnavailable("the city has no road graph (flask roads makes one).") from None
    except (OSError, ValueError, KeyError) as error:
        raise RoadsUnavailable(f"{file.name} cannot be read: {error}.") from None


class OsrmWays:
    """OSRM's table service (project-osrm.org/docs, `table`), with the car profile that the server was built with."""

    source = "osrm"

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")

    def __call__(self, origins: Sequence[Point], goals: Sequence[Point]) -> tuple[Reals, Reals]:
        return _in_blocks(origins, goals, self._block)

    def _block(self, origins: Sequence[Point], goals: Sequence[Point]) -> tuple[Reals, Reals]:
        places = ";".join(f"{p.longitude:.6f},{p.latitude:.6f}" for p in (*origins, *goals))
        sources = ";".join(str(k) for k in range(len(origins)))
        destinations = ";".join(str(len(origins) + k) for k in range(len(goals)))
        query = f"sources={sources}&destinations={destinations}&annotations=duration,distance"
        answer = _answer(f"{self._url}/table/v1/driving/{places}?{query}")
        return _table(answer["distances"]), _table(answer["durations"])


class ValhallaWays:
    """Valhalla's time-distance matrix (valhalla.github.io, sources_to_targets), by car."""

    source = "valhalla"

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")

    def __call__(self, origins: Sequence[Point], goals: Sequence[Point]) -> tuple[Reals, Reals]:
        return _in_blocks(origins, goals, self._block)

    def _block(self, origins: Sequence[Point], goals: Sequence[Point]) -> tuple[Reals, Reals]:
        sources, targets = ([{"lat": p.latitude, "lon": p.longitude} for p in points] for points in (origins, goals))
        body = {"sources": sources, "targets": targets, "costing": "auto", "units": "kilometers"}
        rows = _answer(f"{self._url}/sources_to_targets", body)["sources_to_targets"]
        metres = _table([[cell["distance"] for cell in row] for row in rows]) * 1000
        return metres, _table([[cell["time"] for cell in row] for row in rows])


SERVERS: dict[str, Callable[[str], Ways]] = {"osrm": OsrmWays, "valhalla": ValhallaWays}


def _in_blocks(
    origins: Sequence[Point], goals: Sequence[Point], ask: Callable[[Sequence[Point], Sequence[Point]], tuple[Reals, Reals]]
) -> tuple[Reals, Reals]:
    """All of it, asked for in pieces that a server takes as it comes; RoadsUnavailable at the first that fails."""
    metres, seconds = np.empty((len(origins), len(goals))), np.empty((len(origins), len(goals)))
    until = time.monotonic() + ALL_ANSWERS_S
    for top, bottom in pairwise([*range(0, len(origins), BLOCK), len(origins)]):
        for left, right in pairwise([*range(0, len(goals), BLOCK), len(goals)]):
            if time.monotonic() > until:
                raise RoadsUnavailable(f"the road server needs more than {ALL_ANSWERS_S:g} s for {metres.size} ways.")
            try:
                block_m, block_s = ask(origins[top:bottom], goals[left:right])
                metres[top:bottom, left:right], seconds[top:bottom, left:right] = block_m, block_s
            except (OSError, HTTPException, ValueError, KeyError, TypeError) as error:
                raise RoadsUnavailable(f"the road server does not answer as it should: {type(error).__name__} {error}") from error
    return metres, seconds


def _answer(url: str, body: dict[str, Any] | None = None) -> Any:
    """What the server says, from JSON. OSError (time-outs and refusals included) or ValueError if it does not."""
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})  # noqa: S310 - http(s), see open_roads
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:  # noqa: S310
        return json.load(response)


def _table(rows: Sequence[Sequence[float | None]]) -> Reals:
    """null, no way: infinite."""
    return np.array([[np.inf if cell is None else cell for cell in row] for row in rows], dtype=np.float64)
