"""What the city promises, and by when: its hours, its holidays, and each service's level on the day a case is opened."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import select

from crew_app.extensions import AnySession
from crew_app.models import Holiday, Service, ServiceLevel, WorkingHours
from crew_app.service_level import USUAL_HOURS, CityCalendar, Hours, due_at, parse_holidays


def city_zone() -> ZoneInfo:
    return ZoneInfo(current_app.config["CITY_TIMEZONE"])


def city_calendar(session: AnySession) -> CityCalendar:
    """The city's own, as it stands now; holidays may also come with the configuration."""
    named = session.scalars(select(Holiday.day).where(Holiday.is_removed.is_(False)))
    rows = session.scalars(select(WorkingHours).order_by(WorkingHours.weekday)).all()
    hours: tuple[Hours, ...] = tuple((row.opens, row.closes) if row.opens and row.closes else None for row in rows)
    return CityCalendar(
        city_zone(),
        parse_holidays(current_app.config["CITY_HOLIDAYS"]) | set(named),
        hours if any(hours) else USUAL_HOURS,
    )


class Promises:
    """Read once, for many cases."""

    def __init__(self, session: AnySession) -> None:
        self.calendar = city_calendar(session)
        self._levels: dict[int, list[ServiceLevel]] = defaultdict(list)
        levels = select(ServiceLevel).where(ServiceLevel.is_removed.is_(False))
        for level in session.scalars(levels.order_by(ServiceLevel.holds_from.desc(), ServiceLevel.id.desc())):
            self._levels[level.service_id].append(level)

    def due(self, service: Service, opened_at: datetime) -> datetime | None:
        """By when a case of this service should be closed that is opened at this moment; None: nothing is promised."""
        day = opened_at.astimezone(self.calendar.zone).date()
        level = next((level for level in self._levels[service.id] if level.holds_from <= day), service)
        return due_at(opened_at, level.target_days, level.target_calendar, self.calendar)
