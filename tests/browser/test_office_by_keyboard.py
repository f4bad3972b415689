"""The office without a mouse: take a call in half a minute, give the case to another crew, decide a review, merge two."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright
from sqlalchemy import select

sys.path.insert(0, str(Path(__file__).parent))

from conftest import CHROMIUM_ARGUMENTS, HERE, PASSWORD, Server
from lively_city import fill

from crew_app.extensions import db
from crew_app.models import Assignment, Case, Crew, Report, Shift
from crew_app.transaction import transaction

pytestmark = pytest.mark.browser

TAKEN_WITHIN_S = 30
KEY_MS = 60  # a calm typist: some 200 keys a minute
MOST_TABS = 200

NAME_OF_FOCUSED = """() => {
  const it = document.activeElement;
  const label = it.labels?.[0]?.querySelector("span")?.textContent ?? it.getAttribute("aria-label") ?? it.textContent;
  return `${it.tagName.toLowerCase()}: ${(label ?? "").trim().replace(/\\s+/g, " ")}`;
}"""


@pytest.fixture
def city(tmp_path: Path) -> Iterator[tuple[Server, dict[str, str]]]:
    server = Server(tmp_path / "instance")
    server.make_city()
    numbers = fill(server)
    with server.app.app_context(), transaction() as tx:  # a second crew to give work to
        first = tx.session.scalars(select(Crew)).one()
        depot = {"depot_latitude": HERE["latitude"], "depot_longitude": HERE["longitude"]}
        other = Crew(code="PWD-2", name="Highway 2", department_id=first.department_id, **depot)
        tx.session.add(other)
        tx.session.flush()
        shift = tx.session.scalars(select(Shift)).one()
        tx.session.add(Shift(crew_id=other.id, starts_at=shift.starts_at, ends_at=shift.ends_at))
    server.start()
    yield server, numbers
    server.kill()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what has the focus is named so; nothing is clicked, nothing is focused by script."""
    for _ in range(MOST_TABS):
        if page.evaluate(NAME_OF_FOCUSED).startswith(name):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab leads nowhere named {name!r}; the focus is on {page.evaluate(NAME_OF_FOCUSED)!r}")


def sign_in(page: Page, server: Server, email: str) -> None:
    page.goto(f"{server.address}/sign-in")
    tab_to(page, "input: E-mail")
    page.keyboard.type(email)
    tab_to(page, "input: Password")
    page.keyboard.type(PASSWORD)
    press(page, "Enter")
    page.wait_for_url("**/console/**")


def search(page: Page, server: Server, said: str) -> None:
    page.goto(f"{server.address}/console/cases")
    press(page, "/")
    page.keyboard.type(said)
    press(page, "Enter")


def open_case(page: Page, server: Server, number: str) -> None:
    """A whole number leads to the case itself."""
    search(page, server, number)
    page.wait_for_url(f"**/console/cases/{number}")


def take_a_call(page: Page, server: Server) -> tuple[str, float]:
    """The number, and how long it took from the first key to the number on the screen."""
    page.goto(f"{server.address}/console/intake")
    began = time.monotonic()
    assert page.evaluate(NAME_OF_FOCUSED).startswith("input: What is it about?"), "ready to type"
    page.keyboard.type("poth", delay=KEY_MS)
    page.get_by_role("option", name="Pothole").wait_for()
    press(page, "Tab")
    page.keyboard.type("16 main", delay=KEY_MS)
    page.get_by_role("option", name="16 Main St").wait_for()
    press(page, "Enter")
    page.get_by_text("We expect it to be done by").wait_for()
    page.get_by_role("button", name="It is this one").first.wait_for()
    tab_to(page, "textarea: In the caller’s words")
    page.keyboard.type("A hole in front of the bakery, a bicycle fell.", delay=KEY_MS)
    tab_to(page, "input: Name")
    page.keyboard.type("Ruth Example", delay=KEY_MS)
    press(page, "Tab")
    page.keyboard.type("617-555-0142", delay=KEY_MS)
    press(page, "Control+Enter")
    page.wait_for_url("**taken=*")
    said = page.get_by_text("Tell the caller: the number is").inner_text()
    return said.split()[-1], time.monotonic() - began


def test_the_office_works_by_keyboard_alone(city: tuple[Server, dict[str, str]], playwright: Playwright, chromium: str) -> None:
    server, numbers = city
    browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
    taker = browser.new_page(viewport={"width": 1280, "height": 900})
    sign_in(taker, server, "cal@city.test")
    number, took_s = take_a_call(taker, server)
    print(f"a call taken by keyboard alone: {took_s:.1f} s, {KEY_MS} ms a key")
    assert took_s < TAKEN_WITHIN_S

    def case(number: str) -> Case:
        return db.session.scalars(select(Case).where(Case.number == number)).one()

    def taken() -> tuple[str, bool, str | None]:
        it = case(number)
        return it.address, it.place_problem is None, db.session.scalar(select(Report.phone).where(Report.case_id == it.id))

    assert server.ask(taken) == ("16 Main St", True, "617-555-0142"), "a place between two house numbers the city knows"

    page = browser.new_page(viewport={"width": 1280, "height": 900})
    sign_in(page, server, "dora@city.test")

    search(page, server, "harbor")
    page.wait_for_url("**q=harbor*")
    press(page, "j", "j", "k", "Enter")  # down, no further down, and up again: the list has one row
    page.wait_for_url(f"**/console/cases/{numbers['with_crew']}")
    tab_to(page, "summary: Give it to another crew")
    press(page, "Enter")
    tab_to(page, "select: Crew")
    page.keyboard.type("PWD-2")
    tab_to(page, "input: Why, for the crew")
    page.keyboard.type("They are next to it.")
    press(page, "Enter")
    page.get_by_text("The crew has it.").wait_for()

    def holder() -> str:
        held = (
            select(Crew.code)
            .join(Assignment)
            .where(Assignment.case_id == case(numbers["with_crew"]).id, Assignment.ended_at.is_(None))
        )
        return db.session.scalar(held) or ""

    assert server.ask(holder) == "PWD-2"

    open_case(page, server, numbers["to_review"])
    tab_to(page, "button: Accept")
    press(page, "Enter")
    page.get_by_text("Settled. The crew sees the decision.").wait_for()
    assert server.ask(lambda: case(numbers["to_review"]).review_reason) is None

    open_case(page, server, number)
    tab_to(page, "button: Merge: deal with")
    press(page, "Enter")
    page.get_by_text("Merged: one is dealt with").wait_for()
    assert server.ask(lambda: case(number).status) == "merged"
    browser.close()
