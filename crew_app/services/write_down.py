"""What a push leaves, written at once: a few statements, however many operations it had."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Insert, bindparam, insert, update

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
    _write_device(tx, at_hand, app_version)
    tx.session.flush()  # what was opened and noted meanwhile
    _write_changes(tx, at_hand.as_read)
    _insert(tx, Operation, at_hand.new_operations)
    _insert(tx, Closure, at_hand.new_closures)
    _insert(tx, Photo, at_hand.new_photos)


def _write_device(tx: Tx, at_hand: AtHand, app_version: str) -> None:
    device = at_hand.device
    said = {"last_seq": at_hand.last_seq, "app_version": app_version, "last_seen_at": tx.now}
    if device.is_new:
        tx.session.execute(_NEW_DEVICE, [{"id": device.id, "person_id": device.person_id, "created_at": tx.now, **said}])
    else:
        tx.session.execute(_DEVICE, [{"which": device.id, **said}])


def _write_changes(tx: Tx, as_read: Sequence[tuple[Any, Any]]) -> None:
    """Rows that changed alike are one statement."""
    alike: dict[tuple[type, tuple[str, ...]], list[dict[str, Any]]] = {}
    for before, now in as_read:
        kind = type(now)
        changed = tuple(name for name in _COLUMNS[kind] if getattr(before, name) != getattr(now, name))
        if changed:
            row = {"which": now.id} | {name: getattr(now, name) for name in changed}
            alike.setdefault((kind, changed), []).append(row)
    for (kind, _), rows in alike.items():
        tx.session.execute(_UPDATES[kind], rows)


def _insert(tx: Tx, model: type[Model], rows: Sequence[Any]) -> None:
    if rows:
        names = _COLUMNS[type(rows[0])]
        tx.session.execute(_INSERTS[model], [{name: getattr(row, name) for name in names} for row in rows])
