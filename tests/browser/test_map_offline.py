"""The city's streets on the phone: kept while there is signal, drawn with the network dead."""

from __future__ import annotations

import io
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page

sys.path.insert(0, str(Path(__file__).parent))

from conftest import BIN, HERE, ROOT, PhoneBrowser, Server, sign_in, wait_for

from crew_app.services.cases import NewReport, open_case
from crew_app.transaction import transaction

pytestmark = pytest.mark.browser

STEP = 0.002  # degrees between streets: some 200 m
STREETS = 9
# pwa/src/map/map.css, by day.
WATER, MAJOR, DISTRICT_EDGE = (0xB9, 0xD6, 0xE6), (0xF7, 0xE2, 0xA8), (0x6D, 0x5F, 0x93)


def write_town(file: Path) -> Path:
    """Streets in a grid around where the crew stands, each with its name, a main road, and a lake in the middle of it."""

    def tags(**pairs: str) -> str:
        return "".join(f'<tag k="{k}" v="{v}"/>' for k, v in pairs.items())

    nodes, ways, number = [], [], iter(range(1, 100_000))

    def way(points: list[tuple[float, float]], close: bool = False, **pairs: str) -> None:
        refs = []
        for lat, lon in points:
            refs.append(next(number))
            nodes.append(f'<node id="{refs[-1]}" version="1" lat="{lat:.7f}" lon="{lon:.7f}"/>')
        inside = "".join(f'<nd ref="{ref}"/>' for ref in [*refs, *refs[: 1 if close else 0]])
        ways.append(f'<way id="{next(number)}" version="1">{inside}{tags(**pairs)}</way>')

    south, west = HERE["latitude"] - STREETS / 2 * STEP, HERE["longitude"] - STREETS / 2 * STEP
    north, east = south + STREETS * STEP, west + STREETS * STEP
    for n in range(STREETS + 1):
        kind = "primary" if n == 5 else "residential"
        way([(south + n * STEP, west), (south + n * STEP, east)], highway=kind, name=f"Street {n}")
        way([(south, west + n * STEP), (north, west + n * STEP)], highway="residential", name=f"Avenue {n}")
    lake = [
        (south + 0.0005, west + 0.0005),
        (south + 0.0005, west + 0.006),
        (south + 0.006, west + 0.006),
        (south + 0.006, west + 0.0005),
    ]
    way(lake, close=True, natural="water", name="Frog Pond")
    file.write_text("\n".join(['<osm version="0.6">', *nodes, *ways, "</osm>"]))
    return file


@pytest.fixture
def town(server: Server, tmp_path: Path) -> Server:
    """The server with a map and three cases."""
    command = [BIN / "flask", "--app", "wsgi", "basemap", write_town(tmp_path / "town.osm")]
    subprocess.run(command, cwd=ROOT, env=server.environment, check=True, capture_output=True)
    with server.app.app_context(), transaction() as tx:
        for north_m, east_m in ((300, -200), (-250, 350), (500, 400)):
            place = {"latitude": HERE["latitude"] + north_m / 111_320, "longitude": HERE["longitude"] + east_m / 82_300}
            open_case(tx, NewReport(service_code="pothole", address=f"{north_m} m north", **place))
    return server


def drawn(page: Page) -> Counter[tuple[int, int, int]]:
    """How many pixels of the map have each colour."""
    picture = Image.open(io.BytesIO(page.get_by_test_id("map").screenshot())).convert("RGB")
    return Counter({colour: count for count, colour in picture.getcolors(1 << 24)})


def streets(page: Page) -> str | None:
    return page.get_by_test_id("map").get_attribute("data-streets") if page.get_by_test_id("map").count() else None


def has_kept_the_map(page: Page) -> bool:
    return page.evaluate("caches.open('crew311-basemap').then((c) => c.match('/basemap.json')).then((kept) => kept !== undefined)")


def test_streets_jobs_and_names_are_drawn_with_the_network_dead(town: Server, phone_browser: PhoneBrowser, tmp_path: Path) -> None:
    page = phone_browser.open(f"{town.address}/crew/")
    sign_in(page)
    wait_for(lambda: page.get_by_test_id("job-card").count() == 3, page, 60)
    wait_for(lambda: has_kept_the_map(page), page, 30)
    phone_browser.kill()
    town.kill()

    page = phone_browser.open(f"{town.address}/crew/map")
    wait_for(lambda: streets(page) == "drawn", page, 20)
    page.wait_for_timeout(300)
    colours = drawn(page)
    page.screenshot(path=tmp_path / "offline-map.png")
    assert colours[MAJOR] > 300, "the main road"
    assert colours[WATER] > 1_000, "the lake"
    assert page.get_by_text("© OpenStreetMap contributors").is_visible()
    assert page.get_by_test_id("map-card").is_visible()

    page.get_by_role("application").focus()
    page.keyboard.press("n")
    spoken = page.locator(".city-map-spoken")
    wait_for(lambda: "of 3 in view: " in (spoken.text_content() or ""), page, 5)


def test_a_range_is_answered_by_the_service_worker_as_the_city_answers_it(town: Server, phone_browser: PhoneBrowser) -> None:
    page = phone_browser.open(f"{town.address}/crew/")
    sign_in(page)
    wait_for(lambda: has_kept_the_map(page), page, 60)
    ask = """async (past) => {
        const { url, bytes } = await (await fetch('/basemap.json')).json();
        const answers = [];
        for (const range of ['0-16383', '100-299', `${bytes - 50}-${bytes - 1}`, `${bytes}-${bytes + 9}`]) {
            const answer = await fetch(url, { headers: { Range: `bytes=${range}` }, cache: past ? 'reload' : 'default' }).catch(() => null);
            const body = answer === null || answer.status !== 206 ? null : [...new Uint8Array(await answer.arrayBuffer())];
            answers.push(answer && [answer.status, answer.headers.get('Content-Range'), body]);
        }
        return answers;
    }"""
    from_the_city = page.evaluate(ask, True)
    town.kill()
    kept = page.evaluate(ask, False)
    assert [answer[0] for answer in from_the_city] == [206, 206, 206, 416]
    assert kept == [*from_the_city[:3], None], "what lies beyond the end is nobody's"


def test_without_a_basemap_districts_and_jobs_are_drawn(server: Server, phone_browser: PhoneBrowser) -> None:
    with server.app.app_context(), transaction() as tx:
        open_case(tx, NewReport(service_code="pothole", address="Here", latitude=42.352, longitude=-71.062))
    page = phone_browser.open(f"{server.address}/crew/")
    sign_in(page)
    wait_for(lambda: page.get_by_test_id("job-card").count() == 1, page, 60)
    page.get_by_test_id("tab-map").click()
    wait_for(lambda: streets(page) == "none", page, 20)
    for _ in range(8):
        page.get_by_role("button", name="Farther").click()
        page.wait_for_timeout(200)
    wait_for(lambda: len(drawn(page)) > 3, page, 5)
    assert any(near(colour, DISTRICT_EDGE) for colour in drawn(page)), "the district's edge"
    assert not page.get_by_text("© OpenStreetMap").is_visible()


def near(colour: tuple[int, int, int], wanted: tuple[int, int, int]) -> bool:
    """Lines are drawn a little transparent, on the ground."""
    return sum(abs(a - b) for a, b in zip(colour, wanted, strict=True)) < 130 and colour[2] > colour[1]
