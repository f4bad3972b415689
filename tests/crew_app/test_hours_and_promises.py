"""The city's own hours, holidays and promises: from when they hold, and what stays as it was promised."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from crew_app.extensions import db
from crew_app.models import Case, CityChange, Holiday, Service, ServiceLevel
from crew_app.service_level import CityCalendar, due_at
from crew_app.services.cases import NewReport, open_case
from crew_app.services.promises import Promises, city_calendar
from crew_app.transaction import transaction

BOSTON = ZoneInfo("America/New_York")
MONDAY = datetime(2026, 11, 30, 15, 0, tzinfo=BOSTON)
WEEK = {f"{edge}_{day}": clock for day in range(5) for edge, clock in (("opens", "08:30"), ("closes", "17:00"))}


def opened(at: datetime) -> Case:
    with transaction() as tx:
        return open_case(tx, NewReport(service_code="pothole", address="1 Main Street"), at)


def due(at: datetime) -> str:
    moment = opened(at).due_at
    assert moment is not None
    return moment.astimezone(BOSTON).strftime("%a %H:%M")


def test_the_city_begins_with_the_usual_week(city) -> None:
    assert city_calendar(db.session).hours == (*[(time(8, 30), time(17))] * 5, None, None)
    assert due(MONDAY) == "Tue 15:00"


def test_other_hours_hold_for_cases_taken_in_from_now_on(city, signed_in) -> None:
    before = opened(MONDAY).id
    promised = db.session.get_one(Case, before).due_at
    week = WEEK | {"opens_1": "08:30", "closes_1": "12:00", "opens_5": "09:00", "closes_5": "13:00"}
    assert signed_in("sue").post("/console/hours", data=week).status_code == 303
    assert due(MONDAY) == "Tue 12:00"  # a short day ends it sooner
    assert due(datetime(2026, 12, 4, 18, 0, tzinfo=BOSTON)) == "Mon 08:30"  # Saturday counts now: its day is Monday
    assert db.session.get_one(Case, before).due_at == promised


def test_a_holiday_stops_the_clock_and_its_removal_is_undone(city, signed_in) -> None:
    sue = signed_in("sue")
    assert sue.post("/console/hours/holidays", data={"day": "2026-12-01", "name": "Evacuation Day"}).status_code == 303
    assert due(MONDAY) == "Wed 15:00"
    holiday = db.session.scalars(select(Holiday)).one()
    sue.post(f"/console/hours/holidays/{holiday.id}/remove")
    assert due(MONDAY) == "Tue 15:00"
    removal = db.session.scalars(select(CityChange).order_by(CityChange.id.desc())).first()
    sue.post(f"/console/changes/{removal.id}/undo")  # type: ignore[union-attr]
    assert due(MONDAY) == "Wed 15:00"


@pytest.mark.parametrize(
    ("address", "form", "field"),
    [
        ("", {}, "hours-opens_0"),
        ("", WEEK | {"closes_0": ""}, "hours-closes_0"),
        ("", WEEK | {"closes_0": "08:00"}, "hours-closes_0"),
        ("", WEEK | {"opens_7": "08:00"}, "hours-opens_7"),
        ("/holidays", {"day": "tomorrow", "name": "x"}, "holiday-day"),
        ("/holidays", {"day": "2026-02-30", "name": "x"}, "holiday-day"),
        ("/holidays", {"day": "2026-12-25", "name": " "}, "holiday-name"),
    ],
)
def test_hours_that_cannot_be_are_refused_with_their_field(city, signed_in, address: str, form: dict[str, str], field: str) -> None:
    answer = signed_in("sue").post(f"/console/hours{address}", data=form)
    assert answer.status_code == 400 and f"#{field}" in answer.text
    assert db.session.scalars(select(CityChange)).all() == []


def test_a_promise_holds_from_its_day_and_old_cases_keep_theirs(city, signed_in) -> None:
    today = datetime.now(BOSTON).date()
    service = db.session.scalars(select(Service).where(Service.code == "pothole")).one()
    form = {"days": "3", "calendar": "calendar", "holds_from": (today + timedelta(days=2)).isoformat()}
    assert signed_in("sue").post(f"/console/services/{service.id}/levels", data=form).status_code == 303
    promises = Promises(db.session)
    day_before = datetime.combine(today + timedelta(days=1), time(12), BOSTON)
    on_the_day = datetime.combine(today + timedelta(days=2), time(12), BOSTON)
    assert promises.due(service, day_before) == due_at(day_before, 1, "business", promises.calendar)
    assert promises.due(service, on_the_day) == on_the_day + timedelta(days=3)
    assert "3 days" in signed_in("dora").get(f"/console/services/{service.id}").text


def test_the_past_is_not_promised_anew(city, signed_in) -> None:
    service = db.session.scalars(select(Service)).first()
    yesterday = (datetime.now(BOSTON).date() - timedelta(days=1)).isoformat()
    form = {"days": "3", "calendar": "business", "holds_from": yesterday}
    answer = signed_in("sue").post(f"/console/services/{service.id}/levels", data=form)
    assert answer.status_code == 400 and "#level-holds_from" in answer.text
    assert db.session.scalars(select(ServiceLevel)).all() == []


def test_nothing_may_be_promised_any_more(city, signed_in) -> None:
    service = db.session.scalars(select(Service).where(Service.code == "pothole")).one()
    today = datetime.now(BOSTON).date()
    form = {"days": "", "calendar": "business", "holds_from": today.isoformat()}
    signed_in("sue").post(f"/console/services/{service.id}/levels", data=form)
    assert opened(datetime.now(UTC)).due_at is None


def test_a_question_is_asked_on_the_public_page_until_it_is_removed(city, signed_in, client) -> None:
    service = db.session.scalars(select(Service).where(Service.code == "pothole")).one()
    sue = signed_in("sue")
    form = {"description": "How big is it?", "datatype": "singlevaluelist", "values": "A plate\nA tire", "required": "true"}
    assert sue.post(f"/console/services/{service.id}/questions", data=form).status_code == 303
    assert "How big is it?" in client.get("/report?service=pothole").text
    assert "answer:how_big_is_it" in client.post("/report", data={"service": "pothole", "address": "1 Main"}).text
    assert (
        client.post("/report", data={"service": "pothole", "address": "1 Main", "answer:how_big_is_it": "a_tire"}).status_code
        == 303
    )
    assert sue.post(f"/console/services/{service.id}/questions/how_big_is_it/remove").status_code == 303
    assert "How big is it?" not in client.get("/report?service=pothole").text


clocks = st.times().map(lambda t: t.replace(second=0, microsecond=0))
spans = st.one_of(st.none(), st.tuples(clocks, clocks).filter(lambda pair: pair[0] < pair[1]))
weeks = st.tuples(*[spans] * 7).filter(any)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(lambda at: at.replace(tzinfo=UTC))


@given(weeks, moments, moments, st.integers(0, 20), st.sets(st.dates(date(2026, 1, 1), date(2027, 1, 31)), max_size=9))
def test_whatever_the_hours_a_later_case_is_never_due_sooner(week, first, second, days, holidays) -> None:
    calendar = CityCalendar(ZoneInfo("UTC"), frozenset(holidays), week)
    first, second = sorted((first, second))
    one, other = due_at(first, days, "business", calendar), due_at(second, days, "business", calendar)
    assert one is not None and other is not None and first <= one <= other
    opens_closes = calendar.hours_on(one.date())
    assert opens_closes is not None and opens_closes[0] <= one.time() <= opens_closes[1]
