"""When things are reported: by day more than by night, on working days more than at the weekend."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from crew_app.service_level import CityCalendar

# Reports in each hour of the day, relative to the others.
BY_HOUR = (3, 2, 1, 1, 2, 4, 10, 22, 34, 40, 41, 39, 36, 35, 34, 32, 29, 25, 20, 17, 14, 12, 8, 5)
WEEKEND_SHARE = 0.45


def pick_report_time(rng: random.Random, latest: datetime, days_ago: float, calendar: CityCalendar) -> datetime:
    """A likely moment about so many days before `latest`, never after it."""
    for _ in range(40):
        day = latest - timedelta(days=days_ago + rng.uniform(-0.7, 0.7))
        local = day.astimezone(calendar.zone)
        at = local.replace(
            hour=rng.choices(range(24), BY_HOUR)[0], minute=rng.randrange(60), second=rng.randrange(60), microsecond=0
        )
        if at > latest:
            continue
        if at.weekday() < 5 or rng.random() < WEEKEND_SHARE:
            return at
        days_ago += rng.uniform(0.2, 1.5)
    return latest - timedelta(days=days_ago)


def into_working_hours(rng: random.Random, at: datetime, calendar: CityCalendar) -> datetime:
    """Work is done between six and ten; what falls into the night waits for the morning."""
    local = at.astimezone(calendar.zone)
    if local.hour >= 22:
        local = (local + timedelta(days=1)).replace(hour=6, minute=rng.randrange(60))
    elif local.hour < 6:
        local = local.replace(hour=6 + rng.randrange(3), minute=rng.randrange(60))
    return local
