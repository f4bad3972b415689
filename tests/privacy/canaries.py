"""Plants a word of its own in every private column of every table, and in what is public a secret of each kind.

A column is private unless it is named in PUBLIC (what the city publishes on purpose) or CODES (no words: ids, states). So a
column that somebody adds tomorrow is private until it is said here that it is not.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Column, DateTime, Float, Integer, LargeBinary, Numeric, String, Table, insert, select, update

from crew_app.extensions import db
from crew_app.models import Case, Note, Photo, PhotoState, Service
from crew_app.services.cases import NewReport, add_note, close_by_office, open_case
from crew_app.transaction import Tx

# table -> columns that are published on purpose; * is all of them
PUBLIC: dict[str, tuple[str, ...]] = {
    "cases": (
        "number", "status", "outcome", "outcome_detail", "closing_note", "description", "answers", "address", "postcode",
        "source", "neighborhood", "open_data", "latitude", "longitude",
    ),
    "services": ("*",),
    "departments": ("*",),
    "districts": ("*",),
    "routing_rules": ("*",),  # which department a kind of trouble goes to
    "service_levels": ("*",),
    "holidays": ("*",),
    "working_hours": ("*",),
    "api_keys": ("name",),  # becomes the source of its cases
    "photos": ("copy",),
}  # fmt: skip
# Words of the program's own, and ids that say nothing about anybody.
CODES = frozenset(
    ["status", "outcome", "kind", "role", "state", "verdict", "channel", "decision", "source", "subscriber", "policy", "target_calendar", "epoch", "review_reason", "place_problem", "sha256", "id", "photo_id", "closure_id", "operation_id", "opened_by_id", "device_id", "blurred", "weekdays", "thing_id", "digest", "import_digest", "skills", "district_ids", "lent_department_ids", "members", "copy", "code", "left", "waiting"]
)  # fmt: skip
SECRETS = (
    "617-555-{n:04d}", "(617) 555-{n:04d}", "617 555 {n:04d}", "617.555.{n:04d}", "+1 617 555 {n:04d}", "617555{n:04d}",
    "jane{n}@example.org", "jane.doe+{n}@mail.example.co.uk", "123-45-{n:04d}",
)  # fmt: skip
PUBLIC_WORDS = ("description", "address", "closing_note", "outcome_detail")
# Where somebody is: to five places, as phones say it, and as any rounding of it would begin.
CREWS_PLACE = (41.98765, -70.12345)


def plant(tx: Tx) -> dict[str, str]:
    """Canary -> where it was planted. Call it on a town with cases in every state (tests/authz/town.py)."""
    planted = _plant_columns(tx)
    planted |= _plant_secret_case(tx)
    planted |= _plant_in_public_words(tx)
    return planted


def _plant_columns(tx: Tx) -> dict[str, str]:
    planted = {}
    for table in db.metadata.sorted_tables:
        private = [column for column in table.columns if _is_private(table, column)]
        if not private:
            continue
        if tx.session.execute(select(table).limit(1)).first() is None:
            tx.session.execute(insert(table).values(_any_row(tx, table)))
        for column in private:
            value, canary = _canary(table, column)
            rows = tx.session.execute(select(*table.primary_key)).all() if column.unique else [None]
            for number, row in enumerate(rows):  # a unique column takes a canary of its own in each row
                statement = update(table)
                if row is not None:
                    statement = statement.where(*(c == v for c, v in zip(table.primary_key, row, strict=True)))
                    value, canary = _canary(table, column, f"{number}")
                if column.name == "text" and table.name == "notes":
                    statement = statement.where(table.c.is_public.is_(False))
                tx.session.execute(statement.values({column.name: value}))
                planted[canary] = f"{table.name}.{column.name}"
    return planted


def _is_private(table: Table, column: Column[Any]) -> bool:
    public = PUBLIC.get(table.name, ())
    if "*" in public or column.name in public or column.name in CODES or column.primary_key or column.foreign_keys:
        return False
    if isinstance(column.type, Float):
        return column.name.endswith(("latitude", "longitude")) and not column.name.startswith("depot")
    return isinstance(column.type, String) or _is_json(column)


def _is_json(column: Column[Any]) -> bool:
    return isinstance(column.type, JSON)


def _canary(table: Table, column: Column[Any], suffix: str = "") -> tuple[Any, str]:
    """(the value, what to look for)"""
    if isinstance(column.type, Float):
        value = CREWS_PLACE[column.name.endswith("longitude")]
        return value, str(value)
    word = f"zq{table.name.replace('_', '')[:8]}{column.name.replace('_', '')[:9]}{suffix}"
    if _is_json(column):
        return {word: word} if column.type.python_type is not list else [word], word
    return word[: column.type.length or 99], word[: column.type.length or 99]  # type: ignore[attr-defined]


def _any_row(tx: Tx, table: Table) -> dict[str, Any]:
    """Values for a row of a table nobody has filled."""
    row: dict[str, Any] = {}
    for column in table.columns:
        if column.foreign_keys:
            target = next(iter(column.foreign_keys)).column
            row[column.name] = tx.session.scalar(select(target).limit(1))
        elif column.nullable or (len(table.primary_key) == 1 and column.primary_key and isinstance(column.type, Integer)):
            continue
        elif isinstance(column.type, Boolean):
            row[column.name] = False
        elif isinstance(column.type, Integer | Float | Numeric):
            row[column.name] = 1
        elif _is_json(column):
            row[column.name] = {}
        elif isinstance(column.type, String):
            row[column.name] = "x"
        elif isinstance(column.type, LargeBinary):
            row[column.name] = b"x"
        elif isinstance(column.type, DateTime) or "DateTime" in type(column.type).__name__:
            row[column.name] = tx.now
        else:
            row[column.name] = datetime.now(UTC).date()
    return row


def _plant_secret_case(tx: Tx) -> dict[str, str]:
    """A case of a service that residents may not know of: nothing of it may be seen."""
    department_id = tx.session.scalars(select(Service.department_id)).first()
    tx.session.add(Service(code="zqsecretservice", name="zqsecretservice", department_id=department_id, is_public=False))
    tx.session.flush()
    words = {name: f"zqsecret{name.replace('_', '')}" for name in ("description", "address", "source", "postcode")}
    case = open_case(tx, NewReport(service_code="zqsecretservice", latitude=42.35, longitude=-71.1, **words))
    close_by_office(tx, case.id, "not_ours", "zqsecretdetail", "zqsecretclosing", _anybody(tx))
    add_note(tx, case.id, "zqsecretnote", None, is_public=True)
    planted = [*words.values(), "zqsecretservice", "zqsecretdetail", "zqsecretclosing", "zqsecretnote", case.number]
    return dict.fromkeys(planted, "a case of a service that is not public")


def _plant_in_public_words(tx: Tx) -> dict[str, str]:
    """Telephone numbers, mail addresses and identity numbers in words that are published; and pictures nobody looked at."""
    planted: dict[str, str] = {}
    cases = tx.session.scalars(select(Case).join(Case.service).where(Service.is_public.is_(True)).order_by(Case.id)).all()
    number = 1000
    for case in cases:
        for name in PUBLIC_WORDS:
            said = []
            for pattern in SECRETS:
                number += 1
                said.append(pattern.format(n=number))
            half = 4 if name == "address" else len(said)  # an address has room for some
            words = f"Please ask {' or '.join(said[:half])} about it."
            setattr(case, name, words)
            planted |= dict.fromkeys(said[:half], f"cases.{name}")
        number += 1
        note = f"Call 617-555-{number:04d}."
        tx.session.add(Note(case_id=case.id, text=note, is_public=True, written_at=tx.now))
        planted[f"617-555-{number:04d}"] = "notes.text, of a public note"
    photo = Photo(
        id="00000000-0000-7000-8000-0000zqhidden"[:36], case_id=cases[0].id, kind="reported", sha256="0" * 64, size=1,
        state=PhotoState.RENDERED, announced_at=tx.now, remote_url="https://zqremote.example/x.jpg",
    )  # fmt: skip
    tx.session.add(photo)
    return planted | {photo.id: "a resident's photo nobody has looked at", "zqremote": "photos.remote_url"}


def _anybody(tx: Tx) -> int:
    people = db.metadata.tables["people"]
    return int(tx.session.scalar(select(people.c.id).limit(1)) or 0)


def found_in(text: str, planted: dict[str, str]) -> list[str]:
    """Which canaries are in it, however they are escaped."""
    plain = text.replace("&#39;", "'").replace("&#43;", "+").replace("\\/", "/")
    return [canary for canary in planted if canary in plain or json.dumps(canary)[1:-1] in plain]
