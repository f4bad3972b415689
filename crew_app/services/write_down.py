"""What a push leaves, written at once: a few statements, however many operations it had."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Insert, bindparam, insert, update

from crew_app.extensions import Model, table_of
from crew_app.models import Assignment, Case, Closure, Device, Operation, Photo
from crew_app.models.at_hand import AssignmentAtHand, CaseAtHand, ClosureAtHand, OperationAtHand, PhotoAtHand, columns_of
from crew_app.queries.push import AtHand
from crew_app.transaction import Tx

_devices = table_of(Device)
_NEW_DEVICE = insert(_devices)
_DEVICE = update(_devices).where(_devices.c.id == bindparam("which"))
_COLUMNS = {kind: columns_of(kind) for kind in (AssignmentAtHand, CaseAtHand, ClosureAtHand, OperationAtHand, PhotoAtHand)}
_INSERTS: dict[type[Model], Insert] = {model: insert(table_of(model)) for model in (Operation, Closure, Photo)}
_UPDATES = {
    kind: update(table_of(model)).where(table_of(model).c.id == bindparam("which"))
    for kind, model in ((CaseAtHand, Case), (AssignmentAtHand, Assignment), (OperationAtHand, Operation))
}


def write_down(tx: Tx, at_hand: AtHand, app_version: str) -> None:
    """The device, what its operations changed, and what is new; once, at the end of a push."""
    connection = tx.connection
    _write_device(connection, at_hand, app_version, tx.now)
    _write_changes(connection, at_hand.as_read)
    _insert(connection, Operation, at_hand.new_operations)
    _insert(connection, Closure, at_hand.new_closures)
    _insert(connection, Photo, at_hand.new_photos)


def _write_device(connection: Connection, at_hand: AtHand, app_version: str, now: datetime) -> None:
    device = at_hand.device
    said = {"last_seq": at_hand.last_seq, "app_version": app_version, "last_seen_at": now}
    if device.is_new:
        connection.execute(_NEW_DEVICE, [{"id": device.id, "person_id": device.person_id, "created_at": now, **said}])
    else:
        connection.execute(_DEVICE, [{"which": device.id, **said}])


def _write_changes(connection: Connection, as_read: Sequence[tuple[Any, Any]]) -> None:
    """Rows that changed alike are one statement."""
    alike: dict[tuple[type, tuple[str, ...]], list[dict[str, Any]]] = {}
    for before, now in as_read:
        kind = type(now)
        changed = tuple(name for name in _COLUMNS[kind] if getattr(before, name) != getattr(now, name))
        if changed:
            row = {"which": now.id} | {name: getattr(now, name) for name in changed}
            alike.setdefault((kind, changed), []).append(row)
    for (kind, _), changes in alike.items():
        connection.execute(_UPDATES[kind], changes)


def _insert(connection: Connection, model: type[Model], new: Sequence[Any]) -> None:
    if new:
        names = _COLUMNS[type(new[0])]
        connection.execute(_INSERTS[model], [{name: getattr(row, name) for name in names} for row in new])
