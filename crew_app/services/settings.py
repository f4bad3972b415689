"""How the city works is changed through here, so that every change is written down and can be taken back.

What is added is never deleted, only marked as removed: the record goes on meaning something, and an undo brings it back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import inspect, select

from crew_app.errors import Conflict, NotFound
from crew_app.extensions import Model
from crew_app.models import (
    CityChange,
    Crew,
    Device,
    Holiday,
    Person,
    ReplyTemplate,
    RoutingRule,
    Service,
    ServiceLevel,
    Shift,
    Territory,
    WorkingHours,
)
from crew_app.models.types import UtcDateTime
from crew_app.transaction import Tx

KINDS: dict[str, type[Model]] = {
    "rule": RoutingRule,
    "hours": WorkingHours,
    "holiday": Holiday,
    "promise": ServiceLevel,
    "service": Service,
    "reply": ReplyTemplate,
    "person": Person,
    "territory": Territory,
    "shift": Shift,
    "crew": Crew,
    "device": Device,
}
# How what was added is removed again, where not by `is_removed`.
REMOVED: dict[str, Callable[[Any], dict[str, Any]]] = {
    "person": lambda person: {"enabled": False},
    "shift": lambda shift: {"ends_at": shift.starts_at},
}
_KIND_OF = {model: kind for kind, model in KINDS.items()}
# Columns that no record repeats.
SECRET = frozenset({"password_hash", "code_secret", "code_step", "recovery_digests", "city_account"})


def add_setting(tx: Tx, row: Model, person_id: int) -> CityChange:
    tx.session.add(row)
    tx.session.flush()
    values = {column.key: getattr(row, column.key) for column in inspect(type(row)).column_attrs}
    return _record(tx, row, None, values, person_id)


def change_setting(
    tx: Tx, row: Model, values: Mapping[str, Any], person_id: int, undoes_id: int | None = None, said: str = ""
) -> CityChange | None:
    """Set these columns; None if they all were so already. `said`: in words what the record may not repeat."""
    before = {name: getattr(row, name) for name, value in values.items() if getattr(row, name) != value}
    if not before:
        return None
    for name in before:
        setattr(row, name, values[name])
    return _record(tx, row, before, {name: values[name] for name in before}, person_id, undoes_id, said)


def undo_change(tx: Tx, change_id: int, person_id: int) -> CityChange:
    """Put back what one change changed; what it added is removed. The undo is a change itself.

    Conflict if it is undone already, or if it was changed again since: then that one would be lost.
    """
    change = tx.session.get(CityChange, change_id)
    if change is None:
        raise NotFound("There is no such change.")
    if tx.session.scalar(select(CityChange.id).where(CityChange.undoes_id == change.id)) is not None:
        raise Conflict("This is undone already.", code="already-undone")
    row = thing_of(tx.session, change)
    assert row is not None
    wanted = change.before
    if wanted is None:
        wanted = REMOVED[change.kind](row) if change.kind in REMOVED else {"is_removed": True}
    if not wanted:
        raise Conflict(
            "What is secret cannot be taken back: give a new password, or set up the second step anew.", code="cannot-undo"
        )
    if change.before is not None and any(_plain(getattr(row, name)) != value for name, value in change.after.items()):
        raise Conflict("This was changed again since. Undo the later change first.", code="changed-since")
    undo = change_setting(tx, row, {name: _typed(row, name, value) for name, value in wanted.items()}, person_id, change.id)
    if undo is None:
        raise Conflict("This is removed already.", code="already-undone")
    return undo


def thing_of(session: Any, change: CityChange) -> Model | None:
    """What was changed."""
    model = KINDS[change.kind]
    key = inspect(model).primary_key[0]
    return session.get(model, change.thing_id if key.type.python_type is str else int(change.thing_id))


def _record(
    tx: Tx,
    row: Model,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any],
    person_id: int,
    undoes_id: int | None = None,
    said: str = "",
) -> CityChange:
    tx.session.flush()
    change = CityChange(
        at=tx.now,
        person_id=person_id,
        kind=_KIND_OF[type(row)],
        thing_id=str(inspect(type(row)).primary_key_from_instance(row)[0]),
        before=None if before is None else {name: _plain(value) for name, value in before.items() if name not in SECRET},
        after={name: _plain(value) for name, value in after.items() if name not in SECRET} | ({"said": said} if said else {}),
        undoes_id=undoes_id,
    )
    tx.session.add(change)
    tx.session.flush()
    return change


def _plain(value: Any) -> Any:
    """As JSON keeps it."""
    return value.isoformat() if isinstance(value, date | time) else value


def _typed(row: Model, name: str, value: Any) -> Any:
    """As the column wants it."""
    column = inspect(type(row)).columns[name].type
    kind = datetime if isinstance(column, UtcDateTime) else column.python_type
    return kind.fromisoformat(value) if kind in (datetime, date, time) and isinstance(value, str) else value
