"""What a crew's phone pulls: the event log names the cases that changed; the rows say how they are now."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from crew_app.extensions import AnySession
from crew_app.models import Assignment, Case, Closure, EventRow, Operation, Photo, Server

# A crew sees what it closed for a day, so that it finds its own closing in the city's copy.
OWN_CLOSURE_SHOWN = timedelta(hours=24)


def server_epoch(session: AnySession) -> str:
    return session.scalars(select(Server.epoch)).one()


def newest_seq(session: AnySession) -> int:
    return session.scalar(select(func.max(EventRow.seq))) or 0


def changed_cases(session: AnySession, crew_id: int, after_seq: int, up_to_seq: int, most: int) -> list[tuple[int, int]]:
    """(case, its latest event) in (after_seq, up_to_seq], earliest first, of cases that this crew has or once had.

    No others: they are not its business. Whoever takes only the first n has everything up to the n-th event: a case
    that had news before it and again after it comes later.
    """
    had = select(Assignment.id).where(Assignment.case_id == EventRow.case_id, Assignment.crew_id == crew_id).exists()
    closed = select(Closure.id).where(Closure.case_id == EventRow.case_id, Closure.crew_id == crew_id).exists()
    latest = func.max(EventRow.seq)
    rows = session.execute(
        select(EventRow.case_id, latest)
        .where(EventRow.seq > after_seq, EventRow.seq <= up_to_seq, or_(had, closed))
        .group_by(EventRow.case_id)
        .order_by(latest)
        .limit(most)
    )
    return [(case_id, seq) for case_id, seq in rows]


def visible_cases(
    session: AnySession,
    crew_id: int,
    now: datetime,
    *,
    among: Collection[int] | None = None,
    after_case: int = 0,
    most: int | None = None,
) -> list[Case]:
    """What the crew may see: what is in its hands, what it closed within a day, what of it waits for a decision or a photo.

    By id, beyond `after_case`; only `among` these ids if given; at most so many.
    """
    in_hand = select(Assignment.case_id).where(Assignment.crew_id == crew_id, Assignment.ended_at.is_(None))
    photo_is_fresh = or_(Photo.verified_at.is_(None), Photo.verified_at >= now - OWN_CLOSURE_SHOWN)
    own = select(Closure.case_id).where(
        Closure.crew_id == crew_id,
        or_(
            Closure.received_at >= now - OWN_CLOSURE_SHOWN,
            Closure.settled_at >= now - OWN_CLOSURE_SHOWN,
            (Closure.review_reason.is_not(None) & Closure.settled_at.is_(None)),
            select(Photo.id).where(Photo.closure_id == Closure.id, photo_is_fresh).exists(),
        ),
    )
    if among is not None:
        in_hand, own = in_hand.where(Assignment.case_id.in_(among)), own.where(Closure.case_id.in_(among))
    return list(
        session.scalars(
            select(Case)
            .options(joinedload(Case.service))
            .where(or_(Case.id.in_(in_hand), Case.id.in_(own)), Case.id > after_case)
            .order_by(Case.id)
            .limit(most)
        )
    )


def jobs_in_hand(session: AnySession, crew_id: int) -> int:
    in_hand = select(func.count()).where(Assignment.crew_id == crew_id, Assignment.ended_at.is_(None))
    return session.scalar(in_hand.select_from(Assignment)) or 0


def operations_stored(
    session: AnySession, device_id: str, after_seq: int, since: datetime, most: int | None = None
) -> list[tuple[str, int]]:
    """(id, seq) of a device's stored operations beyond a number, received since a moment, in order; at most so many."""
    rows = session.execute(
        select(Operation.id, Operation.seq)
        .where(Operation.device_id == device_id, Operation.seq > after_seq, Operation.received_at >= since)
        .order_by(Operation.seq)
        .limit(most)
    )
    return [(row.id, row.seq) for row in rows]
