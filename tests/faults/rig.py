"""The fault rig: one server, phones in real Chromium behind the fault proxy, an observer, and a checker of the invariants.

Each test has a crew and a person of its own, so all tests share one server and one browser, and none sees another's work.
The checker believes neither side's code: it reads the server's database with plain sqlite3, the photo files, and the
phone's IndexedDB. I1 ... I14 are the invariants the project's fault catalogue names.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import importlib.util
import io
import itertools
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page

from crew_app.extensions import db
from crew_app.models import Crew, Door, Person, Role
from crew_app.services.assignments import assign_case
from crew_app.services.cases import NewReport, open_case
from crew_app.services.people import hash_password
from crew_app.transaction import transaction
from tests.cookies import sign_in

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from proxy import Proxy, change_reply  # noqa: E402

_spec = importlib.util.spec_from_file_location("crew311_browser_rig", HERE.parent / "browser" / "conftest.py")
assert _spec is not None and _spec.loader is not None
browser_rig = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(browser_rig)

PASSWORD = browser_rig.PASSWORD
PhoneBrowser, wait_for = browser_rig.PhoneBrowser, browser_rig.wait_for
_PASSWORD_HASH: list[str] = []
_numbers = itertools.count(1)


def read_json(body: bytes) -> Any:
    """What an answer says, packed or not."""
    return json.loads(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)


def picture(seed: int | None = None, side: int = 200) -> bytes:
    """A JPEG of some 100 kB that does not compress, no two alike."""
    dice = random.Random(seed if seed is not None else os.urandom(8))
    file = io.BytesIO()
    Image.frombytes("RGB", (side, side), dice.randbytes(side * side * 3)).save(file, "JPEG", quality=95)
    return file.getvalue()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@dataclass(frozen=True)
class Who:
    """A person in a crew of its own."""

    person_id: int
    crew_id: int
    email: str
    name: str


@dataclass(frozen=True)
class Job:
    id: int
    number: str


@dataclass(frozen=True)
class Deed:
    """What the phone's screen said is saved."""

    kind: str
    case: int
    text: str
    photos: tuple[str, ...]  # SHA-256 of what was given to the camera input
    person_id: int


class FaultServer(browser_rig.Server):  # type: ignore[name-defined,misc]
    """gunicorn alone: the worker's part of the house is not what is tried here."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.environment["WEB_PROCESSES"] = "2"
        self.folder = folder
        self.database = folder / "crew311.sqlite"
        self.group: int | None = None  # the running server's process group
        self.zygote = subprocess.Popen(
            [sys.executable, HERE / "zygote.py"],
            cwd=browser_rig.ROOT,
            env=self.environment | {"PYTHONPATH": str(browser_rig.ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    @property
    def is_up(self) -> bool:
        return self.group is not None

    def start(self) -> None:
        assert self.zygote.stdin and self.zygote.stdout
        print(json.dumps(["--config", "gunicorn.conf.py", "--log-level", "critical"]), file=self.zygote.stdin, flush=True)
        self.group = int(self.zygote.stdout.readline())
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self.address}/readyz", timeout=5) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                time.sleep(0.05)
        raise AssertionError("the server did not start within 60 s")

    def kill(self) -> None:
        if self.group is None:
            return
        group = self.group
        self.send_signal(signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            for _ in range(200):
                os.kill(group, 0)
                time.sleep(0.05)
        self.group = None

    def close(self) -> None:
        """For good, with the process the servers come from."""
        self.kill()
        self.zygote.kill()
        self.zygote.communicate()

    def send_signal(self, which: int) -> None:
        assert self.group is not None
        os.killpg(self.group, which)

    def freeze(self) -> None:
        self.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.send_signal(signal.SIGCONT)

    # ---- its disk --------------------------------------------------------------------------------------------------

    def back_up(self, to: Path) -> None:
        """A copy of the database and the photos as they are now."""
        to.mkdir(parents=True)
        here, there = sqlite3.connect(self.database, timeout=30), sqlite3.connect(to / self.database.name)
        with contextlib.closing(here), contextlib.closing(there):
            here.backup(there)
        if (self.folder / "photos").exists():
            shutil.copytree(self.folder / "photos", to / "photos", copy_function=os.link)

    def restore(self, backup: Path) -> None:
        """What the person who runs the server does after a crash: the old copy, a new life, and up again."""
        self.kill()
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()
        for suffix in ("", "-wal", "-shm"):
            self.database.with_name(self.database.name + suffix).unlink(missing_ok=True)
        shutil.copy2(backup / self.database.name, self.database)
        shutil.rmtree(self.folder / "photos", ignore_errors=True)
        if (backup / "photos").exists():
            shutil.copytree(backup / "photos", self.folder / "photos", copy_function=os.link)
        self.change("UPDATE server SET epoch = ?", str(uuid.uuid4()))
        self.start()

    # ---- the office ------------------------------------------------------------------------------------------------

    def office(self, work: Callable[[Any], Any]) -> Any:
        """Run work(tx) in one transaction, as a route would."""
        with self.app.app_context():
            try:
                with transaction() as tx:
                    return work(tx)
            finally:
                db.session.remove()

    def dispatcher_id(self) -> int:
        return self.rows("SELECT id FROM people WHERE role = 'dispatcher'")[0]["id"]

    def new_who(self) -> Who:
        if not _PASSWORD_HASH:
            _PASSWORD_HASH.append(hash_password(PASSWORD))
        number = next(_numbers)
        department = self.rows("SELECT id FROM departments")[0]["id"]

        def work(tx: Any) -> Who:
            crew = Crew(
                code=f"F-{number}", name=f"Crew {number}", department_id=department, depot_latitude=42.35, depot_longitude=-71.06
            )
            tx.session.add(crew)
            tx.session.flush()
            email = f"person-{number}@city.test"
            person = Person(
                email=email, name=f"Person {number}", password_hash=_PASSWORD_HASH[0], role=Role.CREW, crew_id=crew.id, enabled=True
            )
            tx.session.add(person)
            tx.session.flush()
            return Who(person.id, crew.id, email, person.name)

        return self.office(work)

    def new_jobs(self, who: Who, count: int = 1) -> list[Job]:
        """Cases in this person's crew's hands."""
        dora = self.dispatcher_id()

        def work(tx: Any) -> list[Job]:
            jobs = []
            for n in range(count):
                report = NewReport(
                    service_code="pothole", description="Deep.", address=f"{n + 1} Test St", latitude=42.352, longitude=-71.061
                )
                case = open_case(tx, report)
                assign_case(tx, case.id, who.crew_id, dora)
                jobs.append(Job(case.id, case.number))
            return jobs

        return self.office(work)

    # ---- the checker's eyes ----------------------------------------------------------------------------------------

    def rows(self, question: str, *values: Any) -> list[dict[str, Any]]:
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=30)
        try:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(question, values)]
        finally:
            connection.close()

    def change(self, statement: str, *values: Any) -> None:
        connection = sqlite3.connect(self.database, timeout=30)
        try:
            with connection:
                connection.execute(statement, values)
        finally:
            connection.close()

    def photo_file(self, digest: str) -> bytes:
        found = list((self.folder / "photos").rglob(f"{digest}.original"))
        assert found, f"no stored photo {digest}"
        return found[0].read_bytes()

    def operations(self, person_id: int) -> list[dict[str, Any]]:
        rows = self.rows("SELECT * FROM operations WHERE person_id = ? ORDER BY device_id, seq", person_id)
        for row in rows:
            row["body"], row["answer"] = json.loads(row["body"]), json.loads(row["answer"])
        return rows

    def full_pull(self, who: Who) -> dict[int, dict[str, Any]]:
        """The server's whole projection for this crew, asked without a cursor."""
        with self.app.app_context():
            client = sign_in(self.app.test_client(), who.person_id, Door.PHONE)
        jobs: dict[int, dict[str, Any]] = {}
        cursor = None
        while True:
            answer = client.get("/sync/v1/pull", query_string={"cursor": cursor} if cursor else {})
            assert answer.status_code == 200, answer.data
            page = answer.json
            for job in page["jobs"]:
                jobs[job["id"]] = job
            for gone in page["gone"]:
                jobs.pop(gone, None)
            cursor = page["cursor"]
            if not page["more"]:
                return jobs


# Counts the transactions that write to an outbox, by whether they wait for the disk. Runs in a page and in a worker.
SPY = """(() => {
  self.__tx = { strict: 0, weak: 0 };
  const original = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function (stores, mode, options) {
    const isPrecious = mode === 'readwrite' && this.name.startsWith('crew311-outbox');
    if (isPrecious) self.__tx[options?.durability === 'strict' ? 'strict' : 'weak']++;
    return original.call(this, stores, mode, options);
  };
})();
"""

OBSERVER = (
    SPY
    + """(() => {
  let last = null;
  const look = () => {
    const words = document.querySelector('[data-testid=saved-toast] span')?.textContent ?? null;
    if (words !== last && words !== null) window.__observed?.(words);
    last = words;
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
})()"""
)

# Long waits of the app (timeouts, pauses) pass as many times faster as the test has written down; short ones and the clock
# stay as they are.
HURRY = """(() => {
  const original = window.setTimeout;
  const pace = () => Number(localStorage.getItem('pace') ?? 1);
  window.setTimeout = (work, ms, ...more) => original(work, ms >= 1000 ? ms / pace() : ms, ...more);
})()"""

# The wall clock is off by what the test has written down; the monotonic one stays as it is.
SHIFTED_CLOCK = """(() => {
  const shift = () => Number(localStorage.getItem('shift') ?? 0);
  const Real = Date;
  const Shifted = class extends Real {
    constructor(...given) { if (given.length === 0) super(Real.now() + shift()); else super(...given); }
    static now() { return Real.now() + shift(); }
  };
  window.Date = Shifted;
})()"""

DUMP = """async ([personId, isWhole]) => {
  const read = (name) => new Promise((resolve, reject) => {
    const opening = indexedDB.open(name);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = async () => {
      const db = opening.result, out = {};
      for (const store of db.objectStoreNames) {
        const tx = db.transaction(store);
        const all = (ask) => new Promise((yes, no) => { ask.onsuccess = () => yes(ask.result); ask.onerror = () => no(ask.error); });
        const keys = await all(tx.objectStore(store).getAllKeys());
        if (store === 'chunks' && !isWhole) continue;
        if (store === 'chunks') { out.chunks = await Promise.all(keys.map(async (key) => [key, await all(db.transaction(store).objectStore(store).get(key))])); continue; }
        const values = await all(db.transaction(store).objectStore(store).getAll());
        out[store] = store === 'meta' ? Object.fromEntries(keys.map((key, i) => [key, values[i]])) : values;
      }
      db.close();
      resolve(out);
    };
  });
  const names = (await indexedDB.databases()).map((it) => it.name);
  const outboxName = 'crew311-outbox-' + personId, cacheName = 'crew311-cache-' + personId;
  if (!names.includes(outboxName)) return null;
  const outbox = await read(outboxName);
  const cache = names.includes(cacheName) ? await read(cacheName) : { jobs: [], meta: {} };
  for (const photo of isWhole ? outbox.photos : []) {
    const parts = outbox.chunks.filter(([key]) => key[0] === photo.id).sort((a, b) => a[0][1] - b[0][1]).map((it) => it[1]);
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await new Blob(parts).arrayBuffer()));
    photo.actual = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  }
  delete outbox.chunks;
  return { ...outbox, jobs: cache.jobs, cacheMeta: cache.meta };
}"""


@dataclass
class Phone:
    """One person's phone: a browser context behind a proxy of its own, and what was seen on its screen."""

    rig: Rig
    who: Who
    proxy: Proxy
    context: BrowserContext
    browser: Any = None  # a PhoneBrowser where the profile must outlive a kill
    pace: int = 1  # how many times faster the app's long waits pass, once it has begun
    scripts: tuple[str, ...] = ()
    page: Page = None  # type: ignore[assignment]
    deeds: list[Deed] = field(default_factory=list)
    # (what the toast said, the last deed's text, the texts the server's database held at that moment); press() needs it too
    seen: list[tuple[str, str, frozenset[str]]] = field(default_factory=list)
    weak_writes: int = 0
    strict_writes: int = 0

    def dress(self) -> None:
        """The observer and the test's own scripts, for every page to come."""
        self.context.expose_binding("__observed", lambda _, words: self._observe(words))
        for script in (OBSERVER, *self.scripts):
            self.context.add_init_script(script)

    def _observe(self, words: str) -> None:
        self.seen.append((words, self.deeds[-1].text if self.deeds else "", frozenset(self.server_texts())))

    def server_texts(self) -> list[str]:
        return [text_of(row) for row in self.rig.server.operations(self.who.person_id) if row["kind"] != "accept"]

    # ---- the hands -------------------------------------------------------------------------------------------------

    def open(self, path: str = "/crew/") -> Page:
        self.page = self.context.new_page()
        self.page.goto(self.proxy.address + path)
        return self.page

    def sign_in(self, who: Who | None = None) -> None:
        self.page.get_by_test_id("sign-in-email").fill((who or self.who).email)
        self.page.get_by_test_id("sign-in-password").fill(PASSWORD)
        self.page.get_by_test_id("sign-in-submit").click()

    def begin(self, jobs: list[Job]) -> None:
        """Open, sign in, and wait for the jobs and the service worker."""
        self.open()
        self.sign_in()
        for job in jobs[:1] + jobs[-1:]:
            self.card(job).wait_for()
        wait_for(lambda: self.page.evaluate("navigator.serviceWorker.controller !== null"), self.page)
        self.set_pace(self.pace)  # from here on; no machine is too slow to begin

    def set_pace(self, pace: int) -> None:
        self.page.evaluate("(pace) => localStorage.setItem('pace', String(pace))", pace)

    def card(self, job: Job) -> Any:
        return self.page.locator(f'[data-testid="job-card"][data-case="{job.number}"]')

    def fill(self, job: Job, photos: list[bytes] | None = None, text: str | None = None) -> str:
        """Fill the closing form and leave it open; returns the note."""
        text = text or f"Deed {next(_numbers)} of {self.who.name}"
        self.card(job).click()
        self.page.get_by_test_id("job-close").click()
        self.page.get_by_test_id("outcome-fixed").click()
        self.page.get_by_test_id("note").fill(text)
        self.take(photos or [])
        return text

    def take(self, photos: list[bytes], kind: str = "after") -> None:
        if photos:
            before = self.page.get_by_test_id("photo-kept").count()
            files = [{"name": "image.jpg", "mimeType": "image/jpeg", "buffer": photo} for photo in photos]
            self.page.get_by_test_id(f"photo-{kind}").set_input_files(files)
            wait_for(lambda: self.page.get_by_test_id("photo-kept").count() == before + len(photos), self.page)

    def save(self, job: Job, text: str, photos: list[bytes] | None = None) -> Deed:
        self.press("close-save")
        return self.note_deed("close", job, text, photos)

    def press(self, button: str) -> None:
        """Press what saves, and wait for the words that it is saved. In a hurry they do not stand for long."""
        before = len(self.seen)
        self.page.get_by_test_id(button).click()
        deadline = time.monotonic() + 30
        while len(self.seen) == before:
            assert time.monotonic() < deadline, f"{button} was pressed, and nothing was said to be saved"
            self.page.wait_for_timeout(30)

    def note_deed(self, kind: str, job: Job, text: str, photos: list[bytes] | None = None) -> Deed:
        deed = Deed(kind, job.id, text, tuple(sha256(photo) for photo in photos or []), self.who.person_id)
        self.deeds.append(deed)
        return deed

    def close_job(self, job: Job, photos: list[bytes] | int = 1) -> Deed:
        """The whole walk: card, form, photos, save, and the words that it is saved."""
        taken = [picture() for _ in range(photos)] if isinstance(photos, int) else photos
        self.hide_toast()
        text = self.fill(job, taken)
        return self.save(job, text, taken)

    def note(self, job: Job) -> Deed:
        """A note on the job, from its card and back to the list."""
        text = f"Note {next(_numbers)} of {self.who.name}"
        self.hide_toast()
        self.card(job).click()
        self.page.get_by_test_id("add-note").click()
        self.page.get_by_test_id("note-text").fill(text)
        self.press("note-save")
        deed = self.note_deed("note", job, text)
        self.go_home()
        return deed

    def go_home(self) -> None:
        """To the list, by a new start of the app."""
        self.tally_writes()
        self.page.goto(f"{self.proxy.address}/crew/")

    def progress(self, job: Job, *kinds: str) -> None:
        """`en_route`, `on_site`: from its card and back to the list."""
        self.card(job).click()
        for kind in kinds:
            self.page.get_by_test_id(f"job-{kind.replace('_', '-')}").click()
            self.note_deed(kind, job, f"{kind} {job.id}")
            wait_for(lambda kind=kind: kind in [e["kind"] for e in self.kept() if e["caseId"] == job.id], self.page)
        self.go_home()

    def kept(self) -> list[dict[str, Any]]:
        """What the outbox holds and what it has let go of."""
        stored = self.stored(is_whole=False)
        return [*stored["entries"], *stored["done"]]

    def hide_toast(self) -> None:
        self.page.evaluate("document.querySelector('[data-testid=saved-toast] button')?.click()")

    def wake(self) -> None:
        """The phone's network tells the app that it is back; what a phone does when signal returns."""
        self.page.evaluate("dispatchEvent(new Event('online'))")

    def cdp(self, page: Page | None = None) -> CDPSession:
        return self.context.new_cdp_session(page or self.page)

    def worker_registration(self, session: CDPSession) -> str:
        """The service worker's registration, as CDP names it."""
        found: list[str] = []

        def keep(event: dict[str, Any]) -> None:
            found.extend(
                it["registrationId"]
                for it in event["registrations"]
                if it["scopeURL"].startswith(self.proxy.address) and not it["isDeleted"]
            )

        session.on("ServiceWorker.workerRegistrationUpdated", keep)
        session.send("ServiceWorker.enable")
        wait_for(lambda: found, session_page(self), 10)
        return found[-1]

    def sync_event(self, session: CDPSession, registration: str, *, last_chance: bool = False) -> None:
        session.send(
            "ServiceWorker.dispatchSyncEvent",
            {"origin": self.proxy.address, "registrationId": registration, "tag": "crew311-sync", "lastChance": last_chance},
        )

    # ---- the eyes --------------------------------------------------------------------------------------------------

    def stored(self, *, is_whole: bool = True) -> dict[str, Any]:
        """What this person's databases on the phone hold; `is_whole`: the digests of the photos' bytes too."""
        found = self.page.evaluate(DUMP, [self.who.person_id, is_whole])
        found = found or {"entries": [], "done": [], "drafts": [], "photos": [], "meta": {}, "jobs": [], "cacheMeta": {}}
        # That a job was read the app says by itself, when its page was open for a while: no deed of a test.
        found["all"] = found["entries"]
        found["entries"] = [entry for entry in found["entries"] if entry["kind"] != "accept"]
        return found

    def line(self) -> str:
        return str(self.page.get_by_test_id("sync-line").inner_text())

    def line_state(self) -> str:
        return str(self.page.get_by_test_id("sync-line").get_attribute("data-state"))

    def is_settled(self) -> bool:
        texts = self.server_texts()
        return all(deed.text in texts for deed in self.deeds) and self.stored(is_whole=False)["all"] == []

    def settle(self, seconds: float = 60, *, nudge: bool = False) -> None:
        """I9: with a good link the queue empties, by itself unless the phone's network wakes the app (`nudge`)."""
        deadline = time.monotonic() + seconds
        while not self.is_settled():
            assert time.monotonic() < deadline, f"I9: not settled within {seconds:.0f} s: {self.line()}; {self.explain()}"
            if nudge:
                self.wake()
            self.page.wait_for_timeout(400)

    def explain(self) -> str:
        entries = self.stored()["entries"]
        shown = [
            {k: e[k] for k in ("seq", "kind", "attempts", "lastTrouble", "answer", "seenEpoch", "photos")} for e in entries[:3]
        ]
        log = [(it.method, it.path[:40], it.told, it.is_spoilt) for it in self.proxy.log[-8:]]
        return f"{len(entries)} entries, {shown}; last asked {log}"

    def tally_writes(self) -> None:
        """Add up what the page has counted since; before it is left, for it takes its count along."""
        if not self.page.is_closed():
            counted = self.page.evaluate("(() => { const it = self.__tx; self.__tx = { strict: 0, weak: 0 }; return it; })()")
            counted = counted or {"strict": 0, "weak": 0}
            self.weak_writes += counted["weak"]
            self.strict_writes += counted["strict"]

    def watch_worker(self) -> None:
        """From the next installation on, the service worker counts its writes too. Before `open`."""
        self.proxy.always("GET", "/crew/sw.js", change_reply(lambda body: SPY.encode() + body))

    def worker_writes(self) -> dict[str, int]:
        """What the running service worker has counted."""
        [worker] = [it for it in self.context.service_workers if it.url.startswith(self.proxy.address)]
        return dict(worker.evaluate("self.__tx"))


def session_page(phone: Phone) -> Page:
    return next(page for page in phone.context.pages if not page.is_closed())


def text_of(operation: dict[str, Any]) -> str:
    payload = operation["body"].get("payload") or {}
    return str(payload.get("note") or payload.get("text") or f"{operation['kind']} {operation['case_id']}")


class Rig:
    """What a test gets: makes phones, knows the server, checks at the end."""

    def __init__(self, server: FaultServer, browser: Browser, playwright: Any, chromium: str, folder: Path) -> None:
        self.server, self.browser, self.playwright, self.chromium, self.folder = server, browser, playwright, chromium, folder
        self.phones: list[Phone] = []

    def phone(
        self,
        who: Who | None = None,
        *,
        is_killable: bool = False,
        hurry: int = 1,
        scripts: tuple[str, ...] = (),
        timezone: str | None = None,
    ) -> Phone:
        """A phone in a context of its own; with `is_killable` in a browser of its own, whose profile outlives it."""
        who = who or self.server.new_who()
        if hurry > 1:
            scripts = (HURRY, *scripts)
        # A host of its own too: one browser keeps one set of cookies for all ports of a host.
        proxy = Proxy(self.server.port, f"phone-{next(_numbers)}.localhost")
        if is_killable:
            browser = PhoneBrowser(self.playwright, self.chromium, self.folder / f"profile-{len(self.phones)}")
            phone = Phone(self, who, proxy, None, browser, hurry, scripts)  # type: ignore[arg-type]
            self.launch(phone)
        else:
            context = self.browser.new_context(
                viewport={"width": 360, "height": 800},
                geolocation=browser_rig.HERE,
                # In a hurry the page's timers run faster; the worker's cannot, and would hold the lock for its own long while.
                permissions=["geolocation"] if hurry > 1 else ["geolocation", "background-sync"],
                timezone_id=timezone,
            )
            phone = Phone(self, who, proxy, context, None, hurry, scripts)
            phone.dress()
        phone.context.set_default_timeout(30_000)
        self.phones.append(phone)
        return phone

    def launch(self, phone: Phone) -> None:
        """Start the browser of a killable phone (again)."""
        phone.browser.open("about:blank")
        phone.context = phone.browser.context
        phone.context.set_default_timeout(30_000)
        phone.dress()

    def restart_browser(self, phone: Phone, *, gracefully: bool = False) -> None:
        if gracefully:
            phone.browser.close()
        else:
            phone.browser.kill()
        self.launch(phone)
        phone.open()

    def end(self) -> None:
        for phone in self.phones:
            phone.proxy.close()
            try:
                if phone.browser is None:
                    phone.context.close()
                else:
                    phone.browser.kill()
                    shutil.rmtree(phone.browser.profile, ignore_errors=True)
            except Exception as error:
                print("closing a phone:", error)

    # ---- the checker -----------------------------------------------------------------------------------------------

    def check(self, *, phones: list[Phone] | None = None, may_forget_done: bool = False) -> None:
        """All that must hold once everything has settled.

        `may_forget_done`: what was closed is older than a day by the phone's clock, so that it forgets it by itself.
        """
        for phone in phones or self.phones:
            self.check_phone(phone, may_forget_done)
        assert self.server.rows("PRAGMA quick_check")[0]["quick_check"] == "ok"

    def check_phone(self, phone: Phone, may_forget_done: bool = False) -> None:
        phone.tally_writes()
        assert phone.weak_writes == 0, "durability: a write to the outbox was not strict"
        server, who = self.server, phone.who
        everything = server.operations(who.person_id)
        operations = [row for row in everything if row["kind"] != "accept"]
        texts = [text_of(row) for row in operations]
        for deed in phone.deeds:
            assert texts.count(deed.text) == 1, f"I1/I2: {deed.text!r} is on the server {texts.count(deed.text)} times"
            self.check_deed(deed, operations[texts.index(deed.text)])
        assert len(operations) == len(phone.deeds), f"I2: {len(operations)} operations for {len(phone.deeds)} deeds"
        self.check_order(everything, who)
        for words, text, held in phone.seen:
            if words.startswith("Received"):
                assert text in held, f"I7: the screen said {words!r} before the server had {text!r}"
        stored = phone.stored()
        assert stored["entries"] == [], "I4: the outbox still holds work"
        for photo in stored["photos"]:
            assert photo["actual"] == photo["sha256"], "I3: the phone's copy of a photo has changed"
        self.check_projection(phone, stored["jobs"], may_forget_done)

    def check_deed(self, deed: Deed, operation: dict[str, Any]) -> None:
        server = self.server
        assert operation["person_id"] == deed.person_id, "I8: somebody else's name"
        assert operation["case_id"] == deed.case and operation["kind"] == deed.kind
        closures = server.rows("SELECT * FROM closures WHERE id = ?", operation["id"])
        if deed.kind != "close" or operation["verdict"] == "quarantined":
            assert closures == []
            return
        assert len(closures) == 1, "I2: not one closure"
        events = server.rows("SELECT kind, body FROM event_log WHERE case_id = ?", deed.case)
        for kind in ("case_closed", "closure_needs_review", "photos_complete"):
            told = [it for it in events if it["kind"] == kind and operation["id"] in it["body"]]
            assert len(told) <= 1, f"I2: {kind} was told {len(told)} times"
        photos = server.rows("SELECT * FROM photos WHERE closure_id = ?", operation["id"])
        announced = operation["body"]["payload"].get("photos", [])
        assert len(photos) == len(announced) == len(deed.photos), "I3: another number of photos"
        for photo in photos:
            assert photo["case_id"] == deed.case, "I3: a photo under another case"
            assert photo["verified_at"] is not None, "I3: a photo is not verified"
            assert sha256(server.photo_file(photo["sha256"])) == photo["sha256"], "I3: the stored bytes are other bytes"
        given, kept = set(deed.photos), {photo["sha256"] for photo in photos}
        assert "" in given or given == kept, "I3: not the photos that were taken"
        if operation["verdict"] == "needs_review":
            case = server.rows("SELECT review_reason FROM cases WHERE id = ?", deed.case)[0]
            assert closures[0]["review_reason"] and case["review_reason"], "I5: a silent conflict"

    def check_order(self, operations: list[dict[str, Any]], who: Who) -> None:
        for device, group in itertools.groupby(operations, key=lambda row: row["device_id"]):
            rows = list(group)
            assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1)), "I6: numbers with gaps"
            received = [row["received_at"] for row in rows]
            assert received == sorted(received), "I6: not in the order they were done"
            owner = self.server.rows("SELECT person_id FROM devices WHERE id = ?", device)[0]["person_id"]
            assert owner == who.person_id, "I8: another person's device"

    def check_projection(self, phone: Phone, jobs: list[dict[str, Any]], may_forget_done: bool) -> None:
        """I4, I11: what the phone shows of the city is what the city is now; waits for a pull that is under way."""

        def brief(job: dict[str, Any]) -> tuple[Any, ...]:
            return (job["id"], job["round"], job["status"], job["mine"], tuple(sorted(c["id"] for c in job["closures"])))

        def differs(jobs: list[dict[str, Any]]) -> set[tuple[Any, ...]]:
            here, city = {brief(job) for job in jobs}, {brief(job) for job in expected.values()}
            done = {brief(job) for job in expected.values() if job["status"] == "closed" and not job["mine"]}
            return here ^ (city - (done - here)) if may_forget_done else here ^ city

        expected = self.server.full_pull(phone.who)
        deadline = time.monotonic() + 15
        while differs(jobs):
            assert time.monotonic() < deadline, f"I4: phone and city differ in {sorted(differs(jobs))}"
            phone.wake()
            phone.page.wait_for_timeout(500)
            jobs = phone.stored(is_whole=False)["jobs"]
