"""What was written is told: after a crash, after a failure, and once it is told, no more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from config import Config
from crew_app import relay
from crew_app.events import CaseOpened, Event
from crew_app.extensions import db
from crew_app.factory import create_app
from crew_app.models import Case, Delivery
from crew_app.relay import deliver_pending
from crew_app.subscribers.subscriber import Subscriber
from crew_app.transaction import system_clock


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    """What a single subscriber to CaseOpened was told."""
    told: list[Event] = []
    monkeypatch.setattr(relay, "SUBSCRIBERS", (Subscriber("ear", on=(CaseOpened,), react=told.append),))
    return told


def test_a_new_case_finds_its_crew_although_the_server_died_before_telling(report) -> None:
    """The report was committed; nobody was told. The next relay that runs does what is to be done."""
    case_id = report()
    assert db.session.get_one(Case, case_id).status == "received"
    deliver_pending()
    assert db.session.get_one(Case, case_id).status == "assigned"


def test_each_event_is_told_once(report, heard: list[Event]) -> None:
    ids = [report(), report()]
    deliver_pending()
    deliver_pending()
    assert [event.case_id for event in heard] == ids


def test_a_subscriber_that_fails_is_told_again_later_and_holds_up_nobody(report, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    failures = iter([True, True, False])

    def react(event: Event) -> None:
        if event.case_id == first and next(failures):
            raise ConnectionError("the gateway is away")
        told.append(event.case_id)

    first, second = report(), report()
    monkeypatch.setattr(relay, "SUBSCRIBERS", (Subscriber("gateway", on=(CaseOpened,), react=react),))
    now = system_clock()
    deliver_pending(now)
    assert told == [second]
    deliver_pending(now)
    assert told == [second], "not before its time"
    deliver_pending(now + timedelta(minutes=1))
    deliver_pending(now + timedelta(minutes=10))
    assert told == [second, first]
    assert db.session.scalars(select(Delivery)).all() == []


def test_after_ten_failures_a_person_must_look(report, monkeypatch: pytest.MonkeyPatch) -> None:
    def react(_event: Event) -> None:
        raise ConnectionError("gone for good")

    report()
    monkeypatch.setattr(relay, "SUBSCRIBERS", (Subscriber("gateway", on=(CaseOpened,), react=react),))
    now = system_clock()
    for hours in range(20):
        deliver_pending(now + timedelta(hours=2 * hours))
    dead = db.session.scalars(select(Delivery)).one()
    assert (dead.is_dead, dead.attempts) == (True, 10)
    assert "gone for good" in dead.error


def test_one_call_is_enough_while_it_waits_and_each_new_event_after_it_makes_another(tmp_path) -> None:
    app = create_app(Config({"INSTANCE": str(tmp_path)}))
    wake, huey = app.extensions["wake_relay"], app.extensions["huey"]

    def waiting() -> list[str]:
        return [task.name for task in huey.pending()]

    each_minute = next(task for task in huey._registry.periodic_tasks if task.name == "each_minute")
    huey.enqueue(each_minute)  # somebody else's call is not ours
    wake()
    wake()
    assert waiting() == ["each_minute", "tell"]
    huey.dequeue()
    huey.dequeue()  # begun: perhaps it has read the log already
    wake()
    assert waiting() == ["tell"]
