"""What the office looks at: the list of cases, crews at work, work in quarantine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select, true
from sqlalchemy import case as if_
from sqlalchemy.orm import defer, joinedload

from crew_app.extensions import AnySession
from crew_app.models import (
    Assignment,
    Case,
    Crew,
    Department,
    District,
    Person,
    QuarantinedWork,
    Service,
    Shift,
)
from crew_app.queries.cases import crews_on_duty
from crew_app.queries.search import cases_that_say, reported_by
from crew_app.service_level import AT_RISK_WITHIN
from crew_app.workflow import IN_HAND_STATUSES, OPEN_STATUSES, WAITING_STATUSES, Status

PAGE_SIZE = 50
MOST_PAGES = 200
ROWS_AT_ONCE = 500
COUNTED_UP_TO = PAGE_SIZE * MOST_PAGES

GROUPS: dict[str, tuple[Status, ...]] = {
    "open": OPEN_STATUSES,
    "waiting": WAITING_STATUSES,
    "in_hand": IN_HAND_STATUSES,
    "review": tuple(Status),
    "closed": (Status.CLOSED, Status.WITHDRAWN),
    "all": tuple(Status),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardFilter:
    """Which cases to list. Ids of rows; None or "": any."""

    group: str = "open"
    due: str = ""  # "late", "risk"
    department: int | None = None
    service: int | None = None
    crew: int | None = None  # in whose hands it is
    district: int | None = None
    q: str = ""
    reporter: str = ""  # only of those who may know
    sort: str = "due"
    page: int = 1


@dataclass(frozen=True, slots=True)
class BoardCounts:
    """Are we all right?"""

    open: int
    unassigned: int
    in_hand: int
    at_risk: int
    late: int
    review: int
    quarantined: int


@dataclass(frozen=True, slots=True)
class BoardPage:
    cases: Sequence[Case]
    crews: dict[int, Crew]  # case id -> who has it
    total: int  # at most COUNTED_UP_TO
    page: int
    pages: int


def board_counts(session: AnySession, now: datetime) -> BoardCounts:
    """One grouped read of the index on (status, due_at), whatever the city's history holds, and two counts beside it."""
    rows = session.execute(
        select(
            Case.status,
            func.count(),
            func.sum(if_((Case.due_at < now, 1), else_=0)),
            func.sum(if_(((Case.due_at >= now) & (Case.due_at < now + AT_RISK_WITHIN), 1), else_=0)),
        )
        .where(Case.status.in_(OPEN_STATUSES))
        .group_by(Case.status)
    ).all()
    counts = {row[0]: row[1] for row in rows}
    review = session.scalar(select(func.count()).select_from(Case).where(Case.review_reason.is_not(None)))
    kept = session.scalar(select(func.count()).select_from(QuarantinedWork).where(QuarantinedWork.settled_at.is_(None)))
    return BoardCounts(
        open=sum(counts.values()),
        unassigned=sum(counts.get(status, 0) for status in WAITING_STATUSES),
        in_hand=sum(counts.get(status, 0) for status in IN_HAND_STATUSES),
        late=sum(row[2] for row in rows),
        at_risk=sum(row[3] for row in rows),
        review=review or 0,
        quarantined=kept or 0,
    )


def board_page(session: AnySession, wanted: BoardFilter, now: datetime) -> BoardPage:
    """One page: all matching ids in one narrow read (counted and cut here), then only the page's cases whole."""
    ids = session.scalars(_matching(session, wanted, now).order_by(*_order(wanted.sort)).limit(COUNTED_UP_TO)).all()
    pages = max(1, -(-len(ids) // PAGE_SIZE))
    page = min(wanted.page, pages)
    shown = ids[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return BoardPage(_in_order(session, shown), crews_holding(session, shown), len(ids), page, pages)


def board_rows(session: AnySession, wanted: BoardFilter, now: datetime) -> Iterator[tuple[Case, Crew | None]]:
    """All pages of it, one case after the other with who has it: at most COUNTED_UP_TO."""
    ids = session.scalars(_matching(session, wanted, now).order_by(*_order(wanted.sort)).limit(COUNTED_UP_TO)).all()
    for begin in range(0, len(ids), ROWS_AT_ONCE):
        some = ids[begin : begin + ROWS_AT_ONCE]
        crews = crews_holding(session, some)
        for case in _in_order(session, some):
            yield case, crews.get(case.id)


def _in_order(session: AnySession, ids: Sequence[int]) -> list[Case]:
    rows = session.scalars(
        select(Case)
        .options(
            defer(Case.open_data),
            joinedload(Case.service),
            joinedload(Case.department),
            joinedload(Case.district).load_only(District.code, District.name),
        )
        .where(Case.id.in_(ids))
    )
    by_id = {case.id: case for case in rows}
    return [by_id[case_id] for case_id in ids if case_id in by_id]


def _matching(session: AnySession, wanted: BoardFilter, now: datetime) -> Select[Any]:
    tests: list[ColumnElement[bool]] = []
    if GROUPS[wanted.group] != tuple(Status):
        tests.append(Case.status.in_(GROUPS[wanted.group]))
    if wanted.group == "review":
        tests.append(Case.review_reason.is_not(None))
    if wanted.due:
        tests.append(Case.status.in_(OPEN_STATUSES))
        tests.append(Case.due_at < now if wanted.due == "late" else Case.due_at.between(now, now + AT_RISK_WITHIN))
    if wanted.department:
        tests.append(Case.department_id == wanted.department)
    if wanted.service:
        tests.append(Case.service_id == wanted.service)
    if wanted.district:
        tests.append(Case.district_id == wanted.district)
    if wanted.q:
        tests.append(cases_that_say(session, wanted.q))
    if wanted.reporter:
        tests.append(reported_by(session, wanted.reporter))
    ids = select(Case.id).where(*tests)
    if wanted.crew:
        held = and_(Assignment.case_id == Case.id, Assignment.crew_id == wanted.crew, Assignment.ended_at.is_(None))
        ids = ids.join(Assignment, held)
    return ids


def _order(sort: str) -> tuple[Any, ...]:
    """The most pressing first, or the newest; the id makes the order total, so that no case falls between pages."""
    if sort == "due":
        return Case.due_at.is_(None), Case.due_at, Case.id
    column = Case.opened_at if sort == "opened" else Case.updated_at
    return column.desc(), Case.id.desc()


def crews_holding(session: AnySession, case_ids: Iterable[int]) -> dict[int, Crew]:
    rows = session.execute(
        select(Assignment.case_id, Crew)
        .join(Crew, Crew.id == Assignment.crew_id)
        .where(Assignment.case_id.in_(list(case_ids)), Assignment.ended_at.is_(None))
    )
    return {row[0]: row[1] for row in rows}


@dataclass(frozen=True, slots=True)
class BoardChoices:
    departments: Sequence[Department]
    services: Sequence[Service]
    crews: Sequence[Crew]
    districts: Sequence[Any]


def board_choices(session: AnySession) -> BoardChoices:
    return BoardChoices(
        session.scalars(select(Department).order_by(Department.name)).all(),
        session.scalars(select(Service).order_by(Service.name)).all(),
        session.scalars(select(Crew).where(Crew.is_active.is_(True)).order_by(Crew.code)).all(),
        session.execute(select(District.id, District.code, District.name).order_by(District.code)).all(),
    )


def crew_loads(session: AnySession) -> dict[int, int]:
    """How many cases each crew holds."""
    held = select(Assignment.crew_id, func.count()).where(Assignment.ended_at.is_(None)).group_by(Assignment.crew_id)
    return {row[0]: row[1] for row in session.execute(held)}


@dataclass(frozen=True, slots=True)
class CrewChoice:
    """A crew a case could be given to, with what decides."""

    crew: Crew
    shift: Shift | None
    load: int

    @property
    def is_full(self) -> bool:
        return self.load >= self.crew.capacity


def crew_choices(session: AnySession, department_id: int, now: datetime) -> tuple[list[CrewChoice], list[CrewChoice]]:
    """(the department's crews, all others), those on duty and with room first."""
    shifts = {shift.crew_id: shift for shift in crews_on_duty(session, now)}
    loads = crew_loads(session)
    crews = session.scalars(select(Crew).where(Crew.is_active.is_(True)).order_by(Crew.code))
    choices = [CrewChoice(crew, shifts.get(crew.id), loads.get(crew.id, 0)) for crew in crews]
    choices.sort(key=lambda c: (c.shift is None, c.is_full, c.load, c.crew.code))
    own = [c for c in choices if c.crew.department_id == department_id]
    return own, [c for c in choices if c.crew.department_id != department_id]


@dataclass(frozen=True, slots=True)
class CrewAtWork:
    crew: Crew
    shift: Shift
    jobs: Sequence[Case]


def crews_at_work(session: AnySession, now: datetime) -> list[CrewAtWork]:
    """The crews on duty with what is in their hands, the most pressing first."""
    shifts = crews_on_duty(session, now)
    jobs: dict[int, list[Case]] = defaultdict(list)
    rows = session.execute(
        select(Assignment.crew_id, Case)
        .join(Case, Case.id == Assignment.case_id)
        .options(defer(Case.open_data), joinedload(Case.service))
        .where(Assignment.ended_at.is_(None), Assignment.crew_id.in_([shift.crew_id for shift in shifts]))
        .order_by(Case.due_at.is_(None), Case.due_at, Case.id)
    )
    for crew_id, case in rows:
        jobs[crew_id].append(case)
    at_work = [CrewAtWork(shift.crew, shift, jobs[shift.crew_id]) for shift in shifts]
    return sorted(at_work, key=lambda w: (w.crew.department.name, w.crew.code))


def quarantined_work(session: AnySession, department_id: int | None = None, limit: int = 100) -> Sequence[Any]:
    """(work, person) nobody has settled, the oldest first; of one department's people, or of all."""
    of_department = func.coalesce(Crew.department_id, Person.department_id)
    return session.execute(
        select(QuarantinedWork, Person)
        .join(Person, Person.id == QuarantinedWork.person_id)
        .outerjoin(Crew, Crew.id == Person.crew_id)
        .where(QuarantinedWork.settled_at.is_(None))
        .where(true() if department_id is None else of_department == department_id)
        .order_by(QuarantinedWork.received_at, QuarantinedWork.id)
        .limit(limit)
    ).all()
