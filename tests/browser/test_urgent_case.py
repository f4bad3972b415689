"""What the office changes reaches a phone that somebody looks at within five seconds, by the rolling plan."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page

sys.path.insert(0, str(Path(__file__).parent))

from conftest import HERE, PhoneBrowser, Server, sign_in, wait_for

from crew_app.extensions import db
from crew_app.models import Case
from crew_app.services.cases import NewReport, open_case
from crew_app.services.planning import look
from crew_app.transaction import system_clock, transaction

pytestmark = pytest.mark.browser
WITHIN_S = 5.0


def report(server: Server, north_m: float, is_urgent: bool = False) -> str:
    """A case so far from the crew, opened as any other process would: the worker's timer or the next event finds it."""
    place = {"latitude": HERE["latitude"] + north_m / 111_320, "longitude": HERE["longitude"]}
    with server.app.app_context(), transaction() as tx:
        case = open_case(tx, NewReport(service_code="pothole", address=f"{north_m:.0f} m north", **place))
        case.is_urgent = is_urgent
        number = case.number
    with server.app.app_context():
        db.session.remove()
    return number


def numbers(page: Page) -> list[str]:
    return [card.get_attribute("data-case") or "" for card in page.get_by_test_id("job-card").all()]


def test_an_urgent_case_comes_first_on_the_phone_within_five_seconds(server: Server, phone_browser: PhoneBrowser) -> None:
    page = phone_browser.open(f"{server.address}/crew/")
    sign_in(page)
    others = [report(server, north_m) for north_m in (300, 600, 900)]
    wait_for(lambda: set(numbers(page)) == set(others), page, 60)
    took = []
    for n in range(3):
        began = time.monotonic()
        urgent = report(server, 2_000 + 100 * n, is_urgent=True)
        wait_for(lambda number=urgent: number in numbers(page), page, 20)
        took.append(time.monotonic() - began)
    assert "Urgent" in page.get_by_test_id("job-card").first.inner_text(), "before all that is planned"
    assert sorted(took)[1] <= WITHIN_S, took
    with server.app.app_context():
        planned = {c.id: c.crew_id for c in look(db.session, system_clock()).cases}
        assert all(planned[case.id] is not None for case in db.session.query(Case))
        db.session.remove()
