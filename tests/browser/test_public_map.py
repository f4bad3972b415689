"""Residents' maps by touch and by keyboard: the list follows, and a place picked goes with the report."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page

sys.path.insert(0, str(Path(__file__).parent))

from conftest import PhoneBrowser, Server, wait_for

from crew_app.extensions import db
from crew_app.models import Case
from crew_app.services.cases import NewReport, open_case
from crew_app.transaction import transaction

pytestmark = pytest.mark.browser


def report(server: Server, address: str, longitude: float) -> str:
    with server.app.app_context(), transaction() as tx:
        return open_case(tx, NewReport(service_code="pothole", address=address, latitude=42.35, longitude=longitude)).number


def listed(page: Page) -> set[str]:
    return set(page.eval_on_selector_all("[data-latest] a", "(links) => links.map((link) => link.pathname.split('/').pop())"))


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)
        page.wait_for_timeout(250)


def test_where_the_map_goes_the_list_follows(server: Server, phone_browser: PhoneBrowser) -> None:
    west, east = report(server, "1 West St", -71.20), report(server, "1 East St", -71.00)
    page = phone_browser.open(f"{server.address}/map/")
    assert listed(page) == {west, east}
    the_map = page.get_by_role("application", name="Map of reported cases")
    the_map.focus()
    spoken = page.locator(".public-map .city-map-spoken")
    wait_for(lambda: page.keyboard.press("n") or "2 in view: Pothole" in (spoken.text_content() or ""), page, 15)
    press(page, "+", "+", *["ArrowLeft"] * 4)
    wait_for(lambda: listed(page) == {west}, page, 15)
    press(page, "Home")
    wait_for(lambda: listed(page) == {west, east}, page, 15)


def test_a_touch_on_a_mark_opens_its_case(server: Server, phone_browser: PhoneBrowser) -> None:
    number = report(server, "1 Main St", -71.10)
    page = phone_browser.open(f"{server.address}/map/")
    box = page.locator(".public-map")
    box.wait_for()
    page.wait_for_timeout(1500)
    frame = box.bounding_box()
    assert frame
    page.touchscreen.tap(frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2)  # the square's middle
    wait_for(lambda: page.url.endswith(f"/cases/{number}"), page, 10)


def test_a_place_is_picked_by_keyboard_moved_and_sent_with_the_report(server: Server, phone_browser: PhoneBrowser) -> None:
    page = phone_browser.open(f"{server.address}/report?service=pothole")
    page.locator(".place-map").scroll_into_view_if_needed()
    page.get_by_role("application").focus()
    press(page, "Enter")
    fields = [page.locator(f"input[name={name}]") for name in ("lat", "lon")]
    wait_for(lambda: fields[0].input_value() != "", page, 10)
    latitude, longitude = (float(field.input_value()) for field in fields)
    assert (latitude, longitude) == pytest.approx((42.35, -71.1), abs=0.01), "the middle of the city"
    page.get_by_role("button", name="The place.").focus()
    press(page, "ArrowRight", "ArrowRight", "ArrowUp")
    assert float(fields[1].input_value()) > longitude
    assert float(fields[0].input_value()) > latitude
    picked = [float(field.input_value()) for field in fields]
    page.get_by_role("button", name="Send the report").click()
    wait_for(lambda: "/cases/" in page.url, page, 20)
    sent = server.ask(lambda: db.session.execute(db.select(Case.latitude, Case.longitude)).one())
    assert tuple(sent) == pytest.approx(tuple(picked), abs=1e-6)


def test_without_script_the_pages_are_whole(server: Server, phone_browser: PhoneBrowser) -> None:
    number = report(server, "1 Main St", -71.10)
    page = phone_browser.open(f"{server.address}/")
    page.route("**/*.js", lambda route: route.abort())
    page.goto(f"{server.address}/map/")
    assert listed(page) == {number}
    assert not page.locator(".public-map").is_visible()
