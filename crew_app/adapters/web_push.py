"""Wakes a browser: encrypts and signs by `webpush`, and sends, which `webpush` does not."""

from __future__ import annotations

import contextlib
import http.client
import os
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from webpush import WebPush, WebPushSubscription
from webpush.types import WebPushKeys
from webpush.vapid import VAPID

from crew_app.adapters.push_services import Endpoint, NotAPushService, connect, read_endpoint

# Of 4,096 bytes that a push service must take (RFC 8030), what encryption leaves (RFC 8188); `webpush` does not check.
MAX_PAYLOAD_BYTES = 3993
ANSWER_S = 8.0
MOST_RETRY_AFTER = timedelta(hours=6)


class Fate(StrEnum):
    """What became of a push."""

    DELIVERED = "delivered"
    GONE = "gone"  # the browser is no longer there
    LATER = "later"  # the push service cannot now
    REFUSED = "refused"  # it does not take this, and would not later


@dataclass(frozen=True, slots=True)
class Answer:
    fate: Fate
    why: str = ""
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """Where a browser can be woken, as its subscription says."""

    endpoint: str
    p256dh: str
    auth: str


class OriginVapid(VAPID):
    """`webpush` 1.0.6 drops the port from `aud`; RFC 8292 wants the whole origin."""

    def __init__(self, private_key: bytes, public_key: bytes, endpoint: Endpoint) -> None:
        super().__init__(private_key, public_key)
        self.endpoint = endpoint

    def get_authorization_header(self, endpoint: Any, subscriber: str, expiration: int) -> str:
        whole = _Origin(self.endpoint.scheme, self.endpoint.origin_host)
        return super().get_authorization_header(whole, subscriber, expiration)


@dataclass(frozen=True, slots=True)
class _Origin:
    scheme: str
    host: str


class PushSender:
    """`contact`: the address at which a push service reaches whoever runs this server. `ours`: see push_services.py."""

    def __init__(self, private_key: bytes, contact: str, ours: Collection[str] = ()) -> None:
        key = serialization.load_pem_private_key(private_key, password=None)
        self._private, self._contact, self._ours = private_key, contact, tuple(ours)
        self._public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        self.application_server_key: str = VAPID.get_application_server_key(key.public_key())

    def check(self, endpoint: str) -> Endpoint:
        """NotAPushService if we would not send there."""
        return read_endpoint(endpoint, self._ours)

    def send(self, target: Target, payload: bytes, *, ttl_s: int, urgency: str, topic: str) -> Answer:
        """`urgency`: very-low, low, normal, high. `topic`: one that is not yet delivered is replaced by the next of its topic."""
        if len(payload) > MAX_PAYLOAD_BYTES:
            return Answer(Fate.REFUSED, f"{len(payload)} bytes are more than a push may have")
        try:
            endpoint = self.check(target.endpoint)
            body, headers = self._seal(endpoint, target, payload, ttl_s)
        except NotAPushService as error:
            return Answer(Fate.GONE, str(error))
        except ValueError as error:  # keys that are no keys
            return Answer(Fate.GONE, f"its keys cannot be used: {error}")
        headers |= {"Urgency": urgency, "Topic": topic, "Content-Type": "application/octet-stream"}
        try:
            connection = connect(endpoint, ANSWER_S)
        except NotAPushService as error:  # a push service's name that leads home: somebody plays with the name server
            return Answer(Fate.REFUSED, str(error))
        except OSError as error:
            return Answer(Fate.LATER, f"{type(error).__name__}: {error}")
        try:
            connection.request("POST", endpoint.target, body=body, headers=headers)
            response = connection.getresponse()
            return _read_answer(response.status, response.getheader("Retry-After"), datetime.now(UTC))
        except (OSError, http.client.HTTPException) as error:
            return Answer(Fate.LATER, f"{type(error).__name__}: {error}")
        finally:
            connection.close()

    def _seal(self, endpoint: Endpoint, target: Target, payload: bytes, ttl_s: int) -> tuple[bytes, dict[str, str]]:
        # One for each push: what `get` is told sticks to the object, and a ttl of 0 would not take.
        push = WebPush(self._private, self._public, subscriber=self._contact, ttl=ttl_s)
        push.vapid = OriginVapid(self._private, self._public, endpoint)
        keys = WebPushKeys(auth=target.auth, p256dh=target.p256dh)
        sealed = push.get(payload, WebPushSubscription(endpoint=target.endpoint, keys=keys))
        return sealed.encrypted, {name.title(): value for name, value in sealed.headers.items()}


def _read_answer(status: int, retry_after: str | None, now: datetime) -> Answer:
    why = f"status {status}"
    if status in (200, 201, 202, 204):
        return Answer(Fate.DELIVERED)
    if status in (404, 410):
        return Answer(Fate.GONE, why)
    if status == 429 or status >= 500:
        return Answer(Fate.LATER, why, read_retry_after(retry_after, now))
    return Answer(Fate.REFUSED, why)  # redirects, too: a push service has none


def read_retry_after(text: str | None, now: datetime) -> timedelta | None:
    """Seconds or a date (RFC 9110); None if it says nothing, and never longer than is worth waiting for."""
    pause = None
    if text is not None and text.strip().isdigit():
        pause = timedelta(seconds=min(int(text.strip()[:9]), 10**6))
    elif text is not None:
        with contextlib.suppress(ValueError, TypeError):
            pause = parsedate_to_datetime(text) - now
    return None if pause is None else min(max(pause, timedelta(0)), MOST_RETRY_AFTER)


def make_key(path: Path) -> bool:
    """Make the key that names this server to push services, readable by it alone; False if there is one already."""
    if path.exists():
        return False
    private_key, _, _ = VAPID.generate_keys()
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(private_key)
    return True


def open_sender(key_file: Path, contact: str, ours: Collection[str]) -> PushSender | None:
    """None while there is no key (`flask init` makes it): then nobody is woken, and phones pull by themselves."""
    return PushSender(key_file.read_bytes(), contact, ours) if key_file.exists() else None
