"""`flask replay`: a city tries a policy on its own past, and nothing of its present changes."""

from __future__ import annotations

import csv
import random
import re
from datetime import datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from flask import Flask
from sqlalchemy import func, select

from crew_app.extensions import db
from crew_app.models import Case, EventRow

pytestmark = pytest.mark.once

HEADER = (
    "case_enquiry_id", "open_dt", "target_dt", "closed_dt", "case_status", "type", "department", "latitude", "longitude",
)  # fmt: skip
CITY_HALL = ("42.3594", "-71.0587")
SVG = "{http://www.w3.org/2000/svg}"


def write_city(file: Path, rows: int = 80) -> None:
    """Two days of two departments around the day that is played; each tenth case at the stand-in point, one unreadable."""
    dice = random.Random(311)
    with open(file, "w", newline="") as opened:
        out = csv.writer(opened)
        out.writerow(HEADER)
        for n in range(rows):
            opens = datetime(2022, 3, 1, 6) + timedelta(minutes=dice.randrange(2 * 24 * 60))
            closes = opens + timedelta(hours=dice.randrange(1, 60))
            place = CITY_HALL if n % 10 == 0 else (f"{dice.uniform(42.28, 42.36):.4f}", f"{dice.uniform(-71.12, -71.06):.4f}")
            service, department = dice.choice((("Request for Pothole Repair", "PWDx"), ("Sign Repair <urgent>", "BTDT")))
            out.writerow([n, opens, opens + timedelta(hours=9), closes, "Closed", service, department, *place])
        out.writerow(["bad", "yesterday", "", "", "Open", "Sign Repair", "BTDT", *CITY_HALL])


def run(app: Flask, *args: object) -> str:
    db.session.remove()
    result = app.test_cli_runner().invoke(args=["replay", *map(str, args)])
    db.session.remove()
    return result.output if result.exit_code == 0 else f"FAILED {result.output}"


def test_a_day_is_played_against_every_policy_and_drawn(app: Flask, tmp_path: Path) -> None:
    file, picture = tmp_path / "city.csv", tmp_path / "routes.svg"
    write_city(file)
    before = db.session.scalar(select(func.count()).select_from(EventRow))
    output = run(app, file, "--day", "2022-03-02", "--crews", 4, "--iterations", 200, "--picture", picture)
    cases, without = map(
        int, re.search(r"2022-03-02: (\d+) cases with a place, (\d+) without; crews: .*BTDT.*PWDx", output).groups()
    )
    assert cases > 20 and without > 2
    rows = dict(re.findall(r"^(nearest|on_free|planned) +(\d+ of \d+) ", output, re.MULTILINE))
    assert list(rows) == ["nearest", "on_free", "planned"]
    assert all(int(done.split()[0]) > 10 and done.endswith(f"of {cases}") for done in rows.values())
    drawing = ElementTree.parse(picture)
    assert len(list(drawing.iter(f"{SVG}circle"))) == 3 * cases  # each done or not done, in each policy's panel
    assert len(list(drawing.iter(f"{SVG}polyline"))) == 3 * 4
    assert any("Sign Repair <urgent>" in (title.text or "") for title in drawing.iter(f"{SVG}title"))
    assert db.session.scalar(select(func.count()).select_from(Case)) == 0
    assert db.session.scalar(select(func.count()).select_from(EventRow)) == before


def test_the_same_seed_prints_the_same_day(app: Flask, tmp_path: Path) -> None:
    write_city(tmp_path / "city.csv")
    args = (tmp_path / "city.csv", "--day", "2022-03-02", "--crews", 4, "--policy", "planned", "--iterations", 200)
    first = run(app, *args)
    assert "planned" in first and "nearest" not in first and run(app, *args) == first


def test_several_days_are_added_up_and_one_department_can_be_played_alone(app: Flask, tmp_path: Path) -> None:
    write_city(tmp_path / "city.csv")
    days = ("--day", "2022-03-01", "--day", "2022-03-02")
    output = run(app, tmp_path / "city.csv", *days, "--crews", 2, "--policy", "on_free", "--department", "btdt")
    assert "PWDx" not in output and "All 2 days" in output
    done = [int(n) for n in re.findall(r"^on_free +(\d+) of", output, re.MULTILINE)]
    assert done[2] == done[0] + done[1] > 0


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--day", "2023-01-01", "--crews", 2), "2023-01-01: there is no case with a place"),
        (("--day", "2022-03-02", "--crews", 1), "1 crews are too few for 2 departments"),
        (("--day", "someday"), "does not match the format"),
    ],
)
def test_what_cannot_be_played_is_said_in_a_sentence(app: Flask, tmp_path: Path, args: tuple[object, ...], words: str) -> None:
    write_city(tmp_path / "city.csv")
    output = run(app, tmp_path / "city.csv", *args)
    assert output.startswith("FAILED") and re.search(words, output) and "Traceback" not in output


def test_a_file_of_something_else_is_refused(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    assert "This is not Boston's open data" in run(app, tmp_path / "other.csv", "--day", "2022-03-02")


def _number(text: str) -> int:
    return int(text.replace(",", ""))


@pytest.mark.real
def test_a_real_day_leaves_city_hall_to_a_person(app: Flask, real_data: Path) -> None:
    """26 October 2011, the whole Public Works Department with 30 crews: what stands at City Hall is counted and not played."""
    args = ("--day", "2011-10-26", "--department", "PWDx", "--crews", 30, "--open", 300, "--policy", "nearest")
    output = run(app, real_data / "boston_311_2011_h2.csv.gz", *args)
    cases, without = map(_number, re.search(r"([\d,]+) cases with a place, ([\d,]+) without", output).groups())
    assert cases > 300 and without > 50
    assert re.search(r"^nearest +\d{3} of \d{3} ", output, re.MULTILINE)
