"""Real days of Boston played against the three policies: `planned` beside the better of `nearest` and `on_free`.

The days were chosen before they were played: a Wednesday of each month and one more. The price of an hour late
(dispatch/replay/policies.py) was set on other days (2011-08-10, 08-31, 11-03, 12-07).


    python -m bench.replay.run [DAY ...]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from datetime import datetime
from pathlib import Path
from time import process_time
from zoneinfo import ZoneInfo

from crew_app.places import CityMap
from crew_app.service_level import CityCalendar
from crew_app.wire.past_day import read_past_cases
from crew_app.wire.replays import figures_table
from dispatch.compiled import compile_ahead
from dispatch.replay.day import Setting, choose_day
from dispatch.replay.figures import Figures, figures_of, in_all
from dispatch.replay.play import play
from dispatch.replay.policies import nearest, on_free, planned

ROOT = Path(__file__).resolve().parents[2]
FILE = Path(os.environ.get("CREW311_REAL_DATA", ROOT.parent / "shared" / "data")) / "boston_311_2011_h2.csv.gz"
DAYS = ("2011-07-20", "2011-09-14", "2011-10-05", "2011-10-26", "2011-11-09", "2011-11-30")
STARTS, ENDS = "07:30", "16:00"
FIELD_DEPARTMENTS = ("PWDx", "ISD", "PARK", "BTDT", "PROP")
CITY_HALL = (42.3594, -71.0587)  # where that city's geocoder puts what it cannot find
ZONE = ZoneInfo("America/New_York")


def moment(day: str, clock: str) -> float:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZONE).timestamp()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("days", nargs="*", default=DAYS)
    options = parser.parse_args()
    if not FILE.exists():
        sys.exit(f"The replay needs the real days in {FILE.name}; set CREW311_REAL_DATA to the folder it is in.")
    past = list(read_past_cases(FILE, CityMap([], [CITY_HALL]), CityCalendar(ZONE), FIELD_DEPARTMENTS))
    policies = (nearest(), on_free(), planned(compile_ahead()))
    figures: dict[str, list[Figures]] = {policy.name: [] for policy in policies}
    began = process_time()
    for name in options.days:
        day = choose_day(past, moment(name, STARTS), moment(name, ENDS), Setting())
        for policy in policies:
            figures[policy.name].append(figures_of(play(day, policy)))
        print(f"{name}: {len(day.cases)} cases, {len(day.crews)} crews, {len(day.departments)} departments")
        print(figures_table([(policy, days[-1]) for policy, days in figures.items()]), flush=True)
    total = {policy: in_all(days) for policy, days in figures.items()}
    print(f"All {len(options.days)} days, {process_time() - began:.0f} s of CPU")
    print(figures_table(list(total.items())))
    ours, others = total["planned"], (total["nearest"], total["on_free"])
    for figure, value, against in (
        ("replay-late", ours.late / min(other.late for other in others), "the better of nearest and on_free; at most 0.55"),
        ("replay-done", ours.done / max(other.done for other in others), "the better of nearest and on_free; at least 0.99"),
        ("replay-kilometres", ours.metres / total["on_free"].metres, "on_free; below 1"),
        ("replay-hand-overs", ours.hand_overs_a_job, "hand-overs a job done; at most 0.1"),
    ):
        print(json.dumps({"figure": figure, "value": round(value, 3), "n": len(options.days), "against": against}))


if __name__ == "__main__":
    main()
