"""A crew's phones are woken: by `webpush`, through a push service that is not ours, with nothing a lock screen may not show."""

from __future__ import annotations

import base64
import json
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

sys.path.insert(0, str(Path(__file__).parents[1]))

from phone import HEADERS
from web_push.service import PushService, running

from crew_app.adapters.web_push import MAX_PAYLOAD_BYTES, Fate, Target, make_key, open_sender, read_retry_after
from crew_app.extensions import db
from crew_app.models import Case, PushNotice, PushSubscription
from crew_app.services.assignments import assign_case, mark_urgent, take_back
from crew_app.services.messages import write_to_crew
from crew_app.services.notices import GIVE_UP_AFTER, GOOD_FOR
from crew_app.subscribers.web_push import send_notices
from crew_app.transaction import system_clock, transaction

SERVICE = "http://push.test"


@pytest.fixture(scope="module")
def push_service() -> Iterator[PushService]:
    with running() as service:
        yield service


def give_key(app: Flask, tmp_path: Path, origin: str) -> None:
    make_key(tmp_path / "vapid_key.pem")
    app.extensions["push_sender"] = open_sender(tmp_path / "vapid_key.pem", "ops@city.test", (origin,))


@pytest.fixture
def waking(app: Flask, tmp_path: Path, push_service: PushService) -> PushService:
    give_key(app, tmp_path, push_service.origin)
    return push_service


def subscribe(client: Any, subscription: dict[str, Any]) -> Any:
    body = {"endpoint": subscription["endpoint"], "keys": subscription["keys"]}
    return client.put("/sync/v1/web-push/subscription", json=body, headers=HEADERS)


def subscribed(client: Any, service: PushService) -> dict[str, Any]:
    key = client.get("/sync/v1/web-push/key").json["key"]
    subscription = service.subscribe(key)
    assert subscribe(client, subscription).status_code == 200
    return subscription


def test_a_new_job_an_urgent_one_one_that_went_away_and_words_of_the_office_are_received_and_opened(
    waking: PushService, signed_in, city, report, dispatched
) -> None:
    browser = subscribed(signed_in("rosa"), waking)
    other = subscribed(signed_in("sam"), waking)
    rosas = city.crew_ids["PWD-1"]
    ids = [report(), report(), report()]
    dora = city.person_ids["dora"]
    with transaction() as tx:
        for case_id in ids:
            assign_case(tx, case_id, rosas, dora)
    dispatched()
    assert send_notices() == 1
    assert waking.received(browser) == [{"kind": "new_job", "count": 3}]
    with transaction() as tx:
        mark_urgent(tx, ids[0], True, "a car fell in", dora)
        take_back(tx, ids[1], "not now", dora)
        write_to_crew(tx, rosas, "Call me, please.", dora)
    dispatched()
    send_notices()
    sent = waking.received(browser)
    assert sorted((push["kind"], push["count"]) for push in sent[1:] if push["kind"] != "new_job") == [
        ("job_away", 1), ("message", 1), ("urgent", 1),
    ]  # fmt: skip
    assert all(set(push) == {"kind", "count"} for push in sent), "nothing of whom or where"
    assert all(push["kind"] in ("new_job", "urgent") for push in waking.received(other)), "another crew hears nothing of it"
    assert send_notices() == 0, "told once"


def test_a_browser_that_is_no_longer_there_is_forgotten(waking: PushService, signed_in, city) -> None:
    browser = subscribed(signed_in("rosa"), waking)
    waking.expire(browser)
    with transaction() as tx:
        write_to_crew(tx, city.crew_ids["PWD-1"], "Hello.", city.person_ids["dora"])
    assert send_notices() == 0
    assert db.session.query(PushSubscription).count() == 0
    assert db.session.query(PushNotice).count() == 0


def test_a_shared_browser_tells_only_who_signed_in_last(waking: PushService, signed_in, city) -> None:
    browser = subscribed(signed_in("rosa"), waking)
    assert subscribe(signed_in("sam"), browser).status_code == 200
    with transaction() as tx:
        write_to_crew(tx, city.crew_ids["PWD-1"], "For Rosa's crew.", city.person_ids["dora"])
    assert send_notices() == 0
    with transaction() as tx:
        write_to_crew(tx, city.crew_ids["PWD-2"], "For Sam's crew.", city.person_ids["dora"])
    assert send_notices() == 1


def test_only_its_own_person_may_silence_a_browser(waking: PushService, signed_in) -> None:
    browser = subscribed(signed_in("rosa"), waking)
    for who, left in (("sam", 1), ("rosa", 0)):
        body = {"endpoint": browser["endpoint"]}
        answer = signed_in(who).delete("/sync/v1/web-push/subscription", json=body, headers=HEADERS)
        assert answer.status_code == 200
        db.session.rollback()
        assert db.session.query(PushSubscription).count() == left


def test_a_case_that_a_crew_found_itself_wakes_nobody(waking: PushService, phone, city, dispatched) -> None:
    browser = subscribed(phone.client, waking)
    payload = {"service": city.pothole, "place": {"lat": 42.35, "lon": -71.1, "accuracy_m": 5}, "keep": True}
    phone.push(phone.operation("open", None, 0, payload))
    dispatched()
    send_notices()
    assert db.session.scalar(select(Case.status)) == "assigned"
    assert waking.received(browser) == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"endpoint": "https://127.0.0.1/x"}, "endpoint"),
        ({"endpoint": "https://example.org/x"}, "endpoint"),
        ({"keys": {"p256dh": "x", "auth": "BTBZMqHH6r4Tts7J_aSIgg"}}, "keys"),
        ({"mood": "good"}, "mood"),
    ],
)
def test_a_subscription_that_cannot_be_is_refused_and_its_field_named(waking: PushService, signed_in, body, field) -> None:
    client = signed_in("rosa")
    good = waking.subscribe(client.get("/sync/v1/web-push/key").json["key"])
    whole = {"endpoint": good["endpoint"], "keys": good["keys"], **body}
    answer = client.put("/sync/v1/web-push/subscription", json=whole, headers=HEADERS)
    assert (answer.status_code, list(answer.json["errors"])) == (400, [field])


def test_a_server_without_a_key_says_so_and_wakes_nobody(signed_in, city) -> None:
    client = signed_in("rosa")
    assert client.get("/sync/v1/web-push/key").json == {"key": None}
    with transaction() as tx:
        write_to_crew(tx, city.crew_ids["PWD-1"], "Hello.", city.person_ids["dora"])
    assert send_notices() == 0


# ---- a push service that says what we want it to say -----------------------------------------------------------------


class Gateway:
    """Answers as it is told, and remembers what it was sent."""

    def __init__(self) -> None:
        self.status, self.retry_after = 201, ""
        self.requests: list[dict[str, str]] = []
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                gateway.requests.append(dict(self.headers.items()))
                self.send_response(gateway.status)
                if gateway.retry_after:
                    self.send_header("Retry-After", gateway.retry_after)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://localhost:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def gateway(app: Flask, tmp_path: Path) -> Iterator[Gateway]:
    found = Gateway()
    give_key(app, tmp_path, found.origin)
    yield found
    found.server.shutdown()
    found.server.server_close()


P256DH = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"


@pytest.fixture
def to_tell(gateway: Gateway, signed_in, city) -> datetime:
    """Rosa's phone is subscribed at the gateway, and there is something to tell; returns when it was noted."""
    body = {"endpoint": f"{gateway.origin}/rosa", "keys": {"p256dh": P256DH, "auth": AUTH}}
    assert subscribe(signed_in("rosa"), body).status_code == 200
    with transaction() as tx:
        write_to_crew(tx, city.crew_ids["PWD-1"], "Hello.", city.person_ids["dora"])
        return tx.now


def test_a_push_says_how_urgent_it_is_and_is_signed_for_exactly_this_service(gateway: Gateway, to_tell: datetime) -> None:
    assert send_notices() == 1
    (headers,) = gateway.requests
    assert (headers["Urgency"], headers["Topic"], headers["Content-Encoding"]) == ("normal", "message", "aes128gcm")
    assert int(headers["Ttl"]) == GOOD_FOR.total_seconds()
    token = headers["Authorization"].split("t=")[1].split(",")[0]
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    assert (claims["aud"], claims["sub"]) == (gateway.origin, "mailto:ops@city.test"), "port included"
    assert claims["exp"] - system_clock().timestamp() <= 24 * 3600


def test_a_service_that_says_when_is_asked_again_then_and_not_before(gateway: Gateway, to_tell: datetime) -> None:
    gateway.status, gateway.retry_after = 429, "600"
    now = system_clock()
    assert send_notices(now) == 0
    gateway.status = 201
    assert send_notices(now + timedelta(seconds=599)) == 0
    assert len(gateway.requests) == 1
    assert send_notices(now + timedelta(seconds=601)) == 1


def test_a_service_that_is_away_is_asked_ever_later_until_it_is_not_worth_telling(gateway: Gateway, to_tell: datetime) -> None:
    gateway.status = 503
    now, pauses = system_clock(), []
    while (due := db.session.scalar(select(PushNotice.due_at))) is not None:
        pauses.append(due - now)
        now = max(now, due)
        send_notices(now)
        db.session.rollback()
    assert pauses[1:] == sorted(pauses[1:])
    assert now - to_tell <= GOOD_FOR
    assert len(gateway.requests) < 30
    assert db.session.query(PushSubscription).count() == 1, "the browser may well be there tomorrow"


def test_a_browser_whose_service_refuses_for_good_is_given_up_in_the_end(gateway: Gateway, to_tell: datetime, city) -> None:
    gateway.status = 403
    for _ in range(GIVE_UP_AFTER):
        assert db.session.query(PushSubscription).count() == 1
        with transaction() as tx:
            write_to_crew(tx, city.crew_ids["PWD-1"], "Hello again.", city.person_ids["dora"])
        send_notices()
        db.session.rollback()
    assert db.session.query(PushSubscription).count() == 0


def test_a_ttl_that_one_push_had_does_not_stick_to_the_next(app: Flask, gateway: Gateway) -> None:
    sender, target = app.extensions["push_sender"], Target(f"{gateway.origin}/x", P256DH, AUTH)
    for ttl_s in (5, 0, 60):
        assert sender.send(target, b"{}", ttl_s=ttl_s, urgency="low", topic="t").fate is Fate.DELIVERED
    assert [headers["Ttl"] for headers in gateway.requests] == ["5", "0", "60"]


def test_what_is_too_large_for_a_push_is_not_sent(app: Flask, gateway: Gateway) -> None:
    sender, target = app.extensions["push_sender"], Target(f"{gateway.origin}/x", P256DH, AUTH)
    for size, fate in ((MAX_PAYLOAD_BYTES, Fate.DELIVERED), (MAX_PAYLOAD_BYTES + 1, Fate.REFUSED)):
        assert sender.send(target, b"x" * size, ttl_s=5, urgency="low", topic="t").fate is fate
    assert len(gateway.requests) == 1


NOW = datetime(2026, 12, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "pause"),
    [
        (None, None), ("120", timedelta(minutes=2)), ("-5", None), ("soon", None), ("0", timedelta(0)),
        ("Tue, 01 Dec 2026 08:05:00 GMT", timedelta(minutes=5)), ("Tue, 01 Dec 2020 08:05:00 GMT", timedelta(0)),
        ("99999999999999999999", timedelta(hours=6)),
    ],
)  # fmt: skip
def test_retry_after_is_read_as_seconds_or_a_date_and_never_believed_beyond_reason(text, pause) -> None:
    assert read_retry_after(text, NOW) == pause


def test_the_key_is_made_once_and_only_the_server_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "vapid_key.pem"
    assert make_key(path)
    content = path.read_bytes()
    assert not make_key(path)
    assert path.read_bytes() == content
    assert path.stat().st_mode & 0o777 == 0o600
