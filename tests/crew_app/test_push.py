"""What a phone sends is applied once, or kept and shown: never lost, never applied twice, never refused into the void."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from phone import HEADERS, Phone, jpeg, photo_ref
from sqlalchemy import event, func, select, update

from crew_app.extensions import db
from crew_app.models import Case, Closure, Device, Note, Operation, Photo, QuarantinedWork, Server
from crew_app.services import closures
from crew_app.services.assignments import assign_case
from crew_app.services.cases import reopen_case, withdraw_case
from crew_app.services.closures import settle_closure
from crew_app.transaction import transaction


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def result(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.json
    return answer.json["results"][0]


def test_on_a_shared_phone_work_is_not_taken_under_the_cookie_of_another(phone: Phone, other_phone: Phone, job) -> None:
    """Found by tests/sim: a sign-out that got lost left the next person's cookie to the first one's outbox."""
    case_id, round_ = job()
    deed = phone.closing(case_id, round_)
    body = {"v": 1, "device": phone.device, "operations": [deed]}
    whose = {**HEADERS, "X-Crew311-Person": phone.client.get("/sync/v1/me").json["person"]["id"]}
    refused = other_phone.client.post("/sync/v1/push", json=body, headers=whose)
    assert (refused.status_code, refused.json["type"]) == (401, "urn:crew311:another-person")
    assert other_phone.client.get("/sync/v1/pull", headers=whose).status_code == 401
    assert phone.client.post("/sync/v1/push", json=body, headers=whose).json["results"][0]["verdict"] == "counted"


def test_a_closing_closes_the_case_and_tells_which_photos_are_missing(phone: Phone, job) -> None:
    case_id, round_seen = job()
    ref = photo_ref(jpeg())
    said = result(phone.push(phone.closing(case_id, round_seen, [ref])))
    assert (said["verdict"], said["case"]["status"], said["photos_missing"]) == ("counted", "closed", [ref["id"]])
    case = db.session.get_one(Case, case_id)
    assert (case.status, case.outcome, case.round) == ("closed", "fixed", round_seen)
    assert case.closed_at is not None


def test_twenty_closings_take_no_more_statements_than_two(phone: Phone, job) -> None:
    """A storm of phones is borne by this (docs/performance.md): a statement for each closing would be most of its price."""
    seen: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda _connection, _cursor, statement, *_: seen.append(statement))

    def statements_of(n: int) -> int:
        operations = [phone.closing(*job(), [photo_ref(jpeg())]) for _ in range(n)]
        seen.clear()
        assert {r["verdict"] for r in phone.push(*operations).json["results"]} == {"counted"}
        return len(seen)

    statements_of(1)  # the device is new
    assert statements_of(20) == statements_of(2) < 40


def test_the_same_closing_again_gets_the_same_answer_and_has_one_effect(phone: Phone, job) -> None:
    operation = phone.closing(*job())
    first = result(phone.push(operation))
    operation["age_ms"] = 99_000  # measured anew at each sending
    assert result(phone.push(operation)) == first
    assert count(Closure) == 1


def test_the_stored_answer_is_given_whatever_the_round_is_now(phone: Phone, city, job) -> None:
    case_id, round_seen = job()
    operation = phone.closing(case_id, round_seen)
    first = result(phone.push(operation))
    with transaction() as tx:
        reopen_case(tx, case_id, "still there", city.person_ids["dora"])
    assert result(phone.push(operation)) == first
    assert db.session.get_one(Case, case_id).status == "reopened"


def test_a_closing_after_the_case_was_given_to_another_crew_is_kept_for_review(phone: Phone, city, job) -> None:
    case_id, round_seen = job()
    with transaction() as tx:
        assign_case(tx, case_id, city.crew_ids["PWD-2"], city.person_ids["dora"])
    ref = photo_ref(jpeg())
    said = result(phone.push(phone.closing(case_id, round_seen, [ref])))
    assert (said["verdict"], said["review"]) == ("needs_review", "office_moved")
    phone.upload(ref, jpeg())
    case = db.session.get_one(Case, case_id)
    assert (case.status, case.review_reason) == ("assigned", "office_moved")
    assert db.session.get_one(Photo, ref["id"]).verified_at is not None
    job_seen = next(j for j in phone.pull()["jobs"] if j["id"] == case_id)
    assert job_seen["mine"] is False
    assert job_seen["closures"][0]["review"] == "office_moved"


def test_a_closing_of_a_withdrawn_case_is_kept_for_review(phone: Phone, city, job) -> None:
    case_id, round_seen = job()
    with transaction() as tx:
        withdraw_case(tx, case_id, "by mistake", city.person_ids["dora"])
    assert result(phone.push(phone.closing(case_id, round_seen)))["verdict"] == "needs_review"
    assert db.session.get_one(Case, case_id).status == "withdrawn"


def test_the_office_can_accept_a_closing_that_needed_review(phone: Phone, city, job) -> None:
    case_id, round_seen = job()
    with transaction() as tx:
        assign_case(tx, case_id, city.crew_ids["PWD-2"], city.person_ids["dora"])
    operation = phone.closing(case_id, round_seen)
    phone.push(operation)
    with transaction() as tx:
        settle_closure(tx, operation["id"], True, city.person_ids["dora"])
    case = db.session.get_one(Case, case_id)
    assert (case.status, case.outcome, case.review_reason) == ("closed", "fixed", None)


def test_another_crews_case_cannot_be_closed_by_its_number(phone: Phone, job) -> None:
    case_id, round_seen = job("PWD-2")
    assert result(phone.push(phone.closing(case_id, round_seen)))["review"] == "not_theirs"
    assert db.session.get_one(Case, case_id).status == "assigned"


def test_on_the_way_on_site_and_a_note_travel_the_same_road(phone: Phone, job) -> None:
    case_id, round_seen = job()
    place = {"place": {"lat": 42.36, "lon": -71.05, "accuracy_m": 9}}
    answer = phone.push(
        phone.operation("en_route", case_id, round_seen, place),
        phone.operation("on_site", case_id, round_seen, {}),
        phone.operation("note", case_id, round_seen, {"text": "Gate is locked."}),
    )
    assert [r["verdict"] for r in answer.json["results"]] == ["counted"] * 3
    assert db.session.get_one(Case, case_id).status == "on_site"
    assert db.session.scalars(select(Note.text)).one() == "Gate is locked."


def test_operations_are_taken_in_the_order_of_their_numbers(phone: Phone, job) -> None:
    case_id, round_seen = job()
    first, second = phone.operation("on_site", case_id, round_seen, {}), phone.closing(case_id, round_seen)
    answer = phone.push(second)
    assert (answer.json["results"], answer.json["expected_seq"]) == ([], 1)
    assert db.session.get_one(Case, case_id).status == "assigned"
    answer = phone.push(first, second)
    assert [r["verdict"] for r in answer.json["results"]] == ["counted", "counted"]
    assert answer.json["expected_seq"] == 3


def test_one_unreadable_operation_does_not_stop_the_others(phone: Phone, job) -> None:
    case_id, round_seen = job()
    bad = phone.operation("note", case_id, round_seen, {"text": 7})
    good = phone.closing(case_id, round_seen)
    answer = phone.push(bad, good)
    assert [r["verdict"] for r in answer.json["results"]] == ["quarantined", "counted"]
    assert answer.json["results"][0]["errors"] == {"payload": {"text": ["Not a valid string."]}}
    kept = db.session.scalars(select(QuarantinedWork)).one()
    assert json.loads(kept.raw) == bad
    assert kept.operation_id == bad["id"]


def test_unreadable_work_sent_again_and_again_is_kept_once(phone: Phone, job) -> None:
    bad = phone.operation("note", *job(), {})
    assert result(phone.push(bad)) == result(phone.push(bad))
    assert count(QuarantinedWork) == 1


def test_an_operation_that_fails_inside_is_kept_and_leaves_nothing_half_done(phone: Phone, job, monkeypatch) -> None:
    case_id, round_seen = job()

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("planted")

    monkeypatch.setattr(closures, "_close", fail)
    poisoned, note = phone.closing(case_id, round_seen), phone.operation("note", case_id, round_seen, {"text": "still here"})
    answer = phone.push(poisoned, note)
    assert [r["verdict"] for r in answer.json["results"]] == ["quarantined", "counted"]
    assert (count(Closure), db.session.get_one(Case, case_id).status) == (0, "assigned")
    assert db.session.scalars(select(QuarantinedWork.operation_id)).one() == poisoned["id"]


CHANGES: list[tuple[str, dict[str, Any], str]] = [
    ("an unknown field", {"colour": "red"}, "colour"),
    ("a huge number", {"case": 10**40}, "case"),
    ("a number of the wrong type", {"round": "2"}, "round"),
    ("true for a number", {"round": True}, "round"),
    ("an unknown kind", {"kind": "explode"}, "kind"),
    ("a time without a zone", {"made_at": "2026-11-22T10:00:00"}, "made_at"),
    ("a day that does not exist", {"made_at": "2026-02-30T10:00:00Z"}, "made_at"),
    ("a year no calendar holds", {"made_at": "0001-01-01T00:00:00+14:00"}, "made_at"),
    ("a negative age", {"age_ms": -1}, "age_ms"),
    ("a payload that is a list", {"payload": []}, "payload"),
    ("an unknown field in the payload", {"payload": {"outcome": "fixed", "bonus": 1}}, "payload.bonus"),
    ("no outcome", {"payload": {}}, "payload.outcome"),
    ("an unknown outcome", {"payload": {"outcome": "noted"}}, "payload.outcome"),
    ("not ours, but not whose", {"payload": {"outcome": "not_ours"}}, "payload.detail"),
    ("scheduled for no day", {"payload": {"outcome": "scheduled", "detail": "soon"}}, "payload.detail"),
    ("a NUL in a note", {"payload": {"outcome": "fixed", "note": "a\x00b"}}, "payload.note"),
    ("half a character", {"payload": {"outcome": "fixed", "note": "\ud83d"}}, "payload.note"),
    ("an endless note", {"payload": {"outcome": "fixed", "note": "x" * 4001}}, "payload.note"),
    ("a place beyond the pole", {"payload": {"outcome": "fixed", "place": {"lat": 91, "lon": 0}}}, "payload.place.lat"),
    ("a photo without a digest", {"payload": {"outcome": "fixed", "photos": [{"id": str(uuid.uuid4()), "size": 1, "kind": "after"}]}}, "payload.photos.0.sha256"),
    ("a photo too large", {"payload": {"outcome": "fixed", "photos": [{"id": str(uuid.uuid4()), "size": 2**31, "sha256": "0" * 64, "kind": "after"}]}}, "payload.photos.0.size"),
    ("an id that is no UUID", {"id": "../../etc/passwd"}, "id"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "field"), [(c, f) for _, c, f in CHANGES], ids=[name for name, _, _ in CHANGES])
def test_a_bad_operation_is_kept_and_the_answer_names_the_field(phone: Phone, job, change: dict[str, Any], field: str) -> None:
    case_id, round_seen = job()
    sent = {**phone.closing(case_id, round_seen), **change}
    said = result(phone.push(sent))
    assert said["verdict"] == "quarantined"
    found: Any = said["errors"]
    for part in field.split("."):
        assert part in found, f"{field} is not named in {said['errors']}"
        found = found[part]
    assert json.loads(db.session.scalars(select(QuarantinedWork.raw)).one()) == sent
    assert db.session.get_one(Case, case_id).status == "assigned"


@pytest.mark.parametrize("operation", [None, 7, "close", [], {}, {"seq": 1}], ids=repr)
def test_something_that_is_no_operation_at_all_is_kept_too(phone: Phone, operation: Any) -> None:
    assert result(phone.push(operation))["verdict"] == "quarantined"
    assert count(QuarantinedWork) == 1


def test_an_id_used_again_for_something_else_is_kept_apart(phone: Phone, job) -> None:
    case_id, round_seen = job()
    operation = phone.closing(case_id, round_seen)
    phone.push(operation)
    changed = {**operation, "payload": {"outcome": "not_found"}}
    said = result(phone.push(changed))
    assert (said["verdict"], said["reason"], list(said["errors"])) == ("quarantined", "id_reused", ["id"])
    assert db.session.get_one(Case, case_id).outcome == "fixed"
    assert json.loads(db.session.scalars(select(QuarantinedWork.raw)).one()) == changed


def test_a_number_used_again_is_kept_apart(phone: Phone, job) -> None:
    case_id, round_seen = job()
    phone.push(phone.operation("note", case_id, round_seen, {"text": "one"}))
    phone.seq = 0
    said = result(phone.push(phone.operation("note", case_id, round_seen, {"text": "two"})))
    assert (said["verdict"], said["reason"]) == ("quarantined", "seq_reused")


def test_work_on_a_case_we_do_not_know_is_kept(phone: Phone) -> None:
    said = result(phone.push(phone.closing(987654, 1)))
    assert (said["reason"], list(said["errors"])) == ("unknown_case", ["case"])
    assert count(QuarantinedWork) == 1


def test_a_photo_id_that_stands_for_another_picture_is_refused_and_the_closing_kept(phone: Phone, job) -> None:
    ref = photo_ref(jpeg())
    phone.push(phone.closing(*job(), [ref]))
    said = result(phone.push(phone.closing(*job(), [ref])))
    assert said["errors"] == {"payload": {"photos": {"0": {"id": ["stands for another photo already"]}}}}


def test_a_revoked_phones_work_is_kept_but_not_applied(phone: Phone, job) -> None:
    case_id, round_seen = job()
    phone.push(phone.operation("note", case_id, round_seen, {"text": "hello"}))
    with transaction() as tx:
        tx.session.get_one(Device, phone.device).revoked_at = tx.now
    assert result(phone.push(phone.closing(case_id, round_seen)))["reason"] == "device_revoked"
    assert db.session.get_one(Case, case_id).status == "assigned"
    assert count(QuarantinedWork) == 1


def test_another_persons_outbox_is_not_taken_for_ones_own(phone: Phone, other_phone: Phone, job) -> None:
    phone.push(phone.operation("note", *job(), {"text": "mine"}))
    other_phone.device = phone.device
    answer = other_phone.push()
    assert answer.status_code == 409
    assert "device" in answer.json["errors"]


BODIES: list[tuple[str, bytes, int, str]] = [
    ("nothing", b"", 400, "body"),
    ("not JSON", b"hello", 400, "body"),
    ("a form", b"v=1&device=x", 400, "body"),
    ("half of it", b'{"v": 1, "device": "', 400, "body"),
    ("not UTF-8", b'{"v": "\xff"}', 400, "body"),
    ("NaN", b'{"v": NaN}', 400, "body"),
    ("a number of 5,000 digits", b'{"v": ' + b"9" * 5000 + b"}", 400, "body"),
    ("nested 100,000 deep", b"[" * 100_000, 400, "body"),
    ("a list", b"[]", 400, "_schema"),
    ("null", b"null", 400, "_schema"),
    ("another version", b'{"v": 2, "device": "00000000-0000-4000-8000-000000000000", "operations": []}', 400, "v"),
    ("no device", b'{"v": 1, "operations": []}', 400, "device"),
    ("an unknown field", b'{"v": 1, "device": "00000000-0000-4000-8000-000000000000", "operations": [], "x": 1}', 400, "x"),
    ("operations that are no list", b'{"v": 1, "device": "00000000-0000-4000-8000-000000000000", "operations": {}}', 400, "operations"),
    ("51 operations", b'{"v": 1, "device": "00000000-0000-4000-8000-000000000000", "operations": [' + b",".join([b"1"] * 51) + b"]}", 400, "operations"),
    ("2 MiB", b'{"v": "' + b"x" * 2**21 + b'"}', 413, "body"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "status", "field"), [b[1:] for b in BODIES], ids=[b[0] for b in BODIES])
def test_a_bad_body_gets_an_error_that_names_the_field_and_is_kept(phone: Phone, body: bytes, status: int, field: str) -> None:
    answer = phone.client.post("/sync/v1/push", data=body, content_type="application/json", headers=HEADERS)
    assert answer.status_code == status
    assert answer.content_type == "application/json"
    assert field in answer.json["errors"], answer.json
    if status == 400:
        assert count(QuarantinedWork) == 1


def test_without_the_apps_header_nothing_is_taken(phone: Phone, job) -> None:
    """A form on another site cannot set a header (CSRF)."""
    body = {"v": 1, "device": phone.device, "operations": [phone.closing(*job())]}
    assert phone.client.post("/sync/v1/push", json=body).status_code == 403
    assert count(Operation) == 0


@pytest.mark.parametrize(
    "header", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "same-site"}]
)
def test_another_site_cannot_push(phone: Phone, header: dict[str, str]) -> None:
    answer = phone.client.post("/sync/v1/push", json={}, headers={**HEADERS, **header})
    assert (answer.status_code, answer.json["type"]) == (403, "urn:crew311:cross-site")


def test_signed_out_is_told_so_and_nothing_is_lost(client) -> None:
    answer = Phone(client).push()
    assert (answer.status_code, answer.json["type"]) == (401, "urn:crew311:sign-in-needed")


def test_an_office_person_has_no_outbox(signed_in) -> None:
    assert Phone(signed_in("dora")).push().status_code == 403


def test_a_push_with_a_cursor_is_answered_with_the_page_a_pull_would_bring(phone: Phone, city, job) -> None:
    case_id, round_now = job()
    phone.pull()
    other_case, _ = job()  # the office's news comes along
    operation = phone.closing(case_id, round_now)
    answer = phone.send({"v": 1, "device": phone.device, "cursor": phone.cursor, "operations": [operation]}).json
    query = {"cursor": phone.cursor, "device": phone.device, "brief": "1", "columns": "1"}
    pulled = phone.client.get("/sync/v1/pull", query_string=query).json
    assert answer["results"][0]["verdict"] == "counted"
    assert answer["page"] | {"now": None} == pulled | {"now": None}
    assert answer["page"]["operations"] == [operation["id"]]
    assert answer["page"]["jobs"]["id"] == [case_id, other_case]


def test_a_push_with_a_cursor_and_nothing_new_is_answered_briefly(phone: Phone, job) -> None:
    job()
    phone.pull()
    answer = phone.send({"v": 1, "device": phone.device, "cursor": phone.cursor, "operations": []}).json
    assert answer["page"] == {"v": 1, "cursor": phone.cursor}


def test_a_push_without_a_cursor_is_answered_without_a_page(phone: Phone, job) -> None:
    """Phones whose app is of yesterday send none."""
    assert "page" not in phone.push(phone.closing(*job())).json


def test_a_page_that_cannot_be_had_does_not_hold_up_the_work(phone: Phone, job, monkeypatch) -> None:
    def broken(*_: Any) -> None:
        raise ArithmeticError

    def pushed(cursor: str | None) -> dict[str, Any]:
        operation = phone.closing(*job())
        answer = phone.send({"v": 1, "device": phone.device, "cursor": cursor, "operations": [operation]}).json
        assert answer["results"][0]["verdict"] == "counted"
        return answer

    phone.pull()
    assert pushed("none of ours")["page"] is None
    monkeypatch.setattr("crew_app.routes.phone.pull_page", broken)
    assert pushed(phone.cursor)["page"] is None


def test_the_page_of_a_restored_city_names_what_the_phone_still_holds(phone: Phone, job) -> None:
    operations = [phone.closing(*job()) for _ in range(3)]
    phone.push(*operations)
    phone.pull()
    with transaction() as tx:
        tx.session.execute(update(Server).values(epoch=str(uuid.uuid4())))
    envelope = {"v": 1, "device": phone.device, "cursor": phone.cursor, "held": 2, "operations": operations}
    page = phone.send(envelope).json["page"]
    assert page["reset"] is True
    assert page["operations"] == [operation["id"] for operation in operations[1:]]


def test_wrong_clocks_neither_lose_nor_prettify(phone: Phone, job) -> None:
    """A phone set back to 1999 cannot date its work before the case was in the crew's hands."""
    case_id, round_seen = job()
    said = result(phone.push(phone.closing(case_id, round_seen, made_at="1999-01-01T00:00:00Z", age_ms=None)))
    assert said["verdict"] == "counted"
    closure = db.session.scalars(select(Closure)).one()
    assert closure.clock_is_doubtful
    assert closure.made_at.year == 1999
    assert (closure.received_at - closure.done_at).total_seconds() < 60
