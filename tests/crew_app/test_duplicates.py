"""The same trouble reported twice is offered to a person, never merged alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crew_app.extensions import db
from crew_app.models import Case
from crew_app.queries.duplicates import likely_duplicates
from crew_app.transaction import transaction

METRE = 1 / 111_320


def offered(case_id: int) -> list[int]:
    db.session.rollback()
    return [found.case.id for found in likely_duplicates(db.session, db.session.get_one(Case, case_id))]


def test_near_reports_of_the_same_service_are_offered_the_nearest_first(report) -> None:
    first = report()
    far, near = report(latitude=42.35 + 20 * METRE), report(latitude=42.35 + 5 * METRE)
    report(latitude=42.35 + 30 * METRE)
    report(service_code="tree")
    assert offered(first) == [near, far]


@pytest.mark.parametrize(
    "change",
    [{"status": "closed"}, {"status": "withdrawn"}, {"place_problem": "outside"}, {"opened_at": "long ago"}, {"latitude": None}],
)
def test_what_is_over_elsewhere_or_long_ago_is_not(report, change: dict) -> None:
    first, other = report(), report()
    assert offered(first) == [other]
    with transaction() as tx:
        case = tx.session.get_one(Case, other)
        for name, value in change.items():
            setattr(case, name, case.opened_at - timedelta(days=31) if value == "long ago" else value)
    assert offered(first) == []


def test_the_service_says_how_near_is_the_same(report) -> None:
    first, other = report(), report(latitude=42.35 + 20 * METRE)
    with transaction() as tx:
        tx.session.get_one(Case, first).service.duplicate_radius_m = 15
    assert offered(first) == []
    assert other not in offered(other)
