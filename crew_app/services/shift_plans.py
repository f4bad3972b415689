"""When each crew works: planned for days to come, and taken out again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from crew_app.errors import Conflict, NotFound
from crew_app.models import Crew, Shift
from crew_app.services.crews import note_news
from crew_app.services.promises import city_zone
from crew_app.services.settings import add_setting, change_setting
from crew_app.transaction import Tx


def plan_shifts(tx: Tx, crew: Crew, form: Mapping[str, Any], person_id: int) -> int:
    """One shift on each day of the span that is a chosen weekday; returns how many. A shift that is there already stays one."""
    zone = city_zone()
    there = set(tx.session.scalars(select(Shift.starts_at).where(Shift.crew_id == crew.id, Shift.ends_at > Shift.starts_at)))
    planned = 0
    day: date = form["first"]
    while day <= form["last"]:
        starts = _moment(day, form["begins"], zone)
        if (not form["day"] or day.weekday() in form["day"]) and starts not in there:
            ends = _moment(day if form["ends"] > form["begins"] else day + timedelta(days=1), form["ends"], zone)
            add_setting(tx, Shift(crew_id=crew.id, starts_at=starts, ends_at=ends), person_id)
            planned += 1
        day += timedelta(days=1)
    if planned:
        note_news(tx, crew.id)
    return planned


def take_out_shift(tx: Tx, shift: Shift, person_id: int) -> None:
    """It has no time any more; the row stays for the record. Conflict if it has begun: the crew is at work."""
    if shift.ends_at <= shift.starts_at:
        raise NotFound("There is no such shift.")
    if shift.starts_at <= tx.now:
        raise Conflict("This shift has begun. The crew ends it on its phone.", code="has-begun")
    change_setting(tx, shift, {"ends_at": shift.starts_at}, person_id)
    note_news(tx, shift.crew_id)


def _moment(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, zone)
