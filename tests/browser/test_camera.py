"""The camera inside the page: taken, taken again, marked with a finger; and the file picker where there is no camera."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, Playwright
from sqlalchemy import select

sys.path.insert(0, str(Path(__file__).parent))

from conftest import CHROMIUM_ARGUMENTS, HERE, Server, sign_in, wait_for

from crew_app.extensions import db
from crew_app.models import Crew, Person, Photo
from crew_app.services.assignments import assign_case
from crew_app.services.cases import NewReport, open_case
from crew_app.services.photos import photo_store
from crew_app.transaction import transaction

pytestmark = pytest.mark.browser
FAKE_CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


def give_job(server: Server) -> None:
    with server.app.app_context():
        with transaction() as tx:
            dora = tx.session.scalars(select(Person).where(Person.email == "dora@city.test")).one()
            case = open_case(tx, NewReport(service_code="pothole", address="1 Test St", **HERE))
            assign_case(tx, case.id, tx.session.scalars(select(Crew.id)).one(), dora.id)
        db.session.remove()


def open_closing_form(page: Page, server: Server) -> None:
    page.goto(f"{server.address}/crew/")
    sign_in(page)
    page.get_by_test_id("job-card").first.click()
    page.get_by_test_id("job-close").click()
    page.get_by_test_id("outcome-fixed").click()


def kept_pictures(server: Server) -> list[Image.Image]:
    def read() -> list[Image.Image]:
        pictures = []
        for photo in db.session.scalars(select(Photo).where(Photo.verified_at.is_not(None))):
            with photo_store().open(f"{photo.sha256}/original") as file:
                pictures.append(Image.open(io.BytesIO(file.read())).convert("RGB"))
        return pictures

    return server.ask(read)


def yellow_share(picture: Image.Image) -> float:
    """Of the pixels: those in the colour of the marks."""
    pixels = list(picture.resize((160, 120)).get_flattened_data())
    return sum(red > 200 and green > 160 and blue < 90 for red, green, blue in pixels) / len(pixels)


def test_a_photo_is_taken_again_marked_and_arrives_with_its_marks(server: Server, playwright: Playwright, chromium: str) -> None:
    give_job(server)
    browser = playwright.chromium.launch(executable_path=chromium, args=[*CHROMIUM_ARGUMENTS, *FAKE_CAMERA])
    page = browser.new_page(viewport={"width": 360, "height": 800}, permissions=["camera"])
    open_closing_form(page, server)
    page.get_by_test_id("photo-after-lens").click()
    page.get_by_test_id("lens-take").click()
    page.get_by_test_id("lens-retake").click()
    page.get_by_test_id("lens-take").click()
    page.get_by_test_id("lens-use").click()
    page.get_by_test_id("photo-mark").click()
    page.wait_for_timeout(1_500)
    page.mouse.move(100, 300)
    page.mouse.down()
    for x, y in ((260, 320), (120, 380), (260, 420)):
        page.mouse.move(x, y, steps=5)
    page.mouse.up()
    page.get_by_test_id("marker-done").click()
    wait_for(lambda: page.get_by_test_id("marker").count() == 0 and page.get_by_test_id("photo-kept").count() == 1, page)
    page.get_by_test_id("close-save").click()
    (picture,) = wait_for(lambda: kept_pictures(server), page, 60)
    assert yellow_share(picture) > 0.005, "the marks are on it"
    browser.close()


def test_without_a_camera_for_the_page_the_file_picker_is_there(server: Server, playwright: Playwright, chromium: str) -> None:
    give_job(server)
    browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
    page = browser.new_page(viewport={"width": 360, "height": 800})
    open_closing_form(page, server)
    page.get_by_test_id("photo-before-lens").click()
    page.get_by_test_id("photo-before-camera").wait_for(state="attached")
    file = io.BytesIO()
    Image.new("RGB", (200, 200), (9, 90, 9)).save(file, "JPEG")
    page.get_by_test_id("photo-before-camera").set_input_files(
        [{"name": "a.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}]
    )
    page.get_by_test_id("photo-kept").wait_for()
    browser.close()
