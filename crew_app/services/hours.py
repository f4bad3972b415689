"""When the city works, and on which days it does not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from crew_app.errors import BadInput, NotFound
from crew_app.models import Holiday, WorkingHours
from crew_app.service_level import Hours
from crew_app.services.settings import add_setting, change_setting
from crew_app.transaction import Tx


def set_hours(tx: Tx, week: Sequence[Hours], person_id: int) -> None:
    """Monday first. Cases that are open keep the moment they were promised."""
    if not any(week):
        raise BadInput("Please look at the form again.", errors={"opens_0": ["The city must work on at least one day."]})
    for row in tx.session.scalars(select(WorkingHours)):
        opens, closes = week[row.weekday] or (None, None)
        change_setting(tx, row, {"opens": opens, "closes": closes}, person_id)


def add_holiday(tx: Tx, day: date, name: str, person_id: int) -> Holiday:
    if tx.session.scalar(select(Holiday.id).where(Holiday.day == day, Holiday.is_removed.is_(False))) is not None:
        raise BadInput("Please look at the form again.", errors={"day": ["This day is a holiday already."]})
    holiday = Holiday(day=day, name=name, is_removed=False)
    add_setting(tx, holiday, person_id)
    return holiday


def remove_holiday(tx: Tx, holiday_id: int, person_id: int) -> Holiday:
    holiday = tx.session.get(Holiday, holiday_id)
    if holiday is None or holiday.is_removed:
        raise NotFound("There is no such holiday.")
    change_setting(tx, holiday, {"is_removed": True}, person_id)
    return holiday
