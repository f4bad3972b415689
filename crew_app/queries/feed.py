"""What a crew's phone pulls: the event log names the cases that changed; the rows say how they are now.

Rows of tables, not entities: every phone asks this every minute, and a storm of them at once; what an entity costs
beyond its row is then most of the answer's price (docs/performance.md).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, Row, Select, bindparam, func, or_, select, union

from crew_app.extensions import AnyReader, table_of
from crew_app.models import (
    Assignment,
    Case,
    Closure,
    Crew,
    Device,
    EventRow,
    Note,
    Operation,
    Person,
    Photo,
    PhotoState,
    Server,
    Service,
)
from crew_app.workflow import IN_HAND_STATUSES
from dispatch.types import Point

# A crew sees what it closed for a day, so that it finds its own closing in the city's copy.
OWN_CLOSURE_SHOWN = timedelta(hours=24)


_assignments, _cases, _closures, _crews = (table_of(model).c for model in (Assignment, Case, Closure, Crew))
_devices, _events, _notes, _operations = (table_of(model).c for model in (Device, EventRow, Note, Operation))
_people, _photos, _server, _services = (table_of(model).c for model in (Person, Photo, Server, Service))

# The statements are built once: building one costs more than running it.
_NEWEST = select(func.max(_events.seq))
_LIFE_AND_NEWEST = select(_server.epoch, _NEWEST.scalar_subquery())

_latest = func.max(_events.seq)
_was_given = (
    select(_assignments.id).where(_assignments.case_id == _events.case_id, _assignments.crew_id == bindparam("crew")).exists()
)
_was_closed = select(_closures.id).where(_closures.case_id == _events.case_id, _closures.crew_id == bindparam("crew")).exists()
_EVENTS_BETWEEN = (
    select(_events.case_id, _latest)
    .where(_events.seq > bindparam("after"), _events.seq <= bindparam("up_to"))
    .group_by(_events.case_id)
    .order_by(_latest)
    .limit(bindparam("most"))
)
# The same answer by two ways: from few events to the crew that has their cases, or from the crew's cases to their events.
_CHANGED_BY_EVENTS = _EVENTS_BETWEEN.where(or_(_was_given, _was_closed))
_CHANGED_BY_CASES = _EVENTS_BETWEEN.where(
    _events.case_id.in_(
        union(
            select(_assignments.case_id).where(_assignments.crew_id == bindparam("crew")),
            select(_closures.case_id).where(_closures.crew_id == bindparam("crew")),
        )
    )
)
# In a storm each phone asks after thousands of events, nearly all of them other crews'.
FEW_EVENTS = 300

_IN_HAND = select(_assignments.case_id).where(_assignments.crew_id == bindparam("crew"), _assignments.ended_at.is_(None))
_photo_is_fresh = or_(_photos.verified_at.is_(None), _photos.verified_at >= bindparam("since"))
_OWN = select(_closures.case_id).where(
    _closures.crew_id == bindparam("crew"),
    or_(
        _closures.received_at >= bindparam("since"),
        _closures.settled_at >= bindparam("since"),
        (_closures.review_reason.is_not(None) & _closures.settled_at.is_(None)),
        select(_photos.id).where(_photos.closure_id == _closures.id, _photo_is_fresh).exists(),
    ),
)
_among: BindParameter[Any] = bindparam("among", expanding=True)
_CASES: Select[Any] = (
    select(
        _cases.id,
        _cases.number,
        _cases.round,
        _cases.status,
        _services.name.label("service"),
        _services.group,
        _cases.description,
        _cases.address,
        _cases.latitude,
        _cases.longitude,
        _cases.opened_at,
        _cases.due_at,
        _cases.is_urgent,
    )
    .join(table_of(Service), _services.id == _cases.service_id)
    .order_by(_cases.id)
)
_VISIBLE_FROM = _CASES.where(or_(_cases.id.in_(_IN_HAND), _cases.id.in_(_OWN)), _cases.id > bindparam("after")).limit(
    bindparam("most")
)
_VISIBLE_AMONG = _CASES.where(
    or_(_cases.id.in_(_IN_HAND.where(_assignments.case_id.in_(_among))), _cases.id.in_(_OWN.where(_closures.case_id.in_(_among)))),
    _cases.id.in_(_among),
)

_DEVICE = select(_devices.person_id, _devices.revoked_at, _devices.unsent).where(_devices.id == bindparam("device"))
_STORED = (
    select(_operations.id, _operations.seq)
    .where(_operations.device_id == bindparam("device"), _operations.seq > bindparam("after"))
    .order_by(_operations.seq)
    .limit(bindparam("most"))
)
_STORED_SINCE = _STORED.where(_operations.received_at >= bindparam("since"))

_ids: BindParameter[Any] = bindparam("ids", expanding=True)
_HANDS: Select[Any] = (
    select(
        _assignments.case_id,
        _assignments.assigned_at,
        _assignments.explanation,
        _assignments.metres,
        _crews.code.label("crew_code"),
    )
    .join(table_of(Crew), _crews.id == _assignments.crew_id)
    .where(_assignments.crew_id == bindparam("crew"), _assignments.ended_at.is_(None), _assignments.case_id.in_(_ids))
)
_is_showable = (_photos.state == PhotoState.RENDERED) & _photos.is_hidden.is_(False)
_PHOTOS: Select[Any] = (
    select(
        _photos.id,
        _photos.case_id,
        _photos.closure_id,
        _photos.kind,
        _photos.state,
        _photos.copy,
        _is_showable.label("is_showable"),
    )
    .where(_photos.case_id.in_(_ids))
    .order_by(_photos.announced_at, _photos.id)
)
_CLOSURES: Select[Any] = (
    select(
        _closures.id,
        _closures.case_id,
        _closures.outcome,
        _closures.counts,
        _closures.review_reason,
        _closures.settled_at,
        _closures.accepted,
    )
    .where(_closures.case_id.in_(_ids), _closures.crew_id == bindparam("crew"))
    .order_by(_closures.done_at, _closures.id)
)
_NOTES: Select[Any] = (
    select(_notes.id, _notes.case_id, _notes.text, _notes.written_at, _people.name.label("by"))
    .outerjoin(table_of(Person), _people.id == _notes.person_id)
    .where(_notes.case_id.in_(_ids))
    .order_by(_notes.id)
)

_STOPS: Select[Any] = (
    select(_cases.id, _cases.latitude, _cases.longitude, _cases.due_at, _cases.status, _assignments.position)
    .join(table_of(Assignment), _assignments.case_id == _cases.id)
    .where(_assignments.crew_id == bindparam("crew"), _assignments.ended_at.is_(None), _cases.status.in_(IN_HAND_STATUSES))
    .limit(bindparam("most"))
)
_LAST_JOB_PLACE = (
    select(_cases.latitude, _cases.longitude)
    .join(table_of(Closure), _closures.case_id == _cases.id)
    .where(
        _closures.crew_id == bindparam("crew"),
        _closures.received_at >= bindparam("since"),
        _cases.latitude.is_not(None),
        _cases.longitude.is_not(None),
    )
    .order_by(_closures.done_at.desc(), _closures.id.desc())
    .limit(1)
)


@dataclass(slots=True)
class JobParts:
    """What belongs to one job beside its case. `assignment`: the crew's own, if the job is in its hands."""

    assignment: Row[Any] | None = None
    photos: list[Row[Any]] = field(default_factory=list)
    closures: list[Row[Any]] = field(default_factory=list)  # the crew's own
    notes: list[Row[Any]] = field(default_factory=list)


def server_epoch(reader: AnyReader) -> str:
    return reader.scalars(select(_server.epoch)).one()


def newest_seq(reader: AnyReader) -> int:
    return reader.scalar(_NEWEST) or 0


def life_and_newest(reader: AnyReader) -> tuple[str, int]:
    """The server's epoch, and the number of its newest event."""
    epoch, newest = reader.execute(_LIFE_AND_NEWEST).one()
    return epoch, newest or 0


def changed_cases(reader: AnyReader, crew_id: int, after_seq: int, up_to_seq: int, most: int) -> list[tuple[int, int]]:
    """(case, its latest event) in (after_seq, up_to_seq], earliest first, of cases that this crew has or once had.

    No others: they are not its business. Whoever takes only the first n has everything up to the n-th event: a case
    that had news before it and again after it comes later.
    """
    statement = _CHANGED_BY_EVENTS if up_to_seq - after_seq <= FEW_EVENTS else _CHANGED_BY_CASES
    rows = reader.execute(statement, {"crew": crew_id, "after": after_seq, "up_to": up_to_seq, "most": most})
    return [(case_id, seq) for case_id, seq in rows]


def visible_cases(reader: AnyReader, crew_id: int, now: datetime, *, after_case: int, most: int) -> Sequence[Row[Any]]:
    """What the crew may see: what is in its hands, what it closed within a day, what of it waits for a decision or a photo.

    By id, beyond `after_case`; at most so many.
    """
    asked = {"crew": crew_id, "since": now - OWN_CLOSURE_SHOWN, "after": after_case, "most": most}
    return reader.execute(_VISIBLE_FROM, asked).all()


def visible_among(reader: AnyReader, crew_id: int, now: datetime, ids: Collection[int]) -> Sequence[Row[Any]]:
    """Those of these cases that the crew may see, by id."""
    asked = {"crew": crew_id, "since": now - OWN_CLOSURE_SHOWN, "among": list(ids)}
    return reader.execute(_VISIBLE_AMONG, asked).all()


def device_standing(reader: AnyReader, device_id: str) -> Row[Any, Any, Any] | None:
    """Whose outbox a device is, whether it was revoked, and what it said it holds; None if we never heard of it."""
    return reader.execute(_DEVICE, {"device": device_id}).first()


def operations_stored(
    reader: AnyReader, device_id: str, after_seq: int, most: int, since: datetime | None = None
) -> list[tuple[str, int]]:
    """(id, seq) of a device's stored operations beyond a number, in order; at most so many; perhaps only recent ones."""
    asked = {"device": device_id, "after": after_seq, "most": most}
    rows = reader.execute(_STORED, asked) if since is None else reader.execute(_STORED_SINCE, {**asked, "since": since})
    return [(row.id, row.seq) for row in rows]


def job_parts(reader: AnyReader, crew_id: int, ids: Collection[int]) -> dict[int, JobParts]:
    """For each of these cases: the rest of the job, as this crew sees it."""
    parts = {case_id: JobParts() for case_id in ids}
    asked = {"crew": crew_id, "ids": list(ids)}
    for assignment in reader.execute(_HANDS, asked):
        parts[assignment.case_id].assignment = assignment
    for photo in reader.execute(_PHOTOS, asked):
        parts[photo.case_id].photos.append(photo)
    for closure in reader.execute(_CLOSURES, asked):
        parts[closure.case_id].closures.append(closure)
    for note in reader.execute(_NOTES, asked):
        parts[note.case_id].notes.append(note)
    return parts


def stops_of(reader: AnyReader, crew_id: int, most: int) -> Sequence[Row[Any]]:
    """(id, latitude, longitude, due_at, status, position) of what is in a crew's hands now; at most so many."""
    return reader.execute(_STOPS, {"crew": crew_id, "most": most}).all()


def last_job_place(reader: AnyReader, crew_id: int, since: datetime) -> Point | None:
    """The place of the case the crew closed last, if that was after `since`."""
    row = reader.execute(_LAST_JOB_PLACE, {"crew": crew_id, "since": since}).first()
    return Point(row.latitude, row.longitude) if row else None
