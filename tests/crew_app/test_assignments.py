"""Cases into crews' hands: by dispatch, by name, and never into two."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from crew_app.errors import BadInput, Conflict
from crew_app.extensions import db
from crew_app.models import Assignment, Case, Crew, EventRow, Shift
from crew_app.services.assignments import assign_case, take_back
from crew_app.services.cases import close_by_office
from crew_app.services.planning import dispatch_within
from crew_app.transaction import transaction
from crew_app.wire.explanations import why_this_crew, why_waiting


def crew_of(case_id: int) -> str | None:
    return db.session.scalar(select(Crew.code).join(Assignment).where(Assignment.case_id == case_id, Assignment.ended_at.is_(None)))


def run_dispatch() -> None:
    with transaction() as tx:
        dispatch_within(tx)


def test_a_case_goes_to_the_nearest_crew_of_its_department(report) -> None:
    west, east = report(longitude=-71.101), report(longitude=-71.061)
    tree = report(longitude=-71.101, service_code="tree")
    run_dispatch()
    assert (crew_of(west), crew_of(east), crew_of(tree)) == ("PWD-1", "PWD-3", "PARK-1")


def test_the_explanation_says_who_was_nearer_and_why_not(report, city) -> None:
    with transaction() as tx:
        tx.session.get_one(Crew, city.crew_ids["PWD-1"]).capacity = 0
    case_id = report(longitude=-71.095)
    run_dispatch()
    assignment = db.session.scalars(select(Assignment).where(Assignment.case_id == case_id)).one()
    assert why_this_crew(assignment) == "Crew PWD-2, 1.2 km; PWD-1 was nearer but is full."


def test_a_case_nobody_can_take_waits_and_says_why(report, city) -> None:
    with transaction() as tx:
        for shift in tx.session.scalars(select(Shift)):
            shift.ends_at = tx.now - timedelta(minutes=1)
    case_id = report()
    run_dispatch()
    case = db.session.get_one(Case, case_id)
    assert case.status == "received"
    assert why_waiting(case.waiting, case.place_problem) == "No crew of the department is on duty."


def test_a_full_department_is_named(report, city) -> None:
    with transaction() as tx:
        for crew in tx.session.scalars(select(Crew)):
            crew.capacity = 0
    case_id = report()
    run_dispatch()
    case = db.session.get_one(Case, case_id)
    assert why_waiting(case.waiting, case.place_problem).startswith("Every crew that could take it is full. PWD-1 is full")


@pytest.mark.parametrize(
    ("latitude", "longitude", "problem"),
    [
        (None, None, "missing"),
        (0.0, 0.0, "zero"),
        (-71.06, 42.35, "swapped"),
        (40.7, -74.0, "outside"),
        (42.3594, -71.0587, "stand_in"),
        (float("nan"), -71.0, "not_a_place"),
        (91.0, -71.0, "not_a_place"),
    ],
)
def test_no_crew_is_sent_to_a_place_that_cannot_be_trusted(report, latitude, longitude, problem: str) -> None:
    case_id = report(latitude=latitude, longitude=longitude)
    run_dispatch()
    case = db.session.get_one(Case, case_id)
    assert (case.status, case.place_problem) == ("received", problem)
    assert "Somebody must set the place first." in why_waiting(case.waiting, case.place_problem)


def test_a_crew_out_of_contact_gets_nothing_new_and_keeps_what_it_has(report, job, city) -> None:
    kept, _ = job("PWD-1")
    with transaction() as tx:
        crew = tx.session.get_one(Crew, city.crew_ids["PWD-1"])
        crew.last_contact_at = tx.now - timedelta(hours=2)
        tx.session.scalars(select(Shift).where(Shift.crew_id == crew.id)).one().starts_at = tx.now - timedelta(hours=3)
    new = report(longitude=-71.101)
    run_dispatch()
    assert (crew_of(kept), crew_of(new)) == ("PWD-1", "PWD-2")


def test_a_crew_on_a_break_gets_nothing_new(report, city) -> None:
    with transaction() as tx:
        shift = tx.session.scalars(select(Shift).where(Shift.crew_id == city.crew_ids["PWD-1"])).one()
        shift.break_since = tx.now
    case_id = report(longitude=-71.101)
    run_dispatch()
    assert crew_of(case_id) == "PWD-2"


def test_dispatch_twice_changes_nothing(report) -> None:
    report()
    run_dispatch()
    before = db.session.scalars(select(EventRow.seq)).all()
    run_dispatch()
    assert db.session.scalars(select(EventRow.seq)).all() == before


def test_the_database_itself_refuses_a_second_crew_for_one_case(job, city) -> None:
    case_id, round_seen = job("PWD-1")
    with pytest.raises(IntegrityError), transaction() as tx:
        tx.session.add(Assignment(case_id=case_id, crew_id=city.crew_ids["PWD-2"], round=round_seen, assigned_at=tx.now))


def test_every_move_by_the_office_begins_a_new_round(job, city) -> None:
    case_id, first = job("PWD-1")
    with transaction() as tx:
        second = assign_case(tx, case_id, city.crew_ids["PWD-2"], city.person_ids["dora"], "").round
    with transaction() as tx:
        third = take_back(tx, case_id, "", city.person_ids["dora"]).round
    assert (first, second, third) == (1, 2, 3)
    rounds = db.session.scalars(select(Assignment.round).where(Assignment.case_id == case_id).order_by(Assignment.id)).all()
    assert rounds == [1, 2]


def test_a_closed_case_is_not_given_to_a_crew(job, city) -> None:
    case_id, _ = job()
    with transaction() as tx:
        close_by_office(tx, case_id, "fixed", None, "", city.person_ids["dora"])
    with pytest.raises(Conflict, match="closed cannot become assigned"), transaction() as tx:
        assign_case(tx, case_id, city.crew_ids["PWD-2"], city.person_ids["dora"])


def test_a_crew_that_does_not_exist_is_named(job, city) -> None:
    case_id, _ = job()
    with pytest.raises(BadInput) as refused, transaction() as tx:
        assign_case(tx, case_id, 9999, city.person_ids["dora"])
    assert "crew" in refused.value.errors
