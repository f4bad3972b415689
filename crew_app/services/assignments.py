"""Cases into crews' hands, and out of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import current_app
from sqlalchemy import func, select

from crew_app.errors import BadInput, Conflict
from crew_app.events import CaseAssigned, CaseUnassigned
from crew_app.extensions import AnySession
from crew_app.mapping import crew_place, to_crew_on_duty, to_stop, to_waiting_case
from crew_app.models import Assignment, Case, Crew, Decline
from crew_app.queries.cases import crews_on_duty, declines_of, last_job_places, waiting_cases
from crew_app.queries.feed import last_job_place, stops_of
from crew_app.services.cases import end_assignment, get_locked
from crew_app.transaction import Tx
from crew_app.workflow import HAND_BACK_REASONS, Status, check_move
from dispatch import assign, route
from dispatch.distance import metres_between
from dispatch.types import Candidate, CrewOnDuty, Plan, Point

# A crew's last job says where it is for this long; after it, its depot is the better guess.
LAST_JOB_COUNTS_FOR = timedelta(hours=4)
# Nobody drives to more places than this in the order we say; the rest is in the order of what is due.
MOST_ROUTED_JOBS = 200


def crews_ready(session: AnySession, now: Any) -> list[CrewOnDuty]:
    """The crews whose shift is running, as dispatch sees them."""
    held = select(Assignment.crew_id, func.count()).where(Assignment.ended_at.is_(None)).group_by(Assignment.crew_id)
    loads: dict[int, int] = dict(session.execute(held).all())
    places = last_job_places(session, now - LAST_JOB_COUNTS_FOR)
    contact_minutes = current_app.config["CREW_CONTACT_MINUTES"]
    return [
        to_crew_on_duty(shift.crew, shift, loads.get(shift.crew_id, 0), places.get(shift.crew_id), now, contact_minutes)
        for shift in crews_on_duty(session, now)
    ]


def assign_waiting(tx: Tx) -> Plan:
    """Give every waiting case to the nearest available crew of its department; write down why, or why not.

    Looks at all that waits, whatever woke it: a lost or doubled event heals by itself.
    """
    waiting = {case.id: case for case in waiting_cases(tx.session)}
    declined = declines_of(tx.session, list(waiting))
    plan = assign.plan_assignments(
        [to_waiting_case(case, declined.get(case.id, frozenset())) for case in waiting.values()], crews_ready(tx.session, tx.now)
    )
    for decision in plan.assignments:
        explanation = {
            "by": "nearest",
            "nearer": [_candidate(c) for c in decision.nearer],
            "runner_up": _candidate(decision.runner_up) if decision.runner_up else None,
            "considered": decision.considered,
        }
        _hand_over(tx, waiting[decision.case_id], decision.crew_id, decision.metres, explanation)
    for still in plan.waiting:
        reason = {"why": still.why.value, "nearest": [_candidate(c) for c in still.nearest]}
        if waiting[still.case_id].waiting != reason:
            waiting[still.case_id].waiting = reason
    return plan


def assign_case(tx: Tx, case_id: int, crew_id: int, person_id: int, why: str = "") -> Case:
    """A dispatcher gives a case to a crew by name. The office leads: it may be any active crew of the city."""
    case = get_locked(tx, case_id)
    crew = tx.session.get(Crew, crew_id)
    if crew is None or not crew.is_active:
        raise BadInput("There is no such crew.", errors={"crew": ["not an active crew"]})
    check_move(Status(case.status), Status.ASSIGNED)
    metres = None
    if case.latitude is not None and case.longitude is not None:
        here, _ = crew_place(crew, None, tx.now)
        metres = metres_between(here, Point(case.latitude, case.longitude))
    from_crew_id = end_assignment(tx, case, "given to another crew")
    tx.session.flush()  # before a new one is written: only one may be open
    _hand_over(tx, case, crew_id, metres, {"by": "person", "why": why}, person_id, why or None, from_crew_id)
    return case


def keep_found_case(tx: Tx, case: Case, crew_id: int, person_id: int) -> None:
    """A crew found a case and does it at once: it is in its hands from the start, in round 1."""
    _hand_over(tx, case, crew_id, 0.0, {"by": "crew"}, person_id)


def hand_back(tx: Tx, case: Case, crew_id: int, person_id: int, reason: str, words: str) -> None:
    """The crew will not or cannot do it: the case waits again, and dispatch does not offer it to this crew again.

    The round stays: only the office begins a new one.
    """
    known = tx.session.scalar(select(Decline).where(Decline.case_id == case.id, Decline.crew_id == crew_id))
    decline = known or Decline(case_id=case.id, crew_id=crew_id)
    decline.reason, decline.words, decline.declined_at = reason, words, tx.now
    tx.session.add(decline)
    why = f"{HAND_BACK_REASONS[reason]}{': ' + words if words else ''}"
    end_assignment(tx, case, f"handed back: {why}"[:200])
    case.status, case.updated_at = Status.RECEIVED, tx.now
    tx.emit(CaseUnassigned(case_id=case.id, person_id=person_id, from_crew_id=crew_id, round=case.round, why=why, by_crew=True))


def take_back(tx: Tx, case_id: int, why: str, person_id: int | None) -> Case:
    """Take a case out of its crew's hands; it waits again."""
    case = get_locked(tx, case_id)
    check_move(Status(case.status), Status.RECEIVED)
    crew_id = end_assignment(tx, case, why or "taken back")
    if crew_id is None:
        raise Conflict("No crew has this case.", code="not-assigned")
    case.status, case.round, case.updated_at = Status.RECEIVED, case.round + 1, tx.now
    tx.emit(CaseUnassigned(case_id=case.id, person_id=person_id, from_crew_id=crew_id, round=case.round, why=why or None))
    return case


def order_jobs(session: AnySession, crew: Crew, now: Any) -> list[int]:
    """The ids of a crew's jobs in the order to visit them; those without a place last. None if they are too many."""
    jobs = stops_of(session, crew.id, MOST_ROUTED_JOBS + 1)
    if len(jobs) > MOST_ROUTED_JOBS:
        return []
    here, _ = crew_place(crew, last_job_place(session, crew.id, now - LAST_JOB_COUNTS_FOR), now)
    placed = [to_stop(job) for job in jobs if job.latitude is not None and job.longitude is not None]
    order = route.order_stops(here, placed, now.timestamp())
    return [*order, *sorted({job.id for job in jobs} - set(order))]


def _hand_over(
    tx: Tx,
    case: Case,
    crew_id: int,
    metres: float | None,
    explanation: dict[str, Any],
    person_id: int | None = None,
    why: str | None = None,
    from_crew_id: int | None = None,
) -> None:
    """Put a case that is in nobody's hands into a crew's; a new round begins."""
    check_move(Status(case.status), Status.ASSIGNED)
    case.status, case.round, case.updated_at, case.waiting = Status.ASSIGNED, case.round + 1, tx.now, None
    tx.session.add(
        Assignment(
            case=case,
            crew_id=crew_id,
            round=case.round,
            assigned_at=tx.now,
            assigned_by_id=person_id,
            metres=metres,
            explanation=explanation,
        )
    )
    tx.emit(
        CaseAssigned(case_id=case.id, person_id=person_id, crew_id=crew_id, round=case.round, from_crew_id=from_crew_id, why=why)
    )


def _candidate(candidate: Candidate) -> dict[str, Any]:
    return {"crew": candidate.code, "metres": round(candidate.metres), "refusal": candidate.refusal}
