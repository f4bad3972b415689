"""Who of the city saw or changed what, from all the books there are: cases, set-up, contacts, sign-ins, what was forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, String, and_, case, cast, literal, or_, select, union_all

from crew_app.extensions import AnySession
from crew_app.models import Case, CityChange, ContactLook, Crew, Erasure, EventRow, Person, SignIn

ROWS_OF_A_PAGE = 100
ROWS_AT_ONCE = 2000
BOOKS = ("cases", "set-up", "contacts", "sign-ins", "forgotten")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditAsked:
    """Whom and what somebody wants to read about. None or "": all."""

    person_id: int | None = None
    book: str = ""
    number: str = ""  # of a case
    since: datetime | None = None
    until: datetime | None = None
    department_id: int | None = None  # of the people


@dataclass(frozen=True, slots=True)
class AuditRow:
    at: datetime
    book: str
    row_id: int
    person: str
    what: str
    number: str  # of the case it was about


def audit_page(
    session: AnySession, asked: AuditAsked, before: tuple[datetime, str, int] | None = None, limit: int = ROWS_OF_A_PAGE
) -> list[AuditRow]:
    """The latest first; `before`: the last row of the page before."""
    books = [_BOOKS[name](asked) for name in ([asked.book] if asked.book in _BOOKS else BOOKS)]
    rows = union_all(*books).subquery()
    query = (
        select(rows.c.at, rows.c.book, rows.c.row_id, Person.name, rows.c.what, Case.number)
        .join(Person, Person.id == rows.c.person_id)
        .outerjoin(Crew, Crew.id == Person.crew_id)
        .outerjoin(Case, Case.id == rows.c.case_id)
        .order_by(rows.c.at.desc(), rows.c.book.desc(), rows.c.row_id.desc())
        .limit(limit)
    )
    if asked.department_id is not None:
        query = query.where(case((Crew.id.is_not(None), Crew.department_id), else_=Person.department_id) == asked.department_id)
    if asked.number:
        query = query.where(Case.number == asked.number)
    if before is not None:
        at, book, row_id = before
        earlier = and_(rows.c.at == at, or_(rows.c.book < book, and_(rows.c.book == book, rows.c.row_id < row_id)))
        query = query.where(or_(rows.c.at < at, earlier))
    return [AuditRow(at, book, row_id, name, what, number or "") for at, book, row_id, name, what, number in session.execute(query)]


def whole_audit(session: AnySession, asked: AuditAsked) -> Iterator[AuditRow]:
    """Every row, page after page: memory does not grow with them."""
    before = None
    while rows := audit_page(session, asked, before, ROWS_AT_ONCE):
        yield from rows
        if len(rows) < ROWS_AT_ONCE:
            return
        last = rows[-1]
        before = (last.at, last.book, last.row_id)


def _book(asked: AuditAsked, book: str, at: Any, row_id: Any, person_id: Any, what: Any, case_id: Any) -> Select[Any]:
    query = select(
        at.label("at"),
        literal(book).label("book"),
        row_id.label("row_id"),
        person_id.label("person_id"),
        what.label("what"),
        case_id.label("case_id"),
    ).where(person_id.is_not(None))
    if asked.person_id is not None:
        query = query.where(person_id == asked.person_id)
    if asked.since is not None:
        query = query.where(at >= asked.since)
    if asked.until is not None:
        query = query.where(at < asked.until)
    return query


def _nothing() -> Any:
    return cast(literal(None), Case.id.type)


_BOOKS = {
    "cases": lambda asked: _book(asked, "cases", EventRow.at, EventRow.seq, EventRow.person_id, EventRow.kind, EventRow.case_id),
    "set-up": lambda asked: _book(
        asked, "set-up", CityChange.at, CityChange.id, CityChange.person_id,
        literal("changed_") + CityChange.kind + literal(" ") + CityChange.thing_id, _nothing(),
    ),
    "contacts": lambda asked: _book(
        asked, "contacts", ContactLook.at, ContactLook.id, ContactLook.person_id,
        case((ContactLook.case_id.is_(None), literal("searched_for_a_reporter")), else_=literal("looked_at_who_reported")), ContactLook.case_id,
    ),
    "sign-ins": lambda asked: _book(
        asked, "sign-ins", SignIn.began_at, SignIn.id, SignIn.person_id,
        literal("signed_in_at_the_") + SignIn.door + literal(" by ") + cast(SignIn.proof, String), _nothing(),
    ),
    "forgotten": lambda asked: _book(asked, "forgotten", Erasure.at, Erasure.id, Erasure.person_id, literal("forgot_who_reported"), Erasure.case_id),
}  # fmt: skip
