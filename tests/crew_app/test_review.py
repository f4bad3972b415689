"""Needs review: everything that somebody must look at, both versions side by side, one decision, and the crew is told."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from phone import Phone, jpeg, photo_ref
from sqlalchemy import select

from crew_app.extensions import db
from crew_app.models import Case, Closure, Message, OfficeDeed, Photo, QuarantinedWork, Suspicion
from crew_app.services.assignments import assign_case
from crew_app.services.suspicions import ask_for_photos
from crew_app.transaction import transaction


@pytest.fixture
def dora(signed_in) -> FlaskClient:
    return signed_in("dora")


@pytest.fixture
def late_closing(phone: Phone, city, job) -> tuple[int, str]:
    """(case, closing): the office gave the case to PWD-2 while PWD-1 closed it."""
    case_id, round_ = job("PWD-1")
    with transaction() as tx:
        assign_case(tx, case_id, city.crew_ids["PWD-2"], city.person_ids["dora"])
    operation = phone.closing(case_id, round_)
    phone.push(operation)
    return case_id, operation["id"]


@pytest.fixture
def odd_closing(phone: Phone, job, dispatched) -> tuple[int, str]:
    """(case, closing): far from the case, and the phone's clock was set back."""
    case_id, round_ = job("PWD-1")
    operation = phone.closing(case_id, round_, made_at="2026-01-01T08:00:00Z")
    operation["payload"]["place"] = {"lat": 42.37, "lon": -71.10, "accuracy_m": 10}
    phone.push(operation)
    dispatched()
    return case_id, operation["id"]


@pytest.fixture
def kept_work(phone: Phone) -> int:
    phone.push(phone.operation("note", 987654, 0, {"text": "the gate is locked"}))
    return db.session.scalars(select(QuarantinedWork.id)).one()


def inbox(client: FlaskClient, **query: Any) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/console/api/review", query_string=query).get_json()
    return found


def decide(client: FlaskClient, kind: str, item_id: Any, decision: str, why: str = "") -> Any:
    return client.post(f"/console/api/review/{kind}/{item_id}", json={"decision": decision, "why": why})


def case(case_id: int) -> Case:
    db.session.rollback()
    return db.session.get_one(Case, case_id)


def told(city, dispatched, crew: str = "PWD-1") -> list[tuple[str, str]]:
    """What the crew reads in its app, from the office's decisions."""
    dispatched()
    rows = db.session.scalars(select(Message).where(Message.crew_id == city.crew_ids[crew]).order_by(Message.id))
    return [(row.kind, row.text) for row in rows if row.kind not in ("taken",)]


def test_everything_that_needs_a_look_is_in_one_list_the_oldest_first(dora, late_closing, odd_closing, kept_work) -> None:
    found = inbox(dora)
    assert [item["kind"] for item in found["items"]] == ["closing", "doubt", "kept"]
    assert found["counts"] == {"closing": 1, "doubt": 1, "kept": 1}
    assert found["items"][1]["title"].startswith("It was closed 2,222 m away from the case. The phone’s clock said it was done ")
    assert [item["kind"] for item in inbox(dora, kind="kept")["items"]] == ["kept"]
    live = dora.get("/console/live/picture").get_json()["crews"]
    assert (live["doubts"], live["asked"], live["quarantined"]) == (1, 0, 1)


def test_both_versions_are_side_by_side(dora, late_closing, odd_closing, kept_work) -> None:
    page = dora.get("/console/review").text
    assert page.count("The city’s copy") == 3
    assert "In the hands of PWD-2." in page
    assert page.count("What PWD-1 sent") == 3
    assert "(its own clock: <time" in page
    assert ">1 January 03:00</time>)" in page
    assert "the gate is locked" in page
    assert "No case here belongs to it." in page


def test_an_accepted_closing_closes_the_case_and_its_crew_is_told(dora, city, late_closing, dispatched) -> None:
    case_id, closure_id = late_closing
    answer = decide(dora, "closing", closure_id, "accept", "You were faster than us.")
    assert answer.status_code == 200
    assert (case(case_id).status, case(case_id).review_reason) == ("closed", None)
    assert told(city, dispatched) == [("review_accepted", "You were faster than us.")]
    assert inbox(dora)["items"] == []


def test_a_dismissed_closing_leaves_the_case_and_its_crew_is_told(dora, city, late_closing, dispatched) -> None:
    case_id, closure_id = late_closing
    assert decide(dora, "closing", closure_id, "dismiss").status_code == 200
    assert case(case_id).status == "assigned"
    assert told(city, dispatched) == [("review_dismissed", "")]


def test_a_decision_is_made_once_and_says_by_whom(dora, signed_in, late_closing, odd_closing, kept_work) -> None:
    for kind, item_id, decision in (
        ("closing", late_closing[1], "accept"),
        ("doubt", odd_closing[1], "accept"),
        ("kept", kept_work, "settle"),
    ):
        assert decide(signed_in("sue"), kind, item_id, decision).status_code == 200
        again = decide(dora, kind, item_id, decision)
        assert (again.status_code, again.json["detail"].split(" has ")[0]) == (409, "Sue"), again.json


def test_an_odd_closing_that_stands_is_off_the_list(dora, city, odd_closing, dispatched) -> None:
    case_id, operation_id = odd_closing
    assert decide(dora, "doubt", operation_id, "accept", "The map was wrong.").status_code == 200
    assert (case(case_id).status, case(case_id).review_reason) == ("closed", None)
    assert {row.decision for row in db.session.scalars(select(Suspicion))} == {"accept"}
    assert told(city, dispatched) == [("review_accepted", "The map was wrong.")]


def test_an_odd_closing_that_was_none_reopens_the_case(dora, city, odd_closing, dispatched) -> None:
    case_id, operation_id = odd_closing
    assert decide(dora, "doubt", operation_id, "reopen").status_code == 200
    assert (case(case_id).status, case(case_id).review_reason) == ("reopened", None)
    ((kind, text),) = told(city, dispatched)
    assert kind == "reopened"
    assert text.startswith("It was closed 2,222 m away")


@pytest.mark.parametrize("kind", ["closing", "doubt", "kept"])
def test_a_decision_can_be_undone_and_made_anew(dora, late_closing, odd_closing, kept_work, kind: str) -> None:
    item_id, decision = {
        "closing": (late_closing[1], "accept"),
        "doubt": (odd_closing[1], "reopen"),
        "kept": (kept_work, "settle"),
    }[kind]
    before = inbox(dora)["counts"]
    deed = decide(dora, kind, item_id, decision).json["deed"]
    assert inbox(dora)["counts"] == before | {kind: 0}
    assert dora.post(f"/console/api/deeds/{deed['id']}/undo", json={}).status_code == 200
    assert inbox(dora)["counts"] == before
    assert decide(dora, kind, item_id, decision).status_code == 200


def test_kept_work_is_settled_with_a_word_and_stays_kept(dora, city, kept_work, dispatched) -> None:
    page = dora.post(
        f"/console/review/kept/{kept_work}", data={"decision": "settle", "why": "I wrote the note."}, follow_redirects=True
    )
    assert "Nothing needs a look." in page.text
    work = db.session.get_one(QuarantinedWork, kept_work)
    assert (work.settled_how, work.settled_by_id, json.loads(work.raw)["case"]) == (
        "I wrote the note.",
        city.person_ids["dora"],
        987654,
    )
    ((kind, text),) = told(city, dispatched)
    assert (kind, text) == ("words", "The office has looked at what Rosa’s phone sent and could not be applied. I wrote the note.")


def test_a_photo_that_never_came_to_an_open_case_can_only_be_let_go(dora, phone: Phone, job) -> None:
    case_id, round_ = job()
    ref = photo_ref(jpeg(5))
    phone.push(phone.operation("photos", case_id, round_, {"photos": [ref]}))
    with transaction() as tx:
        tx.session.get_one(Photo, ref["id"]).announced_at -= timedelta(hours=25)
    with transaction() as tx:
        ask_for_photos(tx)
    (item,) = inbox(dora)["items"]
    assert (item["title"], item["decisions"]) == ("1 of 1 photos have not come within a day.", ["accept"])
    assert decide(dora, "doubt", item["id"], "reopen").status_code == 409


@pytest.mark.parametrize(
    ("kind", "item_id"), [("closing", "x"), ("doubt", "x"), ("kept", "x"), ("kept", "9" * 30), ("kept", "4711")]
)
def test_what_is_not_there_cannot_be_decided(dora, kind: str, item_id: str) -> None:
    assert decide(dora, kind, item_id, "accept").status_code == 404


def test_a_decision_of_another_kind_is_refused_by_name(dora, late_closing) -> None:
    answer = decide(dora, "closing", late_closing[1], "reopen")
    assert (answer.status_code, list(answer.json["errors"])) == (400, ["decision"])
    page = dora.post(f"/console/review/closing/{late_closing[1]}", data={"decision": "reopen"})
    assert (page.status_code, "This cannot be decided so." in page.text) == (400, True)
    assert db.session.get_one(Closure, late_closing[1]).settled_at is None
    assert db.session.scalars(select(OfficeDeed)).all() == []
