from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sync.clocks import estimate_done_at

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
moments = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))
ages = st.none() | st.timedeltas(timedelta(0), timedelta(days=400))


def test_the_age_is_believed_before_the_wall_clock() -> None:
    done = estimate_done_at(NOON, NOON - timedelta(days=900), HOUR, None)
    assert done.at == NOON - HOUR
    assert done.is_doubtful


def test_two_clocks_that_agree_leave_no_doubt() -> None:
    done = estimate_done_at(NOON, NOON - HOUR + timedelta(minutes=2), HOUR, NOON - 3 * HOUR)
    assert done.at == NOON - HOUR
    assert not done.is_doubtful


def test_a_phone_restarted_since_has_only_its_wall_clock() -> None:
    assert estimate_done_at(NOON, NOON - HOUR, None, None).at == NOON - HOUR


def test_a_deed_before_the_case_was_given_is_a_wrong_clock() -> None:
    done = estimate_done_at(NOON, NOON - 9 * HOUR, None, NOON - HOUR)
    assert done.at == NOON - HOUR
    assert done.is_doubtful


@given(moments, moments, ages, st.none() | moments)
def test_nothing_was_done_after_it_was_received(
    received: datetime, made: datetime, age: timedelta | None, given_at: datetime | None
) -> None:
    assert estimate_done_at(received, made, age, given_at).at <= received


@given(moments, ages, st.timedeltas(timedelta(0), timedelta(days=9)))
def test_a_clock_set_back_never_improves_the_service_level(made: datetime, age: timedelta | None, ago: timedelta) -> None:
    """A deed is never dated before the case was in the crew's hands (safety.md T24)."""
    given_at = NOON - ago
    assert estimate_done_at(NOON, made, age, given_at).at >= min(given_at, NOON)
