"""Every page of the phone app is usable by everybody: axe finds no violation, by day, by night and in the sun."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright
from sqlalchemy import select

sys.path.insert(0, str(Path(__file__).parent))

from conftest import CHROMIUM_ARGUMENTS, HERE, Server, sign_in, wait_for
from test_axe import violations

from crew_app.extensions import db
from crew_app.models import Crew, MessageKind, Person
from crew_app.services.assignments import assign_case
from crew_app.services.cases import NewReport, add_note, open_case
from crew_app.services.messages import tell_crew, write_to_crew
from crew_app.transaction import transaction

pytestmark = pytest.mark.browser


def fill(server: Server) -> None:
    with server.app.app_context():
        with transaction() as tx:
            crew_id = tx.session.scalars(select(Crew.id)).one()
            dora = tx.session.scalars(select(Person).where(Person.email == "dora@city.test")).one()
            for n in range(4):
                place = {"latitude": HERE["latitude"] + n * 0.0004, "longitude": HERE["longitude"]}
                case = open_case(tx, NewReport(service_code="pothole", description="Deep.", address=f"{n + 1} Test St", **place))
                assign_case(tx, case.id, crew_id, dora.id)
                case.is_urgent = n == 1
            add_note(tx, case.id, "Mind the dog.", dora.id)
            write_to_crew(tx, crew_id, "Bring the long ladder.", dora.id)
            tell_crew(tx, crew_id, MessageKind.URGENT, case.id, "a car fell in", dora.id)
        db.session.remove()


def tap(*testids: str) -> Callable[[Page], None]:
    def act(page: Page) -> None:
        for testid in testids:
            page.get_by_test_id(testid).first.click()

    return act


THEMES = ("day", "night", "sun")
PLACES: tuple[tuple[str, str, Callable[[Page], None]], ...] = (
    ("jobs", "", tap()),
    ("end of shift asked", "", tap("shift-end")),
    ("a job", "", tap("job-card")),
    ("closing", "", tap("job-card", "job-close", "outcome-not_ours", "close-save")),
    ("several at once", "batch", tap()),
    ("new case", "new", tap()),
    ("the map", "map", tap()),
    ("me", "me", tap("pin-set")),
    ("messages", "me/messages", tap()),
    ("sent and waiting", "me/sync", tap()),
    ("shift", "shift", tap()),
)


def test_axe_finds_no_violation_on_any_page_of_the_phone(server: Server, playwright: Playwright, chromium: str) -> None:
    fill(server)
    browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
    wrong = {f"{theme}, {name}": lines for theme in THEMES for name, lines in look(server, browser, theme).items()}
    browser.close()
    assert len(wrong) == len(THEMES) * (len(PLACES) + 2)
    assert not any(wrong.values()), "\n".join(f"{name}: {line}" for name, lines in wrong.items() for line in lines)


def look(server: Server, browser: Browser, theme: str) -> dict[str, list[str]]:
    """What axe finds, by page, in a phone of its own."""
    context = browser.new_context(
        viewport={"width": 360, "height": 800},
        has_touch=True,
        geolocation=HERE,
        permissions=["geolocation"],
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.add_init_script(f"localStorage.setItem('crew311-theme', '{theme}')")
    address = f"{server.address}/crew/"
    page.goto(address)
    found = {"signing in": violations(page)}
    sign_in(page)
    page.get_by_test_id("job-card").nth(3).wait_for()
    if theme == THEMES[0]:
        tap("shift-start", "shift-save")(page)
    wait_for(lambda: page.get_by_test_id("shift-end").count(), page)
    for name, path, act in PLACES:
        page.goto(address + path)
        page.get_by_test_id("sync-line").wait_for()
        act(page)
        page.wait_for_timeout(500)
        found[name] = violations(page)
    page.goto(f"{address}me")
    tap("pin-set")(page)
    for testid in ("pin-new", "pin-again"):
        page.get_by_test_id(testid).fill("4711")
    tap("pin-save", "lock-now")(page)
    page.get_by_test_id("locked").wait_for()
    found["locked"] = violations(page)
    context.close()
    return found
