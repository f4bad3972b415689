"""Nobody closes a city by accident; and what the office did is undone as the unit it was, equal row by row."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, insert, select

from crew_app.extensions import db
from crew_app.models import Assignment, Case, Crew, EventRow, OfficeDeed
from crew_app.services.cases import reopen_case
from crew_app.transaction import system_clock, transaction

CITY = 9_000
NEVER_PUT_BACK = {"round", "updated_at"}  # a round never goes down, and when something was last learned is no secret


@pytest.fixture
def dora(signed_in) -> FlaskClient:
    return signed_in("dora")


@pytest.fixture
def sue(signed_in) -> FlaskClient:
    return signed_in("sue")


def do(client: FlaskClient, name: str, ids: list[int], **form: Any) -> Any:
    return client.post(f"/console/api/cases/{name}", json={"cases": [{"id": i} for i in ids], **form})


def undo(client: FlaskClient, deed_id: int, **form: Any) -> Any:
    return client.post(f"/console/api/deeds/{deed_id}/undo", json=form)


def say(client: FlaskClient, deed_id: int, decision: str, cases: int) -> Any:
    return client.post(f"/console/api/approvals/{deed_id}", json={"decision": decision, "cases": cases})


def rows(model: type[Any], *, but: set[str]) -> list[dict[str, Any]]:
    db.session.rollback()
    table = model.__table__
    found = db.session.execute(select(table).order_by(*table.primary_key.columns)).mappings()
    return [{name: value for name, value in row.items() if name not in but} for row in found]


def case_rows() -> list[dict[str, Any]]:
    """Every case with all of its columns, but for those that never go back."""
    return rows(Case, but=NEVER_PUT_BACK)


def hands() -> list[dict[str, Any]]:
    """Every assignment; its round follows its case's."""
    return rows(Assignment, but={"round"})


@dataclass
class Counted:
    statements: int = 0
    seconds: float = 0.0


@contextmanager
def counted_statements() -> Iterator[Counted]:
    """How many statements the database was sent, and how long it all took: the former holds on a busy machine, too."""
    counted, began = Counted(), time.perf_counter()

    def count(*_: Any) -> None:
        counted.statements += 1

    event.listen(db.engine, "before_cursor_execute", count)
    try:
        yield counted
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
        counted.seconds = time.perf_counter() - began


def statuses(ids: list[int]) -> list[str]:
    db.session.rollback()
    return [db.session.get_one(Case, i).status for i in ids]


# ---- nobody ends many alone ------------------------------------------------------------------------------------------


@pytest.fixture
def big_city(city, report, job) -> list[int]:
    """9,000 open cases, some in hand, one of them urgent, one held: ids."""
    ids = [report(), *(job("PWD-1")[0] for _ in range(3))]
    with transaction() as tx:
        first = dict(tx.session.execute(select(Case.__table__).where(Case.id == ids[0])).mappings().one())
        copies = [{**first, "id": None, "number": f"26-9{n:05d}", "is_urgent": n == 7} for n in range(CITY - len(ids))]
        for copy in copies:
            del copy["id"]
        tx.session.execute(insert(Case), copies)
        tx.session.get_one(Case, ids[0]).held_since = tx.now
    return list(db.session.scalars(select(Case.id).order_by(Case.id)))


def test_nine_thousand_cases_cannot_be_closed_by_one_and_undo_brings_back_equal_rows(dora, sue, big_city: list[int]) -> None:
    before, before_hands = case_rows(), hands()
    assert len(before) == CITY
    refused = do(dora, "close", big_city, outcome="fixed")
    assert (refused.status_code, list(refused.json["errors"])) == (400, ["why"])
    asked = do(dora, "close", big_city, outcome="fixed", note="The storm is over.", why="The storm is over")
    assert (asked.status_code, asked.json["done"], asked.json["deed"]["state"]) == (202, [], "asked")
    assert case_rows() == before
    deed_id = asked.json["deed"]["id"]
    own = say(dora, deed_id, "yes", CITY)
    assert (own.status_code, own.json["type"]) == (403, "urn:crew311:second-person")
    assert case_rows() == before

    with counted_statements() as closing:
        yes = say(sue, deed_id, "yes", CITY)
    assert (yes.status_code, len(yes.json["done"])) == (200, CITY)
    assert {row["status"] for row in case_rows()} == {"closed"}
    assert all(row["ended_at"] for row in hands())
    told = db.session.scalars(select(EventRow).where(EventRow.kind == "case_closed").limit(1)).one()
    assert told.body["approved_by_id"] == db.session.get_one(OfficeDeed, deed_id).decided_by_id

    with counted_statements() as undoing:
        undone = undo(dora, deed_id)
    assert (undone.status_code, len(undone.json["done"]), undone.json["left"]) == (200, CITY, [])
    assert case_rows() == before
    assert hands() == before_hands
    print(f"{CITY:,} cases closed in {closing.seconds:.1f} s, undone in {undoing.seconds:.1f} s")
    assert max(closing.statements, undoing.statements) < 150, "a few statements for all, none for each"


def test_several_endings_need_a_second_person_and_the_page_says_so(dora, sue, report) -> None:
    ids = [report(), report()]
    asked = do(dora, "withdraw", ids, why="a test of the form").json["deed"]
    page = sue.get("/console/approvals").text
    assert "Withdraw 2 cases" in page
    assert "a test of the form" in page
    assert "Somebody else must say yes" in dora.get("/console/approvals").text
    answer = sue.post(f"/console/approvals/{asked['id']}", data={"decision": "yes", "cases": "2", "why": "agreed"})
    assert answer.status_code == 303
    assert statuses(ids) == ["withdrawn", "withdrawn"]
    story = dora.get(f"/console/cases/{db.session.get_one(Case, ids[0]).number}").text
    assert "Dora, with the yes of Sue" in story


def test_the_26th_closing_within_a_minute_waits_for_a_second_person(dora, sue, city, report) -> None:
    ids = [report() for _ in range(26)]
    answers = [do(dora, "close", [i], outcome="fixed") for i in ids]
    assert [answer.status_code for answer in answers] == [200] * 25 + [202]
    assert statuses(ids) == ["closed"] * 25 + ["received"]
    assert do(sue, "close", [ids[-1]], outcome="fixed").status_code == 200, "somebody else has looked at none yet"


def test_the_page_counts_too(dora, report) -> None:
    ids = [report() for _ in range(26)]
    numbers = [db.session.get_one(Case, i).number for i in ids]
    for number in numbers:
        assert dora.post(f"/console/cases/{number}/close", data={"outcome": "fixed"}).status_code == 303
    assert statuses(ids)[-1] == "received"
    assert "somebody else must say yes" in dora.get(f"/console/cases/{numbers[-1]}").text


def test_two_requests_at_once_are_counted_both(app: Flask, dora, signed_in, report) -> None:
    """Who has ended 24 may end one more, not two, however they are sent."""
    ids = [report() for _ in range(26)]
    for i in ids[:24]:
        assert do(dora, "close", [i], outcome="fixed").status_code == 200
    gate = Barrier(2)
    db.session.rollback()

    def close(case_id: int) -> int:
        client = signed_in("dora")
        gate.wait()
        with app.app_context():
            return int(do(client, "close", [case_id], outcome="fixed").status_code)

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(close, ids[24:])) == [200, 202]


def test_a_no_changes_nothing_and_decides_once(dora, sue, report) -> None:
    ids = [report(), report()]
    before = case_rows()
    deed_id = do(dora, "close", ids, outcome="fixed", why="done").json["deed"]["id"]
    assert say(sue, deed_id, "no", 2).status_code == 200
    again = say(sue, deed_id, "yes", 2)
    assert (again.status_code, again.json["type"], again.json["detail"]) == (
        409,
        "urn:crew311:already-decided",
        "Sue has decided this already.",
    )
    assert case_rows() == before


def test_a_yes_is_for_what_was_shown(dora, sue, report) -> None:
    ids = [report() for _ in range(3)]
    deed_id = do(dora, "close", ids[:2], outcome="fixed", why="done").json["deed"]["id"]
    assert do(dora, "close", ids, outcome="fixed", why="done").json["deed"]["id"] == deed_id, "it joins what waits"
    grown = say(sue, deed_id, "yes", 2)
    assert (grown.status_code, grown.json["type"]) == (409, "urn:crew311:grown")
    assert statuses(ids) == ["received"] * 3
    assert say(sue, deed_id, "yes", 3).json["done"] == ids


def test_a_day_later_nobody_can_say_yes(dora, sue, report) -> None:
    deed_id = do(dora, "close", [report(), report()], outcome="fixed", why="done").json["deed"]["id"]
    with transaction() as tx:
        tx.session.get_one(OfficeDeed, deed_id).asked_at -= timedelta(days=1, minutes=1)
    assert say(sue, deed_id, "yes", 2).json["type"] == "urn:crew311:expired"
    assert "nobody said yes in time" in sue.get("/console/approvals").text


def test_what_changed_before_the_yes_is_left_alone(dora, sue, city, report) -> None:
    ids = [report(), report()]
    deed_id = do(dora, "close", ids, outcome="fixed", why="done").json["deed"]["id"]
    do(sue, "assign", [ids[1]], crew=city.crew_ids["PWD-1"])
    answer = say(sue, deed_id, "yes", 2).json
    assert (answer["done"], [left["case"] for left in answer["left"]]) == ([ids[0]], [ids[1]])
    assert statuses(ids) == ["closed", "assigned"]


# ---- undo ------------------------------------------------------------------------------------------------------------

UNDOABLE = {
    "assign": ("waiting", {"crew": "PWD-2"}),
    "take-back": ("in hand", {}),
    "pin": ("waiting", {"crew": "PWD-2"}),
    "unpin": ("in hand", {}),
    "hold": ("waiting", {"why": "wait"}),
    "lock": ("in hand", {}),
    "urgent": ("waiting", {}),
    "merge": ("in hand", {"into": "root"}),
    "close": ("in hand", {"outcome": "not_ours", "detail": "the state", "note": "Ask them."}),
    "withdraw": ("in hand", {"why": "by mistake"}),
}


@pytest.mark.parametrize("name", UNDOABLE)
def test_whatever_is_done_to_a_case_comes_back_equal(name: str, dora, city, report, job) -> None:
    waiting, in_hand, root = report(), job("PWD-1")[0], report()
    which, form = UNDOABLE[name]
    meant = {"PWD-2": city.crew_ids["PWD-2"], "root": root}
    before, before_hands = case_rows(), hands()
    done = do(
        dora, name, [waiting if which == "waiting" else in_hand], **{key: meant.get(value, value) for key, value in form.items()}
    )
    assert done.status_code == 200, done.json
    assert case_rows() != before
    undone = undo(dora, done.json["deed"]["id"], why="a slip")
    assert undone.status_code == 200, undone.json
    assert case_rows() == before
    assert [row for row in hands() if row["ended_at"] is None] == [row for row in before_hands if row["ended_at"] is None]


def test_an_urgent_case_that_was_merged_takes_its_mark_along_when_it_is_split_again(dora, sue, report) -> None:
    child, root = report(), report()
    do(dora, "urgent", [child])
    before = case_rows()
    merged = do(dora, "merge", [child], into=root).json
    assert (merged["done"], merged["cases"]["id"], merged["cases"]["urgent"]) == ([child], [root], [1])
    undone = undo(dora, merged["deed"]["id"])
    assert undone.json["done"] == [child, root]
    assert case_rows() == before
    assert undo(dora, undone.json["deed"]["id"]).status_code == 200
    do(sue, "not-urgent", [root])
    again = undo(dora, dora.get("/console/api/deeds").json["deeds"][1]["id"])
    assert (again.json["done"], [left["case"] for left in again.json["left"]]) == ([child], [root]), "Sue has looked at that one"


def test_an_undo_can_be_undone_and_that_too(dora, city, report) -> None:
    case_id = report()
    deed = do(dora, "assign", [case_id], crew=city.crew_ids["PWD-2"]).json["deed"]
    for times, status in enumerate(("received", "assigned", "received"), start=1):
        answer = undo(dora, deed["id"])
        assert answer.status_code == 200, (times, answer.json)
        deed = answer.json["deed"]
        assert statuses([case_id]) == [status]
    assert [row["words"] for row in dora.get("/console/api/deeds").json["deeds"]] == [
        "Undone: 1 case given to PWD-2", "Done again: 1 case given to PWD-2", "Undone: 1 case given to PWD-2", "1 case given to PWD-2",
    ]  # fmt: skip


def test_a_case_that_somebody_changed_since_stays_as_it_is(dora, sue, city, report) -> None:
    ids = [report() for _ in range(3)]
    deed_id = do(dora, "assign", ids, crew=city.crew_ids["PWD-1"]).json["deed"]["id"]
    do(sue, "assign", [ids[1]], crew=city.crew_ids["PWD-3"], why="nearer")
    answer = undo(dora, deed_id)
    assert (answer.status_code, answer.json["done"]) == (200, [ids[0], ids[2]])
    (left,) = answer.json["left"]
    assert (left["case"], left["who"]) == (ids[1], "Sue")
    assert statuses(ids) == ["received", "assigned", "received"]


def test_a_crew_that_has_set_out_is_not_called_back_by_an_undo(dora, city, report, phone) -> None:
    case_id = report()
    deed_id = do(dora, "assign", [case_id], crew=city.crew_ids["PWD-1"]).json["deed"]["id"]
    phone.push(phone.operation("en_route", case_id, 1, {"place": None}))
    answer = undo(dora, deed_id)
    assert answer.status_code == 409
    assert answer.json["left"][0]["words"].startswith("PWD-1 set out: Rosa, today ")
    assert statuses([case_id]) == ["en_route"]


def test_what_dispatch_did_since_by_itself_gives_way(dora, city, report, dispatched) -> None:
    case_id = report()
    dispatched()
    deed_id = do(dora, "hold", [report()], why="wait").json["deed"]["id"]
    taken = do(dora, "take-back", [case_id]).json["deed"]["id"]
    dispatched()
    assert statuses([case_id]) == ["assigned"], "dispatch gave it out again"
    assert undo(dora, taken).status_code == 200
    assert statuses([case_id]) == ["assigned"]
    assert undo(dora, deed_id).status_code == 200


def test_undoing_a_reopening_of_several_ends_cases_and_needs_a_second_person(dora, sue, city, report) -> None:
    ids = [report(), report()]
    with transaction() as tx:
        for case_id in ids:
            case = tx.session.get_one(Case, case_id)
            case.status, case.outcome, case.closed_at = "closed", "fixed", tx.now
    deed_id = do(dora, "reopen", ids, why="not done").json["deed"]["id"]
    asked = undo(dora, deed_id)
    assert (asked.status_code, statuses(ids)) == (202, ["reopened", "reopened"])
    assert say(sue, asked.json["deed"]["id"], "yes", 2).status_code == 200
    assert statuses(ids) == ["closed", "closed"]


def test_after_thirty_days_it_is_too_late_and_twice_is_once(dora, report) -> None:
    deed_id = do(dora, "urgent", [report()]).json["deed"]["id"]
    with transaction() as tx:
        tx.session.get_one(OfficeDeed, deed_id).done_at -= timedelta(days=30, minutes=1)
    assert undo(dora, deed_id).json["type"] == "urn:crew311:too-late"
    with transaction() as tx:
        tx.session.get_one(OfficeDeed, deed_id).done_at = system_clock()
    assert undo(dora, deed_id).status_code == 200
    assert undo(dora, deed_id).json["type"] == "urn:crew311:already-undone"
    assert undo(dora, 987654).status_code == 404


def test_a_crew_that_works_no_more_gets_nothing_back(dora, city, job) -> None:
    case_id, _ = job("PWD-1")
    deed_id = do(dora, "assign", [case_id], crew=city.crew_ids["PWD-2"]).json["deed"]["id"]
    with transaction() as tx:
        tx.session.get_one(Crew, city.crew_ids["PWD-1"]).is_active = False
    answer = undo(dora, deed_id)
    assert (answer.status_code, answer.json["left"][0]["why"]) == (409, "crew_gone")


def test_the_log_shows_each_deed_and_undoes_it_without_script(dora, city, report) -> None:
    case_id = report()
    number = db.session.get_one(Case, case_id).number
    dora.post(f"/console/cases/{number}/hold", data={"why": "the owner pays"})
    page = dora.get("/console/deeds").text
    assert "1 case held back" in page
    assert "the owner pays" in page
    deed_id = db.session.scalars(select(OfficeDeed.id)).one()
    answer = dora.post(f"/console/deeds/{deed_id}/undo", data={"why": "she does not"}, follow_redirects=True)
    assert "Undone for 1 case." in answer.text
    assert "Undone: 1 case held back" in answer.text
    again = dora.post(f"/console/deeds/{deed_id}/undo", data={})
    assert (again.status_code, "This is undone already." in again.text) == (409, True)
    with transaction() as tx:
        assert tx.session.get_one(Case, case_id).held_since is None


def test_a_phone_hears_of_an_undo(dora, city, report, phone) -> None:
    case_id = report()
    deed_id = do(dora, "assign", [case_id], crew=city.crew_ids["PWD-1"]).json["deed"]["id"]
    assert [job["id"] for job in phone.pull()["jobs"]] == [case_id]
    undo(dora, deed_id)
    assert phone.pull()["gone"] == [case_id]


def test_a_case_reopened_by_somebody_is_not_closed_again_by_undoing_a_reopening(dora, sue, city, report) -> None:
    case_id = report()
    closed = do(dora, "close", [case_id], outcome="fixed").json["deed"]["id"]
    with transaction() as tx:
        reopen_case(tx, case_id, "it is back", None)
    answer = undo(dora, closed)
    assert (answer.status_code, answer.json["left"][0]["what"]) == (409, "case_reopened")
