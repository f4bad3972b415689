"""The phones the city knows of, with whose they are and what they still hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, true
from sqlalchemy.orm import joinedload

from crew_app.extensions import AnySession
from crew_app.models import Crew, Device, Operation, Person, Photo

PHONES_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Phone:
    device: Device
    photos_unsent: int  # announced by its deeds, and not here yet


def phones(session: AnySession, department_id: int | None) -> list[Phone]:
    """Of one department's people, or of all; those that spoke to us last come first."""
    of_department = func.coalesce(Crew.department_id, Person.department_id)
    devices: Sequence[Device] = session.scalars(
        select(Device)
        .join(Device.person)
        .outerjoin(Person.crew)
        .options(joinedload(Device.person).joinedload(Person.crew))
        .where(true() if department_id is None else of_department == department_id)
        .order_by(Device.last_seen_at.desc(), Device.id)
        .limit(PHONES_SHOWN)
    ).all()
    awaited = dict(
        session.execute(
            select(Operation.device_id, func.count())
            .join(Photo, Photo.operation_id == Operation.id)
            .where(Photo.verified_at.is_(None))
            .group_by(Operation.device_id)
        ).all()
    )
    return [Phone(device, awaited.get(device.id, 0)) for device in devices]
