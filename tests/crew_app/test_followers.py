"""Residents follow by e-mail: nobody who did not say yes is written to, each thing is told once, and one press ends it."""

from __future__ import annotations

import email
import email.policy
import re
import socket
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from crew_app.adapters.mail import Mailer
from crew_app.extensions import db
from crew_app.models import Case, Follower, Letter, Service
from crew_app.relay import deliver_pending
from crew_app.services.cases import NewReport, add_note, close_by_office, open_case, reopen_case
from crew_app.services.followers import GATHER, QUESTIONS_A_DAY, forget_idle
from crew_app.subscribers.followers import send_letters
from crew_app.transaction import system_clock, transaction

ROSE = "rose@example.org"


class Inbox:
    """A mail server's other end; `refuses`: what it says to every address instead of taking the letter."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.refuses = ""

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: Any) -> str:
        envelope.rcpt_tos.append(address)
        return self.refuses or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        self.letters.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 OK"

    def take(self) -> list[EmailMessage]:
        taken, self.letters = self.letters, []
        return taken


@pytest.fixture(scope="module")
def mail_server() -> Iterator[tuple[Inbox, int]]:
    inbox = Inbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    yield inbox, port
    controller.stop()


@pytest.fixture
def inbox(app: Flask, mail_server: tuple[Inbox, int], monkeypatch: pytest.MonkeyPatch) -> Inbox:
    box, port = mail_server
    box.letters, box.refuses = [], ""
    monkeypatch.setitem(app.extensions, "mailer", Mailer(f"smtp://127.0.0.1:{port}", "Boston 311 <311@city.test>"))
    monkeypatch.setitem(app.config, "MAIL_URL", f"smtp://127.0.0.1:{port}")
    return box


def new_case(service: str = "pothole", **given: Any) -> Case:
    with transaction() as tx:
        case_id = open_case(tx, NewReport(service_code=service, latitude=42.35, longitude=-71.09, address="12 Main St", **given)).id
    return db.session.get_one(Case, case_id)


def close(case: Case, city, note: str = "") -> None:
    with transaction() as tx:
        close_by_office(tx, case.id, "fixed", None, note, city.person_ids["dora"])


def ask(client: FlaskClient, **form: str) -> Any:
    return client.post("/follow/", data={"email": ROSE, **form}, headers={"Accept": "text/html"})


def told(later: timedelta = timedelta(0)) -> int:
    deliver_pending()
    return send_letters(system_clock() + later)


def key_in(letter: EmailMessage) -> str:
    found = re.search(r"/follow/([\w-]{43})", letter.get_content())
    assert found, letter.get_content()
    return found[1]


def says_yes(client: FlaskClient, inbox: Inbox, **form: str) -> str:
    assert ask(client, **form).status_code == 303
    told()
    (question,) = inbox.take()
    key = key_in(question)
    assert client.post(f"/follow/{key}/yes").status_code == 303
    return key


def test_news_of_a_case_come_after_a_yes_each_once_until_one_press_ends_it(client, inbox, city) -> None:
    case = new_case()
    assert "Get news by e-mail" in client.get(f"/cases/{case.number}").text
    assert ask(client, case=case.number).headers["Location"] == f"/cases/{case.number}"
    told()
    (question,) = inbox.take()
    assert (question["To"], question["From"]) == (ROSE, "Boston 311 <311@city.test>")
    assert "Do you want news?" in question["Subject"] and case.number in question["Subject"]
    with transaction() as tx:
        add_note(tx, case.id, "We wait for the gas company.", None, is_public=True)
    assert told() == 0, "nobody said yes yet"
    key = key_in(question)
    assert client.get(f"/follow/{key}").status_code == 200 and told() == 0, "opening is no yes"
    client.post(f"/follow/{key}/yes")
    assert told() == 0, "what was before is no news"

    close(case, city, "Filled. Call 617-555-0134 about it.")
    assert (told(), told()) == (1, 0)
    (news,) = inbox.take()
    assert case.number in news["Subject"]
    assert "Filled." in news.get_content() and "555" not in news.get_content()
    assert news["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    with transaction() as tx:
        reopen_case(tx, case.id, "It is back.", None)
    assert (told(), len(inbox.take())) == (1, 1)

    stop = news["List-Unsubscribe"].strip("<>").split("3110")[1]
    assert client.post(stop, data={"List-Unsubscribe": "One-Click"}).status_code == 303
    close(case, city)
    assert (told(), db.session.scalar(db.select(Follower.id)), db.session.scalar(db.select(Letter.case_id))) == (0, None, None)
    assert client.get(f"/follow/{key}").status_code == 404


def test_who_follows_a_district_or_a_service_gets_what_happened_as_one_letter(client, inbox, city) -> None:
    says_yes(client, inbox, service="pothole")
    cases = [new_case() for _ in range(3)]
    new_case("tree")
    assert told() == 0, "it is gathered for a while"
    close(cases[0], city)
    assert told(GATHER) == 1
    (news,) = inbox.take()
    assert "3" in news["Subject"]
    assert [case.number in news.get_content() for case in cases] == [True] * 3
    assert told(GATHER) == 0


def test_what_residents_may_not_know_is_told_to_nobody(client, inbox, city) -> None:
    says_yes(client, inbox)
    with transaction() as tx:
        tx.session.scalars(db.select(Service).where(Service.code == "tree")).one().is_public = False
    new_case("tree")
    assert told(GATHER) == 0


def test_nobody_can_flood_somebody_elses_inbox(client, inbox, city) -> None:
    numbers = [new_case().number for _ in range(QUESTIONS_A_DAY + 2)]
    for number in [*numbers, numbers[0]]:
        ask(client, case=number)
    told()
    assert len(inbox.take()) == QUESTIONS_A_DAY
    assert ask(client, email="no address").status_code == 400
    assert ask(client, case="26-999999").status_code == 400


@pytest.mark.parametrize("line", ["\r\nBcc: all@city.test", "\nSubject: other", "%0aBcc:x@city.test", "\x00"])
def test_an_address_with_a_line_in_it_is_no_address(client, inbox, city, line: str) -> None:
    case = new_case()
    assert ask(client, case=case.number, email=f"rose@example.org{line}").status_code == 400
    assert ask(client, case=case.number, email=f"rose{line}@example.org").status_code == 400
    told()
    assert not inbox.take()


def test_a_letter_that_is_not_taken_is_sent_again_and_an_address_that_is_gone_is_forgotten(client, inbox, city) -> None:
    case = new_case()
    says_yes(client, inbox, case=case.number)
    close(case, city)
    inbox.refuses = "451 later"
    assert told() == 0
    inbox.refuses = ""
    assert (told(), told(timedelta(minutes=2)), len(inbox.take())) == (0, 1, 1)
    with transaction() as tx:
        reopen_case(tx, case.id, "It is back.", None)
    inbox.refuses = "550 nobody here"
    assert (told(), db.session.scalar(db.select(Follower.id))) == (0, None)


def test_who_stops_while_others_are_written_to_holds_nobody_up(app, client, inbox, city, monkeypatch) -> None:
    case = new_case()
    for name in ("ann", "ben", "cleo"):
        says_yes(client, inbox, case=case.number, email=f"{name}@example.org")
    close(case, city)
    for name in ("dan", "eve"):
        ask(client, case=case.number, email=f"{name}@example.org")
    deliver_pending()
    stop = [("dan@example.org", "eve@example.org"), ("ann@example.org", "ben@example.org")]
    sent: list[str] = []

    class WhileTheyStop(Mailer):
        def send(self, letter: Any) -> Any:
            """While the first question, and then the first news, is on its way, so many stop."""
            sent.append(letter.to)
            if len(sent) <= len(stop):
                with transaction() as tx:
                    tx.session.execute(delete(Follower).where(Follower.email.in_(stop[len(sent) - 1])))
            return super().send(letter)

    monkeypatch.setitem(app.extensions, "mailer", WhileTheyStop(app.config["MAIL_URL"], "Boston 311 <311@city.test>"))
    assert send_letters() == len(sent)
    assert sent[0] == "dan@example.org" and "eve@example.org" not in sent and "cleo@example.org" in sent
    assert db.session.scalars(select(Follower.email)).all() == ["cleo@example.org"]


def test_an_address_that_is_not_needed_any_more_is_deleted(client, inbox, city) -> None:
    case = new_case()
    says_yes(client, inbox, case=case.number)
    ask(client, email="never@example.org", case=case.number)
    close(case, city)
    with transaction(system_clock() + timedelta(days=8)) as tx:
        forget_idle(tx)
    assert db.session.scalars(db.select(Follower.email)).all() == [ROSE]
    with transaction(system_clock() + timedelta(days=370)) as tx:
        forget_idle(tx)
    assert db.session.scalars(db.select(Follower.email)).all() == []


def test_a_letter_speaks_the_language_in_which_it_was_asked_for(client, inbox, city) -> None:
    client.get("/?language=es")
    ask(client, case=new_case().number)
    told()
    (question,) = inbox.take()
    assert question["Content-Language"] == "es"
    assert "Do you want news?" not in question["Subject"]


def test_without_a_mail_server_nothing_is_offered_but_feeds(client, city) -> None:
    page = client.get("/follow/").text
    assert "/feeds/cases.atom?service=pothole" in page and 'type="email"' not in page
    assert "Get news by e-mail" not in client.get(f"/cases/{new_case().number}").text
    assert ask(client).status_code == 404
