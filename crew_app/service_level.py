"""The service-level clock: when is a case due?

Boston's rule, worked out from its open data: business types count working days of 08:30 to 17:00, Monday to Friday;
a case opened inside those hours keeps its time of day, one opened outside rolls to the next 08:30. Calendar types
count days on the wall calendar: a case opened at 11:31 is due at 11:31, also when the clocks changed in between.
A city names its own hours, day by day, and the public holidays that do not count; Boston named its own in every year but 2018 and 2022 (wire/boston.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

OPENS = time(8, 30)
CLOSES = time(17, 0)
Hours = tuple[time, time] | None  # from when to when the city works on a day; None: not at all
USUAL_HOURS: tuple[Hours, ...] = (*[(OPENS, CLOSES)] * 5, None, None)  # Monday first
AT_RISK_WITHIN = timedelta(hours=4)  # due so soon, and not done: somebody should look


@dataclass(frozen=True, slots=True)
class CityCalendar:
    zone: ZoneInfo
    holidays: frozenset[date] = frozenset()
    hours: tuple[Hours, ...] = USUAL_HOURS  # of at least one day

    def hours_on(self, day: date) -> Hours:
        return None if day in self.holidays else self.hours[day.weekday()]

    def is_working_day(self, day: date) -> bool:
        return self.hours_on(day) is not None

    def next_working_day(self, day: date) -> date:
        day += timedelta(days=1)
        while not self.is_working_day(day):
            day += timedelta(days=1)
        return day


def due_at(opened_at: datetime, target_days: int | None, target_calendar: str, calendar: CityCalendar) -> datetime | None:
    """The aware moment (in the city's zone) by which the case should be closed, or None where nothing is promised.

    `opened_at` is aware; `target_calendar` is "business" or "calendar". Local wall time is what counts. So a later
    opening never has an earlier due time, but for the hour that autumn's change of clocks repeats.
    """
    if target_days is None:
        return None
    local = opened_at.astimezone(calendar.zone)
    if target_calendar == "calendar":
        return _instant(local.date() + timedelta(days=target_days), local.time(), calendar.zone)
    day, clock = local.date(), local.time()
    hours = calendar.hours_on(day)
    if hours is None or clock >= hours[1]:
        day, clock = calendar.next_working_day(day), time.min
    for _ in range(target_days):
        day = calendar.next_working_day(day)
    hours = calendar.hours_on(day)
    assert hours is not None
    return _instant(day, min(max(clock, hours[0]), hours[1]), calendar.zone)  # within that day's own hours


def _instant(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """That wall time; in the hour that spring's change of clocks leaves out, the same time one hour on."""
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC).astimezone(zone)


def parse_holidays(text: str) -> frozenset[date]:
    """ISO dates separated by commas; ValueError names what is not one."""
    return frozenset(date.fromisoformat(part.strip()) for part in text.split(",") if part.strip())
