"""The desk moves work in JSON: one case or many, as they were seen; who comes later is told what happened."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from crew_app.extensions import db
from crew_app.models import Assignment, Case, DeedCase, OfficeDeed
from crew_app.queries.cases import open_assignment


@pytest.fixture
def dora(signed_in) -> FlaskClient:
    return signed_in("dora")


def do(client: FlaskClient, name: str, cases: list[Any], **form: Any) -> Any:
    named = [case if isinstance(case, dict) else {"id": case} for case in cases]
    return client.post(f"/console/api/cases/{name}", json={"cases": named, **form})


def seen(case_id: int) -> dict[str, Any]:
    """A case as a desk sees it now."""
    case = now(case_id)
    return {"id": case.id, "round": case.round, "status": case.status}


def now(case_id: int) -> Case:
    db.session.rollback()
    return db.session.get_one(Case, case_id)


def holder(case_id: int) -> int | None:
    held = open_assignment(now(case_id))
    return held.crew_id if held else None


# ---- move ------------------------------------------------------------------------------------------------------------


def test_many_cases_go_to_a_crew_as_one_deed(dora, city, report) -> None:
    ids = [report() for _ in range(3)]
    answer = do(dora, "assign", [seen(i) for i in ids], crew=city.crew_ids["PWD-2"], why="it knows the street")
    assert answer.status_code == 200
    assert (answer.json["done"], answer.json["left"]) == (ids, [])
    assert answer.json["deed"]["words"] == "3 cases given to PWD-2"
    assert [holder(i) for i in ids] == [city.crew_ids["PWD-2"]] * 3
    (deed,) = db.session.scalars(db.select(OfficeDeed))
    assert (deed.kind, deed.cases, deed.person.name) == ("assign", 3, "Dora")


def test_a_desk_hears_with_the_answer_how_the_cases_are_now(dora, city, report) -> None:
    ids = [report() for _ in range(2)]
    given = do(dora, "assign", ids, crew=city.crew_ids["PWD-2"]).json
    assert (given["cases"]["id"], given["cases"]["crew"], given["cases"]["round"]) == (ids, [city.crew_ids["PWD-2"]] * 2, [1, 1])
    picture = dora.get("/console/live/picture").json
    assert given["seq"] == picture["seq"], "no news before this number knows better"
    assert [[column[i] for column in picture["cases"].values()] for i in range(2)] == [
        [column[i] for column in given["cases"].values()] for i in range(2)
    ]
    late = do(dora, "take-back", [{"id": ids[0], "round": 0, "status": "received"}]).json
    assert (late["cases"]["id"], late["cases"]["round"], late["seq"]) == (ids[:1], [1], given["seq"])
    assert do(dora, "close", ids[:1], outcome="fixed").json["gone"] == ids[:1]


def test_the_later_dispatcher_is_told_what_happened_and_nothing_is_overwritten(dora, signed_in, city, report) -> None:
    case_id = report()
    both_saw = seen(case_id)
    assert do(signed_in("sue"), "assign", [both_saw], crew=city.crew_ids["PWD-1"]).status_code == 200
    late = do(dora, "assign", [both_saw], crew=city.crew_ids["PWD-3"])
    assert (late.status_code, late.content_type) == (409, "application/problem+json")
    (left,) = late.json["left"]
    assert (left["why"], left["who"], left["what"]) == ("changed", "Sue", "case_assigned")
    assert left["words"].startswith("Given to PWD-1: Sue, today ")
    assert late.json["type"] == "urn:crew311:changed"
    assert holder(case_id) == city.crew_ids["PWD-1"]
    assert len(db.session.scalars(db.select(OfficeDeed)).all()) == 1


def test_of_many_those_that_changed_are_left_and_the_others_done(dora, city, report) -> None:
    kept, changed, closed = report(), report(), report()
    as_seen = [seen(i) for i in (kept, changed, closed)]
    do(dora, "hold", [changed], why="ask first")  # no other round or status: it is as it was seen, and may be given out
    do(dora, "close", [closed], outcome="fixed")
    answer = do(dora, "assign", [*as_seen, {"id": 987654}], crew=city.crew_ids["PWD-2"])
    assert answer.status_code == 200
    assert answer.json["done"] == [kept, changed]
    assert {left["case"]: left["why"] for left in answer.json["left"]} == {closed: "changed", 987654: "unknown"}
    assert now(closed).status == "closed"
    stopped = db.session.scalars(db.select(DeedCase).where(DeedCase.left.is_not(None))).all()
    assert [(row.case_id, row.left) for row in stopped] == [(closed, "changed")]


def test_what_the_rules_refuse_is_said_in_words(dora, report) -> None:
    case_id = report()
    answer = do(dora, "release", [case_id])
    assert answer.status_code == 409
    assert answer.json["left"][0]["words"] == answer.json["detail"] == "This case is not held."
    assert answer.json["type"] == "urn:crew311:refused"


@pytest.mark.parametrize("tries", range(3))
def test_two_who_move_the_same_case_at_the_same_moment(app: Flask, signed_in, city, report, tries: int) -> None:
    """One of them wins; the other is told who did, whichever of the two it is."""
    case_id = report()
    both_saw, gate = seen(case_id), Barrier(2)
    db.session.rollback()

    def move(name: str, crew: str) -> Any:
        client = signed_in(name)
        gate.wait()
        with app.app_context():
            answer = do(client, "assign", [both_saw], crew=city.crew_ids[crew])
            return name, city.crew_ids[crew], answer.status_code, answer.json

    with ThreadPoolExecutor(2) as pool:
        answers = [task.result() for task in [pool.submit(move, "dora", "PWD-1"), pool.submit(move, "sue", "PWD-3")]]
    (won,) = [answer for answer in answers if answer[2] == 200]
    (lost,) = [answer for answer in answers if answer[2] == 409]
    assert lost[3]["left"][0]["who"] == won[0].title()
    assert holder(case_id) == won[1]
    assert now(case_id).round == both_saw["round"] + 1
    assert len(db.session.scalars(db.select(Assignment)).all()) == 1


# ---- pin, lock, hold -------------------------------------------------------------------------------------------------


def test_a_pinned_case_goes_to_its_crew_and_to_no_other(dora, city, report, dispatched) -> None:
    case_id = report(longitude=-71.06)  # PWD-3 is there
    assert do(dora, "pin", [case_id], crew=city.crew_ids["PWD-1"]).status_code == 200
    dispatched()
    assert holder(case_id) == city.crew_ids["PWD-1"]
    assert do(dora, "unpin", [case_id]).status_code == 200
    assert now(case_id).pinned_crew_id is None


def test_what_another_crew_has_cannot_be_pinned_away_from_it(dora, city, job) -> None:
    case_id, _ = job("PWD-1")
    answer = do(dora, "pin", [case_id], crew=city.crew_ids["PWD-2"])
    assert (answer.status_code, answer.json["detail"]) == (409, "PWD-1 has this case. Give it to PWD-2 instead.")


def test_a_locked_job_keeps_its_crew_until_it_is_released(dora, job) -> None:
    case_id, _ = job("PWD-1")
    do(dora, "unpin", [case_id])
    assert do(dora, "lock", [case_id]).status_code == 200
    assert now(case_id).held_since is not None
    assert do(dora, "release", [case_id]).status_code == 200
    assert now(case_id).held_since is None
    assert do(dora, "hold", [case_id], why="wait").json["left"][0]["why"] == "refused", "a job in hand is locked, not held"


# ---- a crew's day ----------------------------------------------------------------------------------------------------


def test_a_crews_whole_day_goes_to_another_in_its_order(dora, city, job) -> None:
    ids = [job("PWD-1")[0] for _ in range(3)]
    answer = dora.post(
        f"/console/api/crews/{city.crew_ids['PWD-1']}/hand-over", json={"to": city.crew_ids["PWD-2"], "why": "flat tyre"}
    )
    assert answer.status_code == 200
    assert answer.json["deed"]["words"] == "The day of PWD-1 handed to PWD-2: 3 cases"
    assert {holder(i) for i in ids} == {city.crew_ids["PWD-2"]}
    again = dora.post(f"/console/api/crews/{city.crew_ids['PWD-1']}/hand-over", json={"to": city.crew_ids["PWD-2"]})
    assert (again.status_code, list(again.json["errors"])) == (400, ["from"])


# ---- what if, and why ------------------------------------------------------------------------------------------------


def test_a_drop_says_its_price_and_writes_nothing(dora, city, job, report) -> None:
    moved, kept = job("PWD-1")[0], job("PWD-2")[0]
    before = now(moved).round
    answer = dora.post("/console/api/what-if", json={"cases": [moved], "crew": city.crew_ids["PWD-2"]})
    assert answer.status_code == 200
    taker, giver = answer.json["crews"]
    assert (taker["crew"], taker["takes"], giver["crew"]) == (city.crew_ids["PWD-2"], True, city.crew_ids["PWD-1"])
    assert taker["metres"][1] >= taker["metres"][0] > 0
    assert giver["metres"][1] == 0
    assert answer.json["cases"][0]["place"] in (1, 2)
    assert answer.json["words"].startswith("PWD-2 drives ")
    assert answer.json["words"].endswith("Nothing new comes late.")
    assert (now(moved).round, holder(moved), holder(kept)) == (before, city.crew_ids["PWD-1"], city.crew_ids["PWD-2"])
    other = dora.post("/console/api/what-if", json={"cases": [moved], "crew": city.crew_ids["PARK-1"]})
    assert other.json["cases"][0]["words"] == "PARK-1 is of another department."


def test_why_this_crew_ranks_every_crew_with_its_refusal_in_words(dora, city, report, dispatched) -> None:
    case_id = report(longitude=-71.06)
    dispatched()
    answer = dora.get(f"/console/api/cases/{case_id}/why").json
    assert answer["words"].startswith("Crew PWD-3")
    crews = {crew["code"]: crew for crew in answer["crews"]}
    assert [crew["code"] for crew in answer["crews"]] == ["PWD-3", "PWD-2", "PWD-1", "PARK-1"]
    assert (crews["PWD-3"]["has_it"], crews["PWD-3"]["refusal"]) == (True, None)
    assert 0 <= crews["PWD-3"]["metres"] < crews["PWD-2"]["metres"] < crews["PWD-1"]["metres"]
    assert (crews["PARK-1"]["metres"], crews["PARK-1"]["words"]) == (None, "is of another department")


# ---- bad input, and who may ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "body", "field"),
    [
        ("assign", {"cases": [{"id": 1}]}, "crew"),
        ("assign", {"cases": [{"id": 1}], "crew": 4711}, "crew"),
        ("assign", {"cases": [], "crew": 1}, "cases"),
        ("assign", {"cases": [{"id": 1}, {"id": 1}], "crew": 1}, "cases"),
        ("assign", {"cases": [{"id": 1, "version": 3}], "crew": 1}, "cases"),
        ("assign", {"cases": [{"id": 1}], "crew": 1, "force": True}, "force"),
        ("assign", {"cases": [{}] * 10_001, "crew": 1}, "cases"),  # wrong in a place and as a whole
        ("assign", {"cases": [{"id": 1}, 5], "crew": 1}, "cases"),
        ("assign", {"cases": [{"id": n} for n in range(1, 600)], "crew": 1}, "cases"),
        ("hold", {"cases": [{"id": 1}], "why": "  "}, "why"),
        ("merge", {"cases": [{"id": 1}], "into": 987654}, "into"),
        ("close", {"cases": [{"id": 1}], "outcome": "not_ours"}, "detail"),
        ("take-back", {"cases": [{"id": 1}], "why": "x" * 201}, "why"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_by_the_name_of_its_field(dora, name: str, body: dict[str, Any], field: str) -> None:
    answer = dora.post(f"/console/api/cases/{name}", json=body)
    assert (answer.status_code, list(answer.json["errors"])) == (400, [field])


def test_only_who_moves_work_may(signed_in, client, report) -> None:
    case_id = report()
    assert do(signed_in("cal"), "urgent", [case_id]).status_code == 403
    assert do(signed_in("rosa"), "urgent", [case_id]).status_code == 403
    assert do(client, "urgent", [case_id]).status_code == 401
    assert not now(case_id).is_urgent
    assert do(signed_in("dora"), "note", [case_id]).status_code == 404, "a note is written on its case's page"
    assert signed_in("cal").get(f"/console/api/cases/{case_id}/why").status_code == 200


def test_the_page_tells_the_later_dispatcher_too(dora, signed_in, city, report) -> None:
    case_id = report()
    case = now(case_id)
    both_saw, number = f"{case.round}:{case.status}", case.number
    first = signed_in("sue").post(f"/console/cases/{number}/assign", data={"crew": city.crew_ids["PWD-1"], "seen": both_saw})
    assert first.status_code == 303
    late = dora.post(f"/console/cases/{number}/assign", data={"crew": city.crew_ids["PWD-3"], "seen": both_saw})
    assert late.status_code == 409
    assert "It has changed since you looked. Given to PWD-1: Sue, today" in late.text
    assert holder(case_id) == city.crew_ids["PWD-1"]
