"""The city's road graph: how long it takes to make and to ask, and what plans by road save on the road.

Six real mornings: 600 open cases and 60 crews, as in bench/replay, without due times, so that metres alone decide. Each
is planned once by air and once by road with as many iterations, and both plans' routes are measured by road.

    python -m bench.roads.run [DAY ...]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter, process_time

import numpy as np

from bench.replay.run import CITY_HALL, DAYS, ENDS, FIELD_DEPARTMENTS, FILE, STARTS, ZONE, moment
from crew_app.adapters.osm_roads import read_roads
from crew_app.adapters.roads import load_graph, save_graph
from crew_app.places import CityMap
from crew_app.service_level import CityCalendar
from crew_app.wire.past_day import read_past_cases
from dispatch import road_compiled
from dispatch.compiled import compile_ahead
from dispatch.distance import LegsOf, legs_by_air
from dispatch.engine import Engine
from dispatch.plan import plan_day
from dispatch.replay.day import Day, Setting, choose_day
from dispatch.roads import RoadMap
from dispatch.types import Budget, CrewRoute, OpenCase, Point

MAP = FILE.parent / "boston_drive.osm.pbf"
POINTS = 200
ITERATIONS = 30_000


def points_of(day: Day) -> list[Point]:
    return [case.point for case in day.cases] + [crew.point for crew in day.crews]


def kilometres(routes: Sequence[CrewRoute], day: Day, legs_of: LegsOf) -> float:
    """All routes, each from where its crew starts to its last stop."""
    points, starts = points_of(day), {crew.id: crew.point for crew in day.crews}
    metres, at = legs_of(points).metres, {point: k for k, point in enumerate(points)}
    total = 0.0
    for route in routes:
        way = [at[starts[route.crew_id]], *(at[stop.point] for stop in route.stops)]
        total += float(metres[way[:-1], way[1:]].sum())
    return total / 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("days", nargs="*", default=DAYS)
    options = parser.parse_args()
    for needed in (FILE, MAP):
        if not needed.exists():
            sys.exit(f"This needs {needed.name}; set CREW311_REAL_DATA to the folder it is in.")
    search, engine = road_compiled.compile_ahead(), compile_ahead()
    with tempfile.TemporaryDirectory(prefix="crew311-bench-") as folder:
        wall, cpu = perf_counter(), process_time()
        save_graph(read_roads(MAP), Path(folder) / "roads.npz")
        build_s, build_cpu_s = perf_counter() - wall, process_time() - cpu
        cpu = process_time()
        city = RoadMap(load_graph(Path(folder) / "roads.npz"), search)
        load_s = process_time() - cpu
    print(f"graph made in {build_s:.1f} s ({build_cpu_s:.1f} s of CPU), loaded in {load_s:.2f} s of CPU")
    past = list(read_past_cases(FILE, CityMap([], [CITY_HALL]), CityCalendar(ZONE), FIELD_DEPARTMENTS))
    matrix_s, by_air_km, by_road_km = [], 0.0, 0.0
    print("day         200 x 200   of CPU   planned by air, km by road   planned by road, km by road")
    for name in options.days:
        whole = choose_day(past, moment(name, STARTS), moment(name, ENDS), Setting())
        cases = tuple(replace(case, due_at=None) for case in whole.cases if case.opened_at < whole.starts_at)
        day = replace(whole, cases=cases)
        some = points_of(day)[:POINTS]
        wall, cpu = perf_counter(), process_time()
        city.legs(some)
        matrix_s.append(perf_counter() - wall)
        matrix_cpu_s = process_time() - cpu
        km = [kilometres(planned(cases, day, legs_of, engine), day, city.legs) for legs_of in (legs_by_air, city.legs)]
        by_air_km, by_road_km = by_air_km + km[0], by_road_km + km[1]
        print(f"{name}  {matrix_s[-1]:7.2f} s  {matrix_cpu_s:5.2f} s  {km[0]:27.1f}  {km[1]:28.1f}", flush=True)
    n = len(options.days)
    for figure, value, against in (
        ("roads-build", build_s, "seconds for flask roads boston_drive.osm.pbf; at most 60"),
        ("roads-matrix", float(np.median(matrix_s)), "seconds for 200 x 200 ways, the median; at most 1"),
        ("roads-plans", by_road_km / by_air_km, "kilometres by road of plans made by air; below 1"),
    ):
        print(
            json.dumps({"figure": figure, "value": round(value, 3), "n": 1 if figure == "roads-build" else n, "against": against})
        )


def planned(cases: Sequence[OpenCase], day: Day, legs_of: LegsOf, engine: Engine) -> tuple[CrewRoute, ...]:
    plan = plan_day(cases, day.crews, day.starts_at, legs_of=legs_of, budget=Budget(iterations=ITERATIONS), engine=engine)
    assert sum(len(route.case_ids) for route in plan.routes) == len(cases), "both plans must do all the work"
    return plan.routes


if __name__ == "__main__":
    main()
