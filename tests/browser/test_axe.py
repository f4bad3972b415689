"""Every page of the console is usable by everybody: axe finds no violation, by day and by night.

The pages come from the URL map, so a new one is looked at as soon as it is there. One whose address has a part that is not
in PARTS fails here until it is added; what a page shows only in some state has a line in STATES.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright

sys.path.insert(0, str(Path(__file__).parent))

from conftest import CHROMIUM_ARGUMENTS, PASSWORD, ROOT, Server
from lively_city import fill

pytestmark = pytest.mark.browser

AXE = ROOT / "pwa" / "node_modules" / "axe-core" / "axe.min.js"
# What stands in an address for its <parts>: the name of a case of lively_city, or the words themselves.
PARTS = {
    "number": "with_crew",
    "photo_id": "photo",
    "deed_id": "deed",
    "crew_id": "1",
    "rule_id": "1",
    "person_id": "1",
    "service_id": "1",
    "territory_id": "1",
}
STATES = (
    "/console/cases?q=main&group=all",
    "/console/cases?q=nothing+has+these+words",
    "/console/cases/{waiting}",
    "/console/cases/{closed}",
    "/console/cases/{withdrawn}",
    "/console/cases/{merged}",
    "/console/cases/{held}",
    "/console/cases/{to_review}",
)
NOT_PAGES = ("/console/live/", "/console/api/", "/console/intake/")  # figures and streams for programs; parts of a page


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, dict[str, str]]]:
    server = Server(tmp_path_factory.mktemp("axe") / "instance")
    server.make_city()
    numbers = fill(server)
    server.start()
    yield server, numbers
    server.kill()


def addresses(server: Server, numbers: dict[str, str]) -> list[str]:
    """Each page of the console, and each of its states."""
    found = [state.format(**numbers) for state in STATES]
    for rule in server.app.url_map.iter_rules():
        if not rule.rule.startswith("/console/") or rule.rule.startswith(NOT_PAGES) or "GET" not in (rule.methods or ()):
            continue
        assert rule.arguments <= set(PARTS), f"{rule.rule}: say in PARTS what stands for {rule.arguments - set(PARTS)}"
        given = {name: numbers.get(PARTS[name], PARTS[name]) for name in rule.arguments}
        with server.app.test_request_context():
            found.append(server.app.url_map.bind("").build(rule.endpoint, given))
    return sorted(found)


def violations(page: Page) -> list[str]:
    """What axe finds, one line each: the rule, the element, what to do."""
    page.evaluate(AXE.read_text())
    found = page.evaluate(
        "axe.run(document, {resultTypes: ['violations']}).then(({violations}) => violations.flatMap((rule) =>"
        " rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 160)} ${node.failureSummary}`)))"
    )
    return [str(line) for line in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation_on_any_page_of_the_console(
    city: tuple[Server, dict[str, str]], playwright: Playwright, chromium: str, scheme: str
) -> None:
    assert AXE.is_file(), "axe-core is not installed: make setup"
    server, numbers = city
    browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
    page = browser.new_page(color_scheme=scheme, viewport={"width": 1280, "height": 900}, reduced_motion="reduce")  # type: ignore[arg-type]
    page.goto(f"{server.address}/sign-in")
    page.get_by_label("E-mail").fill("ada@city.test")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/console/**")
    wrong = []
    pages = 0
    for address in addresses(server, numbers):
        if "text/html" not in page.request.head(server.address + address).headers["content-type"]:
            continue
        answer = page.goto(server.address + address)
        assert answer is not None and answer.status == 200, f"{address}: {answer and answer.status}"
        page.locator("h1").first.wait_for(state="attached")  # the desk draws itself
        page.wait_for_timeout(300)
        pages += 1
        wrong += [f"{address}: {line}" for line in violations(page)]
    browser.close()
    print(f"axe-core: {pages} pages of the console, {scheme}: {len(wrong)} violations")
    assert not wrong, "\n".join(wrong)
    assert pages >= 12


RESIDENTS = (
    "/",
    "/report",
    "/report?service=pothole",
    "/cases/{with_crew}",
    "/cases/{closed}",
    "/map/",
    "/data/",
    "/dashboard/",
    "/sign-in",
)


@pytest.mark.parametrize(("language", "scheme"), [("en", "dark"), ("ar", "light")])
def test_axe_finds_no_violation_on_any_page_of_residents_in_either_direction(
    city: tuple[Server, dict[str, str]], playwright: Playwright, chromium: str, language: str, scheme: str
) -> None:
    server, numbers = city
    browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
    page = browser.new_page(
        color_scheme=scheme,  # type: ignore[arg-type]
        viewport={"width": 390, "height": 844},
        reduced_motion="reduce",
        locale=language,
    )
    wrong = []
    for address in (address.format(**numbers) for address in RESIDENTS):
        page.goto(server.address + address)
        assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
        page.locator(".languages summary").click()
        page.locator(".languages-list").wait_for()
        wrong += [f"{address}: {line}" for line in violations(page)]
        # Nothing sticks out: a page that scrolls sideways is read with a thumb on it.
        overhang = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        wrong += [f"{address}: {overhang} px too wide"] if overhang > 0 else []
    browser.close()
    assert not wrong, "\n".join(wrong)
