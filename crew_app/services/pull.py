"""One page of what a crew has to do."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from crew_app.errors import BadInput
from crew_app.extensions import AnySession
from crew_app.models import Assignment, Case, Closure, Crew, Note, Photo
from crew_app.queries.cases import closures_of, photos_of
from crew_app.queries.feed import changed_case_ids, newest_seq, operations_stored, server_epoch, visible_cases
from crew_app.services.assignments import order_jobs
from crew_app.wire.phone import iso, job_body

# A phone keeps acknowledged work for 14 days; a day more covers the way.
OPERATIONS_TOLD = timedelta(days=15)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a phone is: which life of the server, up to which event, up to which of its own operations."""

    epoch: str
    event_seq: int
    operation_seq: int

    def __str__(self) -> str:
        return f"{self.epoch}.{self.event_seq}.{self.operation_seq}"

    @classmethod
    def parse(cls, text: str) -> Cursor:
        try:
            epoch, event_seq, operation_seq = text.split(".")
            cursor = cls(epoch, int(event_seq), int(operation_seq))
        except ValueError:
            raise BadInput("This cursor is none of ours.", errors={"cursor": ["not a cursor"]}) from None
        if not (0 <= cursor.event_seq < 2**63 and 0 <= cursor.operation_seq < 2**31):
            raise BadInput("This cursor is none of ours.", errors={"cursor": ["out of range"]})
        return cursor


def pull_page(session: AnySession, crew: Crew, device_id: str | None, cursor: Cursor | None, now: Any) -> dict[str, Any]:
    """What changed since the cursor, whole; everything if there is none or it is of another life of the server.

    The newest sequence number is read first and the rows after it: what is committed in between is in the page already
    and comes again with the next one. Nothing can fall between.
    """
    epoch, up_to = server_epoch(session), newest_seq(session)
    reset = cursor is None or cursor.epoch != epoch or cursor.event_seq > up_to
    start = Cursor(epoch, 0, 0) if reset or cursor is None else cursor
    visible = visible_cases(session, crew.id, now)
    changed = set() if reset else changed_case_ids(session, crew.id, start.event_seq, up_to)
    # The order of all jobs may change with any of them, so a page with news brings all that are in hand.
    shown = visible if reset or changed else []
    operations = operations_stored(session, device_id, start.operation_seq, now - OPERATIONS_TOLD) if device_id else []
    last_operation = max([start.operation_seq, *(seq for _, seq in operations)])
    visible_ids = {case.id for case in visible}
    return {
        "v": 1,
        "epoch": epoch,
        "cursor": str(Cursor(epoch, up_to, last_operation)),
        "more": False,
        "reset": reset,
        "now": iso(now),
        "jobs": _jobs(session, crew, shown, now),
        "operations": [operation_id for operation_id, _ in operations],
        "gone": sorted(changed - visible_ids),
    }


def _jobs(session: AnySession, crew: Crew, cases: list[Case], now: Any) -> list[dict[str, Any]]:
    if not cases:
        return []
    ids = [case.id for case in cases]
    order = {case.id: position for position, case in enumerate(order_jobs(session, crew, now), start=1)}
    assignments = {
        row.case_id: row
        for row in session.scalars(
            select(Assignment)
            .options(joinedload(Assignment.crew))
            .where(Assignment.crew_id == crew.id, Assignment.ended_at.is_(None), Assignment.case_id.in_(ids))
        )
    }
    photos: dict[int, list[Photo]] = defaultdict(list)
    for photo in photos_of(session, ids):
        photos[photo.case_id].append(photo)
    closures: dict[int, list[Closure]] = defaultdict(list)
    for closure in closures_of(session, ids):
        if closure.crew_id == crew.id:
            closures[closure.case_id].append(closure)
    notes: dict[int, list[Note]] = defaultdict(list)
    for note in session.scalars(select(Note).options(joinedload(Note.person)).where(Note.case_id.in_(ids)).order_by(Note.id)):
        notes[note.case_id].append(note)
    return [
        job_body(
            case,
            mine=case.id in assignments,
            order=order.get(case.id),
            assignment=assignments.get(case.id),
            photos=photos[case.id],
            notes=notes[case.id],
            closures=closures[case.id],
        )
        for case in cases
    ]
