"""The city's own sign-in (OpenID Connect), tried with a small provider that signs, checks PKCE and can lie."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import RSAKey

from config import TestConfig
from crew_app.extensions import db
from crew_app.factory import create_app
from crew_app.models import Person, Proof, SignIn
from crew_app.transaction import transaction
from tests.conftest import City, forget_who_asked_before

KEY = RSAKey.generate_key(2048, parameters={"kid": "one", "use": "sig", "alg": "RS256"})
ANOTHERS_KEY = RSAKey.generate_key(2048, parameters={"kid": "one", "use": "sig", "alg": "RS256"})


class Provider:
    """`says` is laid over the claims of the next answer; `key` signs it."""

    def __init__(self) -> None:
        self.says: dict[str, Any] = {}
        self.key = KEY
        self.asked: dict[str, str] = {}
        provider = self

        class Answer(BaseHTTPRequestHandler):
            def log_message(self, *_: Any) -> None: ...

            def do_GET(self) -> None:
                issuer = provider.issuer
                if self.path == "/jwks":
                    return self.say({"keys": [KEY.as_dict(private=False)]})
                ends = {name: f"{issuer}/{name}" for name in ("authorize", "token", "jwks")}
                self.say(
                    {
                        "issuer": issuer,
                        "authorization_endpoint": ends["authorize"],
                        "token_endpoint": ends["token"],
                        "jwks_uri": ends["jwks"],
                        "id_token_signing_alg_values_supported": ["RS256"],
                    }
                )
                return None

            def do_POST(self) -> None:
                form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
                challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=")
                if form.get("code") != "the-code" or challenge.decode() != provider.asked.get("code_challenge"):
                    return self.say({"error": "invalid_grant"}, 400)
                now = int(time.time())
                claims = {"iss": provider.issuer, "aud": "crew311", "iat": now, "exp": now + 60, "nonce": provider.asked["nonce"]}
                claims |= {"sub": "d-7", "email": "Dora@city.test", "email_verified": True} | provider.says
                token = jwt.encode({"alg": "RS256", "kid": "one"}, claims, provider.key)
                return self.say({"access_token": "x", "token_type": "Bearer", "expires_in": 60, "id_token": token})

            def say(self, body: dict[str, Any], status: int = 200) -> None:
                content = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    provider = Provider()
    yield provider
    provider.server.shutdown()
    provider.server.server_close()


@pytest.fixture
def app(provider: Provider, database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Flask]:
    provider.says, provider.key = {}, KEY
    if database_url.startswith("sqlite"):
        (tmp_path / "crew311.sqlite").write_bytes(request.getfixturevalue("sqlite_template").read_bytes())
    settings = {"OIDC_ISSUER": provider.issuer, "OIDC_CLIENT_ID": "crew311", "OIDC_CLIENT_SECRET": "s"}
    app = create_app(TestConfig(tmp_path, DATABASE_URL=database_url, **settings))
    app.before_request_funcs.setdefault(None, []).insert(0, forget_who_asked_before)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def go_and_come_back(provider: Provider, client: FlaskClient, **change: str) -> Any:
    there = client.get("/sign-in/city")
    assert there.status_code == 302 and there.headers["Location"].startswith(f"{provider.issuer}/authorize?")
    provider.asked = {name: values[0] for name, values in parse_qs(urlsplit(there.headers["Location"]).query).items()}
    back = {"code": "the-code", "state": provider.asked["state"]} | change
    return client.get(f"/sign-in/city/back?{urlencode(back)}")


def test_whoever_the_city_vouches_for_comes_in(provider: Provider, client, city: City) -> None:
    assert "Sign in with your" in client.get("/sign-in").text
    answer = go_and_come_back(provider, client)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/console/")
    assert provider.asked["redirect_uri"] == "http://localhost:3110/sign-in/city/back"
    assert provider.asked["code_challenge_method"] == "S256"
    assert client.get("/console/crews").status_code == 200
    assert db.session.scalars(db.select(SignIn.proof)).one() == Proof.CITY


def test_from_then_on_the_account_counts_and_not_the_address(provider: Provider, client, city: City) -> None:
    go_and_come_back(provider, client)
    provider.says = {"email": "ada@city.test"}  # somebody renamed themselves to the administrator's address
    assert go_and_come_back(provider, client).status_code == 303
    assert db.session.scalars(db.select(SignIn.person_id).order_by(SignIn.id.desc())).first() == city.person_ids["dora"]
    provider.says = {"sub": "e-8"}  # and somebody new with an address that is taken already
    assert go_and_come_back(provider, client).status_code == 403


@pytest.mark.parametrize(
    ("says", "status", "words"),
    [
        ({"email": "stranger@city.test"}, 403, "not in this office"),
        ({"email_verified": False}, 403, "not in this office"),
        ({"email_verified": "true"}, 403, "not in this office"),
        ({"email": "rosa@city.test"}, 403, "phone app"),
        ({"aud": "another-app"}, 403, "did not say who you are"),
        ({"iss": "https://evil.example"}, 403, "did not say who you are"),
        ({"nonce": "of another time"}, 403, "did not say who you are"),
        ({"exp": 1_600_000_000}, 403, "did not say who you are"),
    ],
)
def test_whoever_it_does_not_vouch_for_stays_out(provider: Provider, client, city: City, says, status: int, words: str) -> None:
    provider.says = says
    answer = go_and_come_back(provider, client)
    assert answer.status_code == status and words in answer.text
    assert db.session.scalar(db.select(SignIn.id)) is None


def test_an_answer_signed_by_somebody_else_is_not_believed(provider: Provider, client, city: City) -> None:
    provider.key = ANOTHERS_KEY
    assert go_and_come_back(provider, client).status_code == 403


@pytest.mark.parametrize("change", [{"state": "planted"}, {"code": "guessed"}])
def test_what_was_not_asked_for_is_not_believed(provider: Provider, client, city: City, change: dict[str, str]) -> None:
    """Else somebody could be signed in as somebody else without knowing (login CSRF)."""
    assert go_and_come_back(provider, client, **change).status_code == 403


def test_somebody_switched_off_stays_out(provider: Provider, client, city: City) -> None:
    with transaction() as tx:
        tx.session.get_one(Person, city.person_ids["dora"]).enabled = False
    assert go_and_come_back(provider, client).status_code == 403
