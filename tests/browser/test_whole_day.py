"""The whole day of one crew on a slow phone and a link that breaks; in the end the city holds exactly what the crew did.

360 x 800, touch, the processor slowed down four times. Each step is printed: `pytest -s tests/browser/test_whole_day.py`.
"""

from __future__ import annotations

import hashlib
import io
import json
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from sqlalchemy import select

sys.path.insert(0, str(Path(__file__).parents[1] / "faults"))
sys.path.insert(0, str(Path(__file__).parent))  # before it: both have a conftest

from conftest import HERE, PhoneBrowser, Server, sign_in, wait_for
from proxy import Proxy

from crew_app.extensions import db
from crew_app.models import Case, Closure, Crew, Department, Operation, Person, Photo, QuarantinedWork, Service, Shift
from crew_app.services.assignments import assign_case, mark_urgent
from crew_app.services.cases import NewReport, open_case
from crew_app.services.messages import write_to_crew
from crew_app.services.photos import photo_store
from crew_app.transaction import transaction

pytestmark = pytest.mark.browser
SLOWER = 4
PATIENCE_S = 120  # four times slower, on a machine that may be busy


def picture(seed: int) -> bytes:
    """Some 100 kB that do not compress, no two alike."""
    file = io.BytesIO()
    Image.frombytes("RGB", (200, 200), random.Random(seed).randbytes(200 * 200 * 3)).save(file, "JPEG", quality=95)
    return file.getvalue()


@dataclass
class Day:
    """The crew, its phone and what its screen said is saved."""

    server: Server
    proxy: Proxy
    browser: PhoneBrowser
    page: Page = field(init=False)
    began: float = field(default_factory=time.monotonic)
    seeds: Iterator[int] = field(default_factory=lambda: iter(range(1000)))
    closed: dict[str, tuple[str, list[str]]] = field(default_factory=dict)  # number: outcome, SHA-256 of its photos

    def say(self, words: str) -> None:
        print(f"  {time.monotonic() - self.began:6.1f} s  {words}")

    def open(self) -> None:
        self.page = self.browser.open(f"http://localhost:{self.proxy.port}/crew/")
        assert self.browser.context is not None
        session = self.browser.context.new_cdp_session(self.page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        self.page.set_default_timeout(PATIENCE_S * 1000)

    def tap(self, testid: str) -> None:
        self.page.get_by_test_id(testid).first.tap()

    def wait(self, question: Any) -> Any:
        return wait_for(question, self.page, PATIENCE_S)

    def card(self, number: str) -> Locator:
        return self.page.locator(f'[data-testid="job-card"][data-case="{number}"]')

    def line(self) -> str:
        return self.page.get_by_test_id("sync-line").inner_text()

    def office(self, work: Any) -> Any:
        """What the office does meanwhile, as another process would."""
        with self.server.app.app_context():
            with transaction() as tx:
                done = work(tx)
            db.session.remove()
        return done

    def ask(self, question: Any) -> Any:
        return self.server.ask(question)

    def go_home(self) -> None:
        self.page.get_by_test_id("tab-jobs").or_(self.page.locator(".head .icon-button")).first.wait_for()
        while self.page.get_by_test_id("tab-jobs").count() == 0:
            self.page.locator(".head .icon-button").first.tap()
            self.page.wait_for_timeout(300)
        self.tap("tab-jobs")

    def take(self, kind: str) -> str:
        """A photo by the file picker; returns its SHA-256 once the form shows it."""
        content = picture(next(self.seeds))
        kept = self.page.get_by_test_id("photo-kept").count()
        file = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": content}
        self.page.get_by_test_id(f"photo-{kind}").set_input_files([file])  # type: ignore[list-item]
        self.wait(lambda: self.page.get_by_test_id("photo-kept").count() > kept)
        return hashlib.sha256(content).hexdigest()

    def open_job(self, number: str) -> None:
        """As a thumb does: where a line that came or went moved the list meanwhile, back, and once more."""
        for _ in range(3):
            card = self.card(number)
            place = card.get_attribute("href")
            card.tap()
            try:
                self.page.wait_for_url(f"**{place}", timeout=20_000)
                return
            except PlaywrightTimeout:
                self.say(f"the list moved under the thumb: {self.page.url}")
                self.go_home()
        raise AssertionError(f"the job {number} does not open")

    def begin_closing(self, number: str) -> None:
        self.open_job(number)
        self.tap("job-close")

    def close(self, number: str, outcome: str = "fixed", photos: tuple[str, ...] = ("before", "after")) -> None:
        self.begin_closing(number)
        self.finish(number, outcome, [self.take(kind) for kind in photos])

    def finish(self, number: str, outcome: str, digests: list[str]) -> None:
        self.tap(f"outcome-{outcome}")
        self.tap("close-save")
        self.page.get_by_test_id("saved-toast").wait_for()
        self.closed[number] = (outcome, sorted(digests))


@pytest.fixture
def day(server: Server, phone_browser: PhoneBrowser) -> Iterator[Day]:
    proxy = Proxy(server.port)
    yield Day(server, proxy, phone_browser)
    proxy.close()


def give_jobs(day: Day, count: int) -> list[str]:
    """So many jobs along one street, ten metres apart, in the crew's hands; a second crew; another department."""

    def work(tx: Any) -> list[str]:
        crew = tx.session.scalars(select(Crew)).one()
        dora = tx.session.scalars(select(Person).where(Person.email == "dora@city.test")).one()
        parks = Department(code="PARK", name="Parks")
        tx.session.add_all(
            [parks, Crew(code="PWD-2", department_id=crew.department_id, depot_latitude=42.4, depot_longitude=-71.2)]
        )
        tx.session.flush()
        tx.session.add(Service(code="tree", name="Tree", group="Trees", department_id=parks.id, target_days=5))
        numbers = []
        for n in range(count):
            place = {"latitude": HERE["latitude"] + 0.002 + n * 0.0001, "longitude": HERE["longitude"]}
            case = open_case(tx, NewReport(service_code="pothole", description="Deep.", address=f"{n + 1} Test St", **place))
            assign_case(tx, case.id, crew.id, dora.id, position=n)
            numbers.append(case.number)
        return numbers

    return day.office(work)


def test_the_whole_day_of_one_crew(day: Day) -> None:
    numbers = give_jobs(day, 12)
    print()
    day.open()
    sign_in(day.page)
    day.card(numbers[11]).wait_for()
    day.wait(lambda: day.page.evaluate("navigator.serviceWorker.ready.then(() => true)"))
    day.browser.close()  # Chromium writes its cookies to disk when it ends
    day.open()
    day.say("signed in; 12 jobs on the phone")

    day.tap("shift-start")
    day.page.get_by_test_id("shift-vehicle").fill("Truck 12")
    day.tap("shift-save")
    day.wait(lambda: day.page.get_by_test_id("shift").get_attribute("data-state") == "on")
    day.say("shift started with Truck 12")

    day.open_job(numbers[0])
    day.tap("job-en-route")
    day.tap("job-on-site")
    day.go_home()
    for number in numbers[:2]:
        day.close(number)
    day.say("2 jobs closed with signal, one of them by way of en route and on site")

    day.proxy.cut_off()
    for number in numbers[2:5]:
        day.close(number, "made_safe", ("after",))
    day.wait(lambda: "waiting" in day.line())
    day.say(f"3 jobs closed without signal; the line says: {day.line()!r}")
    day.proxy.heal()
    day.wait(lambda: day.ask(lambda: db.session.query(Closure).count()) == 5)
    day.say("signal is back; the city has all 5")

    def make_urgent(tx: Any) -> None:
        dora = tx.session.scalars(select(Person).where(Person.email == "dora@city.test")).one()
        case = tx.session.scalars(select(Case).where(Case.number == numbers[10])).one()
        mark_urgent(tx, case.id, True, "a car fell in", dora.id)
        write_to_crew(tx, tx.session.scalars(select(Crew.id).where(Crew.code == "PWD-1")).one(), "Call me at noon.", dora.id)

    day.office(make_urgent)
    push(day, "urgent")
    day.wait(lambda: "a car fell in" in " ".join(day.page.get_by_test_id("message").all_inner_texts()))
    day.wait(lambda: "Urgent" in day.page.get_by_test_id("job-card").first.inner_text())
    day.tap("messages-read")
    day.say("a push; the urgent job is the next one, and why it is; the office's words are read")
    day.close(numbers[10])

    day.begin_closing(numbers[5])
    day.tap("outcome-fixed")
    digest = day.take("after")

    def give_away(tx: Any) -> None:
        dora = tx.session.scalars(select(Person).where(Person.email == "dora@city.test")).one()
        case = tx.session.scalars(select(Case).where(Case.number == numbers[5])).one()
        assign_case(tx, case.id, tx.session.scalars(select(Crew.id).where(Crew.code == "PWD-2")).one(), dora.id, "they are nearer")

    day.office(give_away)
    day.page.locator(".notice-warn").wait_for()
    day.finish(numbers[5], "fixed", [digest])
    day.say("a job taken away in mid-closing: the form says so, and what the crew did is kept for the office")

    day.tap("batch")
    wanted = set(numbers[6:10])
    day.page.get_by_test_id("batch-job").first.wait_for()
    for row in day.page.get_by_test_id("batch-job").all():
        box = row.locator("input")
        if (row.get_attribute("data-case") in wanted) != box.is_checked():
            row.tap()
    day.tap("outcome-fixed")
    digest = day.take("after")
    day.tap("batch-save")
    day.page.get_by_test_id("saved-toast").wait_for()
    day.closed |= dict.fromkeys(numbers[6:10], ("fixed", [digest]))
    day.say("4 jobs of one street closed in one visit")

    day.open_job(numbers[11])
    day.tap("follow-up")
    day.page.get_by_test_id("service-search").fill("tree")
    day.tap("service-option")
    day.page.get_by_test_id("follow-up-words").fill("The root lifts the kerb.")
    day.tap("follow-up-save")
    day.say("a follow-up for another department")

    day.go_home()
    day.tap("new-case")
    day.page.get_by_test_id("service-search").fill("pothole")
    day.tap("service-option")
    day.page.locator("label.choice").tap()
    day.tap("new-case-save")
    day.tap("job-close")
    found = [day.take("before"), day.take("after")]
    day.finish("found", "fixed", found)
    day.say("a new case, found and fixed on the spot")

    day.begin_closing(numbers[11])
    day.tap("outcome-fixed")
    before = day.take("before")
    day.browser.kill()
    day.open()
    day.page.get_by_test_id("photo-kept").wait_for()
    day.finish(numbers[11], "fixed", [before, day.take("after")])
    day.say("the phone was killed in the camera: back in the form with its photo, and the last job is closed")

    day.go_home()
    day.tap("shift-end")
    day.tap("shift-end-yes")
    # The line said "All received" before, too.
    day.wait(lambda: day.ask(lambda: db.session.query(Operation).filter_by(kind="end_shift").count()) == 1)
    day.wait(lambda: "All received" in day.line())
    day.say(f"shift ended; the line says: {day.line()!r}")

    check(day, numbers)
    day.say("the city holds exactly what the crew did")


def push(day: Day, kind: str) -> None:
    """The service worker is woken as a push service would wake it."""
    assert day.browser.context is not None
    session = day.browser.context.new_cdp_session(day.page)
    found: list[str] = []
    session.on("ServiceWorker.workerRegistrationUpdated", lambda e: found.extend(r["registrationId"] for r in e["registrations"]))
    session.send("ServiceWorker.enable")
    day.wait(lambda: found)
    message = {
        "origin": f"http://localhost:{day.proxy.port}",
        "registrationId": found[-1],
        "data": json.dumps({"kind": kind, "count": 1}),
    }
    session.send("ServiceWorker.deliverPushMessage", message)


def check(day: Day, numbers: list[str]) -> None:
    """By the city's own rows and files."""

    def held() -> dict[str, tuple[str, list[str]]]:
        found = {}
        for closure in db.session.scalars(select(Closure)):
            photos = db.session.scalars(select(Photo).where(Photo.closure_id == closure.id, Photo.verified_at.is_not(None)))
            name = closure.case.number if closure.case.number in numbers else "found"
            assert name not in found, "closed twice"
            found[name] = (closure.outcome, sorted(stored(photo) for photo in photos))
        return found

    assert day.ask(held) == day.closed
    kinds = day.ask(lambda: sorted(db.session.scalars(select(Operation.kind).where(Operation.kind != "accept"))))
    assert kinds == sorted(
        ["start_shift", "en_route", "on_site", "read", "follow_up", "open", "on_site", "end_shift", *["close"] * 13]
    ), "each deed once"
    assert day.ask(lambda: db.session.query(QuarantinedWork).count()) == 0
    verdicts = day.ask(
        lambda: dict(db.session.execute(select(Case.number, Closure.review_reason).join(Case, Case.id == Closure.case_id)).all())
    )
    assert {number for number, reason in verdicts.items() if reason} == {numbers[5]}
    shift = day.ask(lambda: db.session.scalars(select(Shift)).one())
    assert (shift.vehicle, shift.members) == ("Truck 12", ["Rosa Diaz"])
    assert shift.started_at is not None and shift.ended_at is not None
    parent = select(Case.number).where(
        Case.id == select(Case.parent_id).where(Case.description == "The root lifts the kerb.").scalar_subquery()
    )
    assert day.ask(lambda: db.session.scalar(parent)) == numbers[11]


def stored(photo: Photo) -> str:
    with photo_store().open(f"{photo.sha256}/original") as file:
        return hashlib.sha256(file.read()).hexdigest()
