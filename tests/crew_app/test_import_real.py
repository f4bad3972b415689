"""The real files, whole: every row taken, in bounded time and memory, and a second import changes nothing."""

from __future__ import annotations

import json
import re
import resource
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from crew_app.extensions import db
from crew_app.models import Case, District, EventRow
from crew_app.transaction import transaction

pytestmark = pytest.mark.once


def run(app: Flask, *args: object) -> str:
    db.session.remove()
    result = app.test_cli_runner().invoke(args=["import-cases", *map(str, args)])
    assert result.exit_code == 0, result.output
    db.session.remove()
    return result.output


def count_by(column: Any) -> dict[Any, int]:
    return {row[0]: row[1] for row in db.session.execute(select(column, func.count()).group_by(column))}


def load_districts(real_data: Path) -> None:
    areas = json.loads((real_data / "boston_pwd_districts_derived.geojson").read_text())["features"]
    with transaction() as tx:
        for n, area in enumerate(areas):
            tx.session.add(District(code=str(n), name=str(n), boundary=area["geometry"]))


@pytest.mark.real
def test_half_a_year_of_boston(app: Flask, real_data: Path, tmp_path: Path) -> None:
    load_districts(real_data)
    rejects = tmp_path / "rejects.csv"
    began = process_time()
    output = run(app, real_data / "boston_311_2011_h2.csv.gz", "--rejects", rejects)
    seconds = process_time() - began
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\n{58_251 / seconds:,.0f} rows a second ({seconds:.1f} s), peak {peak_mb:.0f} MB\n{output}")
    assert "58,251  new" in output and not rejects.exists()
    assert seconds < 60, "of the processor's time: others may be using the machine"
    status = count_by(Case.status)
    assert status == {"closed": 54_570, "received": 3_681}
    problems = count_by(Case.place_problem)
    assert problems["stand_in"] == 4_775
    without = db.session.scalar(select(func.count()).where(Case.place_problem.is_(None), Case.district_id.is_(None)))
    assert without == 0
    again = run(app, real_data / "boston_311_2011_h2.csv.gz", "--rejects", rejects)
    assert re.search(r"\b0  new\n\s+0  updated\n\s+58,251  unchanged\n\s+0  rejected", again)
    assert db.session.scalar(select(func.count()).select_from(EventRow)) == 58_251


@pytest.mark.real
def test_the_sample_says_its_times_are_moved(app: Flask, real_data: Path, tmp_path: Path) -> None:
    output = run(app, real_data / "boston_311_2022_sample.csv", "--rejects", tmp_path / "rejects.csv")
    assert "4,995  new" in output
    assert "Mind the times: 4,683 of 4,683 closing remarks" in output
    assert "32  have no place" in output
    output = run(app, real_data / "boston_311_2022_sample.csv", "--shifted")
    assert "4,995  updated" in output
