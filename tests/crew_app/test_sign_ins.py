"""A sign-in is a row: it changes at each coming in, ends from elsewhere, and costs a phone nothing of its work."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask, session
from flask.testing import FlaskClient
from phone import HEADERS, Phone
from sqlalchemy import select

from config import TestConfig
from crew_app.doors import WORD
from crew_app.errors import TooMany
from crew_app.extensions import db
from crew_app.factory import create_app
from crew_app.limits import GUESSES_ANYWHERE, GUESSES_HERE, slow_down_guessing
from crew_app.models import Door, Person, SignIn
from crew_app.services.sign_ins import browser_words, end_sign_ins
from crew_app.transaction import system_clock, transaction
from tests.conftest import PASSWORD
from tests.cookies import sign_in

PAGE = {"Accept": "text/html"}


def at_the_office(client: FlaskClient, email: str = "dora@city.test", password: str = PASSWORD, **more):
    return client.post("/sign-in", data={"email": email, "password": password}, **more)


def on_the_phone(client: FlaskClient, email: str = "rosa@city.test", password: str = PASSWORD, **more):
    return client.post("/sync/v1/sign-in", json={"email": email, "password": password}, headers=HEADERS, **more)


def word_in(client: FlaskClient) -> str:
    with client.session_transaction() as kept:
        return kept[WORD]


def test_the_word_changes_at_each_coming_in_and_the_old_one_is_worth_nothing(app: Flask, client, city) -> None:
    """T21: a word planted before signing in, or copied after signing out, opens nothing."""
    at_the_office(client)
    first = word_in(client)
    at_the_office(client)
    second = word_in(client)
    client.post("/sign-out")
    for word in (first, second, "planted"):
        thief = app.test_client()
        with thief.session_transaction() as kept:
            kept[WORD] = word
        assert thief.get("/console/crews", headers=PAGE).status_code == 302
    assert first != second


def test_a_copied_word_is_not_in_the_database(client, city) -> None:
    at_the_office(client)
    word = word_in(client)
    rows = db.session.execute(select(SignIn.digest, SignIn.browser)).all()
    assert len(rows) == 1 and len(word) == 24
    assert word not in str(rows)


def test_what_is_signed_in_at_the_phones_door_does_not_open_the_office(client, city) -> None:
    """Else a second step at the office could be walked around."""
    with transaction() as tx:
        tx.session.get_one(Person, city.person_ids["sue"]).crew_id = city.crew_ids["PWD-1"]
    assert on_the_phone(client, "sue@city.test").status_code == 200
    assert client.get("/sync/v1/me").status_code == 200
    answer = client.get("/console/crews", headers=PAGE)
    assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, "/sign-in")
    assert client.get("/sign-in").status_code == 200  # and not round in a circle
    assert at_the_office(client, "sue@city.test").status_code == 303
    assert client.get("/console/crews").status_code == 200
    assert client.get("/sync/v1/me").status_code == 200


@pytest.mark.parametrize(
    ("door", "idle", "holds"),
    [(Door.OFFICE, 11, True), (Door.OFFICE, 13, False), (Door.PHONE, 29 * 24, True), (Door.PHONE, 31 * 24, False)],
)
def test_a_sign_in_ends_by_itself_when_it_is_not_used(app: Flask, city, door: Door, idle: int, holds: bool) -> None:
    client = sign_in(app.test_client(), city.person_ids["rosa" if door is Door.PHONE else "dora"], door)
    address = "/sync/v1/me" if door is Door.PHONE else "/console/crews"
    with time_machine.travel(system_clock() + timedelta(hours=idle), tick=False):
        assert (client.get(address).status_code == 200) is holds


def test_one_that_is_used_goes_on_but_not_for_ever(app: Flask, city) -> None:
    client = sign_in(app.test_client(), city.person_ids["dora"])
    begin = system_clock()
    for hours in range(10, 7 * 24, 10):
        with time_machine.travel(begin + timedelta(hours=hours), tick=False):
            assert client.get("/console/crews").status_code == 200, hours
    with time_machine.travel(begin + timedelta(hours=7 * 24 + 1), tick=False):
        assert client.get("/console/crews", headers=PAGE).status_code == 302


def test_being_in_use_is_not_written_with_every_request(app: Flask, city) -> None:
    client = sign_in(app.test_client(), city.person_ids["dora"])
    begin = db.session.scalar(select(SignIn.seen_at))
    assert begin is not None
    for minutes, seen in ((10, 0), (40, 40), (50, 40)):
        with time_machine.travel(begin + timedelta(minutes=minutes), tick=False):
            client.get("/console/crews")
        db.session.rollback()
        assert db.session.scalar(select(SignIn.seen_at)) == begin + timedelta(minutes=seen)


def test_three_days_of_work_survive_the_end_of_the_sign_in(app: Flask, city, job) -> None:
    """The phone hears 401, keeps everything, and sends it after the same person signed in again."""
    phone = Phone(sign_in(app.test_client(), city.person_ids["rosa"], Door.PHONE))
    closing = phone.closing(*job())
    with transaction() as tx:
        end_sign_ins(tx, city.person_ids["rosa"], city.person_ids["ada"])
    envelope = {"v": 1, "device": phone.device, "operations": [closing]}
    with time_machine.travel(system_clock() + timedelta(days=3), tick=False):
        assert phone.client.post("/sync/v1/push", json=envelope, headers=HEADERS).status_code == 401
        assert on_the_phone(phone.client).status_code == 200
        answer = phone.client.post("/sync/v1/push", json=envelope, headers=HEADERS)
    assert answer.status_code == 200 and answer.json["results"][0]["id"] == closing["id"]


def test_guessing_at_one_account_is_slow_and_said_in_words(client, city) -> None:
    for _ in range(GUESSES_HERE[0]):
        assert at_the_office(client, password="wrong").status_code == 401
    refused = at_the_office(client)
    assert refused.status_code == 429 and "Wait 2 minutes" in refused.text
    assert int(refused.headers["Retry-After"]) <= 90
    phones = on_the_phone(client, "dora@city.test")
    assert phones.status_code == 429 and phones.json["type"] == "urn:crew311:too-many-tries"  # the same count at both doors
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    assert at_the_office(client, environ_overrides=elsewhere).status_code == 303  # its owner, from elsewhere, is not shut out


def test_a_yard_behind_one_address_is_not_shut_out(client, city) -> None:
    """Right passwords are not counted, however many come from there at seven in the morning."""
    for n in range(400):
        with client.application.test_request_context(environ_overrides={"REMOTE_ADDR": "127.0.0.1"}):
            slow_down_guessing(f"crew-{n}@city.test")()
    assert on_the_phone(client, "sam@city.test").status_code == 200


def test_guessing_from_everywhere_at_once_is_slow_too(app: Flask, city) -> None:
    tried = 0
    with pytest.raises(TooMany):
        for n in range(1000):
            with app.test_request_context(environ_overrides={"REMOTE_ADDR": f"198.{n // 250}.{n % 250}.7"}):
                slow_down_guessing("dora@city.test")
            tried += 1
    assert tried == GUESSES_ANYWHERE[0]


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox on Linux"),
        (
            "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0 Mobile Safari/537.36",
            "Chrome on Android",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/125.0 Safari/537.36 Edg/125.0", "Edge on Windows"),
        ("<script>", "A browser"),
    ],
)
def test_a_browser_in_words(agent: str, words: str) -> None:
    assert browser_words(agent) == words


def test_the_cookie_over_https_is_this_hosts_alone(tmp_path: Path) -> None:
    app = create_app(TestConfig(tmp_path, DATABASE_URL=f"sqlite:///{tmp_path / 'c.sqlite'}", PUBLIC_URL="https://311.city.test"))
    with app.test_request_context(base_url="https://311.city.test"):
        session[WORD] = "x"
        session.permanent = True
        answer = app.make_response("")
        app.session_interface.save_session(app, session, answer)  # type: ignore[arg-type]
        cookie = answer.headers["Set-Cookie"]
        db.engine.dispose()
    assert cookie.startswith("__Host-session=") and "Domain" not in cookie
    assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/;"))


def test_coming_in_and_being_refused_stand_in_the_log_without_a_name(client, city, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    at_the_office(client)
    at_the_office(client, password="wrong")
    on_the_phone(client, password="wrong")
    said = [record.getMessage() for record in caplog.records if "sign" in record.getMessage()]
    assert said[0] == f"signed in: person {city.person_ids['dora']} at the office by password" and len(said) == 3
    assert "city.test" not in caplog.text and PASSWORD not in caplog.text and "Dora" not in caplog.text
