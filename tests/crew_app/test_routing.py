"""The city's rules: the first that fits decides, wherever a case is taken in."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from crew_app.extensions import db
from crew_app.models import Case, CityChange, EventRow, RoutingRule, Service
from crew_app.routing import Facts, Rule, applies, first_match
from crew_app.services.cases import NewReport, open_case
from crew_app.services.rules import add_rule, switch_rule, try_rule
from crew_app.services.settings import undo_change
from crew_app.transaction import transaction

MONDAY_NOON = datetime(2026, 11, 30, 12, 0)
ASKED = [
    {
        "code": "blocking",
        "datatype": "singlevaluelist",
        "description": "Is it blocking?",
        "values": [{"key": "street", "name": "Street"}],
    }
]
NOTHING = {
    "service_id": None, "district_ids": [], "weekdays": [], "begins": None, "ends": None, "question": "", "answers": [],
    "department_id": None, "crew_id": None, "queue": "",
}  # fmt: skip


def facts(**said: object) -> Facts:
    return Facts(**{"service_id": 1, "district_id": 5, "opened": MONDAY_NOON, "answers": {}} | said)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rule", "fits"),
    [
        ({}, True),
        ({"service_id": 1}, True),
        ({"service_id": 2}, False),
        ({"district_ids": frozenset({5, 6})}, True),
        ({"district_ids": frozenset({6})}, False),
        ({"weekdays": frozenset({0})}, True),
        ({"weekdays": frozenset({5, 6})}, False),
        ({"begins": time(12), "ends": time(13)}, True),
        ({"begins": time(11), "ends": time(12)}, False),
        ({"question": "size", "answers": frozenset({"big"})}, False),
    ],
)
def test_a_rule_looks_at_nothing_it_does_not_mention(rule: dict[str, object], fits: bool) -> None:
    assert applies(Rule(id=1, **rule), facts()) is fits  # type: ignore[arg-type]


def test_a_case_in_no_district_is_in_none_of_a_rules_districts() -> None:
    assert not applies(Rule(id=1, district_ids=frozenset({5})), facts(district_id=None))


def test_a_night_belongs_to_the_day_it_begins_on() -> None:
    night = Rule(id=1, weekdays=frozenset({4}), begins=time(22), ends=time(6))
    friday = datetime(2026, 12, 4)
    assert applies(night, facts(opened=friday + timedelta(hours=23)))
    assert applies(night, facts(opened=friday + timedelta(hours=29)))
    assert not applies(night, facts(opened=friday + timedelta(hours=5)))
    assert not applies(night, facts(opened=friday + timedelta(hours=30)))


def test_one_of_several_answers_is_enough() -> None:
    rule = Rule(id=1, question="what", answers=frozenset({"trash", "bulk"}))
    assert applies(rule, facts(answers={"what": ["yard", "bulk"]}))
    assert not applies(rule, facts(answers={"what": ["yard"]}))


times = st.times().map(lambda t: t.replace(second=0, microsecond=0))


@given(times, times, st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)))
def test_a_span_and_the_rest_of_the_day_share_every_moment_between_them(begins: time, ends: time, opened: datetime) -> None:
    if begins != ends:
        one, other = Rule(id=1, begins=begins, ends=ends), Rule(id=2, begins=ends, ends=begins)
        assert applies(one, facts(opened=opened)) != applies(other, facts(opened=opened))


def test_the_first_rule_that_fits_wins() -> None:
    rules = [Rule(id=1, service_id=9), Rule(id=2, weekdays=frozenset({0})), Rule(id=3)]
    found = first_match(rules, facts())
    assert found is not None and found.id == 2


# ---- in the city -----------------------------------------------------------------------------------------------------


@pytest.fixture
def rule(city):
    """rule(crew_id=...) -> the id of a rule that is switched on."""

    def make(is_on: bool = True, **values: object) -> int:
        with transaction() as tx:
            made = add_rule(tx, NOTHING | values, city.person_ids["sue"])
            switch_rule(tx, made.id, is_on, city.person_ids["sue"])
            return made.id

    return make


def latest() -> Case:
    return db.session.scalars(select(Case).order_by(Case.id.desc())).first()  # type: ignore[return-value]


def test_a_case_goes_where_the_rule_says_and_its_history_says_why(city, rule, report, signed_in) -> None:
    made = rule(crew_id=city.crew_ids["PARK-1"])
    report()
    case = latest()
    assert (case.department_id, case.pinned_crew_id) == (city.parks_id, city.crew_ids["PARK-1"])
    event = db.session.scalars(select(EventRow).where(EventRow.kind == "case_routed")).one()
    assert (event.case_id, event.body["rule_id"]) == (case.id, made)
    assert "Sent to PARK-1 by a rule of the city" in signed_in("dora").get(f"/console/cases/{case.number}").text


def test_dispatch_gives_it_to_that_crew_although_another_is_nearer(city, rule, report, dispatched) -> None:
    rule(crew_id=city.crew_ids["PWD-3"])
    report(longitude=-71.1)  # beside PWD-1
    dispatched()
    assert latest().assignments[0].crew_id == city.crew_ids["PWD-3"]


def test_a_queue_keeps_it_from_dispatch_until_somebody_releases_it(city, rule, report, dispatched, signed_in) -> None:
    rule(queue="Snow: look at it first")
    report()
    dispatched()
    case = latest()
    assert case.assignments == [] and case.held_why == "Snow: look at it first"
    assert signed_in("dora").post(f"/console/cases/{case.number}/release").status_code == 303
    dispatched()
    db.session.rollback()
    assert len(latest().assignments) == 1


def test_a_rule_that_is_off_or_removed_decides_nothing(city, rule, report) -> None:
    rule(is_on=False, department_id=city.parks_id)
    report()
    assert latest().department_id == city.works_id


def test_an_answer_decides_when_a_resident_reports(city, rule, client) -> None:
    with transaction() as tx:
        service = tx.session.scalars(select(Service).where(Service.code == "tree")).one()
        service.questions = ASKED
        service_id = service.id
    rule(service_id=service_id, question="blocking", answers=["street"], department_id=city.works_id)
    for answer, department in (("street", city.works_id), ("", city.parks_id)):
        form = {"service": "tree", "address": "1 Main Street", "answer:blocking": answer}
        assert client.post("/report", data=form).status_code == 303
        assert latest().department_id == department


def test_a_rule_is_tried_on_last_weeks_cases_before_it_is_on(city, rule) -> None:
    now = datetime.now(UTC)
    with transaction() as tx:
        for days in (1, 3, 9):
            open_case(tx, NewReport(service_code="pothole", latitude=42.35, longitude=-71.1), now - timedelta(days=days))
        open_case(tx, NewReport(service_code="tree", latitude=42.35, longitude=-71.1), now - timedelta(days=2))
    made = rule(is_on=False, department_id=city.parks_id)
    tried = try_rule(db.session, db.session.get_one(RoutingRule, made), now)
    assert (tried.looked_at, tried.reached, len(tried.moved)) == (3, 3, 2)  # the tree would go to Parks anyway
    assert {moved.before.department_id for moved in tried.moved} == {city.works_id}
    assert {moved.after.department_id for moved in tried.moved} == {city.parks_id}


def test_an_earlier_rule_leaves_a_later_one_nothing_to_decide(city, rule, report) -> None:
    rule(queue="First")
    made = rule(is_on=False, department_id=city.parks_id)
    report()
    tried = try_rule(db.session, db.session.get_one(RoutingRule, made), datetime.now(UTC))
    assert (tried.reached, tried.moved) == (0, [])


# ---- its pages -------------------------------------------------------------------------------------------------------


def test_a_supervisor_writes_a_rule_tries_it_and_switches_it_on(city, report, signed_in) -> None:
    report()
    sue = signed_in("sue")
    form = {"day": ["0", "1", "2", "3", "4", "5", "6"], "begins": "00:00", "ends": "23:59", "to": f"department:{city.parks_id}"}
    page = sue.post("/console/rules", data=form, follow_redirects=True).text
    assert "1</strong> would go elsewhere" in page and latest().number in page
    rule = db.session.scalars(select(RoutingRule)).one()
    assert not rule.is_on
    assert sue.post(f"/console/rules/{rule.id}/on").status_code == 303
    assert "between 00:00 and 23:59" in sue.get("/console/rules").text
    db.session.refresh(rule)
    assert rule.is_on


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({}, "to"),
        ({"to": "department:999"}, "to"),
        ({"to": "crew:1000000000"}, "to"),
        ({"queue": "x", "begins": "08:00"}, "ends"),
        ({"queue": "x", "begins": "8", "ends": "09:00"}, "begins"),
        ({"queue": "x", "day": "7"}, "day"),
        ({"queue": "x", "district": "999"}, "district"),
        ({"queue": "x", "answer": "size=big"}, "answer"),
        ({"queue": "x", "is_on": "1"}, "is_on"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_its_field(signed_in, form: dict[str, str], field: str) -> None:
    answer = signed_in("sue").post("/console/rules", data=form)
    assert answer.status_code == 400 and f"#rule-{field}" in answer.text
    assert db.session.scalars(select(RoutingRule)).all() == []


def test_a_changed_rule_is_off_until_it_is_switched_on_again(city, rule, signed_in) -> None:
    made = rule(queue="First")
    assert signed_in("sue").post(f"/console/rules/{made}", data={"queue": "Second"}).status_code == 303
    changed = db.session.get_one(RoutingRule, made)
    assert (changed.queue, changed.is_on) == ("Second", False)


def test_rules_move_past_each_other(city, rule, signed_in) -> None:
    first, second, third = rule(queue="a"), rule(queue="b"), rule(queue="c")
    sue = signed_in("sue")

    def order() -> list[int]:
        db.session.rollback()
        return list(db.session.scalars(select(RoutingRule.id).order_by(RoutingRule.position)))

    sue.post(f"/console/rules/{third}/up")
    assert order() == [first, third, second]
    sue.post(f"/console/rules/{first}/down")
    assert order() == [third, first, second]
    sue.post(f"/console/rules/{third}/up")  # first already
    assert order() == [third, first, second]


def test_every_change_is_written_down_and_can_be_undone_once(city, rule) -> None:
    made = rule(queue="First")
    by = city.person_ids["sue"]
    changes = db.session.scalars(select(CityChange).order_by(CityChange.id)).all()
    assert [(change.before, change.after.get("is_on")) for change in changes] == [(None, False), ({"is_on": False}, True)]
    with transaction() as tx:
        undo_change(tx, changes[1].id, by)
    assert not db.session.get_one(RoutingRule, made).is_on
    with pytest.raises(Exception, match="undone already"), transaction() as tx:
        undo_change(tx, changes[1].id, by)


def test_a_change_that_was_changed_again_is_not_undone_over_it(city, rule, signed_in) -> None:
    made = rule(queue="First")
    sue = signed_in("sue")
    sue.post(f"/console/rules/{made}", data={"queue": "Second"})
    second = db.session.scalars(select(CityChange).order_by(CityChange.id.desc())).first()
    sue.post(f"/console/rules/{made}", data={"queue": "Third"})
    with pytest.raises(Exception, match="changed again"), transaction() as tx:
        undo_change(tx, second.id, city.person_ids["sue"])  # type: ignore[union-attr]
