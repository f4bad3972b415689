"""A crew's own day: its shift as it says it, and what the office lets it know, on its phones and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from crew_app.extensions import db
from crew_app.models import Closure, Crew, Message, MessageKind, Operation, Shift
from crew_app.queries.cases import crews_on_duty
from crew_app.services.assignments import assign_case, mark_urgent
from crew_app.services.cases import withdraw_case
from crew_app.services.messages import tell_crew, write_to_crew
from crew_app.services.planning import crews_ready
from crew_app.transaction import system_clock, transaction


def day(phone, kind: str, payload: dict[str, Any] | None = None, **other: Any) -> str:
    """Push one operation about the day; returns its verdict."""
    answer = phone.push(phone.operation(kind, None, 0, payload or {}, **other))
    assert answer.status_code == 200, answer.json
    return answer.json["results"][0]["verdict"]


def shift_of(city, crew: str = "PWD-1") -> Shift:
    db.session.rollback()
    return db.session.scalars(select(Shift).where(Shift.crew_id == city.crew_ids[crew]).order_by(Shift.id)).all()[-1]


def ready(city, crew: str = "PWD-1"):
    """The crew as dispatch sees it now, or None."""
    db.session.rollback()
    return next((c for c in crews_ready(db.session, system_clock()) if c.id == city.crew_ids[crew]), None)


def test_a_crew_says_who_is_there_with_what_and_dispatch_counts_on_no_more(phone, city) -> None:
    with transaction() as tx:
        tx.session.get_one(Crew, city.crew_ids["PWD-1"]).skills = ["lift", "asphalt"]
    said = {"members": ["Rosa Diaz", "A new colleague"], "vehicle": "Truck 12", "skills": ["asphalt"]}
    assert day(phone, "start_shift", said) == "counted"
    shift = shift_of(city)
    assert (shift.members, shift.vehicle) == (said["members"], "Truck 12")
    assert shift.started_at is not None
    assert ready(city).skills == {"asphalt"}
    assert shift_of(city, "PWD-2").skills is None


def test_a_break_keeps_new_work_away_until_it_is_over(phone, city) -> None:
    day(phone, "begin_break")
    assert ready(city).on_break
    day(phone, "end_break")
    assert not ready(city).on_break
    assert day(phone, "end_break") == "counted", "said twice, it changes nothing"


def test_a_crew_that_ends_its_shift_gets_no_more_work(phone, city) -> None:
    day(phone, "start_shift")
    day(phone, "end_shift")
    on_duty = {shift.crew_id for shift in crews_on_duty(db.session, system_clock())}
    assert city.crew_ids["PWD-1"] not in on_duty
    assert city.crew_ids["PWD-2"] in on_duty


def test_a_shift_that_nobody_planned_begins_when_the_crew_says_so(phone, city) -> None:
    with transaction() as tx:
        for shift in tx.session.query(Shift):
            tx.session.delete(shift)
    assert ready(city) is None
    day(phone, "start_shift", {"members": ["Rosa"]})
    assert ready(city) is not None


def test_what_is_heard_late_happened_when_it_happened(phone, city) -> None:
    an_hour_ago = datetime.now(UTC) - timedelta(minutes=50)
    day(phone, "end_shift", made_at=an_hour_ago.isoformat(), age_ms=50 * 60_000)
    assert abs(shift_of(city).ended_at - an_hour_ago) < timedelta(seconds=10)


def test_words_of_the_office_reach_the_phone_once_and_come_back_read(phone, other_phone, city) -> None:
    phone.pull()
    with transaction() as tx:
        write_to_crew(tx, city.crew_ids["PWD-1"], "Bring the long ladder. ", city.person_ids["dora"])
    (message,) = phone.pull()["day"]["messages"]
    assert (message["kind"], message["by"], message["text"], message["read"]) == ("words", "Dora", "Bring the long ladder.", False)
    assert "day" not in phone.pull(), "nothing has changed since"
    assert other_phone.pull()["day"]["messages"] == []
    assert day(phone, "read", {"messages": [message["id"]]}) == "counted"
    assert phone.pull()["day"]["messages"][0]["read"]
    row = db.session.get_one(Message, message["id"])
    assert row.read_by_id == city.person_ids["rosa"]


def test_nobody_reads_another_crews_messages_for_it(phone, other_phone, city) -> None:
    with transaction() as tx:
        message_id = write_to_crew(tx, city.crew_ids["PWD-2"], "For you alone.", city.person_ids["dora"]).id
    day(phone, "read", {"messages": [message_id]})
    assert db.session.get_one(Message, message_id).read_at is None


def test_what_was_done_to_a_job_is_told_with_the_case_and_the_reason(phone, city, job) -> None:
    case_id, _ = job()
    phone.pull()
    with transaction() as tx:
        tell_crew(tx, city.crew_ids["PWD-1"], MessageKind.TAKEN, case_id, "a nearer crew is free", city.person_ids["dora"])
    (message,) = phone.pull()["day"]["messages"]
    assert (message["case"], message["kind"], message["text"]) == (case_id, "taken", "a nearer crew is free")
    assert message["number"]


def test_a_phone_without_news_asks_the_database_nothing_about_its_day(phone, city) -> None:
    phone.pull()
    answer = phone.client.get("/sync/v1/pull", query_string={"cursor": phone.cursor, "device": phone.device, "brief": "1"})
    assert set(answer.json) == {"v", "cursor"}


def test_a_cursor_of_an_older_app_goes_on_from_where_it_was(phone, city) -> None:
    whole = phone.pull()["cursor"]
    for old in (".".join(whole.split(".")[:3]), ".".join(whole.split(".")[:3]) + ".7"):
        page = phone.client.get("/sync/v1/pull", query_string={"cursor": old, "device": phone.device}).json
        assert not page["reset"]
        assert "day" in page


@pytest.mark.parametrize(
    ("payload", "field"),
    [({"members": ["x" * 81]}, "members"), ({"members": 5}, "members"), ({"vehicle": None}, "vehicle"), ({"mood": "good"}, "mood")],
)
def test_a_shift_that_cannot_be_read_is_kept_and_its_field_named(phone, city, payload, field) -> None:
    answer = phone.push(phone.operation("start_shift", None, 0, payload)).json["results"][0]
    assert (answer["verdict"], list(answer["errors"]["payload"])) == ("quarantined", [field])


def test_a_deed_about_the_day_names_no_case(phone, city, job) -> None:
    case_id, round_seen = job()
    answer = phone.push(phone.operation("end_shift", case_id, round_seen, {})).json["results"][0]
    assert (answer["verdict"], list(answer["errors"])) == ("quarantined", ["case"])


def test_the_same_deed_sent_again_changes_nothing_more(phone, city) -> None:
    operation = phone.operation("begin_break", None, 0, {})
    first = phone.push(operation).json["results"]
    news = db.session.get_one(Crew, city.crew_ids["PWD-1"]).news_seq
    assert phone.push(operation).json["results"] == first
    db.session.rollback()
    assert db.session.get_one(Crew, city.crew_ids["PWD-1"]).news_seq == news
    assert db.session.query(Operation).count() == 1


def test_a_crew_reads_that_a_job_it_knew_was_taken_and_why(phone, city, job, dispatched) -> None:
    case_id, round_seen = job()
    phone.push(phone.operation("accept", case_id, round_seen, {}))
    with transaction() as tx:
        assign_case(tx, case_id, city.crew_ids["PWD-2"], city.person_ids["dora"], "Sam is round the corner")
    dispatched()
    (message,) = phone.pull()["day"]["messages"]
    assert (message["kind"], message["text"], message["by"]) == ("taken", "Sam is round the corner", "Dora")


def test_what_dispatch_shuffles_before_anybody_saw_it_is_not_worth_a_line(phone, city, job, dispatched) -> None:
    case_id, _ = job()
    with transaction() as tx:
        assign_case(tx, case_id, city.crew_ids["PWD-2"], None)
    dispatched()
    assert phone.pull()["day"]["messages"] == []


def test_a_case_withdrawn_reopened_or_made_urgent_is_told_to_whom_it_concerns(phone, other_phone, city, job, dispatched) -> None:
    dora = city.person_ids["dora"]
    urgent, _ = job()
    withdrawn, _ = job()
    with transaction() as tx:
        mark_urgent(tx, urgent, True, "a car fell in", dora)
        withdraw_case(tx, withdrawn, "reported by mistake", dora)
    dispatched()
    told = {(message["case"], message["kind"], message["text"]) for message in phone.pull()["day"]["messages"]}
    assert told == {(urgent, "urgent", "a car fell in"), (withdrawn, "withdrawn", "reported by mistake")}
    assert other_phone.pull()["day"]["messages"] == []


def test_a_city_that_asks_hears_what_a_closing_took(app, phone, signed_in, job) -> None:
    app.config["CLOSING_ASKS"] = ("minutes", "materials")
    assert phone.client.get("/sync/v1/me").json["asks"] == ["minutes", "materials"]
    case_id, round_seen = job()
    operation = phone.closing(case_id, round_seen)
    operation["payload"] |= {"minutes": 45, "materials": "2 bags of asphalt"}
    assert phone.push(operation).json["results"][0]["verdict"] == "counted"
    closure = db.session.get_one(Closure, operation["id"])
    assert (closure.minutes, closure.materials) == (45, "2 bags of asphalt")
    shown = signed_in("dora").get(f"/console/cases/{closure.case.number}").text
    assert "45 min of work, 2 bags of asphalt" in shown


@pytest.mark.parametrize("minutes", [-1, 1441, "45", 1.5, True])
def test_minutes_that_no_day_has_are_kept_and_named(phone, job, minutes) -> None:
    case_id, round_seen = job()
    operation = phone.closing(case_id, round_seen)
    operation["payload"]["minutes"] = minutes
    answer = phone.push(operation).json["results"][0]
    assert (answer["verdict"], list(answer["errors"]["payload"])) == ("quarantined", ["minutes"])
