"""Crew311's dispatch beside geopy, pyproj, VROOM, PyVRP and OR-Tools, on the same real days (bench/README.md).

python bench/dispatch/run.py --quick    only what the claims need, about five minutes
python bench/dispatch/run.py            the full grid, half an hour and more
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import instances
import numpy as np
from instances import METRES_A_SECOND, ROOT, WORK_S, Day
from picture import draw

sys.path.insert(0, str(ROOT))

from dispatch.batch import assign_batch
from dispatch.compiled import compile_ahead
from dispatch.distance import CrewIndex, metres_by_air
from dispatch.engine import Engine
from dispatch.plan import plan_day
from dispatch.types import Budget, CrewOnDuty, OpenCase, Point, Rules, WaitingCase

HERE = Path(__file__).resolve().parent
VENV = ROOT / ".cache" / "bench-dispatch" / "venv"
OURS = "Crew311"
RULES = Rules()
METRES_ONLY = Rules(late_m_per_h=0.0, overdue_m_per_h=0.0)
SECONDS = (0.1, 0.3, 1.0, 5.0, 10.0)
LEVELS = (0, 1, 3)
QUICK_KM = {OURS: (0.3, 1.0), "PyVRP": (1.0, 5.0)}
QUICK_LATE = {OURS: (1.0,), "OR-Tools": (10.0,)}
FULL_KM = {OURS: SECONDS, "PyVRP": SECONDS, "OR-Tools": SECONDS, "VROOM": LEVELS}
FULL_LATE = {OURS: SECONDS, "OR-Tools": SECONDS}


def install_peers() -> None:
    """The others into an environment of the benchmark's own, once."""
    mark, wanted = VENV / "installed", (HERE / "requirements.txt").read_text()
    if mark.exists() and mark.read_text() == wanted:
        return
    print(f"== the other solvers into {VENV.relative_to(ROOT)}", flush=True)
    uv = Path(sys.executable).parent / "uv"
    subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, VENV], check=True)
    python = VENV / "bin" / "python"
    subprocess.run([uv, "pip", "install", "--quiet", "--python", python, "-r", HERE / "requirements.txt"], check=True)
    mark.write_text(wanted)


def ask_peer(question: dict[str, Any]) -> dict[str, Any]:
    command = [VENV / "bin" / "python", HERE / "peers.py"]
    answer = subprocess.run(command, check=False, input=json.dumps(question), capture_output=True, text=True)
    if answer.returncode:
        raise RuntimeError(f"{question['ask']}: {answer.stderr[-500:]}")
    result: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return result


# --- days -------------------------------------------------------------------------------------------------------------


@dataclass
class Score:
    """What one contestant's plans for the days came to, day by day."""

    km: list[float] = field(default_factory=list)
    objective_km: list[float] = field(default_factory=list)
    late: list[int] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)
    no_plan: int = 0  # days on which the time was over before there was one


class Days:
    """The same days for everybody, judged by one rule whoever planned them."""

    def __init__(self, days: list[Day]) -> None:
        self.days = days
        self.told = {day.name: [self._department(day, dept) for dept in day.departments()] for day in days}
        self.scores: dict[tuple[bool, str, float], Score] = defaultdict(Score)

    def _department(self, day: Day, dept: str) -> dict[str, Any]:
        jobs = [job for job in day.jobs if job.department == dept]
        crews = [crew for crew in day.crews if crew.department == dept]
        places = [Point(p.latitude, p.longitude) for p in (*jobs, *crews)]
        return {
            "n": len(jobs),
            "m": len(crews),
            "metres": metres_by_air(places, places).tolist(),
            "seconds_a_metre": 1 / METRES_A_SECOND,
            "work_s": WORK_S,
            "capacity": crews[0].capacity,
            "late": [self._lateness(job.due_s) for job in jobs],
            "share": len(jobs) / len(day.jobs),
        }

    def _lateness(self, due_s: float | None) -> tuple[float, float]:
        """The stated objective: (seconds until lateness costs, metres' worth an hour)."""
        if due_s is None or due_s >= RULES.horizon_s:
            return 0.0, 0.0
        return (0.0, RULES.overdue_m_per_h) if due_s < 0 else (due_s, RULES.late_m_per_h)

    def ours(
        self, day: Day, seconds: float, counts_lateness: bool, seed: int, engine: Engine
    ) -> tuple[list[list[list[int]]], float]:
        """(routes of each department's crews by job number, CPU seconds), through the product's own front door."""
        numbers = {dept: n for n, dept in enumerate(day.departments())}
        cases = [
            OpenCase(i, Point(job.latitude, job.longitude), numbers[job.department], 0.0, job.due_s)
            for i, job in enumerate(day.jobs)
        ]
        crews = [
            CrewOnDuty(r, f"{r:03}", numbers[crew.department], Point(crew.latitude, crew.longitude), crew.capacity)
            for r, crew in enumerate(day.crews)
        ]
        began = time.process_time()
        plan = plan_day(
            cases,
            crews,
            0.0,
            rules=RULES if counts_lateness else METRES_ONLY,
            budget=Budget(seconds=seconds, read_clock=time.process_time),
            seed=seed,
            engine=engine,
        )
        cpu_s = time.process_time() - began
        route_of = {route.crew_id: route.case_ids for route in plan.routes}
        routes = []
        for dept in day.departments():
            place = {i: k for k, i in enumerate(i for i, job in enumerate(day.jobs) if job.department == dept)}
            routes.append([[place[i] for i in route_of[r]] for r, crew in enumerate(day.crews) if crew.department == dept])
        return routes, cpu_s

    def play(self, who: str, effort: float, counts_lateness: bool, engine: Engine) -> None:
        for day in self.days:
            if who == OURS:
                routes, cpu_s = self.ours(day, effort, counts_lateness, 311, engine)
            else:
                told = self.told[day.name]
                if not counts_lateness:
                    told = [dept | {"late": [(0.0, 0.0)] * dept["n"]} for dept in told]
                answer = ask_peer({"ask": "day", "solver": who, "effort": effort, "departments": told})
                routes, cpu_s = answer["routes"], answer["cpu_s"]
                if routes is None:
                    self.scores[counts_lateness, who, effort].no_plan += 1
                    continue
            self.judge(day, routes, self.scores[counts_lateness, who, effort], cpu_s)

    def judge(self, day: Day, routes: list[list[list[int]]], score: Score, cpu_s: float) -> None:
        metres = lateness = 0.0
        late = 0
        for dept, of_crews in zip(self.told[day.name], routes, strict=True):
            assert sorted(i for route in of_crews for i in route) == list(range(dept["n"])), "every job once"
            assert all(len(route) <= dept["capacity"] for route in of_crews), "no crew beyond its capacity"
            ways = dept["metres"]
            for r, route in enumerate(of_crews):
                before, clock = dept["n"] + r, 0.0
                for i in route:
                    metres += ways[before][i]
                    clock += ways[before][i] * dept["seconds_a_metre"] + WORK_S
                    due, rate = dept["late"][i]
                    lateness += max(0.0, clock - due) * rate / 3600
                    late += rate == RULES.late_m_per_h and clock > due
                    before = i
        score.km.append(metres / 1000)
        score.objective_km.append((metres + lateness) / 1000)
        score.late.append(late)
        score.cpu_s.append(cpu_s)

    def due_today(self) -> int:
        return sum(rate == RULES.late_m_per_h for told in self.told.values() for dept in told for _, rate in dept["late"])


def play_days(names: tuple[str, ...], is_quick: bool, engine: Engine) -> Days:
    days = Days(instances.days(names))
    km, late = (QUICK_KM, QUICK_LATE) if is_quick else (FULL_KM, FULL_LATE)
    # By effort, not by contestant: whoever else uses the machine meets all of them alike.
    for effort in sorted({e for efforts in (*km.values(), *late.values()) for e in efforts}):
        for counts_lateness, contestants in ((False, km), (True, late)):
            for who in contestants:
                if effort in contestants[who]:
                    days.play(who, effort, counts_lateness, engine)
    return days


def print_days(days: Days) -> None:
    for counts_lateness, title in ((False, "metres only"), (True, "with service levels")):
        print(f"\nA day of 800 cases to 60 crews, {title}: medians of {len(days.days)} days")
        heads = ["who", "effort", "km", "CPU s"] + (["objective km", f"late of {days.due_today()} due"] if counts_lateness else [])
        print("| " + " | ".join(heads) + " |\n|" + "---|" * len(heads))
        for (with_late, who, effort), score in sorted(days.scores.items(), key=lambda item: (item[0][1], item[0][2])):
            if with_late == counts_lateness:
                shown = f"level {effort:.0f}" if who == "VROOM" else f"{effort} s"
                if score.no_plan:
                    print(f"| {who} | {shown} | no plan on {score.no_plan} of {len(days.days)} days |" + " |" * (len(heads) - 3))
                    continue
                cells = [who, shown, f"{statistics.median(score.km):.1f}", f"{statistics.median(score.cpu_s):.2f}"]
                if counts_lateness:
                    cells += [f"{statistics.median(score.objective_km):.1f}", str(sum(score.late))]
                print("| " + " | ".join(cells) + " |")


def claim_days(days: Days) -> list[dict[str, Any]]:
    def km(who: str, effort: float) -> float:
        return statistics.median(days.scores[False, who, effort].km)

    ours, theirs = days.scores[True, OURS, 1.0], days.scores[True, "OR-Tools", 10.0]
    n = len(days.days)
    kind = "real" if days.days[0].is_real else "made up"
    return [
        _claim("day km, ours at 0.3 s / PyVRP at 1 s", km(OURS, 0.3) / km("PyVRP", 1.0), 1.0, n, "PyVRP", days=kind),
        _claim("day km, ours at 1 s / PyVRP at 5 s", km(OURS, 1.0) / km("PyVRP", 5.0), 1.01, n, "PyVRP", days=kind),
        _claim(
            "late of due, all days, ours at 1 s / OR-Tools at 10 s",
            sum(ours.late) / max(1, sum(theirs.late)),
            1.0,
            days.due_today(),
            "OR-Tools",
            days=kind,
            late=[sum(ours.late), sum(theirs.late)],
            medians=[statistics.median(ours.late), statistics.median(theirs.late)],
        ),
        _claim(
            "objective, ours at 1 s / OR-Tools at 10 s",
            statistics.median(ours.objective_km) / statistics.median(theirs.objective_km),
            1.0,
            n,
            "OR-Tools",
            days=kind,
        ),
    ]


def _claim(figure: str, value: float, at_most: float, n: int, against: str, **more: Any) -> dict[str, Any]:
    return {"figure": figure, "value": round(value, 4), "at_most": at_most, "n": n, "against": against, **more}


# --- nearest and batch ------------------------------------------------------------------------------------------------


def play_nearest(look_ups: int) -> list[dict[str, Any]]:
    claims = []
    print("\nThe nearest of so many crews: CPU microseconds a look-up (crew and exact metres)")
    rows: dict[str, list[str]] = defaultdict(list)
    sizes = (50, 500, 5000)
    wrong = 0
    for n in sizes:
        dice = random.Random(f"nearest {n}")
        # On the grid of four decimals that the city's data is on: ties happen.
        crews, places = (
            [(round(dice.uniform(42.23, 42.39), 4), round(dice.uniform(-71.18, -71.0), 4)) for _ in range(k)] for k in (n, look_ups)
        )
        index, asked = CrewIndex([Point(*p) for p in crews]), [Point(*p) for p in places]
        found = [index.nearest(p) for p in asked]
        seen = []
        for _ in range(5):
            began = time.process_time()
            for p in asked:
                index.nearest(p)
            seen.append((time.process_time() - began) / look_ups * 1e6)
        ours = statistics.median(seen)
        answer = ask_peer({"ask": "nearest", "crews": crews, "places": places, "ours": found, "repeats": 5})
        wrong += answer["wrong"]
        assert answer["worst_metres"] <= 0.001, "metres are right to 1 mm"
        rows[OURS].append(f"{ours:.1f}")
        for name, took in answer["us"].items():
            rows[name].append(f"{took:,.1f}")
        if n == 500:
            best = min(answer["us"], key=answer["us"].__getitem__)
            claims.append(_claim("nearest of 500 crews, ours / best exact peer", ours / answer["us"][best], 2.0, look_ups, best))
            geopy = answer["us"]["geopy.geodesic, each crew"]
            claims.append(
                _claim("nearest of 500 crews, ours / geopy's loop", ours / geopy, 2.0, look_ups, "geopy.geodesic, each crew")
            )
    claims.append(_claim("nearest, wrong crews", wrong, 0.0, look_ups * len(sizes), "pyproj.Geod, all crews"))
    print("| method | " + " | ".join(map(str, sizes)) + " |\n|---|" + "---:|" * len(sizes))
    for name, cells in rows.items():
        print(f"| {name} | " + " | ".join(cells) + " |")
    return claims


def play_batch(is_quick: bool, engine: Engine) -> list[dict[str, Any]]:
    claims = []
    print("\nA batch to 200 crews with room for so many each: km in all, CPU s (the reasons written down included in ours)")
    print("| cases | room | method | km | s |\n|---:|---:|---|---:|---:|")
    for n, room in ((1000, 6), (10_000, 56)):
        places, starts, kind = instances.batch(n)
        cases = [WaitingCase(i, Point(*p), 1, float(i)) for i, p in enumerate(places)]
        crews = [CrewOnDuty(r, f"{r:03}", 1, Point(*p), room) for r, p in enumerate(starts)]
        seen = []
        for _ in range(5):
            began = time.process_time()
            plan = assign_batch(cases, crews, engine)
            seen.append(time.process_time() - began)
        ours_m, ours_s = sum(a.metres for a in plan.assignments), statistics.median(seen)
        assert len(plan.assignments) == n
        methods = ["OR-Tools min-cost flow", "one after the other"]
        if not (is_quick and n > 1000):
            methods.append("scipy linear_sum_assignment")
        metres = np.round(metres_by_air([c.point for c in cases], [c.point for c in crews]), 4)
        answer = ask_peer({"ask": "batch", "metres": metres.tolist(), "room": room, "methods": methods})
        for name, (m, s) in {f"**{OURS}**": (ours_m, ours_s), **answer}.items():
            print(f"| {n:,} | {room} | {name} | {m / 1000:,.1f} | {s:.3f} |")
        if n == 10_000:
            exact = min(m for name, (m, _) in answer.items() if name != "one after the other")
            flow_s = answer["OR-Tools min-cost flow"][1]
            claims.append(_claim("batch of 10,000, seconds", ours_s, 0.5, n, "a clock", cases=kind))
            claims.append(
                _claim("batch of 10,000, seconds, ours / OR-Tools' flow", ours_s / flow_s, 1.0, n, "OR-Tools min-cost flow")
            )
            claims.append(_claim("batch of 10,000, metres, ours / exact", ours_m / exact, 1.000001, n, "exact assignment"))
    return claims


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--quick", action="store_true", help="only what the claims need")
    asked.add_argument("--days", type=int, default=len(instances.DAYS), help="so many days (at least 5 for the claims)")
    asked.add_argument("--picture", type=Path, help="draw km over seconds into this SVG (full grid)")
    told = asked.parse_args()
    install_peers()
    began = time.monotonic()
    engine = compile_ahead()
    print(f"Crew311's kernels ready in {time.monotonic() - began:.1f} s (once: numba keeps them)")
    load = os.getloadavg()[0]
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores, load {load:.1f} at the beginning")
    if not instances.REAL_FILE.exists():
        print("The real days are not here (see bench/README.md): made-up ones of the same shape stand in.")
    claims = play_nearest(2000)
    claims += play_batch(told.quick, engine)
    days = play_days(instances.DAYS[: told.days], told.quick, engine)
    print_days(days)
    claims += claim_days(days)
    print(f"\nload {os.getloadavg()[0]:.1f} at the end; budgets and times are CPU seconds of one thread")
    if told.picture:
        told.picture.write_text(draw(days.scores))
    for claim in claims:
        print(json.dumps(claim))


if __name__ == "__main__":
    main()
