"""When phones fail: a crew's day on paper, in the order of its round, each job with a code that leads to its case."""

from __future__ import annotations

import re

from crew_app.adapters.qr_code import qr_code
from crew_app.extensions import db
from crew_app.models import Assignment, Case
from crew_app.transaction import transaction


def test_a_crews_day_comes_in_the_order_of_its_round_without_who_reported_it(signed_in, city, job, report) -> None:
    ids = [job("PWD-1")[0] for _ in range(3)]
    with transaction() as tx:
        for position, case_id in zip((2, 3, 1), ids, strict=True):
            tx.session.scalars(db.select(Assignment).where(Assignment.case_id == case_id)).one().position = position
        tx.session.get_one(Case, ids[2]).is_urgent = True
    page = signed_in("dora").get(f"/console/crews/{city.crew_ids['PWD-1']}/sheets").text
    numbers = [db.session.get_one(Case, case_id).number for case_id in ids]
    assert re.findall(r"<strong>(\d\d-\d{6})</strong>", page) == [numbers[2], numbers[0], numbers[1]]
    assert "stop 1 of 3" in page and page.count("URGENT") == 1
    assert page.count("<svg") >= 3 and "Not ours" in page


def test_a_sheet_says_all_a_crew_needs_and_nothing_of_the_resident(signed_in, report, city) -> None:
    case_id = report(
        address="12 Main St", description="Deep.", name="Ruth Canary", email="canary@example.org", phone="617-555-0142"
    )
    number = db.session.get_one(Case, case_id).number
    page = signed_in("cal").get(f"/console/cases/{number}/sheet").text
    for words in ("12 Main St", "Deep.", number, "Pothole", "42.35000"):
        assert words in page
    assert "anary" not in page and "0142" not in page
    assert f"/console/cases/{number}" in page, "the code's title says where it leads"


def test_what_is_not_there_is_said(signed_in, city) -> None:
    assert signed_in("dora").get("/console/cases/26-999999/sheet").status_code == 404
    assert signed_in("dora").get("/console/crews/999/sheets").status_code == 404
    assert "has no job in hand" in signed_in("dora").get(f"/console/crews/{city.crew_ids['PWD-3']}/sheets").text


def test_another_case_has_another_code() -> None:
    codes = {str(qr_code(f"https://311.city.test/console/cases/26-{n:06d}")).split("<path")[-1] for n in range(50)}
    assert len(codes) == 50
