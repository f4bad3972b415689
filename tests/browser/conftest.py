"""A real server with its worker, and a real Chromium that can be killed and started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright

from config import Config
from crew_app.extensions import db
from crew_app.factory import create_app
from crew_app.models import Crew, Department, District, Role, Service, Shift
from crew_app.services.people import add_person
from crew_app.transaction import transaction

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
PASSWORD = "correct horse"
HERE = {"latitude": 42.351, "longitude": -71.061}
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-gpu",
]


class Server:
    """A city of its own: gunicorn and worker as `make run` starts them, on a free port."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.address = f"http://localhost:{self.port}"
        self.environment = {
            **os.environ,
            "INSTANCE": str(folder),
            "PORT": str(self.port),
            "WEB_PROCESSES": "1",
            "PUBLIC_URL": self.address,
        }
        self.environment.pop("DATABASE_URL", None)
        self.processes: list[subprocess.Popen[bytes]] = []
        self.app = create_app(Config(self.environment))

    def make_city(self) -> None:
        subprocess.run([BIN / "flask", "--app", "wsgi", "init"], cwd=ROOT, env=self.environment, check=True, capture_output=True)
        now = datetime.now(UTC)
        with self.app.app_context(), transaction() as tx:
            works = Department(code="PWDx", name="Public Works")
            tx.session.add(works)
            tx.session.flush()
            ring = [[-71.3, 42.2], [-70.9, 42.2], [-70.9, 42.5], [-71.3, 42.5], [-71.3, 42.2]]
            tx.session.add_all(
                [
                    Service(code="pothole", name="Pothole", group="Streets", department_id=works.id, target_days=1),
                    District(code="1", name="All of it", boundary={"type": "Polygon", "coordinates": [ring]}),
                ]
            )
            crew = Crew(
                code="PWD-1",
                name="Highway 1",
                department_id=works.id,
                depot_latitude=HERE["latitude"],
                depot_longitude=HERE["longitude"],
            )
            tx.session.add(crew)
            tx.session.flush()
            tx.session.add(Shift(crew_id=crew.id, starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=9)))
            add_person(tx, "rosa@city.test", "Rosa Diaz", PASSWORD, Role.CREW, crew_id=crew.id)
            add_person(tx, "dora@city.test", "Dora Lee", PASSWORD, Role.DISPATCHER)

    def start(self) -> None:
        commands = (
            [BIN / "gunicorn", "--config", "gunicorn.conf.py", "--log-level", "warning"],
            [BIN / "flask", "--app", "wsgi", "worker"],
        )
        self.processes = [
            subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=subprocess.DEVNULL, start_new_session=True)
            for command in commands
        ]
        deadline = time.monotonic() + 90  # a busy machine takes a while to load it all
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self.address}/readyz", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("the server did not start within 90 s")

    def kill(self) -> None:
        """As a power cut would: no goodbye."""
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(10)
        self.processes = []

    def ask(self, question: Callable[[], Any]) -> Any:
        """Run a read against the server's database."""
        with self.app.app_context():
            try:
                return question()
            finally:
                db.session.remove()


class PhoneBrowser:
    """Chromium as a phone, with a profile that survives it."""

    def __init__(self, playwright: Playwright, executable: str, profile: Path) -> None:
        self.playwright, self.executable, self.profile = playwright, executable, profile
        self.context: BrowserContext | None = None

    def open(self, address: str) -> Page:
        self.context = self.playwright.chromium.launch_persistent_context(
            self.profile,
            executable_path=self.executable,
            headless=True,
            args=CHROMIUM_ARGUMENTS,
            viewport={"width": 360, "height": 800},
            has_touch=True,
            is_mobile=True,
            geolocation=HERE,
            permissions=["geolocation", "background-sync"],
        )
        page = self.context.pages[0] if self.context.pages else self.context.new_page()
        page.goto(address)
        return page

    def kill(self) -> None:
        """kill -9 of every process of this profile."""
        mark = f"--user-data-dir={self.profile}".encode()
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (process / "cmdline").read_bytes():
                    os.kill(int(process.name), signal.SIGKILL)
            except (OSError, ValueError):
                continue
        self.context = None
        # A killed browser leaves its lock behind; the next one would take it for a running one.
        for name in ("SingletonLock", "SingletonCookie", "SingletonSocket"):
            (self.profile / name).unlink(missing_ok=True)

    def close(self) -> None:
        if self.context:
            self.context.close()
            self.context = None


def wait_for(question: Callable[[], Any], page: Page | None = None, seconds: float = 30) -> Any:
    """Ask until the answer is true; returns it. The page's clock must run meanwhile, so it is the page that waits."""
    deadline = time.monotonic() + seconds
    while True:
        answer = question()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s"
        if page:
            page.wait_for_timeout(200)
        else:
            time.sleep(0.2)


def sign_in(page: Page) -> None:
    page.get_by_test_id("sign-in-email").fill("rosa@city.test")
    page.get_by_test_id("sign-in-password").fill(PASSWORD)
    page.get_by_test_id("sign-in-submit").click()
    page.get_by_test_id("tab-jobs").wait_for()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "instance")
    server.make_city()
    server.start()
    yield server
    server.kill()


@pytest.fixture
def phone_browser(playwright: Playwright, chromium: str, tmp_path: Path) -> Iterator[PhoneBrowser]:
    browser = PhoneBrowser(playwright, chromium, tmp_path / "profile")
    yield browser
    if browser.context and browser.context.pages:  # what a person would have seen when it failed
        browser.context.pages[0].screenshot(path=tmp_path / "last-seen.png")
    browser.close()
    browser.kill()
