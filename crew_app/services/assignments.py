"""Cases into crews' hands, and out of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from crew_app.errors import BadInput, Conflict
from crew_app.events import CaseHeld, CaseMarkedUrgent, CasePinned, CaseReleased, CaseUnassigned
from crew_app.extensions import AnyReader
from crew_app.mapping import LAST_JOB_COUNTS_FOR, crew_place, to_stop
from crew_app.models import Case, Crew, Decline
from crew_app.models.at_hand import CaseAtHand
from crew_app.queries.cases import open_assignment
from crew_app.queries.feed import last_job_place, stops_of
from crew_app.services.cases import end_assignment, get_locked, hand_over
from crew_app.transaction import Tx
from crew_app.workflow import HAND_BACK_REASONS, IN_HAND_STATUSES, OPEN_STATUSES, WAITING_STATUSES, Status, check_move
from dispatch import route
from dispatch.distance import metres_between
from dispatch.types import Point

# Nobody drives to more places than this in the order we say; the rest is in the order of what is due.
MOST_ROUTED_JOBS = 200


def assign_case(tx: Tx, case_id: int, crew_id: int, person_id: int, why: str = "", position: int | None = None) -> Case:
    """A dispatcher gives a case to a crew by name, and there it stays: dispatch does not move it.

    The office leads: it may be any active crew of the city. `position`: in the crew's round, if its order is known.
    """
    case = get_locked(tx, case_id)
    crew = active_crew(tx, crew_id)
    check_move(Status(case.status), Status.ASSIGNED)
    metres = None
    if case.latitude is not None and case.longitude is not None:
        here, _ = crew_place(crew, None, tx.now)
        metres = metres_between(here, Point(case.latitude, case.longitude))
    from_crew_id = end_assignment(tx, case, "given to another crew")
    tx.session.flush()  # before a new one is written: only one may be open
    case.pinned_crew_id, case.held_since, case.held_why = crew_id, None, ""
    hand_over(tx, case, crew_id, metres, {"by": "person", "why": why}, person_id, why or None, from_crew_id, position)
    return case


def active_crew(tx: Tx, crew_id: int) -> Crew:
    crew = tx.session.get(Crew, crew_id)
    if crew is None or not crew.is_active:
        raise BadInput("There is no such crew.", errors={"crew": ["not an active crew"]})
    return crew


def pin_case(tx: Tx, case_id: int, crew_id: int, why: str, person_id: int) -> Case:
    """This crew and no other: a case that waits is given to it when it has room; one that it has is not moved from it."""
    case = get_locked(tx, case_id)
    crew, held = active_crew(tx, crew_id), open_assignment(case)
    if case.status not in OPEN_STATUSES:
        raise Conflict("Only an open case can be pinned to a crew.", code="not-open")
    if held is not None and held.crew_id != crew_id:
        raise Conflict(f"{held.crew.code} has this case. Give it to {crew.code} instead.", code="in-other-hands")
    if case.pinned_crew_id != crew_id:
        case.pinned_crew_id, case.updated_at = crew_id, tx.now
        tx.emit(CasePinned(case_id=case.id, person_id=person_id, crew_id=crew_id, why=why or None))
    return case


def unpin_case(tx: Tx, case_id: int, person_id: int) -> Case:
    """Dispatch decides again which crew does it."""
    case = get_locked(tx, case_id)
    if case.pinned_crew_id is None:
        raise Conflict("This case is not pinned to a crew.", code="not-pinned")
    case.pinned_crew_id, case.updated_at = None, tx.now
    tx.emit(CasePinned(case_id=case.id, person_id=person_id))
    return case


def keep_found_case(tx: Tx, case: Case, crew_id: int, person_id: int) -> None:
    """A crew found a case and does it at once: it is in its hands from the start, in round 1."""
    hand_over(tx, case, crew_id, 0.0, {"by": "crew"}, person_id)


def hand_back(tx: Tx, case: CaseAtHand, crew_id: int, person_id: int, reason: str, words: str) -> None:
    """The crew will not or cannot do it: the case waits again, and dispatch does not offer it to this crew again.

    The round stays: only the office begins a new one.
    """
    known = tx.session.scalar(select(Decline).where(Decline.case_id == case.id, Decline.crew_id == crew_id))
    decline = known or Decline(case_id=case.id, crew_id=crew_id)
    decline.reason, decline.words, decline.declined_at = reason, words, tx.now
    tx.session.add(decline)
    why = f"{HAND_BACK_REASONS[reason]}{': ' + words if words else ''}"
    end_assignment(tx, case, f"handed back: {why}"[:200])
    case.status, case.updated_at, case.pinned_crew_id = Status.RECEIVED, tx.now, None
    tx.emit(CaseUnassigned(case_id=case.id, person_id=person_id, from_crew_id=crew_id, round=case.round, why=why, by_crew=True))


def take_back(tx: Tx, case_id: int, why: str, person_id: int | None) -> Case:
    """Take a case out of its crew's hands; it waits again."""
    case = get_locked(tx, case_id)
    check_move(Status(case.status), Status.RECEIVED)
    crew_id = end_assignment(tx, case, why or "taken back")
    if crew_id is None:
        raise Conflict("No crew has this case.", code="not-assigned")
    case.status, case.round, case.updated_at, case.pinned_crew_id = Status.RECEIVED, case.round + 1, tx.now, None
    tx.emit(CaseUnassigned(case_id=case.id, person_id=person_id, from_crew_id=crew_id, round=case.round, why=why or None))
    return case


def mark_urgent(tx: Tx, case_id: int, is_urgent: bool, why: str, person_id: int) -> Case:
    """An urgent case goes to the crew that can be there first, before what is planned."""
    case = get_locked(tx, case_id)
    if case.status not in OPEN_STATUSES:
        raise Conflict("Only an open case can be urgent.", code="not-open")
    if case.is_urgent != is_urgent:
        case.is_urgent, case.updated_at = is_urgent, tx.now
        tx.emit(CaseMarkedUrgent(case_id=case.id, person_id=person_id, is_urgent=is_urgent, why=why or None))
    return case


def hold_case(tx: Tx, case_id: int, why: str, person_id: int) -> Case:
    """Keep a waiting case back: dispatch gives it to nobody until it is released."""
    case = get_locked(tx, case_id)
    if case.status not in WAITING_STATUSES:
        raise Conflict("Only a case that waits can be held. Take it back first.", code="not-waiting")
    case.held_since, case.held_why, case.updated_at = tx.now, why, tx.now
    tx.emit(CaseHeld(case_id=case.id, person_id=person_id, why=why))
    return case


def release_case(tx: Tx, case_id: int, person_id: int) -> Case:
    """Dispatch may give it out again; or, where a crew has it, move it again."""
    case = get_locked(tx, case_id)
    if case.held_since is None:
        raise Conflict("This case is not held.", code="not-held")
    case.held_since, case.held_why, case.updated_at = None, "", tx.now
    held = open_assignment(case)
    tx.emit(CaseReleased(case_id=case.id, person_id=person_id, crew_id=held.crew_id if held else None))
    return case


def lock_job(tx: Tx, case_id: int, why: str, person_id: int) -> Case:
    """Keep a job where it is: with its crew, at its place in the round, until it is released or leaves the crew's hands."""
    case = get_locked(tx, case_id)
    held = open_assignment(case)
    if held is None or case.status not in IN_HAND_STATUSES:
        raise Conflict("Only a job in a crew's hands can be locked. Hold it, or give it to a crew first.", code="not-in-hand")
    case.held_since, case.held_why, case.updated_at = tx.now, why, tx.now
    tx.emit(CaseHeld(case_id=case.id, person_id=person_id, crew_id=held.crew_id, why=why or None))
    return case


def order_jobs(reader: AnyReader, crew: Crew, now: Any) -> list[int]:
    """The ids of a crew's jobs in the order to visit them; those without a place last. None if they are too many.

    What the crew is at comes first, then the planned round, then what is in no plan, the nearest first.
    """
    jobs = stops_of(reader, crew.id, MOST_ROUTED_JOBS + 1)
    if len(jobs) > MOST_ROUTED_JOBS:
        return []
    here, _ = crew_place(crew, last_job_place(reader, crew.id, now - LAST_JOB_COUNTS_FOR), now)
    placed = [to_stop(job) for job in jobs if job.latitude is not None and job.longitude is not None]
    in_plan = {job.id: job.position for job in jobs if job.position is not None}
    unplanned = [stop for stop in placed if stop.is_fixed or stop.case_id not in in_plan]
    order = route.order_stops(here, unplanned, now.timestamp())
    fixed = sum(stop.is_fixed for stop in placed)
    round_ = sorted(set(in_plan) - set(order[:fixed]), key=lambda case_id: (in_plan[case_id], case_id))
    order = [*order[:fixed], *round_, *order[fixed:]]
    return [*order, *sorted({job.id for job in jobs} - set(order))]
