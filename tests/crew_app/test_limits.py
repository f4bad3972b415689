"""Whoever asks too often is told when to come again; a storm is not somebody."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from open311_client import Open311Client, errors
from test_public import send

from crew_app.adapters.rate_limits import RateLimits
from crew_app.limits import LIMITS, REPORTING, whence
from crew_app.services.api_keys import make_api_key
from crew_app.transaction import transaction

NOW = 1_700_000_000.0


@pytest.fixture
def limits(tmp_path: Path):
    limits = RateLimits(tmp_path / "limits.sqlite")
    yield limits
    limits.close()


def test_a_minutes_allowance_may_be_used_at_once_and_comes_back_evenly(limits: RateLimits) -> None:
    assert [limits.wait_s("a", 6, NOW) for _ in range(6)] == [None] * 6
    assert limits.wait_s("a", 6, NOW) == pytest.approx(10)
    assert limits.wait_s("b", 6, NOW) is None  # somebody else
    assert limits.wait_s("a", 6, NOW + 9) == pytest.approx(1)
    assert limits.wait_s("a", 6, NOW + 10) is None
    assert limits.wait_s("a", 6, NOW + 10) == pytest.approx(10)
    limits.forget_whole(NOW + 1000)
    assert [limits.wait_s("a", 6, NOW + 1000) for _ in range(7)][5:] == [None, pytest.approx(10)]


def test_a_clock_that_is_set_back_shuts_nobody_out(limits: RateLimits) -> None:
    assert [limits.wait_s("a", 2, NOW + 86_400) for _ in range(2)] == [None, None]
    assert [limits.wait_s("a", 2, NOW) for _ in range(3)] == [None, None, pytest.approx(30)]


def test_what_was_no_harm_is_given_back(limits: RateLimits) -> None:
    for _ in range(50):
        assert limits.wait_s("a", 2, NOW, 900) is None
        limits.give_back("a", 2, 900)
    assert [limits.wait_s("b", 1, NOW), limits.forget("b"), limits.wait_s("b", 1, NOW)] == [None, None, None]


def test_two_processes_count_together(limits: RateLimits, tmp_path: Path) -> None:
    other = RateLimits(tmp_path / "limits.sqlite")
    taken: list[bool] = []
    threads = [
        threading.Thread(target=lambda one=one: taken.extend(one.wait_s("a", 20, NOW) is None for _ in range(50)))
        for one in (limits, other)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert (len(taken), sum(taken)) == (100, 20)


def test_if_counting_fails_nobody_is_refused(limits: RateLimits) -> None:
    limits.close()
    assert limits.wait_s("a", 1, NOW) is None
    limits.forget_whole(NOW)


@pytest.mark.parametrize(
    ("remote", "address", "network"),
    [
        ("192.0.2.7", "192.0.2.7/32", "network 192.0.2.0/24"),
        ("::ffff:192.0.2.7", "192.0.2.7/32", "network 192.0.2.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64", "network 2001:db8:1::/48"),
        ("", "unknown", "unknown network"),
        (None, "unknown", "unknown network"),
    ],
)
def test_a_household_is_an_address(remote: str | None, address: str, network: str) -> None:
    assert whence(remote) == (address, network)


def test_a_flood_of_reports_from_one_address_is_slowed_and_others_are_not(app: Flask, client: FlaskClient, city) -> None:
    with time_machine.travel(NOW, tick=False):
        answers = [send(client, service="none") for _ in range(REPORTING.of_address + 1)]
        assert {answer.status_code for answer in answers[:-1]} == {400}
        assert answers[-1].status_code == 429 and answers[-1].headers["Retry-After"] == "1"
        assert "Please wait a moment" in answers[-1].text
        assert client.post("/report", data={}, environ_base={"REMOTE_ADDR": "198.51.100.1"}).status_code == 400
    with time_machine.travel(NOW + 2, tick=False):
        assert send(client, service="none").status_code == 400


def test_a_flood_from_one_network_is_slowed(client: FlaskClient, city) -> None:
    with time_machine.travel(NOW, tick=False):
        codes = [
            client.post("/report", data={}, environ_base={"REMOTE_ADDR": f"203.0.113.{number % 200}"}).status_code
            for number in range(REPORTING.of_network + 1)
        ]
    assert codes == [400] * REPORTING.of_network + [429]


def test_a_key_has_a_limit_of_its_own(app: Flask, client: FlaskClient, city) -> None:
    with transaction() as tx:
        small, large = (make_api_key(tx, name, per_minute=count)[1] for name, count in (("small", 2), ("large", 120)))
    api = Open311Client(client, small)
    with time_machine.travel(NOW, tick=False):
        assert [api.post().status_code for _ in range(3)] == [200, 200, 429]
        refused = api.post("requests.xml")
        assert errors(refused)[0] == 429 and refused.headers["Retry-After"] == "30"
        api.api_key = large
        assert [api.post().status_code for _ in range(100)] == [200] * 100  # one server, many residents
        assert [api.post(api_key="guess").status_code for _ in range(31)] == [403] * 30 + [429]


def test_what_crews_and_the_office_do_has_no_limit(app: Flask) -> None:
    never = ("phone.", "uploads.", "live.", "case_", "crews_page.", "quarantine.", "health.")
    assert not [endpoint for endpoint in LIMITS if endpoint.startswith(never)]
    assert set(LIMITS) <= set(app.view_functions)
