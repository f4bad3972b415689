"""What the pages on which the city is set up show: what can be chosen, and what was changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import defer, joinedload

from crew_app.extensions import AnySession
from crew_app.models import CityChange, Crew, Department, District, Service

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
