"""The crew's day on a real phone: shift, break, words of the office, and a push that a service worker shows."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page
from sqlalchemy import select

sys.path.insert(0, str(Path(__file__).parent))

from conftest import HERE, PhoneBrowser, Server, sign_in, wait_for

from crew_app.extensions import db
from crew_app.models import Case, Crew, Message, Person, PushSubscription, Shift
from crew_app.services.assignments import assign_case
from crew_app.services.cases import NewReport, open_case
from crew_app.services.messages import write_to_crew
from crew_app.transaction import transaction

pytestmark = pytest.mark.browser

SUBSCRIPTION = {
    "endpoint": "https://fcm.googleapis.com/fcm/send/abc",
    "keys": {
        "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    },
}


def shift_now(server: Server) -> Shift:
    return server.ask(lambda: db.session.scalars(select(Shift)).one())


def shown_shift(page: Page) -> str:
    bar = page.get_by_test_id("shift")
    return bar.get_attribute("data-state") or "" if bar.count() else ""


def test_a_shift_begun_offline_is_the_citys_when_there_is_signal(server: Server, phone_browser: PhoneBrowser) -> None:
    page = phone_browser.open(f"{server.address}/crew/")
    sign_in(page)
    wait_for(lambda: shown_shift(page) == "due", page)
    phone_browser.context.set_offline(True)  # type: ignore[union-attr]
    page.get_by_test_id("shift-start").click()
    page.get_by_test_id("shift-vehicle").fill("Truck 12")
    page.get_by_test_id("shift-save").click()
    wait_for(lambda: shown_shift(page) == "on", page)
    page.get_by_test_id("shift-break").click()
    wait_for(lambda: shown_shift(page) == "break", page)
    assert shift_now(server).started_at is None
    phone_browser.context.set_offline(False)  # type: ignore[union-attr]
    wait_for(lambda: shift_now(server).break_since is not None, page)
    assert (shift_now(server).vehicle, shift_now(server).members) == ("Truck 12", ["Rosa Diaz"])
    page.get_by_test_id("shift-back").click()
    wait_for(lambda: shift_now(server).break_since is None, page)
    page.get_by_test_id("shift-end").click()
    page.get_by_test_id("shift-end-yes").click()
    wait_for(lambda: shift_now(server).ended_at is not None, page)
    wait_for(lambda: shown_shift(page) == "off", page)


def test_words_of_the_office_stand_above_the_jobs_until_they_are_read(server: Server, phone_browser: PhoneBrowser) -> None:
    page = phone_browser.open(f"{server.address}/crew/")
    sign_in(page)
    with server.app.app_context():
        with transaction() as tx:
            dora = tx.session.scalars(select(Person).where(Person.email == "dora@city.test")).one()
            write_to_crew(tx, tx.session.scalars(select(Crew.id)).one(), "Bring the long ladder.", dora.id)
        db.session.remove()
    line = page.get_by_test_id("message")
    line.wait_for()
    assert "Bring the long ladder." in line.inner_text()
    assert "Dora Lee" in line.inner_text()
    page.get_by_test_id("messages-read").click()
    wait_for(lambda: line.count() == 0, page)
    wait_for(lambda: server.ask(lambda: db.session.scalars(select(Message)).one().read_at is not None), page)
    page.get_by_test_id("tab-me").click()
    page.get_by_test_id("open-messages").click()
    assert "Bring the long ladder." in page.get_by_test_id("message").inner_text(), "still there to look up"


def test_a_crew_that_stands_where_its_job_is_is_offered_to_say_so(server: Server, phone_browser: PhoneBrowser) -> None:
    with server.app.app_context():
        with transaction() as tx:
            report = NewReport(
                service_code="pothole", address="1 Test St", latitude=HERE["latitude"] + 0.0003, longitude=HERE["longitude"]
            )
            case = open_case(tx, report)
            dora = tx.session.scalars(select(Person).where(Person.email == "dora@city.test")).one()
            assign_case(tx, case.id, tx.session.scalars(select(Crew.id)).one(), dora.id)
        db.session.remove()
    page = phone_browser.open(f"{server.address}/crew/")
    sign_in(page)
    page.get_by_test_id("arrived").click()
    wait_for(lambda: server.ask(lambda: db.session.scalar(select(Case.status))) == "on_site", page)
    assert page.get_by_test_id("arrived").count() == 0


def test_a_push_is_shown_by_the_service_worker_and_says_nothing_of_whom_or_where(
    server: Server, phone_browser: PhoneBrowser
) -> None:
    """Chromium here has no push service to subscribe at; that part is replaced, the service worker's is real."""
    page = phone_browser.open(f"{server.address}/crew/")
    context = phone_browser.context
    assert context is not None
    context.grant_permissions(["notifications", "geolocation", "background-sync"], origin=server.address)
    page.add_init_script(
        f"""PushManager.prototype.getSubscription = async () => null;
        PushManager.prototype.subscribe = async () => ({{ toJSON: () => ({json.dumps(SUBSCRIPTION)}) }});"""
    )
    page.reload()
    sign_in(page)
    wait_for(lambda: page.evaluate("navigator.serviceWorker.ready.then(() => true)"), page)
    page.get_by_test_id("tab-me").click()
    wait_for(lambda: page.get_by_test_id("wake-me").get_attribute("data-state") == "on", page)
    assert server.ask(lambda: db.session.scalar(select(PushSubscription.endpoint))) == SUBSCRIPTION["endpoint"]

    cdp = context.new_cdp_session(page)
    registrations: list[str] = []
    cdp.on(
        "ServiceWorker.workerRegistrationUpdated", lambda e: registrations.extend(r["registrationId"] for r in e["registrations"])
    )
    cdp.send("ServiceWorker.enable")
    wait_for(lambda: registrations, page)
    shown = """navigator.serviceWorker.getRegistration("/crew/").then((it) => it.getNotifications())
        .then((all) => all.map(({ title, body, tag }) => ({ title, body, tag })))"""

    def deliver(kind: str, count: int) -> None:
        message = {
            "origin": server.address,
            "registrationId": registrations[-1],
            "data": json.dumps({"kind": kind, "count": count}),
        }
        cdp.send("ServiceWorker.deliverPushMessage", message)

    deliver("new_job", 2)
    page.wait_for_timeout(1_000)
    assert page.evaluate(shown) == [], "who looks at the app sees it there"
    page.goto(f"{server.address}/services")  # as a phone in the pocket: the app is nowhere to be seen
    deliver("urgent", 1)
    wait_for(lambda: page.evaluate(shown), page)
    assert page.evaluate(shown) == [{"title": "Crew311", "body": "Urgent: a job needs you now.", "tag": "urgent"}]
