"""The first walk of the house: a crew closes a case offline with two photos, and everything goes wrong on the way."""

from __future__ import annotations

import hashlib
import random
import sys
import urllib.request
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select

sys.path.insert(0, str(Path(__file__).parent))

from conftest import HERE, PhoneBrowser, Server, sign_in, wait_for

from crew_app.extensions import db
from crew_app.models import Case, Closure, Photo
from crew_app.services.cases import NewReport, open_case
from crew_app.services.photos import photo_store
from crew_app.transaction import transaction

pytestmark = pytest.mark.browser


def real_jpeg(path: Path, seed: int) -> str:
    """A picture of some 500 kB that does not compress; returns its SHA-256."""
    dice = random.Random(seed)
    Image.frombytes("RGB", (640, 480), dice.randbytes(640 * 480 * 3)).resize((1280, 960)).save(path, "JPEG", quality=80)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def report_pothole(server: Server) -> str:
    """Returns the new case's number."""
    with server.app.app_context(), transaction() as tx:
        report = NewReport(
            service_code="pothole", description="Deep.", address="1 Test St", latitude=42.352, longitude=HERE["longitude"]
        )
        return open_case(tx, report).number


def closures_of(server: Server, number: str) -> list[tuple[str, str]]:
    question = select(Closure.outcome, Closure.note).join(Case).where(Case.number == number)
    return server.ask(lambda: [tuple(row) for row in db.session.execute(question)])


def photo_digests(server: Server, number: str) -> list[str]:
    """SHA-256 of the bytes that are in the store for the case's verified photos, computed anew from the files."""

    def read() -> list[str]:
        photos = db.session.scalars(
            select(Photo)
            .join(Case, Case.id == Photo.case_id)
            .where(Case.number == number, Photo.verified_at.is_not(None))
            .order_by(Photo.kind)
        ).all()
        return [stored_digest(photo) for photo in photos]

    return server.ask(read)


def stored_digest(photo: Photo) -> str:
    with photo_store().open(f"{photo.sha256}/original") as file:
        return hashlib.sha256(file.read()).hexdigest()


def public_page(server: Server, number: str) -> str:
    with urllib.request.urlopen(f"{server.address}/cases/{number}") as answer:
        return answer.read().decode()


def test_a_case_closed_offline_survives_a_killed_browser_and_a_dead_server(
    server: Server, phone_browser: PhoneBrowser, tmp_path: Path
) -> None:
    number = report_pothole(server)
    digests = {"before": real_jpeg(tmp_path / "before.jpg", 1), "after": real_jpeg(tmp_path / "after.jpg", 2)}

    page = phone_browser.open(f"{server.address}/crew/")
    sign_in(page)
    wait_for(lambda: server.ask(lambda: db.session.scalar(select(Case.status).where(Case.number == number)) == "assigned"), page)
    page.reload()
    card = page.locator(f'[data-testid="job-card"][data-case="{number}"]')
    card.wait_for()
    wait_for(lambda: page.evaluate("navigator.serviceWorker.ready.then(() => true)"), page)

    phone_browser.close()  # signed in this morning; Chromium writes cookies to disk within half a minute, or when it ends
    page = phone_browser.open(f"{server.address}/crew/")
    card = page.locator(f'[data-testid="job-card"][data-case="{number}"]')

    phone_browser.context.set_offline(True)  # type: ignore[union-attr]
    card.click()
    page.get_by_test_id("job-close").click()
    page.get_by_test_id("outcome-fixed").click()
    page.get_by_test_id("photo-before").set_input_files(tmp_path / "before.jpg")
    page.get_by_test_id("photo-after").set_input_files(tmp_path / "after.jpg")
    page.get_by_test_id("note").fill("Filled, two bags.")
    page.get_by_test_id("close-save").click()
    page.get_by_test_id("saved-toast").wait_for()
    assert closures_of(server, number) == []

    phone_browser.kill()
    server.kill()

    page = phone_browser.open(f"{server.address}/crew/")
    page.get_by_test_id("tab-me").click()
    wait_for(lambda: "All received" not in page.get_by_test_id("sync-line").inner_text(), page)

    server.start()
    wait_for(lambda: closures_of(server, number) == [("fixed", "Filled, two bags.")], page, 60)
    wait_for(lambda: photo_digests(server, number) == [digests["after"], digests["before"]], page, 60)
    assert "fixed" in public_page(server, number).lower()
    wait_for(lambda: "All received" in page.get_by_test_id("sync-line").inner_text(), page, 60)

    page.reload()
    page.get_by_test_id("sync-line").wait_for()
    page.wait_for_timeout(1500)
    assert len(closures_of(server, number)) == 1, "sent twice, counted once"
