"""The crews' phones, as the office knows them; and the one that was lost.

A phone is revoked in one click. What it sends from then on is kept in quarantine and not applied, what it asks for clears
what it shows; given back, it takes a first copy and goes on.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from crew_app.extensions import AnySession
from crew_app.models import Device
from crew_app.services.settings import change_setting
from crew_app.transaction import Tx


def note_device(tx: Tx, person_id: int, device_id: str, unsent: int | None) -> None:
    """A phone asked for news: it is there, and says how many deeds it still holds."""
    device = tx.session.get(Device, device_id)
    if device is None:
        device = Device(id=device_id, person_id=person_id, created_at=tx.now, last_seen_at=tx.now)
        try:
            with tx.session.begin_nested():
                tx.session.add(device)
        except IntegrityError:  # page and service worker of a new phone asked at the same moment
            device = tx.session.get_one(Device, device_id)
    device.last_seen_at = tx.now
    if unsent is not None:
        device.unsent = unsent


def revoke_device(tx: Tx, device: Device, person_id: int) -> None:
    change_setting(tx, device, {"revoked_at": tx.now}, person_id)


def give_back_device(tx: Tx, device: Device, person_id: int) -> None:
    change_setting(tx, device, {"revoked_at": None}, person_id)


def is_session_revoked(session: AnySession, person_id: int, tail: str) -> bool:
    """Was the phone revoked that this person signed in with? `tail`: the end of its id."""
    revoked = select(Device.id).where(Device.person_id == person_id, Device.revoked_at.is_not(None), Device.id.like(f"%{tail}"))
    return session.scalar(revoked.limit(1)) is not None


def bind_revocation(tx: Tx, person_id: int, tail: str | None, device_id: str) -> None:
    """A revoked phone that calls itself another is revoked under that name, too. `tail`: of the phone that signed in."""
    if tail is None or not is_session_revoked(tx.session, person_id, tail) or tx.session.get(Device, device_id) is not None:
        return
    tx.session.add(Device(id=device_id, person_id=person_id, created_at=tx.now, last_seen_at=tx.now, revoked_at=tx.now))
    tx.session.flush()
