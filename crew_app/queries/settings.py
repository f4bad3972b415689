"""What the pages on which the city is set up show: what can be chosen, and what was changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select, true
from sqlalchemy.orm import defer, joinedload

from crew_app.extensions import AnySession
from crew_app.models import (
    CityChange,
    Crew,
    Department,
    District,
    Holiday,
    Person,
    Service,
    ServiceLevel,
    Shift,
    Territory,
    WorkingHours,
)

CHANGES_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Choices:
    departments: Sequence[Department]
    districts: Sequence[District]  # without their boundaries
    all_crews: Sequence[Crew]
    services: Sequence[Service]

    @property
    def crews(self) -> list[Crew]:
        return [crew for crew in self.all_crews if crew.is_active]


def choices(session: AnySession) -> Choices:
    return Choices(
        departments=session.scalars(select(Department).order_by(Department.name)).all(),
        districts=session.scalars(select(District).options(defer(District.boundary)).order_by(District.code)).all(),
        all_crews=session.scalars(select(Crew).options(joinedload(Crew.department)).order_by(Crew.code)).all(),
        services=session.scalars(
            select(Service).options(joinedload(Service.department)).where(Service.is_active.is_(True)).order_by(Service.name)
        ).all(),
    )


def week(session: AnySession) -> Sequence[WorkingHours]:
    """Monday first."""
    return session.scalars(select(WorkingHours).order_by(WorkingHours.weekday)).all()


def holidays_from(session: AnySession, day: date) -> Sequence[Holiday]:
    return session.scalars(
        select(Holiday).where(Holiday.is_removed.is_(False), Holiday.day >= day).order_by(Holiday.day, Holiday.id)
    ).all()


def levels_of(session: AnySession, service_id: int) -> Sequence[ServiceLevel]:
    """What a service promises and promised, the newest first."""
    return session.scalars(
        select(ServiceLevel)
        .where(ServiceLevel.service_id == service_id, ServiceLevel.is_removed.is_(False))
        .order_by(ServiceLevel.holds_from.desc(), ServiceLevel.id.desc())
    ).all()


def levels_today(session: AnySession, today: date) -> dict[int, ServiceLevel]:
    """For each service that has one: the level that holds today."""
    held = session.scalars(
        select(ServiceLevel)
        .where(ServiceLevel.is_removed.is_(False), ServiceLevel.holds_from <= today)
        .order_by(ServiceLevel.holds_from, ServiceLevel.id)
    )
    return {level.service_id: level for level in held}


def territories(session: AnySession) -> Sequence[Territory]:
    return session.scalars(
        select(Territory)
        .options(joinedload(Territory.crew), joinedload(Territory.department), defer(Territory.boundary))
        .where(Territory.is_removed.is_(False))
        .order_by(Territory.name, Territory.id)
    ).all()


def shifts_between(session: AnySession, now: datetime, until: datetime) -> Sequence[Shift]:
    """Those that run now or begin until then, crew and its department loaded."""
    return session.scalars(
        select(Shift)
        .options(joinedload(Shift.crew).joinedload(Crew.department))
        .where(Shift.ends_at > now, Shift.starts_at < until, Shift.ends_at > Shift.starts_at)
        .order_by(Shift.starts_at, Shift.crew_id)
    ).all()


def people(session: AnySession, department_id: int | None) -> Sequence[Person]:
    """Everybody who signs in, of one department or of all; those who can still sign in first."""
    of_department = func.coalesce(Crew.department_id, Person.department_id)
    return session.scalars(
        select(Person)
        .outerjoin(Person.crew)
        .options(joinedload(Person.crew).joinedload(Crew.department), joinedload(Person.department))
        .where(true() if department_id is None else of_department == department_id)
        .order_by(Person.enabled.desc(), Person.name, Person.id)
    ).all()


def changes(session: AnySession, limit: int = CHANGES_SHOWN) -> Sequence[CityChange]:
    """The newest first."""
    return session.scalars(
        select(CityChange).options(joinedload(CityChange.person)).order_by(CityChange.at.desc(), CityChange.id.desc()).limit(limit)
    ).all()


def history_of(session: AnySession, kind: str, thing_id: str) -> Sequence[CityChange]:
    """Of one thing, the newest first."""
    return session.scalars(
        select(CityChange)
        .options(joinedload(CityChange.person))
        .where(CityChange.kind == kind, CityChange.thing_id == thing_id)
        .order_by(CityChange.at.desc(), CityChange.id.desc())
        .limit(CHANGES_SHOWN)
    ).all()


def undone(session: AnySession, ids: Sequence[int]) -> set[int]:
    """Which of these changes were taken back."""
    return {i for i in session.scalars(select(CityChange.undoes_id).where(CityChange.undoes_id.in_(ids))) if i is not None}
