"""What dispatch looks at: every open case at a place that can be trusted, and every crew whose shift is running."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, func, select
from sqlalchemy.orm import aliased

from crew_app.extensions import AnySession
from crew_app.models import Assignment, Case, Crew, Decline, Loan, Service, Shift
from crew_app.workflow import IN_HAND_STATUSES, OPEN_STATUSES

_OPEN = (
    select(
        Case.id,
        Case.round,
        Case.status,
        Case.department_id,
        Case.district_id,
        Case.latitude,
        Case.longitude,
        Case.opened_at,
        Case.due_at,
        Case.is_urgent,
        Case.held_since,
        Case.pinned_crew_id,
        Case.waiting,
        Service.code.label("service"),
        Service.skills,
        Service.work_minutes,
        Assignment.crew_id,
        Assignment.assigned_at,
        Assignment.accepted_at,
        Assignment.position,
    )
    .join(Case.service)
    .outerjoin(Assignment, and_(Assignment.case_id == Case.id, Assignment.ended_at.is_(None)))
    .where(
        Case.status.in_(OPEN_STATUSES),
        Case.place_problem.is_(None),
        Case.latitude.is_not(None),
        Case.longitude.is_not(None),
    )
    .order_by(Case.id)
)
_DECLINES = select(Decline.case_id, Decline.crew_id).join(Case).where(Case.status.in_(OPEN_STATUSES))
_LOADS = select(Assignment.crew_id, func.count()).where(Assignment.ended_at.is_(None)).group_by(Assignment.crew_id)
_ON_URGENT = (
    select(Assignment.crew_id)
    .join(Case, Case.id == Assignment.case_id)
    .where(Assignment.ended_at.is_(None), Case.is_urgent.is_(True), Case.status.in_(IN_HAND_STATUSES), Case.status != "assigned")
)


_Next = aliased(Shift)
_ON_DUTY_UNTIL = (
    select(Shift.crew_id, func.max(_Next.ends_at))
    .join(_Next, _Next.crew_id == Shift.crew_id)
    .where(Shift.starts_at <= bindparam("now"), Shift.ends_at > bindparam("since"), _Next.starts_at <= Shift.ends_at)
    .group_by(Shift.crew_id)
)


def on_duty_until(session: AnySession, now: datetime, since: datetime) -> dict[int, datetime]:
    """For each crew at work at some time since `since`: when it goes home. Shifts that meet are one: a truck two teams share."""
    return dict(session.execute(_ON_DUTY_UNTIL, {"now": now, "since": since}).all())


def open_cases(session: AnySession) -> Sequence[Row[Any]]:
    """One row for each: the case's own columns, its service's, and those of the assignment that is open, if one is."""
    return list(session.execute(_OPEN))


def open_cases_among(session: AnySession, ids: Collection[int]) -> Sequence[Row[Any]]:
    """The same, of some cases."""
    return list(session.execute(_OPEN.where(Case.id.in_(ids))))


def borrowed(session: AnySession, now: datetime) -> dict[int, frozenset[int]]:
    """For each crew that is lent for a while: the departments it works for until then."""
    running = select(Loan.crew_id, Loan.department_id).where(Loan.begins_at <= now, Loan.ends_at > now)
    return _gathered(session.execute(running).all())


def declines(session: AnySession, among: Collection[int] | None = None) -> dict[int, frozenset[int]]:
    """For each open case that was declined or handed back: the crews that did. `among`: of these cases only."""
    asked = _DECLINES if among is None else _DECLINES.where(Case.id.in_(among))
    return _gathered(session.execute(asked).all())


def _gathered(pairs: Iterable[Row[int, int]]) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = {}
    for key, value in pairs:
        found.setdefault(key, set()).add(value)
    return {key: frozenset(values) for key, values in found.items()}


def loads(session: AnySession) -> dict[int, int]:
    """How many jobs each crew that has any holds."""
    return dict(session.execute(_LOADS).all())


def crews_on_urgent_work(session: AnySession) -> frozenset[int]:
    """The crews that are on their way to something urgent, or there."""
    return frozenset(session.scalars(_ON_URGENT))


def lists_of(session: AnySession, crew_ids: Sequence[int]) -> Sequence[Assignment]:
    """The open assignments of these crews."""
    return session.scalars(select(Assignment).where(Assignment.crew_id.in_(crew_ids), Assignment.ended_at.is_(None))).all()


def last_contacts(session: AnySession) -> dict[int, Any]:
    """When each crew's phone spoke to us last; crews that never did are not in it."""
    rows = session.execute(select(Crew.id, Crew.last_contact_at).where(Crew.last_contact_at.is_not(None)))
    return dict(rows.all())
