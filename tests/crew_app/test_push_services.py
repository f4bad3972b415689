"""Where a push may go: to push services, and to nobody's own network however the address is written."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from webpush.vapid import VAPID

from crew_app.adapters.push_services import NotAPushService, is_public, read_endpoint
from crew_app.adapters.web_push import Fate, PushSender, Target

pytestmark = pytest.mark.once

P256DH = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"  # of RFC 8291's example
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"


@dataclass
class Canary:
    """Whoever is contacted here was sent where nobody should be: counts every connection, whatever it says."""

    port: int
    status: int = 201
    location: str | None = None
    hits: list[str] = field(default_factory=list)


@pytest.fixture
def canary() -> Iterator[Canary]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    found = Canary(server.server_port)

    class Handler(BaseHTTPRequestHandler):
        def handle(self) -> None:
            found.hits.append(self.client_address[0])
            super().handle()

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(found.status)
            if found.location:
                self.send_header("Location", found.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server.RequestHandlerClass = Handler
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()


def sender(*ours: str) -> PushSender:
    return PushSender(VAPID.generate_keys()[0], "ops@city.test", ours)


def send(by: PushSender, endpoint: str):
    return by.send(Target(endpoint, P256DH, AUTH), b"{}", ttl_s=60, urgency="normal", topic="new_job")


HOSTILE = [
    "https://127.0.0.1:{port}/x", "http://127.0.0.1:{port}/x", "https://localhost:{port}/x", "http://localhost:{port}/x",
    "https://127.1:{port}/x", "https://2130706433:{port}/x", "https://0x7f000001:{port}/x", "https://0177.0.0.1:{port}/x",
    "https://[::1]:{port}/x", "https://[::ffff:127.0.0.1]:{port}/x", "https://[::ffff:7f00:1]:{port}/x", "https://0.0.0.0:{port}/x",
    "https://10.0.0.1/x", "https://192.168.1.1/x", "https://172.16.0.1/x", "https://169.254.169.254/latest/meta-data/",
    "https://[fd00::1]/x", "https://[fe80::1%25eth0]/x", "https://100.64.0.1/x",
    "https://fcm.googleapis.com@127.0.0.1:{port}/x", "https://fcm.googleapis.com:x@127.0.0.1:{port}/x",
    "https://127.0.0.1:{port}/fcm.googleapis.com", "https://fcm.googleapis.com.evil.test:{port}/x",
    "https://evilfcm.googleapis.com.localhost:{port}/x", "https://notify.windows.com.localhost:{port}/x",
    "https://fcm.googleapis.com:{port}/x", "http://fcm.googleapis.com/x", "https://127.0.0.1:{port}#.push.apple.com",
    "https://127.0.0.1:{port}\\@fcm.googleapis.com/x", "https://127.0.0.1:{port}?@fcm.googleapis.com/",
    "https://127.0.0.1%2ffcm.googleapis.com:{port}/", "https://fcm.googleapis.com\r\nHost: 127.0.0.1/x", "https://fcm。googleapis.com/x",
    "ftp://127.0.0.1:{port}/x", "file:///etc/passwd", "gopher://127.0.0.1:{port}/x", "//127.0.0.1:{port}/x", "", "x" * 2000,
    "https://127.0.0.1:99999/x", "https://[::1/x", "https://.push.apple.com.127.0.0.1.nip.io:{port}/x",
]  # fmt: skip


@pytest.mark.parametrize("address", HOSTILE)
def test_an_address_that_is_no_push_services_is_never_contacted(canary: Canary, address: str) -> None:
    answer = send(sender(), address.replace("{port}", str(canary.port)))
    assert answer.fate is Fate.GONE
    assert canary.hits == []


PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "192.168.0.9",
    "169.254.169.254",
    "0.0.0.0",
    "::1",
    "::ffff:127.0.0.1",
    "fd12::1",
    "64:ff9b::7f00:1",
]


@pytest.mark.parametrize("leads_to", PRIVATE)
def test_a_push_services_name_that_leads_home_is_not_followed(
    canary: Canary, monkeypatch: pytest.MonkeyPatch, leads_to: str
) -> None:
    """Somebody plays with the name server, or their push service has been taken over."""
    resolve_to(monkeypatch, canary, [leads_to])
    answer = send(sender(), "https://updates.push.services.mozilla.com/x")
    assert (answer.fate, answer.why) == (Fate.REFUSED, "its name leads into a private network")
    assert canary.hits == []


def test_a_name_that_leads_home_at_the_second_look_is_looked_up_once(canary: Canary, monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: public while it is checked, private while it is connected to. It is connected to what was checked."""
    connected: list[tuple[str, int]] = []

    def note(address: tuple[str, int], **_: object) -> socket.socket:
        connected.append(address)
        raise OSError("nobody there")

    looks = resolve_to(monkeypatch, canary, ["8.8.8.8"], ["127.0.0.1"])
    monkeypatch.setattr(socket, "create_connection", note)
    assert send(sender(), "https://fcm.googleapis.com/fcm/send/x").fate is Fate.LATER
    assert connected == [("8.8.8.8", 443)]
    assert (len(looks), canary.hits) == (1, [])


def test_a_name_with_one_private_address_among_public_ones_is_not_contacted(
    canary: Canary, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve_to(monkeypatch, canary, ["8.8.8.8", "127.0.0.1"])
    assert send(sender(), "https://fcm.googleapis.com/x").fate is Fate.REFUSED
    assert canary.hits == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(canary: Canary, status: int) -> None:
    canary.status, canary.location = status, f"http://127.0.0.1:{canary.port}/secret"
    answer = send(sender(f"http://localhost:{canary.port}"), f"http://localhost:{canary.port}/push")
    assert answer.fate is Fate.REFUSED
    assert len(canary.hits) == 1, "the push itself, and nothing after it"


def resolve_to(monkeypatch: pytest.MonkeyPatch, canary: Canary, *looks: list[str]) -> list[str]:
    """The name server's answers, one look after the other, the last for ever; returns what was looked up."""
    asked: list[str] = []

    def look_up(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        found = looks[min(len(asked), len(looks) - 1)]
        asked.append(host)
        return [(0, socket.SOCK_STREAM, 6, "", (address, canary.port if not is_global(address) else port)) for address in found]

    def is_global(address: str) -> bool:
        return ipaddress.ip_address(address).is_global

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


@pytest.mark.parametrize(
    "address",
    [
        "https://fcm.googleapis.com/fcm/send/abc:DEF",
        "https://updates.push.services.mozilla.com/wpush/v2/gAAA",
        "https://web.push.apple.com/QABC",
        "https://db5p.notify.windows.com/w/?token=BQ",
        "https://FCM.googleapis.com:443/fcm/send/abc",
    ],
)
def test_the_services_of_browser_makers_are_known(address: str) -> None:
    assert read_endpoint(address).scheme == "https"


def test_a_service_that_whoever_runs_the_server_named_may_stand_in_its_own_network() -> None:
    ours = ["https://push.city.gov:8443"]
    assert read_endpoint("https://push.city.gov:8443/x", ours).origin_host == "push.city.gov:8443"
    with pytest.raises(NotAPushService):
        read_endpoint("https://push.city.gov/x", ours)


def test_public_is_what_the_internet_can_reach() -> None:
    assert is_public(ipaddress.ip_address("8.8.8.8"))
    assert is_public(ipaddress.ip_address("2a00:1450:4001::1"))
    assert not any(
        is_public(ipaddress.ip_address(address)) for address in [*PRIVATE, "224.0.0.1", "255.255.255.255", "2002:7f00:1::"]
    )
