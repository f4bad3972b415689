"""A phone is lost with unsent work on it: switched off in the office, it forgets what it showed, and its work is kept."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright
from sqlalchemy import select

sys.path.insert(0, str(Path(__file__).parent))

from conftest import CHROMIUM_ARGUMENTS, HERE, PASSWORD, PhoneBrowser, Server, sign_in, wait_for

from crew_app.extensions import db
from crew_app.models import Case, QuarantinedWork
from crew_app.services.cases import NewReport, open_case
from crew_app.transaction import transaction

pytestmark = pytest.mark.browser

# Every record of every database of the app but the outboxes, and whatever pictures are kept for offline.
WHAT_IS_LEFT = """async () => {
  const found = [];
  for (const { name } of await indexedDB.databases()) {
    if (name.startsWith("crew311-outbox")) continue;
    const db = await new Promise((done, fail) => {
      const asked = indexedDB.open(name);
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => fail(asked.error);
    });
    for (const store of db.objectStoreNames) {
      const asked = db.transaction(store).objectStore(store).getAll();
      await new Promise((done) => (asked.onsuccess = done));
      found.push(...asked.result.map((value) => JSON.stringify(value)));
    }
    db.close();
  }
  for (const name of await caches.keys()) if (!name.includes("shell")) found.push(name);
  return found.join("\\n");
}"""


def test_a_lost_phone_is_switched_off_in_one_click(
    server: Server, phone_browser: PhoneBrowser, playwright: Playwright, chromium: str
) -> None:
    with server.app.app_context(), transaction() as tx:
        report = NewReport(service_code="pothole", address="1 Test St", latitude=42.352, longitude=HERE["longitude"])
        number = open_case(tx, report).number
    phone = phone_browser.open(f"{server.address}/crew/")
    sign_in(phone)
    card = phone.locator(f'[data-testid="job-card"][data-case="{number}"]')
    card.wait_for(timeout=60_000)

    phone_browser.context.set_offline(True)  # type: ignore[union-attr]
    card.click()
    phone.get_by_test_id("job-close").click()
    phone.get_by_test_id("outcome-fixed").click()
    phone.get_by_test_id("note").fill("The last thing Rosa did.")
    phone.get_by_test_id("close-save").click()
    phone.get_by_test_id("saved-toast").wait_for()

    office = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
    try:
        desk = sign_in_at_desk(office, server)
        desk.goto(f"{server.address}/console/phones")
        desk.get_by_role("button", name="Lost: switch off, Rosa Diaz’s phone").click()
        desk.get_by_text("Rosa Diaz’s phone is switched off.").wait_for()

        phone_browser.context.set_offline(False)  # type: ignore[union-attr]
        phone.get_by_test_id("switched-off").wait_for(timeout=60_000)
        assert "1 Test St" not in phone.content()
        left = phone.evaluate(WHAT_IS_LEFT)
        assert "1 Test St" not in left and number not in left and "crew311-job-photos" not in left
        phone.reload()
        phone.get_by_test_id("sign-in-email").wait_for()

        kept = wait_for(lambda: server.ask(lambda: db.session.scalar(select(QuarantinedWork))), phone)
        assert kept.reason == "device_revoked" and "The last thing Rosa did." in kept.raw
        assert server.ask(lambda: db.session.scalar(select(Case.status).where(Case.number == number))) != "closed"
        desk.goto(f"{server.address}/console/quarantine")
        desk.get_by_text("The last thing Rosa did.").first.wait_for(state="attached")

        # Found again: the office gives it back, and Rosa goes on where she was.
        desk.goto(f"{server.address}/console/phones")
        desk.get_by_role("button", name="Give back, Rosa Diaz’s phone").click()
        desk.get_by_text("Rosa Diaz has the phone back.").wait_for()
        sign_in(phone)
        card.wait_for(timeout=60_000)
    finally:
        office.close()


def sign_in_at_desk(office: Browser, server: Server) -> Page:
    desk = office.new_page()
    desk.goto(f"{server.address}/sign-in")
    desk.get_by_label("E-mail").fill("dora@city.test")
    desk.get_by_label("Password").fill(PASSWORD)
    desk.get_by_role("button", name="Sign in").click()
    desk.wait_for_url("**/console/**")
    return desk
