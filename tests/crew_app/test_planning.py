"""The rolling plan on the running app: what it gives, what it never touches, what it says, and that it is never half done."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from flask import Flask
from phone import Phone
from sqlalchemy import select

from crew_app.errors import Conflict
from crew_app.extensions import db
from crew_app.models import Assignment, Case, Crew, DispatchRun, EventRow, Shift
from crew_app.services import planning
from crew_app.services.assignments import assign_case, hold_case, mark_urgent, release_case, take_back
from crew_app.services.cases import add_note, withdraw_case
from crew_app.services.planning import Orders, carry_out, look, planned, thinking_of
from crew_app.subscribers.dispatch import run_dispatch
from crew_app.transaction import system_clock, transaction
from crew_app.wire.explanations import why_this_crew, why_waiting


@pytest.fixture(autouse=True)
def plans(app: Flask) -> None:
    app.config["DISPATCH_POLICY"] = "planned"


def holder(case_id: int) -> str | None:
    db.session.rollback()
    return db.session.scalar(select(Crew.code).join(Assignment).where(Assignment.case_id == case_id, Assignment.ended_at.is_(None)))


def tell(change, *args, **kwargs) -> None:
    with transaction() as tx:
        change(tx, *args, **kwargs)


def crew_changes(code: str, **columns) -> None:
    with transaction() as tx:
        crew = tx.session.scalars(select(Crew).where(Crew.code == code)).one()
        for name, value in columns.items():
            setattr(crew, name, value)


def test_every_case_gets_a_crew_of_its_department_and_a_reason_in_words(report) -> None:
    holes = [report(longitude=-71.10 + 0.01 * n) for n in range(5)]
    tree = report(service_code="tree", longitude=-71.06)
    done = run_dispatch()
    assert (done.given, done.moved, done.waiting) == (6, 0, ())
    assert {holder(case_id) for case_id in holes} <= {"PWD-1", "PWD-2", "PWD-3"}
    assert holder(tree) == "PARK-1"
    for assignment in db.session.scalars(select(Assignment)):
        assert why_this_crew(assignment).startswith(f"Crew {assignment.crew.code}: ")
        assert "more on its round" in why_this_crew(assignment)
    runs = db.session.scalars(select(DispatchRun)).all()
    assert [(run.policy, run.given, run.moved) for run in runs] == [("planned", 6, 0)]
    assert runs[0].cost["metres"] > 0


def test_planning_again_without_news_changes_nothing(report) -> None:
    for n in range(6):
        report(longitude=-71.10 + 0.008 * n)
    run_dispatch()
    before = db.session.scalars(select(EventRow.seq)).all()
    for _ in range(3):
        assert run_dispatch().moved == 0
    assert len(db.session.scalars(select(DispatchRun)).all()) == 1
    assert set(before) <= set(db.session.scalars(select(EventRow.seq)).all())


def test_what_a_dispatcher_gave_by_name_stays_where_it_is(report, city) -> None:
    case_id = report(longitude=-71.06)
    tell(assign_case, case_id, city.crew_ids["PWD-1"], city.person_ids["dora"])
    for _ in range(3):
        run_dispatch(is_thorough=True)
        assert holder(case_id) == "PWD-1", "PWD-3 is next door, and was not asked for"
    tell(take_back, case_id, "", city.person_ids["dora"])
    run_dispatch()
    assert holder(case_id) == "PWD-3"


def test_a_job_under_way_is_never_moved(phone: Phone, report, city) -> None:
    case_id = report(longitude=-71.10)
    run_dispatch()
    assert holder(case_id) == "PWD-1"
    phone.pull()
    round_seen = db.session.get_one(Case, case_id).round
    phone.push(phone.operation("en_route", case_id, round_seen, {}))
    crew_changes("PWD-1", depot_longitude=-70.95)
    for n in range(4):
        report(longitude=-71.0999 + n / 1e4)
    run_dispatch(is_thorough=True)
    assert holder(case_id) == "PWD-1"


def test_a_crew_out_of_contact_keeps_its_list_and_new_work_goes_elsewhere(report, city) -> None:
    kept = [report(longitude=-71.10), report(longitude=-71.099)]
    run_dispatch()
    assert {holder(case_id) for case_id in kept} == {"PWD-1"}
    crew_changes("PWD-1", last_contact_at=system_clock() - timedelta(minutes=40))
    new = report(longitude=-71.10)
    run_dispatch(is_thorough=True)
    assert {holder(case_id) for case_id in kept} == {"PWD-1"}
    assert holder(new) == "PWD-2"
    explanation = db.session.scalars(select(Assignment.explanation).where(Assignment.case_id == new)).one()
    assert {"crew": "PWD-1", "refusal": "out_of_contact"} in explanation["refused"]


def test_a_crew_that_knows_its_jobs_and_is_silent_for_a_while_keeps_them(report) -> None:
    """It may be in a cellar, done with them; its phone will say so."""
    ids = [report(longitude=-71.10 + n / 1000) for n in range(4)]
    run_dispatch()
    with transaction() as tx:
        for assignment in tx.session.scalars(select(Assignment)):
            assignment.assigned_at = tx.now - timedelta(minutes=16)
            assignment.crew.last_contact_at = tx.now - timedelta(minutes=15)
        for shift in tx.session.scalars(select(Shift).join(Crew).where(Crew.code == "PWD-1")):
            shift.ends_at = tx.now + timedelta(minutes=20)  # no time for the last of them, even with overtime
    assert run_dispatch(is_thorough=True).moved == 0
    crew_changes("PWD-1", last_contact_at=system_clock())
    assert run_dispatch(is_thorough=True).moved == 2, "in touch again: all but its next two stops"
    assert sorted(holder(case_id) for case_id in ids) == ["PWD-1", "PWD-1", "PWD-2", "PWD-2"]


def test_an_urgent_case_comes_first_in_its_crews_list(phone: Phone, report, city) -> None:
    for n in range(4):
        report(longitude=-71.105 - n / 1000)
    run_dispatch()
    phone.pull()
    urgent = report(longitude=-71.115)
    tell(mark_urgent, urgent, True, "a wire is down", city.person_ids["dora"])
    run_dispatch()
    assert holder(urgent) == "PWD-1"
    assert phone.pull()["order"][0] == urgent
    with pytest.raises(Conflict):
        tell(withdraw_case, urgent, "", None)
        tell(mark_urgent, urgent, False, "", city.person_ids["dora"])


def test_a_held_case_goes_to_nobody_until_it_is_released(report, city) -> None:
    case_id = report()
    tell(hold_case, case_id, "the gas company first", city.person_ids["dora"])
    run_dispatch()
    assert holder(case_id) is None
    case = db.session.get_one(Case, case_id)
    assert why_waiting(case.waiting, None) == "It is held back by the office."
    tell(release_case, case_id, city.person_ids["dora"])
    run_dispatch()
    assert holder(case_id) == "PWD-1"
    with pytest.raises(Conflict, match="Take it back first"):
        tell(hold_case, case_id, "", city.person_ids["dora"])


def test_a_borrowed_crew_does_the_other_departments_work(report, city) -> None:
    with transaction() as tx:
        for shift in tx.session.scalars(select(Shift).where(Shift.crew_id != city.crew_ids["PARK-1"])):
            shift.ends_at = tx.now
    case_id = report()
    run_dispatch()
    assert holder(case_id) is None
    crew_changes(
        "PARK-1",
        lent_department_ids=[db.session.get_one(Case, case_id).department_id],
    )
    run_dispatch()
    assert holder(case_id) == "PARK-1"


def test_what_changed_while_the_plan_was_made_is_left_alone(app: Flask, report, city) -> None:
    first, second = report(longitude=-71.10), report(longitude=-71.06)
    picture = look(db.session, system_clock())
    orders = planned(picture, thinking_of(app.extensions, app.config, is_thorough=False))
    tell(assign_case, first, city.crew_ids["PWD-2"], city.person_ids["dora"])
    with transaction() as tx:
        done = carry_out(tx, picture, orders)
    assert (done.given, done.skipped) == (1, 1)
    assert (holder(first), holder(second)) == ("PWD-2", "PWD-3")


def test_a_plan_whose_process_dies_is_whole_or_not_there(app: Flask, report, monkeypatch) -> None:
    for n in range(4):
        report(longitude=-71.10 + n / 100)
    real, calls = planning.hand_over, []

    def dies(*args, **kwargs):
        calls.append(args)
        if len(calls) == 3:
            raise KeyboardInterrupt
        real(*args, **kwargs)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(planning, "hand_over", dies)
        run_dispatch()
    db.session.rollback()
    assert db.session.scalars(select(Assignment)).all() == []
    assert run_dispatch().given == 4


def test_a_new_order_is_told_to_the_phone(phone: Phone, report, city) -> None:
    ids = [report(longitude=-71.104 - n / 500) for n in range(4)]
    run_dispatch()
    first = phone.pull()["order"]
    assert sorted(first) == sorted(ids)
    picture, other = look(db.session, system_clock()), tuple(reversed(first))
    for _ in range(2):  # the second time it is no news
        with transaction() as tx:
            carry_out(tx, picture, Orders("planned", (), (), {city.crew_ids["PWD-1"]: other}))
    page = phone.pull()
    assert (page["order"], len(page["jobs"])) == (list(other), 1)
    assert len(db.session.scalars(select(EventRow).where(EventRow.kind == "jobs_reordered")).all()) == 1


@pytest.mark.parametrize("seed", range(6))
def test_whatever_happens_every_rule_holds(app: Flask, report, city, seed: int) -> None:
    dice = random.Random(seed)
    works = [city.crew_ids[code] for code in ("PWD-1", "PWD-2", "PWD-3")]
    cases: list[int] = []
    under_way: dict[int, int] = {}
    for _ in range(14):
        what = dice.choice(["report", "report", "report", "go", "contact", "pin", "back", "urgent", "note"])
        case_id = dice.choice(cases) if cases else None
        held = db.session.scalar(select(Assignment).where(Assignment.case_id == case_id, Assignment.ended_at.is_(None)))
        if what == "report" or case_id is None:
            cases.append(report(longitude=-71.12 + dice.random() * 0.1, latitude=42.33 + dice.random() * 0.04))
        elif what == "go" and held is not None and case_id not in under_way:
            with transaction() as tx:
                tx.session.get_one(Case, case_id).status = "en_route"
            under_way[case_id] = held.crew_id
        elif what == "contact":
            crew_changes(
                dice.choice(["PWD-1", "PWD-2"]), last_contact_at=system_clock() - timedelta(minutes=dice.choice([0, 20, 50]))
            )
        elif what == "pin":
            crew_id = dice.choice(works)
            tell(assign_case, case_id, crew_id, city.person_ids["dora"])
            under_way.pop(case_id, None)
        elif what == "back" and held is not None:
            tell(take_back, case_id, "", city.person_ids["dora"])
            under_way.pop(case_id, None)
        elif what == "urgent":
            tell(mark_urgent, case_id, dice.random() < 0.7, "", city.person_ids["dora"])
        else:
            tell(add_note, case_id, "seen", None)
        run_dispatch(is_thorough=dice.random() < 0.3)
        db.session.rollback()
        open_now = db.session.scalars(select(Assignment).where(Assignment.ended_at.is_(None))).all()
        assert len({a.case_id for a in open_now}) == len(open_now)
        by_case = {a.case_id: a.crew_id for a in open_now}
        assert all(by_case.get(moved) == crew_id for moved, crew_id in under_way.items())
        for row in db.session.scalars(select(Case).where(Case.id.in_(cases))):
            if row.pinned_crew_id is not None and row.id in by_case:
                assert by_case[row.id] == row.pinned_crew_id
            assert (row.id in by_case) == (row.status in ("assigned", "en_route", "on_site"))


def test_two_teams_on_one_truck_are_one_long_shift(report, city) -> None:
    with transaction() as tx:
        for shift in tx.session.scalars(select(Shift).where(Shift.crew_id == city.crew_ids["PWD-1"])):
            shift.ends_at = tx.now + timedelta(minutes=5)
            tx.session.add(Shift(crew_id=shift.crew_id, starts_at=shift.ends_at, ends_at=tx.now + timedelta(hours=9)))
    case_id = report(longitude=-71.10)
    run_dispatch()
    assert holder(case_id) == "PWD-1"


def test_what_a_crew_left_over_goes_to_whoever_works_now_an_hour_after_it_went_home(report, city) -> None:
    left, pinned = report(longitude=-71.10), report(longitude=-71.10)
    run_dispatch()
    tell(assign_case, pinned, city.crew_ids["PWD-1"], city.person_ids["dora"])
    for minutes, expected in ((30, "PWD-1"), (61, "PWD-2")):
        with transaction() as tx:
            for shift in tx.session.scalars(select(Shift).where(Shift.crew_id == city.crew_ids["PWD-1"])):
                shift.starts_at, shift.ends_at = tx.now - timedelta(hours=9), tx.now - timedelta(minutes=minutes)
        run_dispatch()
        assert (holder(left), holder(pinned)) == (expected, "PWD-1")


def test_a_job_taken_back_for_want_of_time_says_so(report, city) -> None:
    """All but the next two, which the crew may be about to drive to."""
    ids = [report(longitude=-71.10 + n / 1000) for n in range(3)]
    run_dispatch()
    assert {holder(case_id) for case_id in ids} == {"PWD-1"}
    with transaction() as tx:
        for shift in tx.session.scalars(select(Shift)):
            shift.ends_at = tx.now + timedelta(minutes=1)
        for crew in tx.session.scalars(select(Crew)):
            crew.depot_longitude = -70.0  # hours away
    run_dispatch()
    (last,) = [case_id for case_id in ids if holder(case_id) is None]
    case = db.session.get_one(Case, last)
    assert case.status == "received"
    assert why_waiting(case.waiting, None).startswith("No crew that could would be done within its shift.")
