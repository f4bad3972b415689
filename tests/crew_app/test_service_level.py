"""The clock that says when a case is due."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crew_app.service_level import CLOSES, OPENS, CityCalendar, due_at, parse_holidays
from crew_app.wire.boston import KNOWN_TARGETS, holidays, plain_name

pytestmark = pytest.mark.once

BOSTON = ZoneInfo("America/New_York")
PLAIN = CityCalendar(BOSTON)
OBSERVANT = CityCalendar(BOSTON, frozenset(day for year in range(2015, 2032) for day in holidays(year)))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BOSTON)


def due(opened: str, days: int | None, calendar: str = "business", city: CityCalendar = PLAIN) -> str | None:
    moment = due_at(local(opened).astimezone(UTC), days, calendar, city)
    return moment.astimezone(BOSTON).strftime("%a %Y-%m-%d %H:%M") if moment else None


@pytest.mark.parametrize(
    ("opened", "days", "expected"),
    [
        ("2022-01-03 11:31", 1, "Tue 2022-01-04 11:31"),  # inside hours keeps its time of day
        ("2022-01-03 08:30", 1, "Tue 2022-01-04 08:30"),
        ("2022-01-03 16:48", 1, "Tue 2022-01-04 16:48"),
        ("2022-01-03 17:00", 1, "Wed 2022-01-05 08:30"),  # closed on the stroke of five
        ("2022-01-03 17:02", 1, "Wed 2022-01-05 08:30"),
        ("2022-01-03 07:50", 1, "Tue 2022-01-04 08:30"),  # before hours waits for them
        ("2022-01-01 23:46", 10, "Mon 2022-01-17 08:30"),  # a Saturday
        ("2022-01-07 12:00", 1, "Mon 2022-01-10 12:00"),  # over a weekend
        ("2022-01-07 17:30", 0, "Mon 2022-01-10 08:30"),
    ],
)
def test_business_days(opened: str, days: int, expected: str) -> None:
    assert due(opened, days) == expected


def test_nothing_promised_is_never_due() -> None:
    assert due("2022-01-03 11:31", None) is None


@pytest.mark.parametrize(
    ("opened", "days", "calendar", "expected"),
    [
        ("2022-03-11 11:31", 1, "business", "Mon 2022-03-14 11:31"),  # clocks went on between the two
        ("2022-11-04 11:31", 1, "business", "Mon 2022-11-07 11:31"),  # and back
        ("2022-03-01 11:41", 30, "calendar", "Thu 2022-03-31 11:41"),
        ("2022-10-21 13:59", 30, "calendar", "Sun 2022-11-20 13:59"),
        ("2022-03-12 02:30", 1, "calendar", "Sun 2022-03-13 03:30"),  # that hour does not exist: one on
        ("2022-11-05 01:30", 1, "calendar", "Sun 2022-11-06 01:30"),  # that hour comes twice: the first
    ],
)
def test_wall_clock_counts_across_a_change_of_clocks(opened: str, days: int, calendar: str, expected: str) -> None:
    assert due(opened, days, calendar) == expected


def test_holidays_stop_the_business_clock_only() -> None:
    assert due("2024-07-03 11:00", 1) == "Thu 2024-07-04 11:00"
    assert due("2024-07-03 11:00", 1, city=OBSERVANT) == "Fri 2024-07-05 11:00"
    assert due("2024-07-04 11:00", 1, city=OBSERVANT) == "Mon 2024-07-08 08:30"  # opened on one: rolls like a weekend
    assert due("2024-07-03 11:00", 1, "calendar", OBSERVANT) == "Thu 2024-07-04 11:00"


def test_holidays_are_named_as_dates() -> None:
    assert parse_holidays(" 2024-07-04, 2024-12-25,") == {date(2024, 7, 4), date(2024, 12, 25)}
    assert parse_holidays("") == frozenset()
    with pytest.raises(ValueError, match="Christmas"):
        parse_holidays("2024-07-04,Christmas")


def test_the_days_boston_kept() -> None:
    assert sorted(d.isoformat() for d in holidays(2023)) == [
        "2023-01-02", "2023-01-16", "2023-02-20", "2023-04-17", "2023-05-29", "2023-06-19", "2023-07-04", "2023-09-04",
        "2023-10-09", "2023-11-10", "2023-11-11", "2023-11-23", "2023-12-25",
    ]  # fmt: skip
    assert date(2020, 7, 3) not in holidays(2020), "a holiday on a Saturday is not moved"


def test_names_compare_as_people_read_them() -> None:
    assert KNOWN_TARGETS[plain_name("New Sign  Crosswalk or Pavement Marking")] == (30, "calendar")
    assert KNOWN_TARGETS[plain_name("Missed Trash\\Recycling\\Yard Waste\\Bulk Item")] == (1, "business")
    assert plain_name("Needle Pickup") not in KNOWN_TARGETS


moments = st.datetimes(datetime(2015, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC))
cities = st.sampled_from([PLAIN, OBSERVANT])


@given(moments, st.integers(0, 60), cities)
def test_a_business_target_is_on_a_working_day_in_hours(opened: datetime, days: int, city: CityCalendar) -> None:
    found = due_at(opened, days, "business", city)
    assert found is not None
    assert found >= opened
    clock = found.astimezone(BOSTON)
    assert city.is_working_day(clock.date())
    assert OPENS <= clock.time() < CLOSES


@given(moments, moments, st.integers(0, 60), cities)
def test_opened_later_is_due_no_earlier(one: datetime, other: datetime, days: int, city: CityCalendar) -> None:
    first, second = sorted((one, other))
    assert due_at(first, days, "business", city) <= due_at(second, days, "business", city)  # type: ignore[operator]


@given(moments, st.integers(0, 60), cities)
def test_one_more_business_day_is_one_more_working_day(opened: datetime, days: int, city: CityCalendar) -> None:
    fewer, more = due_at(opened, days, "business", city), due_at(opened, days + 1, "business", city)
    assert fewer is not None and more is not None
    assert more.date() == city.next_working_day(fewer.date())
    assert more.timetz().replace(tzinfo=None) == fewer.timetz().replace(tzinfo=None)


@given(moments, st.integers(0, 400))
def test_a_calendar_target_keeps_its_time_of_day(opened: datetime, days: int) -> None:
    found = due_at(opened, days, "calendar", PLAIN)
    here = opened.astimezone(BOSTON)
    assert found is not None
    wanted = datetime.combine(here.date() + timedelta(days=days), here.time())
    off = abs(found.astimezone(BOSTON).replace(tzinfo=None) - wanted)
    assert off == timedelta(0) or (
        off == timedelta(hours=1) and wanted.time().replace(minute=0, second=0, microsecond=0) == time(2)
    )
