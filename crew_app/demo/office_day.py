"""What the office has done today, what it is asked to look at, and what waits for a second person."""

from __future__ import annotations

import json
from datetime import timedelta

from sqlalchemy import func, select

from crew_app.demo.city import CREWS, PHONE_CREW
from crew_app.demo.town import Town
from crew_app.models import Assignment, Case, Closure, Person
from crew_app.services.assignments import lock_job, mark_urgent
from crew_app.services.loans import lend_crew
from crew_app.services.office_deeds import Wanted, do_deed
from crew_app.services.operations import keep_in_quarantine
from crew_app.services.suspicions import raise_suspicions
from crew_app.services.undo import undo_deed
from crew_app.transaction import Tx
from crew_app.workflow import Status

ASKED_CASES = 12
ODD_CLOSINGS = 3
NORTH = 0.011  # degrees of latitude: some 1.2 km
LENT_FOR = timedelta(hours=5)


def tell_office_day(tx: Tx, town: Town) -> None:
    """A few deeds, one of them undone; a request to close a dozen cases; closings that look odd; work that was kept."""
    _do_a_few(tx, town)
    _ask_to_close(tx, town)
    _make_odd(tx)
    _keep_unreadable(tx)


def _do_a_few(tx: Tx, town: Town) -> None:
    by = town.dispatcher_id
    first, second, third = (Wanted(case_id) for case_id in _in_hand(tx, town, 3))

    def lock(tx: Tx, case: Case) -> Case:
        return lock_job(tx, case.id, "", by)

    def mark(tx: Tx, case: Case) -> Case:
        return mark_urgent(tx, case.id, True, "", by)

    do_deed(tx, "lock", [first], by, {}, lock, "The owner is there until noon only")
    do_deed(tx, "urgent", [second], by, {}, mark, "Beside a school")
    slip = do_deed(tx, "lock", [third], by, {}, lock, "The owner is there until noon only").deed
    assert slip is not None
    tx.session.flush()
    undo_deed(tx, slip.id, by, "It was the one next to it")
    lent = next(crew.code for crew in CREWS if crew.department == "PARK")
    lend_crew(tx, town.crews[lent], town.departments["PWDx"], tx.now + LENT_FOR, "Branches over the roads after the wind", by)


def _ask_to_close(tx: Tx, town: Town) -> None:
    most = select(Case.service_id).where(Case.status == Status.ASSIGNED).group_by(Case.service_id).order_by(func.count().desc())
    service_id = tx.session.scalars(most.order_by(Case.service_id).limit(1)).one()
    wanted = [Wanted(case_id) for case_id in _in_hand(tx, town, ASKED_CASES, service_id)]
    form = {
        "outcome": "scheduled",
        "detail": f"{tx.now + timedelta(days=4):%Y-%m-%d}",
        "note": "The sweep of this week takes it along.",
    }
    do_deed(
        tx, "close", wanted, town.dispatcher_id, form, lambda tx, case: None, "All of these lie on the way of this week’s sweep"
    )


def _in_hand(tx: Tx, town: Town, most: int, service_id: int | None = None) -> list[int]:
    """The ids of jobs (of one service) that have been open longest and nobody has begun; the phone crew's are left to its visitor."""
    given = select(Case.id).join(Assignment, Assignment.case_id == Case.id)
    given = given.where(Assignment.ended_at.is_(None), Assignment.crew_id != town.crews[PHONE_CREW], Case.status == Status.ASSIGNED)
    if service_id is not None:
        given = given.where(Case.service_id == service_id)
    return list(tx.session.scalars(given.order_by(Case.opened_at, Case.id).limit(most)))


def _make_odd(tx: Tx) -> None:
    """The latest closings that nobody need look at: one far away, one with a clock set back, one with both."""
    plain = select(Closure).join(Case, Case.id == Closure.case_id)
    plain = plain.where(Closure.counts.is_(True), Case.status == Status.CLOSED, Case.review_reason.is_(None))
    plain = plain.where(Closure.outcome == "fixed", Closure.latitude.is_not(None), Case.latitude.is_not(None))
    for number, closure in enumerate(
        tx.session.scalars(plain.order_by(Closure.received_at.desc(), Closure.id).limit(ODD_CLOSINGS))
    ):
        if number != 1 and closure.latitude is not None:
            closure.latitude += NORTH
        if number != 0:
            closure.made_at -= timedelta(hours=6)
        tx.session.flush()
        raise_suspicions(tx, closure.id)


def _keep_unreadable(tx: Tx) -> None:
    """A note from a phone whose app is too old for today's list of outcomes."""
    sender = tx.session.scalars(select(Person.id).where(Person.crew_id.is_not(None)).order_by(Person.id.desc()).limit(1)).one()
    case_id = tx.session.scalars(select(Case.id).where(Case.status == Status.CLOSED).order_by(Case.id.desc()).limit(1)).one()
    raw = {"kind": "close", "case": case_id, "round": 1, "payload": {"outcome": "done", "note": "Swept, two bags.", "photos": []}}
    errors = {"payload": {"outcome": ["Must be one of: fixed, made_safe, not_found, no_access, not_ours, duplicate, scheduled."]}}
    keep_in_quarantine(tx, sender, None, None, "unreadable", errors, "d" * 64, json.dumps(raw))
