"""A city imports its open data and dispatches it: every assignment against counting by hand, with real cases."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from time import perf_counter

import pytest
from flask import Flask
from sqlalchemy import func, select

from crew_app.cli.import_cases import import_cases
from crew_app.demo.load import DEMO_SEED, chance
from crew_app.demo.town import build_town
from crew_app.extensions import db
from crew_app.models import Assignment
from crew_app.services.planning import crews_ready, dispatch_within, look
from crew_app.transaction import system_clock, transaction
from dispatch.assign import plan_assignments
from dispatch.types import CrewOnDuty, Point, WaitingCase
from tests.dispatch.by_hand import nearest_by_hand


@pytest.mark.real
def test_every_imported_open_case_goes_to_the_nearest_eligible_crew(app: Flask, real_data: Path, capsys) -> None:
    now = system_clock()
    with transaction(now) as tx:
        build_town(tx, chance(f"town {DEMO_SEED}"))
    imported = app.test_cli_runner().invoke(import_cases, [str(real_data / "boston_311_2011_h2.csv.gz")])
    assert imported.exit_code == 0, imported.output

    picture = look(db.session, now)
    cases, crews = picture.cases, picture.crews
    expected = nearest_by_hand(cases, crews)
    began = perf_counter()
    with transaction(now) as tx:
        plan = dispatch_within(tx)
    seconds = perf_counter() - began

    assert {a.case_id: a.crew_id for a in plan.moves} == expected
    held = dict(db.session.execute(select(Assignment.case_id, Assignment.crew_id).where(Assignment.ended_at.is_(None))).all())
    assert held == expected
    assert db.session.scalar(select(func.count()).select_from(Assignment)) == len(expected)
    with capsys.disabled():
        reasons = dict(Counter(w.why.value for w in plan.waiting))
        print(
            f"\n{len(cases)} real open cases, {len(crews)} crews: {len(expected)} assigned as by hand, waiting {reasons}, {seconds:.1f} s"
        )


def test_with_room_for_all_every_case_goes_to_the_nearest(app: Flask) -> None:
    """The same comparison where capacity does not end it early: every case finds a crew."""
    now = system_clock()
    with transaction(now) as tx:
        build_town(tx, chance(f"town {DEMO_SEED}"))
    dice = random.Random(5)
    crews = crews_ready(db.session, now)
    roomy = [CrewOnDuty(c.id, c.code, c.department_id, c.point, 10_000, 0, c.skills, frozenset()) for c in crews]
    departments = sorted({c.department_id for c in crews})
    cases = [
        WaitingCase(
            n, Point(round(42.23 + dice.random() * 0.16, 4), round(-71.18 + dice.random() * 0.18, 4)), dice.choice(departments), n
        )
        for n in range(600)
    ]
    plan = plan_assignments(cases, roomy)
    assert {a.case_id: a.crew_id for a in plan.assignments} == nearest_by_hand(cases, roomy)
    assert len(plan.assignments) == len(cases)
