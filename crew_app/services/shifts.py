"""A crew's own word on its shift: when it began, who is there, when it rests, when it goes home."""

from __future__ import annotations

from datetime import datetime, timedelta

from crew_app.models import Crew, Shift
from crew_app.queries.day import shift_at
from crew_app.services.crews import note_news
from crew_app.transaction import Tx

# A crew that is early is at work; earlier than this it is another shift than the planned one.
EARLY = timedelta(hours=2)
# How long a shift that nobody planned is thought to last.
UNPLANNED = timedelta(hours=8)


def start_shift(tx: Tx, crew: Crew, at: datetime, members: list[str], vehicle: str, skills: list[str] | None) -> Shift:
    """The crew is at work since `at`. Said again, it corrects who is there. A crew that nobody planned works all the same."""
    shift = shift_at(tx.session, crew.id, at, EARLY)
    if shift is None:
        shift = Shift(crew_id=crew.id, starts_at=at, ends_at=at + UNPLANNED)
        tx.session.add(shift)
    shift.started_at = shift.started_at or at
    shift.starts_at, shift.ended_at = min(shift.starts_at, at), None
    shift.members, shift.vehicle, shift.skills = members, vehicle, skills
    note_news(tx, crew.id)
    return shift


def begin_break(tx: Tx, crew: Crew, at: datetime) -> None:
    """Dispatch gives it nothing new until the break is over."""
    shift = shift_at(tx.session, crew.id, at, timedelta(0))
    if shift is not None and shift.break_since is None:
        shift.break_since = at
        note_news(tx, crew.id)


def end_break(tx: Tx, crew: Crew, at: datetime) -> None:
    shift = shift_at(tx.session, crew.id, at, timedelta(0))
    if shift is not None and shift.break_since is not None:
        shift.break_since = shift.break_from = None  # taken, so none is due
        note_news(tx, crew.id)


def end_shift(tx: Tx, crew: Crew, at: datetime) -> None:
    """The crew goes home: what it has left waits for whoever works now. Heard late, it still ended then."""
    shift = shift_at(tx.session, crew.id, at, timedelta(0))
    if shift is not None:
        shift.ended_at, shift.break_since = at, None
        shift.ends_at = max(at, shift.starts_at + timedelta(seconds=1))
        note_news(tx, crew.id)
