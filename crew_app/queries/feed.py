"""What a crew's phone pulls: the event log names the cases that changed; the rows say how they are now."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, Row, bindparam, func, or_, select
from sqlalchemy.orm import joinedload

from crew_app.extensions import AnySession
from crew_app.models import Assignment, Case, Closure, Device, EventRow, Note, Operation, Photo, Server
from crew_app.workflow import IN_HAND_STATUSES
from dispatch.types import Point

# A crew sees what it closed for a day, so that it finds its own closing in the city's copy.
OWN_CLOSURE_SHOWN = timedelta(hours=24)


# The statements are built once: every phone asks them every minute, and building one costs more than running it.
_NEWEST = select(func.max(EventRow.seq))
_LIFE_AND_NEWEST = select(Server.epoch, _NEWEST.scalar_subquery())

_latest = func.max(EventRow.seq)
_was_given = select(Assignment.id).where(Assignment.case_id == EventRow.case_id, Assignment.crew_id == bindparam("crew")).exists()
_was_closed = select(Closure.id).where(Closure.case_id == EventRow.case_id, Closure.crew_id == bindparam("crew")).exists()
_CHANGED = (
    select(EventRow.case_id, _latest)
    .where(EventRow.seq > bindparam("after"), EventRow.seq <= bindparam("up_to"), or_(_was_given, _was_closed))
    .group_by(EventRow.case_id)
    .order_by(_latest)
    .limit(bindparam("most"))
)

_IN_HAND = select(Assignment.case_id).where(Assignment.crew_id == bindparam("crew"), Assignment.ended_at.is_(None))
_photo_is_fresh = or_(Photo.verified_at.is_(None), Photo.verified_at >= bindparam("since"))
_OWN = select(Closure.case_id).where(
    Closure.crew_id == bindparam("crew"),
    or_(
        Closure.received_at >= bindparam("since"),
        Closure.settled_at >= bindparam("since"),
        (Closure.review_reason.is_not(None) & Closure.settled_at.is_(None)),
        select(Photo.id).where(Photo.closure_id == Closure.id, _photo_is_fresh).exists(),
    ),
)
_among: BindParameter[Any] = bindparam("among", expanding=True)
_CASES = select(Case).options(joinedload(Case.service)).order_by(Case.id)
_VISIBLE_FROM = _CASES.where(or_(Case.id.in_(_IN_HAND), Case.id.in_(_OWN)), Case.id > bindparam("after")).limit(bindparam("most"))
_VISIBLE_AMONG = _CASES.where(
    or_(Case.id.in_(_IN_HAND.where(Assignment.case_id.in_(_among))), Case.id.in_(_OWN.where(Closure.case_id.in_(_among)))),
    Case.id.in_(_among),
)

_OWNER = select(Device.person_id).where(Device.id == bindparam("device"))
_STORED = (
    select(Operation.id, Operation.seq)
    .where(Operation.device_id == bindparam("device"), Operation.seq > bindparam("after"))
    .order_by(Operation.seq)
    .limit(bindparam("most"))
)
_STORED_SINCE = _STORED.where(Operation.received_at >= bindparam("since"))

_ids: BindParameter[Any] = bindparam("ids", expanding=True)
_HANDS = (
    select(Assignment)
    .options(joinedload(Assignment.crew))
    .where(Assignment.crew_id == bindparam("crew"), Assignment.ended_at.is_(None), Assignment.case_id.in_(_ids))
)
_PHOTOS = select(Photo).where(Photo.case_id.in_(_ids)).order_by(Photo.announced_at, Photo.id)
_CLOSURES = (
    select(Closure).where(Closure.case_id.in_(_ids), Closure.crew_id == bindparam("crew")).order_by(Closure.done_at, Closure.id)
)
_NOTES = select(Note).options(joinedload(Note.person)).where(Note.case_id.in_(_ids)).order_by(Note.id)

_STOPS = (
    select(Case.id, Case.latitude, Case.longitude, Case.due_at, Case.status, Assignment.position)
    .join(Assignment, Assignment.case_id == Case.id)
    .where(Assignment.crew_id == bindparam("crew"), Assignment.ended_at.is_(None), Case.status.in_(IN_HAND_STATUSES))
    .limit(bindparam("most"))
)
_LAST_JOB_PLACE = (
    select(Case.latitude, Case.longitude)
    .join(Closure, Closure.case_id == Case.id)
    .where(
        Closure.crew_id == bindparam("crew"),
        Closure.received_at >= bindparam("since"),
        Case.latitude.is_not(None),
        Case.longitude.is_not(None),
    )
    .order_by(Closure.done_at.desc(), Closure.id.desc())
    .limit(1)
)


@dataclass(slots=True)
class JobParts:
    """What belongs to one job beside its case. `assignment`: the crew's own, if the job is in its hands."""

    assignment: Assignment | None = None
    photos: list[Photo] = field(default_factory=list)
    closures: list[Closure] = field(default_factory=list)  # the crew's own
    notes: list[Note] = field(default_factory=list)


def server_epoch(session: AnySession) -> str:
    return session.scalars(select(Server.epoch)).one()


def newest_seq(session: AnySession) -> int:
    return session.scalar(_NEWEST) or 0


def life_and_newest(session: AnySession) -> tuple[str, int]:
    """The server's epoch, and the number of its newest event."""
    epoch, newest = session.execute(_LIFE_AND_NEWEST).one()
    return epoch, newest or 0


def changed_cases(session: AnySession, crew_id: int, after_seq: int, up_to_seq: int, most: int) -> list[tuple[int, int]]:
    """(case, its latest event) in (after_seq, up_to_seq], earliest first, of cases that this crew has or once had.

    No others: they are not its business. Whoever takes only the first n has everything up to the n-th event: a case
    that had news before it and again after it comes later.
    """
    rows = session.execute(_CHANGED, {"crew": crew_id, "after": after_seq, "up_to": up_to_seq, "most": most})
    return [(case_id, seq) for case_id, seq in rows]


def visible_cases(session: AnySession, crew_id: int, now: datetime, *, after_case: int, most: int) -> list[Case]:
    """What the crew may see: what is in its hands, what it closed within a day, what of it waits for a decision or a photo.

    By id, beyond `after_case`; at most so many.
    """
    asked = {"crew": crew_id, "since": now - OWN_CLOSURE_SHOWN, "after": after_case, "most": most}
    return list(session.scalars(_VISIBLE_FROM, asked))


def visible_among(session: AnySession, crew_id: int, now: datetime, ids: Collection[int]) -> list[Case]:
    """Those of these cases that the crew may see, by id."""
    asked = {"crew": crew_id, "since": now - OWN_CLOSURE_SHOWN, "among": list(ids)}
    return list(session.scalars(_VISIBLE_AMONG, asked))


def owner_of(session: AnySession, device_id: str) -> int | None:
    """Whose outbox a device is; None if it never sent anything."""
    return session.scalar(_OWNER, {"device": device_id})


def operations_stored(
    session: AnySession, device_id: str, after_seq: int, most: int, since: datetime | None = None
) -> list[tuple[str, int]]:
    """(id, seq) of a device's stored operations beyond a number, in order; at most so many; perhaps only recent ones."""
    asked = {"device": device_id, "after": after_seq, "most": most}
    rows = session.execute(_STORED, asked) if since is None else session.execute(_STORED_SINCE, {**asked, "since": since})
    return [(row.id, row.seq) for row in rows]


def job_parts(session: AnySession, crew_id: int, ids: Collection[int]) -> dict[int, JobParts]:
    """For each of these cases: the rest of the job, as this crew sees it."""
    parts = {case_id: JobParts() for case_id in ids}
    asked = {"crew": crew_id, "ids": list(ids)}
    for assignment in session.scalars(_HANDS, asked):
        parts[assignment.case_id].assignment = assignment
    for photo in session.scalars(_PHOTOS, asked):
        parts[photo.case_id].photos.append(photo)
    for closure in session.scalars(_CLOSURES, asked):
        parts[closure.case_id].closures.append(closure)
    for note in session.scalars(_NOTES, asked):
        parts[note.case_id].notes.append(note)
    return parts


def stops_of(session: AnySession, crew_id: int, most: int) -> Sequence[Row[Any]]:
    """(id, latitude, longitude, due_at, status, position) of what is in a crew's hands now; at most so many."""
    return list(session.execute(_STOPS, {"crew": crew_id, "most": most}))


def last_job_place(session: AnySession, crew_id: int, since: datetime) -> Point | None:
    """The place of the case the crew closed last, if that was after `since`."""
    row = session.execute(_LAST_JOB_PLACE, {"crew": crew_id, "since": since}).first()
    return Point(row.latitude, row.longitude) if row else None
