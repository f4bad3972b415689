"""Shifts are planned for days to come, each once, and taken out again."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from crew_app.extensions import db
from crew_app.models import CityChange, Crew, Shift

BOSTON = ZoneInfo("America/New_York")


def form(city, **changes: object) -> dict[str, object]:
    span = {"first": "2031-03-03", "last": "2031-03-16", "begins": "22:00", "ends": "06:00"}
    return {"crew": str(city.crew_ids["PWD-1"]), **span, "day": ["0", "4"]} | changes


def planned() -> list[Shift]:
    db.session.rollback()
    rows = select(Shift).where(Shift.starts_at > datetime(2031, 1, 1, tzinfo=UTC), Shift.ends_at > Shift.starts_at)
    return list(db.session.scalars(rows.order_by(Shift.starts_at)))


def test_shifts_lie_on_the_chosen_days_in_the_citys_time(city, signed_in) -> None:
    before = db.session.get_one(Crew, city.crew_ids["PWD-1"]).news_seq
    assert signed_in("sue").post("/console/shifts", data=form(city)).status_code == 303
    local = [(s.starts_at.astimezone(BOSTON), s.ends_at.astimezone(BOSTON)) for s in planned()]
    assert [f"{starts:%a %d %H:%M} {ends:%a %H:%M}" for starts, ends in local] == [
        "Mon 03 22:00 Tue 06:00", "Fri 07 22:00 Sat 06:00", "Mon 10 22:00 Tue 06:00", "Fri 14 22:00 Sat 06:00",
    ]  # fmt: skip
    assert db.session.get_one(Crew, city.crew_ids["PWD-1"]).news_seq > before  # its phone is told


def test_the_same_shift_planned_again_stays_one(city, signed_in) -> None:
    for _ in range(2):
        signed_in("sue").post("/console/shifts", data=form(city))
    assert len(planned()) == 4


def test_a_shift_is_taken_out_and_the_undo_brings_it_back(city, signed_in) -> None:
    sue = signed_in("sue")
    sue.post("/console/shifts", data=form(city))
    sue.post(f"/console/shifts/{planned()[0].id}/remove")
    assert len(planned()) == 3
    change = db.session.scalars(select(CityChange).order_by(CityChange.id.desc())).first()
    sue.post(f"/console/changes/{change.id}/undo")  # type: ignore[union-attr]
    assert len(planned()) == 4
    added = db.session.scalars(select(CityChange).order_by(CityChange.id)).first()
    sue.post(f"/console/changes/{added.id}/undo")  # type: ignore[union-attr]
    assert len(planned()) == 3


def test_a_running_shift_is_the_crews_to_end(city, signed_in) -> None:
    running = db.session.scalars(select(Shift).where(Shift.crew_id == city.crew_ids["PWD-1"])).one()
    ends = running.ends_at
    assert "has begun" in signed_in("sue").post(f"/console/shifts/{running.id}/remove", follow_redirects=True).text
    db.session.refresh(running)
    assert running.ends_at == ends


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"crew": "99999"}, "crew"),
        ({"first": "x"}, "first"),
        ({"last": "2031-03-01"}, "last"),
        ({"last": "2032-03-01"}, "last"),
        ({"begins": ""}, "begins"),
        ({"ends": "22:00"}, "ends"),
        ({"day": ["7"]}, "day"),
        ({"crew_id": "1"}, "crew_id"),
    ],
)
def test_shifts_that_cannot_be_are_refused_with_their_field(city, signed_in, changes: dict[str, object], field: str) -> None:
    answer = signed_in("sue").post("/console/shifts", data=form(city, **changes))
    assert answer.status_code == 400 and f"#shift-{field}" in answer.text
    assert planned() == []
