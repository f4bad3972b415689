"""The others, each told the same: run by the benchmark's own Python, which has them installed.

python peers.py < question.json        one JSON answer
"""

from __future__ import annotations

import json
import math
import statistics
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np
import pyproj
import pyvrp
import vroom
from geopy.distance import geodesic
from ortools.constraint_solver import pywrapcp, routing_enums_pb2
from ortools.graph.python import min_cost_flow
from scipy.optimize import linear_sum_assignment
from scipy.spatial import cKDTree
from shapely import STRtree, box, points

MM = 1000  # OR-Tools counts in whole numbers: millimetres, so that it loses nothing by rounding
SPHERE_ERROR = 1.012  # sphere and ellipsoid differ by 0.56 % either way: who is farther than this cannot be nearest
EARTH_M = 6_371_008.8
GEOD = pyproj.Geod(ellps="WGS84")


# --- days -------------------------------------------------------------------------------------------------------------


class Problem:
    """One department's day. Nodes: n jobs, m starts, and an end that costs nothing to reach (routes are open)."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.n, self.m = told["n"], told["m"]
        self.metres = np.zeros((self.n + self.m + 1, self.n + self.m + 1))
        self.metres[:-1, :-1] = told["metres"]
        self.seconds = self.metres * told["seconds_a_metre"]
        self.work_s = told["work_s"]
        self.capacity = told["capacity"]
        self.late = told["late"]  # for each job [due in s (0 at the earliest), metres' worth an hour]
        self.share = told["share"]  # of the budget: by the number of jobs, as ours


def solve_pyvrp(problem: Problem, seconds: float) -> list[list[int]]:
    n, m = problem.n, problem.m
    model = pyvrp.Model()
    places = [model.add_location(0, 0) for _ in range(n + m + 1)]
    starts = [model.add_depot(places[n + r]) for r in range(m)]
    home = model.add_depot(places[-1])
    for i in range(n):
        model.add_client(places[i], delivery=1)
    for r in range(m):
        model.add_vehicle_type(1, capacity=problem.capacity, start_depot=starts[r], end_depot=home)
    # Whole metres: in finer units its penalties (100,000 at most for a job too many) are too small to keep capacities,
    # and its plans were longer.
    ways = np.round(problem.metres).astype(np.int64)
    data = model.data().replace(distance_matrices=[ways], duration_matrices=[np.zeros_like(ways)])
    result = pyvrp.solve(data, _CpuTime(seconds), seed=1, collect_stats=False, display=False)
    if not result.best.is_feasible():
        raise RuntimeError("no feasible plan")
    routes: list[list[int]] = [[] for _ in range(m)]
    for route in result.best.routes():
        routes[route.vehicle_type()] = [activity.idx for activity in route if activity.is_client()]
    return routes


class _CpuTime:
    """PyVRP's own criterion looks at the wall clock; on a shared machine that is not what it used."""

    def __init__(self, seconds: float) -> None:
        self.ends = time.process_time() + seconds

    def __call__(self, _best: int) -> bool:
        return time.process_time() > self.ends


def solve_ortools(problem: Problem, seconds: float) -> list[list[int]] | None:
    n, m = problem.n, problem.m
    manager = pywrapcp.RoutingIndexManager(n + m + 1, m, list(range(n, n + m)), [n + m] * m)
    routing = pywrapcp.RoutingModel(manager)
    ways = np.round(problem.metres * MM).astype(np.int64).tolist()
    routing.SetArcCostEvaluatorOfAllVehicles(routing.RegisterTransitMatrix(ways))
    one = routing.RegisterUnaryTransitVector([1] * n + [0] * (m + 1))
    routing.AddDimension(one, 0, problem.capacity, True, "jobs")
    if any(rate for _, rate in problem.late):
        work = np.array([problem.work_s] * n + [0.0] * (m + 1))
        taken = np.round(problem.seconds + work[:, None]).astype(np.int64).tolist()
        routing.AddDimension(routing.RegisterTransitMatrix(taken), 0, 10**6, True, "time")
        clock = routing.GetDimensionOrDie("time")
        for i, (due, rate) in enumerate(problem.late):
            if rate:  # a job is done its work's time after the crew has come
                latest = max(0, round(due - problem.work_s))
                clock.SetCumulVarSoftUpperBound(manager.NodeToIndex(i), latest, round(rate * MM / 3600))
    asked = pywrapcp.DefaultRoutingSearchParameters()
    asked.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    asked.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    asked.time_limit.FromSeconds(3600)  # never reached: the limit below is in CPU seconds
    ends = time.process_time() + seconds
    routing.AddSearchMonitor(routing.solver().CustomLimit(lambda: time.process_time() > ends))
    found = routing.SolveWithParameters(asked)
    if found is None:
        return None
    routes = []
    for r in range(m):
        index, route = routing.Start(r), []
        while not routing.IsEnd(index := found.Value(routing.NextVar(index))):
            route.append(manager.IndexToNode(index))
        routes.append(route)
    return routes


def solve_vroom(problem: Problem, level: float) -> list[list[int]]:
    """VROOM is not asked to stop by a clock, which makes its plans much worse: its effort has levels."""
    n, m = problem.n, problem.m
    asked = vroom.Input()
    asked.set_durations_matrix("car", np.round(problem.metres * 10).astype(np.uint32))
    for r in range(m):
        asked.add_vehicle(vroom.Vehicle(r, start=n + r, capacity=[problem.capacity]))
    for i in range(n):
        asked.add_job(vroom.Job(i, location=i, delivery=[1]))
    steps = asked.solve(exploration_level=int(level), nb_threads=1, timeout=timedelta(hours=1)).routes
    routes: list[list[int]] = [[] for _ in range(m)]
    for vehicle, kind, job in zip(steps["vehicle_id"], steps["type"], steps["id"], strict=True):
        if kind == "job":
            routes[int(vehicle)].append(int(job))
    return routes


SOLVERS: dict[str, Callable[[Problem, float], list[list[int]] | None]] = {
    "PyVRP": solve_pyvrp,
    "OR-Tools": solve_ortools,
    "VROOM": solve_vroom,
}


def answer_day(question: dict[str, Any]) -> dict[str, Any]:
    """A whole day, department by department, each with its share of the effort (VROOM: of none, its level).

    `routes`: None if one department got no plan at all in its share.
    """
    solver, effort = question["solver"], question["effort"]
    routes: list[list[list[int]] | None] = []
    cpu_s = 0.0
    for told in question["departments"]:
        problem = Problem(told)
        began = time.process_time()
        routes.append(SOLVERS[solver](problem, effort if solver == "VROOM" else effort * problem.share))
        cpu_s += time.process_time() - began
    return {"routes": None if None in routes else routes, "cpu_s": cpu_s}


# --- batch ------------------------------------------------------------------------------------------------------------


def answer_batch(question: dict[str, Any]) -> dict[str, Any]:
    """Exact assignments of cases to crews with room for so many each: {method: [metres, CPU seconds]}."""
    metres, room = np.array(question["metres"]), question["room"]
    answers = {}
    for name in question["methods"]:
        began = time.process_time()
        crew_of = BATCH[name](metres, room)
        answers[name] = [float(metres[np.arange(len(metres)), crew_of].sum()), time.process_time() - began]
    return answers


def _hungarian(metres: np.ndarray, room: int) -> np.ndarray:
    """scipy's Jonker-Volgenant, each crew copied once for each place it has."""
    return linear_sum_assignment(np.repeat(metres, room, axis=1))[1] // room


def _flow(metres: np.ndarray, room: int) -> np.ndarray:
    """OR-Tools' minimum cost flow over all pairs."""
    cases, crews = metres.shape
    flow = min_cost_flow.SimpleMinCostFlow()
    case, crew = np.repeat(np.arange(cases), crews), np.tile(np.arange(crews), cases) + cases
    costs = np.round(metres * MM).astype(np.int64).ravel()
    arcs = flow.add_arcs_with_capacity_and_unit_cost(case, crew, np.ones(cases * crews, dtype=np.int64), costs)
    sink = cases + crews
    flow.add_arcs_with_capacity_and_unit_cost(
        np.arange(cases, sink), np.full(crews, sink), np.full(crews, room), np.zeros(crews, dtype=np.int64)
    )
    flow.set_nodes_supplies(np.arange(sink + 1), np.concatenate([np.ones(cases), np.zeros(crews), [-cases]]).astype(np.int64))
    if flow.solve() != flow.OPTIMAL:
        raise RuntimeError("no flow")
    used = flow.flows(arcs) > 0
    answer = np.empty(cases, dtype=np.int64)
    answer[case[used]] = crew[used] - cases
    return answer


def _greedy(metres: np.ndarray, room: int) -> np.ndarray:
    """One case after the other to the nearest crew with room."""
    left, answer = np.full(metres.shape[1], room), np.empty(len(metres), dtype=np.int64)
    for i, row in enumerate(metres):
        answer[i] = np.where(left > 0, row, np.inf).argmin()
        left[answer[i]] -= 1
    return answer


BATCH = {"scipy linear_sum_assignment": _hungarian, "OR-Tools min-cost flow": _flow, "one after the other": _greedy}


# --- nearest ----------------------------------------------------------------------------------------------------------


class Nearest:
    """Ways of finding the nearest of some crews, exactly: crew and geodesic metres."""

    def __init__(self, crews: list[tuple[float, float]]) -> None:
        self.crews = crews
        self.latitudes, self.longitudes = np.array(crews).T.copy()
        self.squeeze = math.cos(math.radians(self.latitudes.mean()))
        self.tree = STRtree(points(self.longitudes * self.squeeze, self.latitudes))
        phi, lam = np.radians(self.latitudes), np.radians(self.longitudes)
        self.vectors = np.column_stack((np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)))
        self.kd = cKDTree(self.vectors)
        self.phi, self.lam, self.cosines = phi, lam, np.cos(phi)
        self.k = min(8, len(crews))

    def geopy_loop(self, place: tuple[float, float]) -> tuple[int, float]:
        metres, index = min((geodesic(place, crew).meters, i) for i, crew in enumerate(self.crews))
        return index, metres

    def pyproj_all(self, place: tuple[float, float]) -> tuple[int, float]:
        n = len(self.crews)
        metres = GEOD.inv(self.longitudes, self.latitudes, np.full(n, place[1]), np.full(n, place[0]))[2]
        index = int(metres.argmin())
        return index, float(metres[index])

    def strtree_then_geopy(self, place: tuple[float, float]) -> tuple[int, float]:
        x, y = place[1] * self.squeeze, place[0]
        first = int(self.tree.nearest(points(x, y)))
        reach = math.hypot(self.longitudes[first] * self.squeeze - x, self.latitudes[first] - y) * 1.02 + 1e-9
        near = self.tree.query(box(x - reach, y - reach, x + reach, y + reach))
        metres, index = min((geodesic(place, self.crews[i]).meters, int(i)) for i in near)
        return index, metres

    def kdtree_then_pyproj(self, place: tuple[float, float]) -> tuple[int, float]:
        phi, lam = math.radians(place[0]), math.radians(place[1])
        vector = (math.cos(phi) * math.cos(lam), math.cos(phi) * math.sin(lam), math.sin(phi))
        chords, near = self.kd.query(vector, k=self.k)
        if chords[-1] <= chords[0] * SPHERE_ERROR and self.k < len(self.crews):
            near = np.array(self.kd.query_ball_point(vector, chords[0] * SPHERE_ERROR + 1e-12))
        else:
            near = near[chords <= chords[0] * SPHERE_ERROR]
        return self._measured(place, near)

    def haversine_then_pyproj(self, place: tuple[float, float]) -> tuple[int, float]:
        phi, lam = math.radians(place[0]), math.radians(place[1])
        half = np.sin((self.phi - phi) / 2) ** 2 + self.cosines * math.cos(phi) * np.sin((self.lam - lam) / 2) ** 2
        return self._measured(place, np.flatnonzero(half <= half.min() * SPHERE_ERROR**2 + 1e-18))

    def _measured(self, place: tuple[float, float], near: np.ndarray) -> tuple[int, float]:
        if len(near) == 1:
            index = int(near[0])
            return index, GEOD.inv(self.longitudes[index], self.latitudes[index], place[1], place[0])[2]
        k = len(near)
        metres = GEOD.inv(self.longitudes[near], self.latitudes[near], np.full(k, place[1]), np.full(k, place[0]))[2]
        best = int(metres.argmin())
        return int(near[best]), float(metres[best])


COSTLY = {"geopy.geodesic, each crew": 1_000, "pyproj.Geod, all crews": 100_000}  # crews looked at in one repetition
NEAREST = {
    "geopy.geodesic, each crew": Nearest.geopy_loop,
    "pyproj.Geod, all crews": Nearest.pyproj_all,
    "shapely STRtree, then geopy": Nearest.strtree_then_geopy,
    "scipy cKDTree, then pyproj": Nearest.kdtree_then_pyproj,
    "numpy haversine, then pyproj": Nearest.haversine_then_pyproj,
}


def answer_nearest(question: dict[str, Any]) -> dict[str, Any]:
    """Microseconds of CPU a look-up; and how many of the crews found by Crew311 are not the nearest (full scan by pyproj)."""
    crews = [tuple(crew) for crew in question["crews"]]
    places = [tuple(place) for place in question["places"]]
    ways = Nearest(crews)
    took = {}
    for name, find in NEAREST.items():
        # What looks at every crew takes its time: fewer look-ups, the same average.
        asked = places[: max(2, COSTLY.get(name, 10**9) // len(crews))]
        seen = []
        for _ in range(question["repeats"]):
            began = time.process_time()
            for place in asked:
                find(ways, place)
            seen.append((time.process_time() - began) / len(asked) * 1e6)
        took[name] = statistics.median(seen)
    wrong, worst = 0, 0.0
    for place, (index, metres) in zip(places, question["ours"], strict=True):
        n = len(crews)
        exact = GEOD.inv(ways.longitudes, ways.latitudes, np.full(n, place[1]), np.full(n, place[0]))[2]
        wrong += bool(exact[index] > exact.min() + 1e-6)
        worst = max(worst, abs(metres - exact[index]))
    return {"us": took, "wrong": wrong, "worst_metres": worst}


ANSWERS = {"day": answer_day, "batch": answer_batch, "nearest": answer_nearest}

if __name__ == "__main__":
    question = json.load(sys.stdin)
    print(json.dumps(ANSWERS[question["ask"]](question)))
