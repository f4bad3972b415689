"""Fastest ways over streets: right by another method, the same compiled, one-way streets held, by air where none leads."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from dispatch.distance import DETOUR, metres_between
from dispatch.road_compiled import compile_ahead
from dispatch.road_search import Places, search
from dispatch.roads import RoadGraph, RoadMap, _streets
from dispatch.types import Point

TOWN = (42.30, -71.10)
STEP = 0.01  # degrees between corners, about a kilometre


def graph_of(chains: list[tuple[int, int, float, float, bool, bool]]) -> RoadGraph:
    """(begin, end, metres, seconds, forward, backward) of each; the nodes stand apart on a line, each chain one piece."""
    at = [(TOWN[0] + STEP * node, TOWN[1]) for node in range(1 + max(max(a, b) for a, b, *_ in chains))]
    return RoadGraph(
        chains=np.array([(a, b) for a, b, *_ in chains], dtype=np.int64),
        metres=np.array([c[2] for c in chains], dtype=np.float64),
        seconds=np.array([c[3] for c in chains], dtype=np.float64),
        is_forward=np.array([c[4] for c in chains], dtype=np.bool_),
        is_backward=np.array([c[5] for c in chains], dtype=np.bool_),
        pieces=np.array([(*at[a], *at[b]) for a, b, *_ in chains]),
        piece_chain=np.arange(len(chains), dtype=np.int64),
    )


def any_graph(seed: int, nodes: int = 12, chains: int = 22) -> RoadGraph:
    dice = random.Random(seed)
    made = []
    for _ in range(chains):
        a, b = dice.sample(range(nodes), 2)
        ways = dice.choice(((True, True), (True, False), (False, True)))
        made.append((a, b, dice.uniform(10, 900), float(dice.randrange(1, 90)), *ways))
    return graph_of(made)


def seconds_by_hand(graph: RoadGraph, origins: Places, goals: Places) -> np.ndarray:
    """Floyd and Warshall over nodes, with each place as a node of its own between the ends of its chain."""
    n = int(graph.chains.max()) + 1
    o, g = len(origins.chain), len(goals.chain)
    far = np.full((n + o + g, n + o + g), math.inf)
    np.fill_diagonal(far, 0)

    def join(u: int, v: int, seconds: float) -> None:
        far[u, v] = min(far[u, v], seconds)

    for (a, b), seconds, forward, backward in zip(graph.chains, graph.seconds, graph.is_forward, graph.is_backward, strict=True):
        if forward:
            join(a, b, seconds)
        if backward:
            join(b, a, seconds)
    for k in range(o):
        c, share = origins.chain[k], origins.share[k]
        if graph.is_forward[c] or share == 1:
            join(n + k, graph.chains[c, 1], (1 - share) * graph.seconds[c])
        if graph.is_backward[c] or share == 0:
            join(n + k, graph.chains[c, 0], share * graph.seconds[c])
        for j in range(g):
            ahead = goals.share[j] - share
            if goals.chain[j] == c and ((ahead >= 0 and graph.is_forward[c]) or (ahead <= 0 and graph.is_backward[c])):
                join(n + k, n + o + j, abs(ahead) * graph.seconds[c])
    for j in range(g):
        c, share = goals.chain[j], goals.share[j]
        if graph.is_forward[c] or share == 0:
            join(graph.chains[c, 0], n + o + j, share * graph.seconds[c])
        if graph.is_backward[c] or share == 1:
            join(graph.chains[c, 1], n + o + j, (1 - share) * graph.seconds[c])
    for k in range(len(far)):
        far = np.minimum(far, far[:, k, None] + far[None, k, :])
    return far[n : n + o, n + o :]


@pytest.mark.parametrize("seed", range(40))
def test_the_fastest_way_is_what_another_method_finds_and_the_same_compiled(seed: int) -> None:
    graph, dice = any_graph(seed), np.random.default_rng(seed)
    k = len(graph.chains)
    origins = Places(dice.integers(0, k, 9), dice.choice([0.0, 0.25, 0.5, 1.0], 9))
    goals = Places(dice.integers(0, k, 7), dice.choice([0.0, 0.25, 0.75, 1.0], 7))
    seconds, metres, compiled_s, compiled_m = (np.empty((9, 7)) for _ in range(4))
    search(_streets(graph, reverse=False), origins, goals, seconds, metres)
    assert np.allclose(seconds, seconds_by_hand(graph, origins, goals))
    assert np.array_equal(np.isfinite(seconds), np.isfinite(metres))
    compile_ahead()(_streets(graph, reverse=False), origins, goals, compiled_s, compiled_m)
    assert np.array_equal(seconds, compiled_s) and np.array_equal(metres, compiled_m)
    turned_s, turned_m = np.empty((7, 9)), np.empty((7, 9))
    search(_streets(graph, reverse=True), goals, origins, turned_s, turned_m)
    assert np.allclose(turned_s.T, seconds)


SQUARE = graph_of([(0, 1, 1200, 60, True, True), (1, 2, 1300, 60, True, False), (0, 2, 3000, 300, True, True)])


def at(north: float, east: float = 0.0) -> Point:
    return Point(TOWN[0] + STEP * north, TOWN[1] + STEP * east)


def test_a_one_way_street_is_not_driven_the_wrong_way() -> None:
    """From corner 1 to 2 by the one-way street; back by corner 0, though it is far."""
    legs = RoadMap(SQUARE).legs([at(1), at(2)])
    assert legs.metres[0, 1] == pytest.approx(1300, abs=1) and legs.metres[1, 0] == pytest.approx(4200, abs=1)
    assert legs.seconds[1, 0] == pytest.approx(360, abs=1)
    assert legs.source == "roads"


def test_a_point_beside_a_street_walks_to_it_first() -> None:
    """100 m beside the middle of the first street."""
    beside = Point(TOWN[0] + STEP / 2, TOWN[1] + 100 / (111_195 * math.cos(math.radians(TOWN[0]))))
    metres, seconds = RoadMap(graph_of([(0, 1, 1200, 60, True, True)])).ways([beside], [at(0)])
    assert metres[0, 0] == pytest.approx(100 + 600, abs=1)
    assert seconds[0, 0] == pytest.approx(18 + 30, abs=0.5)  # the gap at 20 km/h


def test_far_from_every_street_it_goes_by_air_as_the_road_winds() -> None:
    far, near = at(0, 1), at(1)
    metres, seconds = RoadMap(SQUARE).ways([far, near], [near, far])
    air = metres_between(far, near) * DETOUR
    assert metres[0, 0] == pytest.approx(air) and metres[1, 1] == pytest.approx(air)
    assert seconds[0, 0] == pytest.approx(air * 3.6 / 20)
    assert metres[1, 0] == 0


def test_where_no_street_leads_it_goes_by_air() -> None:
    graph = graph_of([(0, 1, 1000, 60, True, True), (3, 4, 1000, 60, True, True)])
    metres, _ = RoadMap(graph).ways([at(0)], [at(1), at(4)])
    assert metres[0, 0] == pytest.approx(1000, abs=1)
    assert metres[0, 1] == pytest.approx(metres_between(at(0), at(4)) * DETOUR)


def test_few_origins_or_few_goals_give_what_the_whole_table_gives() -> None:
    graph = any_graph(3)
    points = [at(node + 0.3) for node in range(11)]
    whole = RoadMap(graph).legs(points)
    some_m, some_s = RoadMap(graph).ways(points[:2], points)
    assert np.allclose(some_m, whole.metres[:2]) and np.allclose(some_s, whole.seconds[:2])
    some_m, some_s = RoadMap(graph).ways(points, points[:2])
    assert np.allclose(some_m, whole.metres[:, :2]) and np.allclose(some_s, whole.seconds[:, :2])


def test_without_points_there_is_nothing() -> None:
    assert RoadMap(SQUARE).legs([]).metres.shape == (0, 0)
