"""Attacks that are about one thing: bombs, floods, guesses, addresses that lead home."""

from __future__ import annotations

import gzip
import io
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from phone import HEADERS, Phone, photo_ref
from sqlalchemy import func, select

from crew_app.extensions import db
from crew_app.models import Person, Role, Upload
from crew_app.routes.open311 import WRONG_KEYS_PER_MINUTE
from crew_app.services import photos
from crew_app.services.api_keys import make_api_key
from crew_app.services.assignments import assign_case
from crew_app.transaction import system_clock, transaction
from tests.cookies import sign_in


@pytest.fixture
def phone(app: Flask, city) -> Phone:
    return Phone(sign_in(app.test_client(), city.person_ids["rosa"]))


@pytest.fixture
def key(app: Flask) -> str:
    with transaction() as tx:
        return make_api_key(tx, "An app")[1]


REPORT = {"service_code": "pothole", "lat": "42.35", "long": "-71.1"}


# ---- T5: the first administrator ------------------------------------------------------------------------------------


def test_only_the_command_makes_the_first_administrator_and_only_the_first(app: Flask) -> None:
    run = app.test_cli_runner()
    assert run.invoke(args=["init", "--admin", "ada@city.test", "--password", "x" * 12]).exit_code == 0
    second = run.invoke(args=["init", "--admin", "eve@city.test", "--password", "x" * 12])
    assert second.exit_code != 0 and "There is an administrator already" in second.output
    assert db.session.scalars(select(Person.email).where(Person.role == Role.ADMIN)).all() == ["ada@city.test"]


# ---- T14: uploads that never end ------------------------------------------------------------------------------------


def announced(n: int) -> dict[str, Any]:
    return photo_ref(f"photo {n}".encode())


@pytest.mark.parametrize("length", ["1000000000000000000", "-1", "", "1e9", "0", "20971521", "1 2", "+5", "0x10"])
def test_an_upload_of_no_sensible_length_is_not_begun(phone: Phone, length: str) -> None:
    headers = {name: value for name, value in phone.create_upload(announced(1)).request.headers if name != "Upload-Length"}
    answer = phone.client.post("/sync/v1/photos", headers={**headers, "Upload-Length": length})
    assert answer.status_code in (400, 413) and "Upload-Length" in answer.json["errors"]


def test_whoever_begins_thousands_of_uploads_keeps_the_newest(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photos, "MOST_BEGUN", 20)
    for n in range(50):
        assert phone.create_upload(announced(n)).status_code == 201
    db.session.rollback()
    assert db.session.scalar(select(func.count()).where(Upload.expires_at > system_clock())) == 20


def test_on_a_nearly_full_disk_photos_wait_and_closings_are_taken(
    phone: Phone, city, report, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = report()
    with transaction() as tx:
        case = assign_case(tx, case_id, city.crew_ids["PWD-1"], city.person_ids["dora"])
        job = case.id, case.round
    real = photos.shutil.disk_usage
    monkeypatch.setattr(photos.shutil, "disk_usage", lambda path: real(path)._replace(free=1_000_000))
    refused = phone.create_upload(announced(1))
    assert refused.status_code == 507 and refused.headers["Retry-After"]
    answer = phone.push(phone.closing(*job))
    assert answer.status_code == 200 and answer.json["results"][0]["verdict"] == "counted"


# ---- T15: addresses that lead home ----------------------------------------------------------------------------------


@pytest.fixture
def canary() -> Iterator[tuple[int, list[str]]]:
    """A server that must never be asked: its port, and who came."""
    came: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def handle(self) -> None:
            came.append("somebody")

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port, came
    server.shutdown()
    server.server_close()


FORMS = [
    "http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://[::1]:{port}/", "http://[::ffff:127.0.0.1]:{port}/",
    "http://0:{port}/", "http://0.0.0.0:{port}/", "http://127.1:{port}/", "http://2130706433:{port}/", "http://0x7f000001:{port}/",
    "http://0177.0.0.1:{port}/", "http://user@127.0.0.1:{port}/", "http://127.0.0.1:{port}/a.jpg#x", "http://127.0.0.1%00:{port}/",
    "https://127.0.0.1:{port}/", "gopher://127.0.0.1:{port}/", "dict://127.0.0.1:{port}/", "ftp://127.0.0.1:{port}/",
    "file:///etc/passwd", "//127.0.0.1:{port}/", "http://169.254.169.254/latest/meta-data/", "http://[fd00:ec2::254]/",
    "http://127.0.0.1:{port}\\@example.org/",
]  # fmt: skip


def test_no_address_a_stranger_sends_is_ever_fetched(client: FlaskClient, city, key: str, dispatched, canary) -> None:
    port, came = canary
    for form in FORMS:
        report = {**REPORT, "api_key": key, "media_url": form.format(port=port)}
        assert client.post("/open311/v2/requests.json", data=report).status_code in (200, 201, 400), form
    dispatched()
    assert came == []
    socket.create_connection(("127.0.0.1", port)).close()  # and the canary would sing
    for _ in range(50):
        if came:
            break
        time.sleep(0.02)
    assert came


# ---- T17: keys ------------------------------------------------------------------------------------------------------


def test_keys_cannot_be_guessed_and_stand_in_no_log(client: FlaskClient, city, key: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    answers = [client.post("/open311/v2/requests.json", data={**REPORT, "api_key": f"guess {n}"}).status_code for n in range(40)]
    assert answers.count(403) <= WRONG_KEYS_PER_MINUTE and answers[-1] == 429
    client.application.extensions["rate_limits"].forget_whole(1e12)
    assert client.post(f"/open311/v2/requests.json?api_key={key}", data=REPORT).status_code in (200, 201)
    assert key not in caplog.text and "guess 7" not in caplog.text and len(key) >= 32


# ---- T31, T33: too much at once -------------------------------------------------------------------------------------


def test_a_packed_bomb_is_not_unpacked(phone: Phone, client: FlaskClient, city) -> None:
    bomb = gzip.compress(b"[" * 20_000_000)
    began = time.process_time()
    packed = {"Content-Encoding": "gzip"}
    assert phone.client.post("/sync/v1/push", data=bomb, headers={**HEADERS, **packed}).status_code == 400
    form = client.post("/report", data=bomb, headers=packed, content_type="application/x-www-form-urlencoded")
    assert form.status_code in (400, 413)
    assert time.process_time() - began < 3


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # werkzeug leaves what it refused to the collector
def test_a_form_of_thousands_of_parts_is_refused(client: FlaskClient, city) -> None:
    began = time.process_time()
    answer = client.post("/report", data={f"f{n}": (io.BytesIO(b"x"), "x") for n in range(2000)})
    assert answer.status_code in (400, 413)
    assert client.post("/report", data={"description": "x" * 3_000_000}).status_code in (400, 413)
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    "query", ["page_size=1000000", "page=999999999", "start_date=1900-01-01&end_date=2100-01-01", "lat=0&long=0"]
)
def test_a_question_about_everything_is_answered_in_part_or_refused(client: FlaskClient, city, report, query: str) -> None:
    report()
    answer = client.get(f"/open311/v2/requests.json?{query}")
    assert answer.status_code in (200, 400) and len(answer.get_data()) < 1_000_000
