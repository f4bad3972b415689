"""How moments are said: in the city's time, and as people say them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import current_app

from crew_app.models import Case
from crew_app.service_level import AT_RISK_WITHIN
from crew_app.workflow import OPEN_STATUSES, Status


def city_zone() -> ZoneInfo:
    return ZoneInfo(current_app.config["CITY_TIMEZONE"])


def in_city(moment: datetime) -> datetime:
    return moment.astimezone(city_zone())


def city_moment(local: datetime) -> datetime:
    """A moment without a zone is the city's."""
    return local.replace(tzinfo=ZoneInfo(current_app.config["CITY_TIMEZONE"])).astimezone(UTC)


def local_time(moment: datetime | None) -> str:
    """E.g. "Tue 3 Nov 2026, 14:00", in the city's time."""
    return f"{in_city(moment):%a %-d %b %Y, %H:%M}" if moment else ""


def plain_time(moment: datetime | None, now: datetime) -> str:
    """As people say it: "today 14:00", "Tuesday 14:00", "3 November 14:00"; the year only if it is another."""
    if moment is None:
        return ""
    then, today = in_city(moment), in_city(now)
    days = (then.date() - today.date()).days
    if abs(days) <= 1:
        day = ("yesterday", "today", "tomorrow")[days + 1]
    elif abs(days) < 6:
        day = f"{then:%A}"
    else:
        day = f"{then:%-d %B}" if then.year == today.year else f"{then:%-d %B %Y}"
    return f"{day} {then:%H:%M}"


def span_words(span: timedelta) -> str:
    minutes = abs(round(span.total_seconds() / 60))
    if minutes < 60:
        return f"{max(1, minutes)} min"
    hours = round(minutes / 60)
    return f"{hours} h" if hours < 48 else f"{round(hours / 24)} d"


def ago(moment: datetime | None, now: datetime) -> str:
    if moment is None:
        return "never"
    return "just now" if now - moment < timedelta(minutes=1) else f"{span_words(now - moment)} ago"


def due_words(case: Case, now: datetime) -> str:
    """ "late by 2 d", "in 3 h"; of a closed case, whether the promise was kept."""
    if case.status in (Status.WITHDRAWN, Status.MERGED):
        return ""
    if case.due_at is None:
        return "no date"
    if case.status == Status.CLOSED:
        return "on time" if case.was_on_time(now) else f"{span_words((case.closed_at or now) - case.due_at)} late"
    return f"late by {span_words(now - case.due_at)}" if case.due_at < now else f"in {span_words(case.due_at - now)}"


def is_late(case: Case, now: datetime) -> bool:
    return case.status in OPEN_STATUSES and case.due_at is not None and case.due_at < now


def is_at_risk(case: Case, now: datetime) -> bool:
    return case.status in OPEN_STATUSES and case.due_at is not None and now <= case.due_at < now + AT_RISK_WITHIN
