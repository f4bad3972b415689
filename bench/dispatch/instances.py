"""What is dispatched: real days of a real city where the data is there, made-up ones of the same shape where it is not."""

from __future__ import annotations

import csv
import gzip
import math
import os
import random
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REAL_DATA = Path(os.environ.get("CREW311_REAL_DATA", ROOT.parent / "shared" / "data"))
REAL_FILE = REAL_DATA / "boston_311_2011_h2.csv.gz"
# Wednesdays, one a month and one more; the first is the one our settings were tuned on and is not among the measured.
TUNED_ON = "2011-08-10"
DAYS = ("2011-07-20", "2011-09-14", "2011-10-05", "2011-10-26", "2011-11-09", "2011-11-30")
FIELD_DEPARTMENTS = ("PWDx", "ISD", "PARK", "BTDT", "PROP")
CITY_HALL = (42.3594, -71.0587)  # where that city's geocoder puts what it cannot find
STARTS = timedelta(hours=7, minutes=30)
SHIFT = timedelta(hours=8, minutes=30)
WORK_S = 1200.0
METRES_A_SECOND = 20 / 3.6 / 1.23  # 20 km/h on the road, which is 1.23 times as long as by air


@dataclass(frozen=True)
class Job:
    latitude: float
    longitude: float
    department: str
    due_s: float | None  # after the start of the shift; negative: overdue


@dataclass(frozen=True)
class Start:
    latitude: float
    longitude: float
    department: str
    capacity: int


@dataclass(frozen=True)
class Day:
    name: str
    is_real: bool
    jobs: list[Job]
    crews: list[Start]

    def departments(self) -> list[str]:
        return sorted({job.department for job in self.jobs})


def days(names: tuple[str, ...] = DAYS, cases: int = 800, crews: int = 60, capacity: int = 15) -> list[Day]:
    rows = _real_rows() if REAL_FILE.exists() else []
    return [_real_day(rows, name, cases, crews, capacity) if rows else _made_day(name, cases, crews, capacity) for name in names]


def _real_rows() -> list[tuple[datetime, datetime | None, datetime | None, str, float, float]]:
    def moment(text: str) -> datetime | None:
        return datetime.fromisoformat(text) if text else None

    rows = []
    with gzip.open(REAL_FILE, "rt") as file:
        for row in csv.DictReader(file):
            place = (float(row["latitude"] or 0), float(row["longitude"] or 0))
            opened = moment(row["open_dt"])
            if opened and place[0] and place != CITY_HALL and row["department"] in FIELD_DEPARTMENTS:
                rows.append((opened, moment(row["target_dt"]), moment(row["closed_dt"]), row["department"], *place))
    return sorted(rows, key=lambda row: (row[0], row[3], row[4], row[5]))


def _real_day(rows: list[tuple], name: str, cases: int, crews: int, capacity: int) -> Day:
    """What was open at 07:30: all that is due that day, then the latest; crews where their department was last seen."""
    now = datetime.fromisoformat(name) + STARTS
    open_now = [row for row in rows if row[0] < now and (row[2] is None or row[2] > now)]
    open_now.sort(key=lambda row: (not (row[1] and now <= row[1] < now + SHIFT), now - row[0]))
    chosen = open_now[:cases]
    jobs = [Job(lat, lon, dept, (due - now).total_seconds() if due else None) for _, due, _, dept, lat, lon in chosen]
    share = _crews_of(Counter(job.department for job in jobs), crews, capacity)
    seen: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for row in sorted((row for row in rows if row[2] and row[2] < now), key=lambda row: row[2], reverse=True):
        place = row[4:6]
        if len(seen[row[3]]) < share.get(row[3], 0) and place not in seen[row[3]]:
            seen[row[3]].append(place)
    starts = [Start(*place, dept, capacity) for dept in sorted(share) for place in seen[dept]]
    return Day(name, True, jobs, starts)


def _crews_of(cases: Counter[str], crews: int, capacity: int) -> dict[str, int]:
    """So many crews for each department: enough for its cases, the rest to the fullest."""
    share = {dept: math.ceil(n / capacity) for dept, n in cases.items()}
    while sum(share.values()) < crews:
        share[max(sorted(share), key=lambda dept: cases[dept] / share[dept])] += 1
    return share


def _made_day(name: str, cases: int, crews: int, capacity: int) -> Day:
    dice = random.Random(name)
    centres = [(dice.uniform(42.25, 42.39), dice.uniform(-71.17, -71.01)) for _ in range(25)]

    def place() -> tuple[float, float]:
        lat, lon = dice.choice(centres)
        return round(dice.gauss(lat, 0.012), 4), round(dice.gauss(lon, 0.015), 4)

    jobs = []
    for _ in range(cases):
        kind = dice.random()
        due = dice.uniform(0, SHIFT.total_seconds()) if kind < 0.12 else -3600.0 if kind < 0.18 else dice.uniform(1e5, 1e6)
        jobs.append(Job(*place(), dice.choices(FIELD_DEPARTMENTS, (40, 28, 12, 12, 8))[0], due))
    share = _crews_of(Counter(job.department for job in jobs), crews, capacity)
    return Day(name, False, jobs, [Start(*place(), dept, capacity) for dept in sorted(share) for _ in range(share[dept])])


def batch(cases: int, crews: int = 200, seed: int = 311) -> tuple[list[tuple[float, float]], list[tuple[float, float]], str]:
    """(places of cases, places of crews, what they are). One department; the latest real cases before 2011-12-01."""
    if not REAL_FILE.exists():
        day = _made_day(f"batch {seed}", cases + crews, 60, 10**6)
        places = [(job.latitude, job.longitude) for job in day.jobs]
        return places[:cases], places[cases:], "made up"
    rows = [row for row in _real_rows() if row[0] < datetime.fromisoformat("2011-12-01")]
    return [row[4:6] for row in rows[-cases:]], random.Random(seed).sample([row[4:6] for row in rows[:-cases]], crews), "real"
