"""What GeoReport clients read: service requests, and what happened to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import defer, joinedload

from crew_app.extensions import AnySession
from crew_app.models import Case, EventRow, Service
from crew_app.queries.public import IS_PUBLIC
from crew_app.workflow import Status

_CLOSED = (Status.CLOSED, Status.WITHDRAWN)


def requests_asked_for(
    session: AnySession,
    *,
    numbers: Sequence[str] | None,
    service_codes: Sequence[str] | None,
    is_closed: bool | None,
    opened: tuple[datetime | None, datetime | None],
    updated: tuple[datetime | None, datetime | None],
    page: int,
    page_size: int,
) -> tuple[Sequence[Case], bool]:
    """One page of them, newest first, and whether there are more. None: no bound."""
    wanted = _requests()
    if numbers is not None:
        wanted = wanted.where(Case.number.in_(numbers))
    if service_codes is not None:
        wanted = wanted.where(Service.code.in_(service_codes))
    if is_closed is not None:
        wanted = wanted.where(Case.status.in_(_CLOSED) if is_closed else Case.status.not_in(_CLOSED))
    for column, (earliest, latest) in ((Case.opened_at, opened), (Case.updated_at, updated)):
        if earliest is not None:
            wanted = wanted.where(column >= earliest)
        if latest is not None:
            wanted = wanted.where(column <= latest)
    newest_first = wanted.order_by(Case.opened_at.desc(), Case.id.desc())
    found = session.scalars(newest_first.offset((page - 1) * page_size).limit(page_size + 1)).all()
    return found[:page_size], len(found) > page_size


def request_by_number(session: AnySession, number: str) -> Case | None:
    return session.scalar(_requests().where(Case.number == number))


def _requests() -> Select[Case]:
    return (
        select(Case)
        .join(Case.service)
        .options(
            defer(Case.open_data),
            joinedload(Case.service),
            joinedload(Case.department),
            joinedload(Case.merged_into).load_only(Case.number),
        )
        .where(IS_PUBLIC)
    )


def knows_service(session: AnySession, codes: Sequence[str]) -> bool:
    return session.scalar(select(Service.id).where(Service.code.in_(codes), IS_PUBLIC).limit(1)) is not None


def updates_between(session: AnySession, kinds: Sequence[str], start: datetime, end: datetime, limit: int) -> Sequence[EventRow]:
    """What happened to public cases, oldest first: a reader goes on from the last one's time."""
    return session.scalars(
        select(EventRow)
        .join(Case, Case.id == EventRow.case_id)
        .join(Case.service)
        .where(IS_PUBLIC, EventRow.kind.in_(kinds), EventRow.at >= start, EventRow.at <= end)
        .order_by(EventRow.seq)
        .limit(limit)
    ).all()


def requests_by_id(session: AnySession, case_ids: Iterable[int]) -> dict[int, Case]:
    return {case.id: case for case in session.scalars(_requests().where(Case.id.in_(list(case_ids))))}
