"""When the crews work: two platoons that overlap by an hour morning and evening, and trucks that two teams share."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS_AHEAD = 31

# Local time, start and end; an end before its start is on the next day.
HOURS: dict[str, tuple[tuple[time, time], ...]] = {
    "day": ((time(5), time(18)),),
    "night": ((time(17), time(6)),),
    "both": ((time(5), time(17)), (time(17), time(5))),
}


def list_shifts(platoon: str, now: datetime, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """A crew's shifts from those of yesterday that still run to a month ahead, as aware datetimes."""
    today = now.astimezone(zone).date()
    spans = [_span(today + timedelta(days=day), hours, zone) for day in range(-1, DAYS_AHEAD + 1) for hours in HOURS[platoon]]
    # A shared truck was at work all day, whoever drove it; of the others only who is still there matters.
    return [(start, end) for start, end in spans if end > now or platoon == "both"]


def pick_dispatch_moment(now: datetime, zone: ZoneInfo) -> datetime:
    """An hour or so ago, when those who are at work now had already begun: then the open cases were given out."""
    began = [
        start for platoon in HOURS for start, end in list_shifts(platoon, now, zone) if start <= now < end and platoon != "both"
    ]
    return max(now - timedelta(minutes=95), min(began) + timedelta(minutes=5))


def _span(day: date, hours: tuple[time, time], zone: ZoneInfo) -> tuple[datetime, datetime]:
    start, end = hours
    return (
        datetime.combine(day, start, tzinfo=zone),
        datetime.combine(day + timedelta(days=1) if end <= start else day, end, tzinfo=zone),
    )
