"""Counts for the dashboard: public cases only, without those withdrawn or dealt with as part of another."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from crew_app.extensions import AnySession
from crew_app.models import Assignment, Case, Crew, Department, District, EventRow, Photo, PhotoKind, PhotoState, Service
from crew_app.queries.public import IS_PUBLIC
from crew_app.workflow import OPEN_STATUSES, Status

_COUNTS = and_(IS_PUBLIC, Case.status.not_in((Status.WITHDRAWN, Status.MERGED)))
GROUPINGS: dict[str, Any] = {"service": Service.name, "department": Department.name, "district": District.name}


def promises_decided(session: AnySession, by: str, start: datetime, end: datetime) -> dict[str, tuple[int, int]]:
    """Group -> (kept, decided): each promise counts once, when it was decided: at the closing, or when it ran out unkept."""
    kept = and_(Case.closed_at >= start, Case.closed_at < end, Case.closed_at <= Case.due_at)
    broken = and_(Case.due_at >= start, Case.due_at < end, or_(Case.closed_at.is_(None), Case.closed_at > Case.due_at))
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for condition, is_kept in ((kept, 1), (broken, 0)):
        for name, count in _grouped(session, by, condition):
            counts[name][0] += count * is_kept
            counts[name][1] += count
    return {name: (one, all_) for name, (one, all_) in counts.items()}


def _grouped(session: AnySession, by: str, condition: ColumnElement[bool]) -> Sequence[tuple[str, int]]:
    name = GROUPINGS[by]
    wanted = (
        select(name, func.count())
        .select_from(Case)
        .join(Case.service)
        .join(Case.department)
        .outerjoin(Case.district)
        .where(_COUNTS, condition)
        .group_by(name)
    )
    return [(group or "No district", count) for group, count in session.execute(wanted)]


def count_cases(session: AnySession, *conditions: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(Case).join(Case.service).where(_COUNTS, *conditions)) or 0


def open_now(session: AnySession) -> int:
    return count_cases(session, Case.status.in_(OPEN_STATUSES))


def backlog_by_age(session: AnySession, now: datetime, edges_days: Sequence[int]) -> list[int]:
    """How many open cases are younger than each edge (and older than the one before), and beyond the last."""
    borders = [now, *(now - timedelta(days=days) for days in edges_days)]
    found = [
        count_cases(session, Case.status.in_(OPEN_STATUSES), Case.opened_at <= late, Case.opened_at > early)
        for late, early in itertools.pairwise(borders)
    ]
    return [*found, count_cases(session, Case.status.in_(OPEN_STATUSES), Case.opened_at <= borders[-1])]


def reported_and_done(session: AnySession, spans: Sequence[tuple[datetime, datetime]]) -> list[tuple[int, int]]:
    return [
        (
            count_cases(session, Case.opened_at >= start, Case.opened_at < end),
            count_cases(session, Case.closed_at >= start, Case.closed_at < end),
        )
        for start, end in spans
    ]


def hours_to_close(session: AnySession, start: datetime, end: datetime) -> list[float]:
    rows = session.execute(
        select(Case.opened_at, Case.closed_at)
        .join(Case.service)
        .where(_COUNTS, Case.status == Status.CLOSED, Case.closed_at >= start, Case.closed_at < end)
    )
    return sorted(max(0.0, (closed - opened).total_seconds() / 3600) for opened, closed in rows if closed is not None)


def fixed_and_shown(session: AnySession, start: datetime, end: datetime) -> tuple[int, int]:
    """(fixed in that time, of those with the crew's picture afterwards)"""
    fixed = and_(Case.outcome == "fixed", Case.closed_at >= start, Case.closed_at < end)
    shown = (
        select(Photo.id).where(Photo.case_id == Case.id, Photo.kind == PhotoKind.AFTER, Photo.state == PhotoState.RENDERED).exists()
    )
    return count_cases(session, fixed), count_cases(session, fixed, shown)


def closed_and_reopened(session: AnySession, start: datetime, end: datetime) -> tuple[int, int]:
    """(cases closed in that time, of those opened again since)"""
    closings = (
        select(EventRow.case_id, func.min(EventRow.seq).label("seq"))
        .where(EventRow.kind == "case_closed", EventRow.at >= start, EventRow.at < end)
        .group_by(EventRow.case_id)
        .subquery()
    )
    again = (
        select(EventRow.seq)
        .where(EventRow.case_id == closings.c.case_id, EventRow.kind == "case_reopened", EventRow.seq > closings.c.seq)
        .exists()
    )
    wanted = select(func.count()).select_from(closings).join(Case, Case.id == closings.c.case_id).join(Case.service).where(_COUNTS)
    return session.scalar(wanted) or 0, session.scalar(wanted.where(again)) or 0


def workload(session: AnySession) -> dict[str, tuple[int, int]]:
    """Department -> (crews, cases in their hands now)."""
    crews: Counter[str] = Counter()
    for name, count in session.execute(
        select(Department.name, func.count())
        .join(Crew, Crew.department_id == Department.id)
        .where(Crew.is_active.is_(True))
        .group_by(Department.name)
    ):
        crews[name] = count
    in_hand = session.execute(
        select(Department.name, func.count())
        .select_from(Assignment)
        .join(Crew, Crew.id == Assignment.crew_id)
        .join(Department, Department.id == Crew.department_id)
        .where(Assignment.ended_at.is_(None), Crew.is_active.is_(True))
        .group_by(Department.name)
    )
    held: dict[str, int] = dict(in_hand.all())
    return {name: (count, held.get(name, 0)) for name, count in sorted(crews.items())}
