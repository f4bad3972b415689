"""Everything a crew does travels as an operation, and has its effect once."""

from __future__ import annotations

from typing import Any

import pytest
from phone import Phone, jpeg, photo_ref
from sqlalchemy import select

from crew_app.extensions import db
from crew_app.models import Assignment, Case, Crew, Photo
from crew_app.services.assignments import assign_case
from crew_app.services.planning import dispatch_within
from crew_app.transaction import transaction


def answered(phone: Phone, *operations: dict[str, Any]) -> list[dict[str, Any]]:
    answer = phone.push(*operations)
    assert answer.status_code == 200, answer.json
    return answer.json["results"]


def verdicts(results: list[dict[str, Any]]) -> list[str]:
    return [result["verdict"] for result in results]


def found(phone: Phone, keep: bool, **other: Any) -> dict[str, Any]:
    payload = {"service": "pothole", "description": "Deep.", "place": {"lat": 42.351, "lon": -71.1}, "keep": keep, **other}
    return {**phone.operation("open", 0, 0, payload), "case": None}


def crew_of(case_id: int) -> str | None:
    held = select(Crew.code).join(Assignment).where(Assignment.case_id == case_id, Assignment.ended_at.is_(None))
    return db.session.scalar(held)


def test_accepting_tells_the_office_that_the_crew_has_read_it(phone: Phone, job) -> None:
    case_id, round_seen = job()
    assert verdicts(answered(phone, phone.operation("accept", case_id, round_seen, {}))) == ["counted"]
    assert db.session.scalars(select(Assignment.accepted_at)).one() is not None
    assert db.session.get_one(Case, case_id).status == "assigned"


@pytest.mark.parametrize("kind", ["decline", "hand_back"])
def test_a_case_handed_back_goes_to_another_crew_and_never_to_the_same(phone: Phone, job, dispatched, kind: str) -> None:
    case_id, round_seen = job("PWD-1")
    phone.pull()
    payload = {"reason": "no_equipment", "words": "the roller is broken"}
    assert verdicts(answered(phone, phone.operation(kind, case_id, round_seen, payload))) == ["counted"]
    assert phone.pull()["gone"] == [case_id]
    dispatched()
    assert crew_of(case_id) == "PWD-2", "the next nearest"
    for _ in range(2):
        with transaction() as tx:
            dispatch_within(tx)
    assert crew_of(case_id) == "PWD-2"


def test_the_office_may_give_a_declined_case_to_the_same_crew_by_name(phone: Phone, city, job) -> None:
    case_id, round_seen = job("PWD-1")
    answered(phone, phone.operation("decline", case_id, round_seen, {"reason": "too_far"}))
    with transaction() as tx:
        assign_case(tx, case_id, city.crew_ids["PWD-1"], city.person_ids["dora"], "please")
    assert crew_of(case_id) == "PWD-1"


def test_handing_back_what_the_office_gave_to_another_crew_changes_nothing(phone: Phone, city, job) -> None:
    case_id, round_seen = job("PWD-1")
    with transaction() as tx:
        assign_case(tx, case_id, city.crew_ids["PWD-2"], city.person_ids["dora"])
    assert verdicts(answered(phone, phone.operation("hand_back", case_id, round_seen, {"reason": "other"}))) == ["superseded"]
    assert crew_of(case_id) == "PWD-2"


def test_photos_can_be_added_without_closing(phone: Phone, job) -> None:
    case_id, round_seen = job()
    ref = photo_ref(jpeg(), "before")
    said = answered(phone, phone.operation("photos", case_id, round_seen, {"photos": [ref]}))[0]
    assert (said["verdict"], said["photos_missing"]) == ("counted", [ref["id"]])
    phone.upload(ref, jpeg())
    photo = db.session.get_one(Photo, ref["id"])
    assert (photo.case_id, photo.closure_id) == (case_id, None)
    assert photo.verified_at is not None


def test_a_case_found_in_the_field_is_opened_and_closed_on_the_spot_in_one_push(phone: Phone, city) -> None:
    """The phone has no case number yet: it names the case by the operation that opened it."""
    opened = found(phone, keep=True)
    closed = {**phone.closing(1, 1), "case": opened["id"]}
    results = answered(phone, opened, closed)
    assert verdicts(results) == ["counted", "counted"]
    case = db.session.get_one(Case, results[0]["case"]["id"])
    assert (case.status, case.outcome, case.source, case.round) == ("closed", "fixed", "City Worker App", 1)
    assert case.number == results[0]["case"]["number"]


def test_a_found_case_sent_twice_is_one_case(phone: Phone, city) -> None:
    opened = found(phone, keep=False)
    first = answered(phone, opened)[0]
    assert answered(phone, opened)[0] == first
    assert db.session.query(Case).count() == 1


def test_a_found_case_the_crew_does_not_keep_goes_to_the_nearest(phone: Phone, city, dispatched) -> None:
    case_id = answered(phone, found(phone, keep=False, service="tree"))[0]["case"]["id"]
    dispatched()
    assert crew_of(case_id) == "PARK-1"


def test_a_follow_up_for_another_department_stands_at_the_same_place(phone: Phone, job, dispatched) -> None:
    case_id, round_seen = job()
    payload = {"service": "tree", "description": "A branch hangs over the kerb."}
    said = answered(phone, phone.operation("follow_up", case_id, round_seen, payload))[0]
    follow_up, parent = db.session.get_one(Case, said["case"]["id"]), db.session.get_one(Case, case_id)
    assert follow_up.parent_id == parent.id
    assert (follow_up.latitude, follow_up.longitude) == (parent.latitude, parent.longitude)
    dispatched()
    assert crew_of(follow_up.id) == "PARK-1"


@pytest.mark.parametrize("kind", ["open", "follow_up"])
def test_a_service_the_city_does_not_have_is_named_and_the_find_is_kept(phone: Phone, job, kind: str) -> None:
    case_id, round_seen = job()
    operation = (
        found(phone, keep=True, service="dragons")
        if kind == "open"
        else phone.operation("follow_up", case_id, round_seen, {"service": "dragons", "description": "x"})
    )
    said = answered(phone, operation)[0]
    assert said["verdict"] == "quarantined"
    assert said["errors"] == {"payload": {"service": ["not one of the city's services"]}}
    assert db.session.query(Case).count() == 1


def test_a_case_may_be_null_only_where_one_is_opened(phone: Phone, job) -> None:
    case_id, round_seen = job()
    note = {**phone.operation("note", case_id, round_seen, {"text": "x"}), "case": None}
    opened = {**found(phone, keep=True), "case": case_id}
    results = answered(phone, note, opened)
    assert verdicts(results) == ["quarantined", "quarantined"]
    assert all("case" in result["errors"] for result in results)


def test_work_on_a_found_case_the_city_never_saw_is_kept(phone: Phone, city) -> None:
    lost = found(phone, keep=True)
    phone.seq = 0
    said = answered(phone, {**phone.closing(1, 1), "case": lost["id"]})[0]
    assert (said["verdict"], said["reason"]) == ("quarantined", "unknown_case")


def test_a_phone_that_begins_a_new_device_gets_its_old_answers_and_goes_on(phone: Phone, job) -> None:
    """A database put back to yesterday makes a phone number its kept work anew."""
    case_id, round_seen = job()
    note, closing = phone.operation("note", case_id, round_seen, {"text": "hello"}), phone.closing(case_id, round_seen)
    first = answered(phone, note)
    phone.device = "00000000-0000-4000-8000-0000000000aa"
    again = answered(phone, {**note, "seq": 1}, {**closing, "seq": 2})
    assert again[0] == first[0]
    assert verdicts(again) == ["counted", "counted"]


def test_what_can_be_opened_is_listed(phone: Phone) -> None:
    listed = phone.client.get("/sync/v1/services").json["services"]
    assert {"code": "tree", "name": "Tree", "group": "", "department": "Parks"} in listed
