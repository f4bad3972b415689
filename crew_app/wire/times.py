"""How moments are said: in the city's time, and as people say them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import current_app

from crew_app.languages import day_words, t, tn
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
    if moment is None:
        return ""
    then = in_city(moment)
    return t("{day}, {time}", day=day_words(then, "short"), time=f"{then:%H:%M}")


def plain_time(moment: datetime | None, now: datetime) -> str:
    """As people say it: "today 14:00", "Tuesday 14:00", "3 November 14:00"; the year only if it is another."""
    if moment is None:
        return ""
    then, today = in_city(moment), in_city(now)
    days = (then.date() - today.date()).days
    time = f"{then:%H:%M}"
    if abs(days) <= 1:
        said = (t("yesterday {time}", time=time), t("today {time}", time=time), t("tomorrow {time}", time=time))
        return said[days + 1]
    form = "weekday" if abs(days) < 6 else "day" if then.year == today.year else "long"
    return t("{day} {time}", day=day_words(then, form), time=time)


def span_words(span: timedelta) -> str:
    minutes = abs(round(span.total_seconds() / 60))
    if minutes < 60:
        return tn("{n} min", "{n} min", max(1, minutes))
    hours = round(minutes / 60)
    return tn("{n} h", "{n} h", hours) if hours < 48 else tn("{n} d", "{n} d", round(hours / 24))


def ago(moment: datetime | None, now: datetime) -> str:
    if moment is None:
        return t("never")
    return t("just now") if now - moment < timedelta(minutes=1) else t("{span} ago", span=span_words(now - moment))


def due_words(case: Case, now: datetime) -> str:
    """ "late by 2 d", "in 3 h"; of a closed case, whether the promise was kept. For the office."""
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
