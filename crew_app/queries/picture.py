"""The city as the dispatcher's desk shows it: every case that somebody must act on, every crew, and what has changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Row, and_, bindparam, func, or_, select
from sqlalchemy import case as if_

from crew_app.extensions import AnySession
from crew_app.models import (
    Assignment,
    Case,
    Crew,
    Department,
    District,
    EventRow,
    Operation,
    Photo,
    QuarantinedWork,
    Service,
    Shift,
)
from crew_app.queries.cases import crews_on_duty
from crew_app.workflow import OPEN_STATUSES, Status

_ids: BindParameter[Any] = bindparam("ids", expanding=True)

# Built once: each desk asks them all day. An open case, or a closed one that somebody must look at.
_CASES = (
    select(
        Case.id,
        Case.number,
        Case.status,
        Case.round,
        Case.service_id,
        Case.department_id,
        Case.district_id,
        Case.latitude,
        Case.longitude,
        Case.place_problem,
        Case.address,
        Case.opened_at,
        Case.due_at,
        Case.updated_at,
        Case.is_urgent,
        Case.held_since,
        Case.pinned_crew_id,
        Case.review_reason,
        Assignment.crew_id,
        Assignment.accepted_at,
    )
    .outerjoin(Assignment, and_(Assignment.case_id == Case.id, Assignment.ended_at.is_(None)))
    .where(or_(Case.status.in_(OPEN_STATUSES), Case.review_reason.is_not(None)))
)
_CASES_AMONG = _CASES.where(Case.id.in_(_ids))

_latest = func.max(EventRow.seq)
_CHANGED = (
    select(EventRow.case_id)
    .where(EventRow.seq > bindparam("after"), EventRow.seq <= bindparam("up_to"))
    .group_by(EventRow.case_id)
    .limit(bindparam("most"))
)

# What a crew is at comes first, then its planned round, then what is in no plan.
_at_hand = if_((Case.status == Status.ON_SITE, 0), (Case.status == Status.EN_ROUTE, 1), else_=2)
_LISTS = (
    select(Assignment.crew_id, Assignment.case_id)
    .join(Case, Case.id == Assignment.case_id)
    .where(Assignment.ended_at.is_(None))
    .order_by(Assignment.crew_id, _at_hand, Assignment.position.is_(None), Assignment.position, Assignment.case_id)
)
_STILL_ON_PHONES = (
    select(Operation.crew_id, func.count(), func.sum(Photo.size))
    .join(Operation, Operation.id == Photo.operation_id)
    .where(Photo.verified_at.is_(None), Photo.operation_id.is_not(None))
    .group_by(Operation.crew_id)
)
_QUARANTINED = select(func.count()).select_from(QuarantinedWork).where(QuarantinedWork.settled_at.is_(None))


def cases_in_picture(session: AnySession) -> Sequence[Row[Any]]:
    """One row for each, with who has it and whether that crew has read it."""
    return list(session.execute(_CASES))


def cases_among(session: AnySession, ids: Collection[int]) -> Sequence[Row[Any]]:
    """Those of these cases that belong in the picture now."""
    return list(session.execute(_CASES_AMONG, {"ids": list(ids)}))


def changed_case_ids(session: AnySession, after_seq: int, up_to_seq: int, most: int) -> list[int]:
    """The cases with events in (after_seq, up_to_seq]; at most so many."""
    return list(session.scalars(_CHANGED, {"after": after_seq, "up_to": up_to_seq, "most": most}))


def active_crews(session: AnySession) -> Sequence[Crew]:
    return session.scalars(select(Crew).where(Crew.is_active.is_(True)).order_by(Crew.code)).all()


def running_shifts(session: AnySession, now: datetime) -> dict[int, Shift]:
    """By crew."""
    return {shift.crew_id: shift for shift in crews_on_duty(session, now)}


def lists_in_hand(session: AnySession) -> dict[int, list[int]]:
    """For each crew that has any: the ids of its jobs, in the order in which it will come to them as far as that is known."""
    lists: dict[int, list[int]] = defaultdict(list)
    for crew_id, case_id in session.execute(_LISTS):
        lists[crew_id].append(case_id)
    return lists


def photos_still_on_phones(session: AnySession) -> dict[int, tuple[int, int]]:
    """For each crew that announced photos which have not all arrived: (how many are missing, their bytes)."""
    return {crew_id: (count, int(size)) for crew_id, count, size in session.execute(_STILL_ON_PHONES) if crew_id is not None}


def quarantined_count(session: AnySession) -> int:
    return session.scalar(_QUARANTINED) or 0


def names_in_picture(session: AnySession) -> tuple[Sequence[Row[Any]], Sequence[Row[Any]], Sequence[Row[Any]]]:
    """(services, departments, districts): (id, name), districts with their code."""
    return (
        list(session.execute(select(Service.id, Service.name).order_by(Service.id))),
        list(session.execute(select(Department.id, Department.name).order_by(Department.name))),
        list(session.execute(select(District.id, District.code, District.name).order_by(District.code))),
    )


def districts_with_boundary(session: AnySession) -> Sequence[District]:
    return session.scalars(select(District).order_by(District.code)).all()
