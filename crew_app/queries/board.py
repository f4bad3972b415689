"""What the office looks at: lists of cases, one case whole, crews at work."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy import case as if_
from sqlalchemy.orm import defer, joinedload

from crew_app.extensions import AnySession
from crew_app.models import (
    Assignment,
    Case,
    Closure,
    Crew,
    Department,
    District,
    EventRow,
    Note,
    Person,
    Photo,
    QuarantinedWork,
    Report,
    Service,
    Shift,
)
from crew_app.queries.cases import assignments_of, crews_on_duty, family_ids, notes_of, photos_of, root_id, timeline
from crew_app.service_level import AT_RISK_WITHIN
from crew_app.workflow import IN_HAND_STATUSES, OPEN_STATUSES, WAITING_STATUSES, Status

PAGE_SIZE = 50
MOST_PAGES = 200
COUNTED_UP_TO = PAGE_SIZE * MOST_PAGES

GROUPS: dict[str, tuple[Status, ...]] = {
    "open": OPEN_STATUSES,
    "waiting": WAITING_STATUSES,
    "in_hand": IN_HAND_STATUSES,
    "review": tuple(Status),
    "closed": (Status.CLOSED, Status.WITHDRAWN),
    "all": tuple(Status),
}
# What names another case in the body of an event.
CASES_IN_EVENTS = ("into_case_id", "from_case_id", "other_case_id", "with_case_id")


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
    ids = session.scalars(_matching(wanted, now).order_by(*_order(wanted.sort)).limit(COUNTED_UP_TO)).all()
    pages = max(1, -(-len(ids) // PAGE_SIZE))
    page = min(wanted.page, pages)
    shown = ids[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    rows = session.scalars(
        select(Case)
        .options(
            defer(Case.open_data),
            joinedload(Case.service),
            joinedload(Case.department),
            joinedload(Case.district).load_only(District.code, District.name),
        )
        .where(Case.id.in_(shown))
    )
    by_id = {case.id: case for case in rows}
    return BoardPage([by_id[i] for i in shown if i in by_id], crews_holding(session, shown), len(ids), page, pages)


def _matching(wanted: BoardFilter, now: datetime) -> Select[Any]:
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
        columns = (Case.number, Case.address, Case.description)
        tests.append(or_(*(column.icontains(wanted.q, autoescape=True) for column in columns)))
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


@dataclass(slots=True)
class Dossier:
    """One case with everything that belongs to it, and the people and crews its history names."""

    case: Case
    events: Sequence[EventRow]
    notes: Sequence[Note]
    closures: Sequence[Closure]
    photos: Sequence[Photo]
    assignments: Sequence[Assignment]
    reports: Sequence[Report] = ()  # of what was merged into it, too: whoever deals with it answers all of them
    people: dict[int, Person] = field(default_factory=dict)
    crews: dict[int, Crew] = field(default_factory=dict)
    numbers: dict[int, str] = field(default_factory=dict)
    root: Case | None = None  # the case that is dealt with for this one, if it is merged
    duplicates: Sequence[Case] = ()  # merged into it, however deep
    follow_up_of: Case | None = None
    follow_ups: Sequence[Case] = ()

    @property
    def photos_by_closure(self) -> dict[str | None, list[Photo]]:
        found: dict[str | None, list[Photo]] = defaultdict(list)
        for photo in self.photos:
            found[photo.closure_id].append(photo)
        return found

    @property
    def open_assignment(self) -> Assignment | None:
        return next((a for a in self.assignments if a.ended_at is None), None)

    @property
    def to_review(self) -> list[Closure]:
        return [c for c in self.closures if c.review_reason and c.settled_at is None]


def dossier(session: AnySession, case: Case, *, with_contacts: bool) -> Dossier:
    """Everything about a case. `with_contacts`: who reported it, too; the only reader of that beside what tells them."""
    family = family_ids(session, case.id)
    closures = session.scalars(
        select(Closure)
        .options(joinedload(Closure.crew), joinedload(Closure.person))
        .where(Closure.case_id == case.id)
        .order_by(Closure.received_at, Closure.id)
    ).all()
    whole = Dossier(
        case,
        timeline(session, case.id),
        notes_of(session, case.id),
        closures,
        photos_of(session, family),
        assignments_of(session, case.id),
    )
    if with_contacts:
        whole.reports = session.scalars(
            select(Report).where(Report.case_id.in_(family)).order_by(Report.received_at, Report.id)
        ).all()
    people = (
        {e.person_id for e in whole.events} | {n.person_id for n in whole.notes} | {a.assigned_by_id for a in whole.assignments}
    )
    people |= {c.settled_by_id for c in closures} | {e.body.get("approved_by_id") for e in whole.events}
    whole.people = {p.id: p for p in session.scalars(select(Person).where(Person.id.in_(people - {None})))}
    crews = {e.body.get(key) for e in whole.events for key in ("crew_id", "from_crew_id")}
    whole.crews = {c.id: c for c in session.scalars(select(Crew).where(Crew.id.in_(crews - {None})))}
    _add_relatives(session, whole, family)
    return whole


def _add_relatives(session: AnySession, whole: Dossier, family: Sequence[int]) -> None:
    """The cases that belong to it, and the numbers of all that its history names."""
    case = whole.case
    root = root_id(session, case.id)
    named = {e.body.get(key) for e in whole.events for key in CASES_IN_EVENTS} - {None}
    rows = session.scalars(
        select(Case)
        .options(defer(Case.open_data), joinedload(Case.service), joinedload(Case.department))
        .where(or_(Case.id.in_({*family, *named, root, case.parent_id} - {None}), Case.parent_id == case.id))
        .order_by(Case.opened_at, Case.id)
    )
    by_id = {relative.id: relative for relative in rows}
    whole.numbers = {relative.id: relative.number for relative in by_id.values()}
    whole.root = by_id[root] if root is not None and root != case.id else None
    whole.duplicates = [by_id[i] for i in family[1:]]
    whole.follow_up_of = by_id.get(case.parent_id or 0)
    whole.follow_ups = [relative for relative in by_id.values() if relative.parent_id == case.id]


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


# What residents may see.
