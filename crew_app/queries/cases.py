from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import overload

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from crew_app.extensions import AnySession
from crew_app.models import Assignment, Case, Closure, Crew, District, EventRow, Note, Photo, Service, Shift
from crew_app.models.at_hand import AssignmentAtHand, CaseAtHand
from crew_app.places import CityMap
from dispatch.types import Point


def lock_case(session: AnySession, case_id: int) -> Case | None:
    """The case, held until the transaction ends (PostgreSQL; SQLite has one writer anyway)."""
    return session.scalar(select(Case).where(Case.id == case_id).with_for_update(of=Case))


def case_by_number(session: AnySession, number: str) -> Case | None:
    return session.scalar(select(Case).where(Case.number == number))


def root_id(session: AnySession, case_id: int) -> int | None:
    """The case that is dealt with for this one: what it is merged into, and so on; itself if it stands alone."""
    seen: set[int] = set()
    while case_id not in seen:
        seen.add(case_id)
        row = session.execute(select(Case.merged_into_id).where(Case.id == case_id)).first()
        if row is None:
            return None
        if row.merged_into_id is None:
            return case_id
        case_id = row.merged_into_id
    raise AssertionError(f"cases merged in a circle: {sorted(seen)}")


def family_ids(session: AnySession, case_id: int) -> list[int]:
    """This case and all that is merged into it, however deep, itself first."""
    found, newest = [case_id], [case_id]
    while newest:
        newest = list(session.scalars(select(Case.id).where(Case.merged_into_id.in_(newest)).order_by(Case.id)))
        found += newest
    return found


@overload
def open_assignment(case: Case) -> Assignment | None: ...
@overload
def open_assignment(case: CaseAtHand) -> AssignmentAtHand | None: ...
def open_assignment(case: Case | CaseAtHand) -> Assignment | AssignmentAtHand | None:
    """Who has the case now."""
    return next((a for a in case.assignments if a.ended_at is None), None)


def assignment_of_round(case: CaseAtHand) -> AssignmentAtHand | None:
    """Who has, or had, the case in its present round."""
    return next((a for a in case.assignments if a.round == case.round), None)


def crews_on_duty(session: AnySession, now: datetime) -> Sequence[Shift]:
    """The shifts running now, one for each active crew (the one that ends last), crew loaded."""
    shifts = session.scalars(
        select(Shift)
        .join(Shift.crew)
        .options(joinedload(Shift.crew).joinedload(Crew.department))
        .where(Shift.starts_at <= now, Shift.ends_at > now, Crew.is_active.is_(True))
        .order_by(Shift.crew_id, Shift.ends_at)
    ).all()
    return list({shift.crew_id: shift for shift in shifts}.values())


def last_job_places(session: AnySession, since: datetime) -> dict[int, Point]:
    """For each crew the place of the case it closed last, if that was after `since`."""
    rows = session.execute(
        select(Closure.crew_id, Case.latitude, Case.longitude)
        .join(Case, Case.id == Closure.case_id)
        .where(Closure.received_at >= since, Case.latitude.is_not(None), Case.longitude.is_not(None))
        .order_by(Closure.done_at, Closure.id)
    )
    return {
        crew_id: Point(latitude, longitude)
        for crew_id, latitude, longitude in rows
        if latitude is not None and longitude is not None
    }


def timeline(session: AnySession, case_id: int) -> Sequence[EventRow]:
    return session.scalars(select(EventRow).where(EventRow.case_id == case_id).order_by(EventRow.seq)).all()


def notes_of(session: AnySession, case_id: int) -> Sequence[Note]:
    return session.scalars(select(Note).where(Note.case_id == case_id).order_by(Note.written_at, Note.id)).all()


def photos_of(session: AnySession, case_ids: Sequence[int]) -> Sequence[Photo]:
    return session.scalars(select(Photo).where(Photo.case_id.in_(case_ids)).order_by(Photo.announced_at, Photo.id)).all()


def assignments_of(session: AnySession, case_id: int) -> Sequence[Assignment]:
    return session.scalars(
        select(Assignment)
        .options(joinedload(Assignment.crew))
        .where(Assignment.case_id == case_id)
        .order_by(Assignment.assigned_at, Assignment.id)
    ).all()


def city_map(session: AnySession, stand_ins: Sequence[tuple[float, float]]) -> CityMap:
    rows = session.execute(select(District.id, District.boundary).order_by(District.id))
    return CityMap(((row.id, row.boundary) for row in rows), stand_ins)


def active_services(session: AnySession) -> Sequence[Service]:
    """The services that can be reported now, by group and name, department loaded."""
    return session.scalars(
        select(Service)
        .options(joinedload(Service.department))
        .where(Service.is_active.is_(True))
        .order_by(Service.group, Service.name, Service.id)
    ).all()
