"""Which cases of a file are played, and with how many crews."""

from __future__ import annotations

from collections import Counter

import pytest

from dispatch.replay.day import PastCase, Setting, apportion, choose_day
from dispatch.types import Point

STARTS, ENDS = 100_000.0, 130_000.0
HERE = Point(42.3, -71.1)


def past(
    number: str,
    opened_at: float,
    closed_at: float | None = None,
    due_at: float | None = None,
    department: str = "PWDx",
    point: Point | None = HERE,
) -> PastCase:
    return PastCase(number, department, "pothole", point, opened_at, due_at, closed_at)


def test_a_day_is_what_was_open_and_what_came_in() -> None:
    cases = [
        past("closed before", STARTS - 500, closed_at=STARTS - 1),
        past("open", STARTS - 400, closed_at=STARTS + 50),
        past("never closed", STARTS - 300),
        past("new", STARTS + 10, closed_at=STARTS + 20),
        past("too late", ENDS),
    ]
    day = choose_day(cases, STARTS, ENDS, Setting(crews=1))
    assert [case.opened_at - STARTS for case in day.cases] == [-400, -300, 10]


def test_what_falls_due_within_the_shift_is_in_play_before_what_was_opened_last() -> None:
    cases = [past(f"{n}", STARTS - 100 + n) for n in range(5)] + [past("due", STARTS - 9_000, due_at=ENDS - 1)]
    day = choose_day(cases, STARTS, ENDS, Setting(crews=1, open_at_start=3))
    assert [case.opened_at - STARTS for case in day.cases] == [-9_000, -97, -96]


def test_a_case_without_a_place_is_left_to_a_person_and_counted() -> None:
    day = choose_day(
        [past("a", STARTS - 5, point=None), past("b", STARTS + 5, point=None), past("c", STARTS)], STARTS, ENDS, Setting(1)
    )
    assert (len(day.cases), day.without_place) == (1, 2)


def test_crews_are_shared_out_by_work_and_begin_where_their_department_was_last() -> None:
    cases = [past(f"p{n}", STARTS - 50 - n, point=Point(42.3, -71.1 - n / 1000)) for n in range(6)]
    cases += [past(f"b{n}", STARTS - 50, department="BTDT") for n in range(2)]
    done = [past(f"d{n}", 10.0, closed_at=100.0 + n, point=Point(42.0 + n, -71.0)) for n in range(3)]
    day = choose_day([*cases, *done], STARTS, ENDS, Setting(crews=4, capacity=7))
    assert [crew.code for crew in day.crews] == ["BTDT-01", "PWDx-01", "PWDx-02", "PWDx-03"]
    assert [crew.point.latitude for crew in day.crews[1:]] == [44.0, 43.0, 42.0]  # the latest first
    assert {crew.capacity for crew in day.crews} == {7} and {crew.shift_ends_at for crew in day.crews} == {ENDS}
    assert {day.departments[case.department_id] for case in day.cases} == {"BTDT", "PWDx"}


def test_the_order_of_the_rows_means_nothing() -> None:
    cases = [past(f"{n}", STARTS - n % 4, department=f"D{n % 3}") for n in range(30)]
    setting = Setting(crews=5, open_at_start=20)
    assert choose_day(cases, STARTS, ENDS, setting) == choose_day(cases[::-1], STARTS, ENDS, setting)


def test_apportion_gives_each_department_a_crew_first() -> None:
    assert apportion(Counter(a=90, b=9, c=1), 10) == {"a": 8, "b": 1, "c": 1}
    with pytest.raises(ValueError, match="too few for 3 departments"):
        apportion(Counter(a=1, b=1, c=1), 2)


def test_a_day_with_nothing_to_do_says_so() -> None:
    with pytest.raises(ValueError, match="no case"):
        choose_day([past("late", ENDS + 1)], STARTS, ENDS, Setting())
