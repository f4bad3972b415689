"""The live picture: what is in it, what comes after a number, and a stream that leaves room for the phones."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from phone import Phone, jpeg, photo_ref

from crew_app.extensions import db
from crew_app.models import Crew, Report, Shift
from crew_app.routes import live
from crew_app.services.assignments import assign_case, hold_case, mark_urgent, take_back
from crew_app.services.cases import add_note, close_by_office
from crew_app.transaction import system_clock, transaction


@pytest.fixture(autouse=True)
def look_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each question is answered from the database as it is now."""
    monkeypatch.setattr(live, "LOOK_EVERY_S", 0.0)
    monkeypatch.setattr(live, "CREWS_EVERY_S", 0.0)


@pytest.fixture
def dora(signed_in) -> FlaskClient:
    return signed_in("dora")


def rows(columns: dict[str, list[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def ask(client: FlaskClient, address: str, **query: Any) -> dict[str, Any]:
    db.session.rollback()  # the requests of a test share a session, and its snapshot would be the first one's
    answer = client.get(f"/console/live/{address}", query_string=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def picture(client: FlaskClient) -> dict[str, Any]:
    whole = ask(client, "picture")
    return {**whole, "cases": {row["id"]: row for row in rows(whole["cases"])}}


def changes(client: FlaskClient, after: int, tag: str = "") -> dict[str, Any]:
    news = ask(client, "changes", after=after, crews=tag)
    return {**news, "cases": {row["id"]: row for row in rows(news.get("cases", {}))}}


def crew(of: dict[str, Any], code: str) -> dict[str, Any]:
    return next(row for row in of["crews"]["all"] if row["code"] == code)


# ---- what is in it ---------------------------------------------------------------------------------------------------


def test_it_shows_what_is_open_and_what_needs_a_look_and_nothing_else(dora, city, report, job, phone: Phone) -> None:
    waiting, (held, _), done, taken_back = report(), job(), report(), job("PWD-1")
    with transaction() as tx:
        close_by_office(tx, done, "fixed", None, "", city.person_ids["dora"])
        take_back(tx, taken_back[0], "", city.person_ids["dora"])
    phone.push(phone.closing(*taken_back))  # it was taken back meanwhile: somebody must look
    with transaction() as tx:
        close_by_office(tx, taken_back[0], "fixed", None, "", city.person_ids["dora"])
    found = picture(dora)["cases"]
    assert set(found) == {waiting, held, taken_back[0]}
    assert (found[waiting]["status"], found[waiting]["crew"]) == ("received", None)
    assert (found[held]["crew"], found[held]["round"], found[held]["read"]) == (city.crew_ids["PWD-1"], 1, 0)
    assert (found[taken_back[0]]["status"], found[taken_back[0]]["review"]) == ("closed", "office_moved")


def test_a_residents_contact_is_nowhere_in_it(dora, report) -> None:
    case_id = report(name="Uma Vance", email="uma@example.org", phone="617-555-0117")
    assert db.session.scalars(db.select(Report)).one().email == "uma@example.org", "there is a contact to leak"
    for address in ("picture", "changes?after=0", f"cases/{case_id}"):
        said = dora.get(f"/console/live/{address}").text
        assert not [word for word in ("Uma", "uma@", "0117") if word in said], address


def test_each_crew_shows_shift_contact_place_and_what_is_still_on_its_phones(dora, city, job, phone: Phone, app: Flask) -> None:
    now = system_clock()
    case_id, round_seen = job()
    place = {"lat": 42.36, "lon": -71.05, "accuracy_m": 5}
    phone.push(phone.operation("en_route", case_id, round_seen, {"place": place}))
    ref = photo_ref(jpeg())
    phone.push(phone.closing(case_id, round_seen, photos=[ref]))
    with transaction() as tx:
        silent = tx.session.get_one(Crew, city.crew_ids["PWD-2"])
        silent.last_contact_at = now - timedelta(hours=3)
        for shift in tx.session.query(Shift):
            shift.starts_at = now - timedelta(hours=2)
            if shift.crew_id == city.crew_ids["PWD-3"]:
                shift.ends_at = now - timedelta(minutes=1)
        silent.last_latitude, silent.last_longitude, silent.last_placed_at = 42.4, -71.0, now - timedelta(days=1)
    found = picture(dora)
    rosas = crew(found, "PWD-1")
    assert (rosas["lat"], rosas["lon"], rosas["lost"]) == (42.36, -71.05, False)
    assert rosas["placed"] is not None and abs(rosas["placed"] - now.timestamp()) < 60
    assert (rosas["photos"], rosas["bytes"]) == (1, ref["size"])
    assert (rosas["jobs"], rosas["until"] is not None) == ([], True)
    gone = crew(found, "PWD-2")
    assert gone["lost"] is True
    assert (gone["placed"], gone["lat"]) == (None, 42.35), "yesterday's place is no place; its depot is the better guess"
    assert crew(found, "PWD-3")["until"] is None, "off duty"


def test_a_crews_list_is_in_the_order_it_will_be_worked(dora, city, job, phone: Phone) -> None:
    first, second, third = job(), job(), job()
    phone.push(phone.operation("on_site", *third, {"place": None}))
    assert crew(picture(dora), "PWD-1")["jobs"] == [third[0], first[0], second[0]]


# ---- what comes after a number ---------------------------------------------------------------------------------------


def test_what_changed_comes_once_and_what_is_over_is_gone(dora, city, report, job) -> None:
    one, two, quiet = report(), report(), report()
    seq = picture(dora)["seq"]
    assert changes(dora, seq)["cases"] == {}
    with transaction() as tx:
        assign_case(tx, one, city.crew_ids["PWD-2"], city.person_ids["dora"])
        close_by_office(tx, two, "fixed", None, "", city.person_ids["dora"])
    news = changes(dora, seq)
    assert (set(news["cases"]), news["gone"], news["reset"]) == ({one}, [two], False)
    assert news["cases"][one]["crew"] == city.crew_ids["PWD-2"]
    assert quiet not in news["cases"]
    again = changes(dora, news["seq"])
    assert (again["cases"], again["seq"]) == ({}, news["seq"])


@pytest.mark.parametrize(
    "deed",
    [
        lambda tx, case, by: mark_urgent(tx, case, True, "", by),
        lambda tx, case, by: hold_case(tx, case, "ask first", by),
        lambda tx, case, by: add_note(tx, case, "gate code", by, False),
    ],
    ids=["urgent", "held", "note"],
)
def test_whatever_is_done_to_a_case_brings_its_row(dora, city, report, deed) -> None:
    case_id = report()
    seq = picture(dora)["seq"]
    with transaction() as tx:
        deed(tx, case_id, city.person_ids["dora"])
    assert set(changes(dora, seq)["cases"]) == {case_id}


def test_crews_come_again_only_when_something_about_them_is_another(dora, city, job) -> None:
    tag = picture(dora)["crews"]["tag"]
    seq = picture(dora)["seq"]
    assert "crews" not in changes(dora, seq, tag)
    with transaction() as tx:  # no event tells this
        tx.session.get_one(Crew, city.crew_ids["PWD-1"]).last_contact_at = system_clock()
    news = changes(dora, seq, tag)
    assert news["seq"] == seq
    assert crew(news, "PWD-1")["seen"] is not None


def test_too_much_news_asks_for_the_whole(dora, report, monkeypatch: pytest.MonkeyPatch) -> None:
    seq = picture(dora)["seq"]
    monkeypatch.setattr(live, "MOST_CHANGED", 2)
    for _ in range(3):
        report()
    assert changes(dora, seq)["reset"] is True
    assert changes(dora, picture(dora)["seq"] + 1)["reset"] is True, "a number we never gave: the server was restored"


@pytest.mark.parametrize("after", ["", "-1", "x", "1.5", "٣", "9" * 19])
def test_a_number_that_is_none_is_refused_by_name(dora, after: str) -> None:
    answer = dora.get("/console/live/changes", query_string={"after": after}, headers={"Accept": "application/json"})
    assert (answer.status_code, list(answer.get_json()["errors"])) == (400, ["after"])


def test_events_committed_late_are_not_skipped(dora, app: Flask, city, report) -> None:
    """Many write at once while one desk follows: what it pieced together is what the city holds."""
    ids = [report() for _ in range(8)]
    start = picture(dora)
    mine = dict(start["cases"])

    def write(case_id: int) -> None:
        with app.app_context():
            for crew_code in ("PWD-1", "PWD-2", "PWD-3"):
                with transaction() as tx:
                    assign_case(tx, case_id, city.crew_ids[crew_code], city.person_ids["dora"])
            db.session.remove()

    writers = [threading.Thread(target=write, args=(case_id,)) for case_id in ids]
    for writer in writers:
        writer.start()
    seq, looks = start["seq"], 0
    while any(writer.is_alive() for writer in writers) or looks < 2:
        looks = 0 if any(writer.is_alive() for writer in writers) else looks + 1
        news = changes(dora, seq)
        mine |= news["cases"]
        seq = news["seq"]
    assert mine == picture(dora)["cases"]
    assert {row["round"] for row in mine.values()} == {3}


# ---- one case --------------------------------------------------------------------------------------------------------


def test_a_chosen_case_says_what_was_reported_and_why_this_crew_or_none(dora, city, job, report) -> None:
    case_id, _ = job()
    assert ask(dora, f"cases/{case_id}")["why"] == "The office gave it to PWD-1."
    waiting = ask(dora, f"cases/{report(description='Deep and wide.', latitude=None)}")
    assert waiting["description"] == "Deep and wide."
    assert "Somebody must set the place first." in waiting["why"]
    assert dora.get("/console/live/cases/99999").status_code == 404


def test_districts_come_as_a_map_draws_them(dora, city) -> None:
    found = ask(dora, "outlines")["features"]
    assert [(it["properties"]["code"], it["geometry"]["type"]) for it in found] == [("1", "Polygon")]
    assert [-71.3, 42.2] in found[0]["geometry"]["coordinates"][0], "longitude first"


# ---- the stream ------------------------------------------------------------------------------------------------------


def frames(client: FlaskClient, count: int, **headers: str) -> list[dict[str, str]]:
    """The first so many frames, then the reader leaves."""
    found: list[dict[str, str]] = []
    answer = client.get("/console/live/stream", headers={"Accept": "text/event-stream", **headers}, buffered=False)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    for piece in answer.response:
        for frame in (piece.decode() if isinstance(piece, bytes) else piece).strip().split("\n\n"):
            found.append(dict(line.split(": ", 1) for line in frame.split("\n")))
        if len(found) >= count:
            break
    answer.close()
    return found[:count]


def test_a_stream_goes_on_after_the_last_event_its_reader_had(dora, city, report) -> None:
    report()
    seq = picture(dora)["seq"]
    missed = report()
    first, second = frames(dora, 2, **{"Last-Event-ID": str(seq)})
    assert first == {"retry": str(live.COME_BACK_MS)}
    news = json.loads(second["data"])
    assert (second["event"], second["id"]) == ("news", str(news["seq"]))
    assert news["cases"]["id"] == [missed]
    assert "crews" in news, "a reader that has none gets them"
    assert news["seq"] > seq


def test_a_quiet_stream_beats_so_that_a_dead_one_is_noticed(dora, city, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "BEAT_EVERY_S", 0.0)
    now = picture(dora)
    query = f"/console/live/stream?after={now['seq']}&crews={now['crews']['tag']}"
    with dora.get(query, buffered=False) as answer:
        pieces = iter(answer.response)
        next(pieces)
        assert next(pieces).startswith(b"event: beat\n")


def test_streams_leave_room_for_the_phones(dora, app: Flask, city) -> None:
    """At most LIVE_STREAMS at once; the next is told to come back, and a reader that leaves makes room, however it leaves."""
    query = "/console/live/stream?after=0"
    most = app.config["LIVE_STREAMS"]
    held = [dora.get(query, buffered=False) for _ in range(most)]
    assert {answer.status_code for answer in held} == {200}
    refused = dora.get(query, headers={"Accept": "application/json"})
    assert (refused.status_code, refused.get_json()["type"]) == (503, "urn:crew311:no-stream")
    assert int(refused.headers["Retry-After"]) > 0
    assert dora.get("/console/live/changes?after=0").status_code == 200, "and the news can be had without one"
    next(iter(held[0].response))  # this one was read from, the others never were
    for answer in held:
        answer.close()
    again = [dora.get(query, buffered=False) for _ in range(most)]
    assert {answer.status_code for answer in again} == {200}
    for answer in again:
        answer.close()


def test_a_stream_ends_with_its_process_and_by_itself(dora, app: Flask, city, monkeypatch: pytest.MonkeyPatch) -> None:
    app.extensions["is_stopping"] = lambda: True
    assert len(list(dora.get("/console/live/stream?after=0", buffered=False).response)) == 1
    app.extensions["is_stopping"] = lambda: False
    monkeypatch.setattr(live, "STREAM_S", 0.0)
    assert len(list(dora.get("/console/live/stream?after=0", buffered=False).response)) == 1


# ---- who may look ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["picture", "outlines", "changes?after=0", "stream?after=0", "cases/1"])
def test_it_is_for_the_office(signed_in, client: FlaskClient, report, address: str) -> None:
    report()
    for name in ("dora", "cal", "sue", "ada"):
        with signed_in(name).get(f"/console/live/{address}", buffered=False) as answer:
            assert answer.status_code == 200
            assert answer.headers["Cache-Control"] == "no-store"
    assert signed_in("rosa").get(f"/console/live/{address}").status_code == 403
    assert client.get(f"/console/live/{address}", headers={"Accept": "application/json"}).status_code == 401


def test_who_may_move_work_is_told_so(signed_in, city) -> None:
    assert [picture(signed_in(name))["may_move"] for name in ("cal", "dora", "sue")] == [False, True, True]
    assert picture(signed_in("dora"))["you"] == {"id": city.person_ids["dora"], "name": "Dora", "role": "dispatcher"}


def test_a_case_takes_little_room(dora, report) -> None:
    """Columns, not rows: 10,000 cases fit into 1.5 MB before they are packed."""
    report(address="1234 Commonwealth Ave, Brighton 02135")
    columns = ask(dora, "picture")["cases"]
    assert sum(len(json.dumps(values[0])) + 1 for values in columns.values()) < 150
