"""What a crew's phone pulls: the event log names the cases that changed; the rows say how they are now."""

from __future__ import annotations

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


def changed_case_ids(session: AnySession, crew_id: int, after_seq: int, up_to_seq: int) -> set[int]:
    """Cases with news in (after_seq, up_to_seq] that this crew has or once had. No others: they are not its business."""
    return set(
        session.scalars(
            select(EventRow.case_id)
            .distinct()
            .join(Assignment, Assignment.case_id == EventRow.case_id)
            .where(Assignment.crew_id == crew_id, EventRow.seq > after_seq, EventRow.seq <= up_to_seq)
        )
    ) | set(
        session.scalars(
            select(EventRow.case_id)
            .distinct()
            .join(Closure, Closure.case_id == EventRow.case_id)
            .where(Closure.crew_id == crew_id, EventRow.seq > after_seq, EventRow.seq <= up_to_seq)
        )
    )


def visible_cases(session: AnySession, crew_id: int, now: datetime) -> list[Case]:
    """What the crew may see: what is in its hands, what it closed within a day, what of it waits for a decision or a photo."""
    in_hand = select(Assignment.case_id).where(Assignment.crew_id == crew_id, Assignment.ended_at.is_(None))
    own = select(Closure.case_id).where(
        Closure.crew_id == crew_id,
        or_(
            Closure.received_at >= now - OWN_CLOSURE_SHOWN,
            Closure.settled_at >= now - OWN_CLOSURE_SHOWN,
            (Closure.review_reason.is_not(None) & Closure.settled_at.is_(None)),
            Closure.id.in_(
                select(Photo.closure_id).where(or_(Photo.verified_at.is_(None), Photo.verified_at >= now - OWN_CLOSURE_SHOWN))
            ),
        ),
    )
    return list(
        session.scalars(
            select(Case).options(joinedload(Case.service)).where(or_(Case.id.in_(in_hand), Case.id.in_(own))).order_by(Case.id)
        )
    )


def operations_stored(session: AnySession, device_id: str, after_seq: int, since: datetime) -> list[tuple[str, int]]:
    """(id, seq) of a device's stored operations beyond a number, received since a moment, in order."""
    rows = session.execute(
        select(Operation.id, Operation.seq)
        .where(Operation.device_id == device_id, Operation.seq > after_seq, Operation.received_at >= since)
        .order_by(Operation.seq)
    )
    return [(row.id, row.seq) for row in rows]
