"""The second walk of the house: a resident's report becomes a job on the nearest crew's phone, and its end is public."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Playwright

sys.path.insert(0, str(Path(__file__).parent))

from conftest import CHROMIUM_ARGUMENTS, HERE, PhoneBrowser, Server, sign_in, wait_for

pytestmark = pytest.mark.browser


def test_a_residents_report_reaches_the_crews_phone_and_its_end_is_public_the_same_minute(
    server: Server, phone_browser: PhoneBrowser, playwright: Playwright, chromium: str, tmp_path: Path
) -> None:
    picture = tmp_path / "pothole.jpg"
    Image.radial_gradient("L").resize((800, 600)).save(picture, "JPEG")
    phone = phone_browser.open(f"{server.address}/crew/")
    sign_in(phone)

    browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
    resident = browser.new_page()
    resident.goto(f"{server.address}/report?service=pothole")
    resident.locator('input[type="file"]').set_input_files(picture)
    resident.get_by_label("Address or crossing").fill("1 Test St")
    resident.get_by_text("Coordinates, if you know them").click()
    resident.get_by_label("Latitude").fill("42.352")
    resident.get_by_label("Longitude").fill(str(HERE["longitude"]))
    resident.get_by_label("In your words").fill("Deep and wide.")
    resident.get_by_label("E-mail").fill("resident@example.org")
    resident.get_by_role("button", name="Send the report").click()
    resident.wait_for_url("**/cases/*")
    page_of_case = resident.url
    number = page_of_case.split("/cases/")[1].split("?")[0]

    began = time.monotonic()
    card = phone.locator(f'[data-testid="job-card"][data-case="{number}"]')

    def job_is_there() -> bool:
        phone.reload()
        phone.get_by_test_id("sync-line").wait_for()
        phone.wait_for_timeout(700)
        return card.count() == 1

    wait_for(job_is_there, phone, 20)
    card.click()
    assert "Deep and wide." in phone.inner_text("body")
    assert "resident@example.org" not in phone.content(), "a crew's phone holds no contact details"
    wait_for(lambda: phone.locator('img[src*="/photos/"]').count() > 0, phone, 20)

    phone.get_by_test_id("job-en-route").click()
    phone.get_by_test_id("job-close").click()
    phone.get_by_test_id("outcome-made_safe").click()
    phone.get_by_test_id("note").fill("Cone set out.")
    phone.get_by_test_id("close-save").click()
    phone.get_by_test_id("saved-toast").wait_for()

    def made_safe_is_public() -> bool:
        resident.goto(page_of_case)
        return "made safe" in resident.inner_text("body").lower()

    wait_for(made_safe_is_public, phone, 30)
    assert time.monotonic() - began < 60, "the same minute"
    assert "resident@example.org" not in resident.content()
    browser.close()
