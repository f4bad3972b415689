"""Somebody dies: the server, the browser, its renderer, its service worker. F04-F09, F12, F13, F21, F41."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sqlite3
import sys
import threading
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import proxy as bad
from rig import Deed, Phone, Rig, picture, sha256, wait_for

PUSH, PULL, PHOTOS = "/sync/v1/push", "/sync/v1/pull", "/sync/v1/photos"


def started(rig: Rig, jobs: int = 1, **how: object) -> tuple[Phone, list]:
    phone = rig.phone(**how)  # type: ignore[arg-type]
    given = rig.server.new_jobs(phone.who, jobs)
    phone.begin(given)
    return phone, given


def killable(rig: Rig, jobs: int = 1) -> tuple[Phone, list]:
    """Signed in, with the cookie on disk: Chromium writes it within half a minute, or when it ends in peace."""
    phone, given = started(rig, jobs, is_killable=True)
    rig.restart_browser(phone, gracefully=True)
    phone.card(given[0]).wait_for()
    return phone, given


def test_F04_the_server_is_killed_around_the_commit(rig: Rig) -> None:
    """Before the commit, in the middle of a batch, and between commit and reply: each deed has one effect."""
    phone, jobs = started(rig, 3)
    phone.proxy.next("POST", PUSH, bad.before_it_arrives(rig.server.kill))
    phone.proxy.cut_off()
    phone.close_job(jobs[0])
    wait_for(lambda: not rig.server.is_up, phone.page)
    assert phone.server_texts() == []
    rig.server.start()
    phone.proxy.rules = [bad.Rule("POST", PUSH, bad.lose_reply(then=rig.server.kill), 1)]
    phone.wake()
    wait_for(lambda: not rig.server.is_up, phone.page)
    assert len(phone.server_texts()) == 1, "committed, and the reply was lost with the server"
    phone.proxy.cut_off()
    phone.progress(jobs[1], "en_route", "on_site")
    phone.close_job(jobs[1])
    phone.close_job(jobs[2])
    rig.server.start()
    phone.proxy.rules = [bad.Rule("POST", PUSH, bad.while_at_work(rig.server.kill, 0.012), 1)]
    phone.wake()
    wait_for(lambda: not rig.server.is_up, phone.page)
    rig.server.start()
    phone.settle(nudge=True)
    rig.check()


def test_F05_the_server_stands_still_for_a_minute(rig: Rig) -> None:
    """Stopped and resumed; meanwhile the phone gave up and asked again, and the server answers all of it late."""
    phone, [job] = started(rig, hurry=10)
    phone.page.wait_for_timeout(500)
    rig.server.freeze()
    try:
        phone.close_job(job)
        phone.page.wait_for_timeout(6000)  # a minute for the app
        assert len(phone.stored()["entries"]) == 1
    finally:
        rig.server.thaw()
    phone.settle()
    rig.check()


@pytest.mark.quick_fault
def test_F06_the_browser_is_killed_right_after_saved(rig: Rig) -> None:
    """The words "Saved on this phone" were on the screen; a kill -9 later all of it is there, photos too."""
    phone, [job] = killable(rig)
    phone.proxy.cut_off()
    phone.close_job(job, 2)
    rig.restart_browser(phone)
    phone.page.get_by_test_id("sync-line").wait_for()
    assert len(phone.stored()["entries"]) == 1
    assert all(photo["actual"] == photo["sha256"] for photo in phone.stored()["photos"])
    phone.proxy.heal()
    phone.settle(nudge=True)
    rig.check()


def test_F07_the_browser_is_killed_while_it_saves(rig: Rig) -> None:
    """Killed within the saving: either all of it is saved, or the form is there as it was. Nothing between."""
    phone, jobs = killable(rig, 3)
    phone.proxy.cut_off()
    dice = random.Random(7)
    for job in jobs:
        photo = picture()
        phone.card(job).wait_for()
        text = phone.fill(job, [photo])
        phone.page.wait_for_timeout(100)
        phone.page.evaluate("setTimeout(() => document.querySelector('[data-testid=close-save]').click(), 5)")
        phone.page.wait_for_timeout(5 + dice.randrange(40))
        rig.restart_browser(phone)
        phone.page.get_by_test_id("sync-line").wait_for()
        stored = phone.stored()
        entries = [entry for entry in stored["entries"] if entry["caseId"] == job.id]
        drafts = [draft for draft in stored["drafts"] if draft["caseId"] == job.id]
        assert (len(entries), len(drafts)) in {(1, 0), (0, 1)}, "all or nothing"
        assert [p["sha256"] for p in (entries or drafts)[0]["photos"]] == [sha256(photo)]
        assert all(it["actual"] == it["sha256"] for it in stored["photos"])
        if drafts:
            assert drafts[0]["note"] == text
            if not phone.page.get_by_test_id("close-save").count():
                phone.card(job).click()
                phone.page.get_by_test_id("job-close").click()
            phone.save(job, text, [photo])
        else:
            phone.note_deed("close", job, text, [photo])
            phone.go_home()
    phone.proxy.heal()
    phone.settle(nudge=True)
    rig.check()


@pytest.mark.quick_fault
def test_F08_every_write_to_the_outbox_waits_for_the_disk(rig: Rig) -> None:
    """Power loss after "Saved": no power can be cut here, so the mode of every write is what is asserted (strict).

    Counted where IndexedDB is called, in the page and in the service worker: closing with photos, progress, a note, a
    draft, the city's answers, the letting go.
    """
    phone = rig.phone()
    jobs = rig.server.new_jobs(phone.who, 3)
    phone.watch_worker()
    phone.begin(jobs)
    phone.close_job(jobs[0], 2)
    phone.note(jobs[1])
    phone.progress(jobs[1], "en_route")
    phone.settle(nudge=True)
    phone.proxy.cut_off()
    phone.close_job(jobs[2])
    phone.tally_writes()
    assert phone.strict_writes >= 15 and phone.weak_writes == 0

    empty = phone.context.new_page()
    session = phone.cdp(empty)
    registration = phone.worker_registration(session)
    phone.page.close()
    phone.proxy.heal()
    phone.sync_event(session, registration)
    wait_for(lambda: len(phone.server_texts()) == len(phone.deeds), empty, 40)
    wait_for(lambda: phone.worker_writes()["strict"] >= 4, empty)
    assert phone.worker_writes()["weak"] == 0
    phone.open()
    phone.settle()
    rig.check()


def test_F08_a_write_that_does_not_wait_would_be_seen(rig: Rig) -> None:
    """The checker's own check: a weak write to the outbox is counted as one, in the page and in the worker."""
    phone = rig.phone()
    phone.watch_worker()
    phone.begin(rig.server.new_jobs(phone.who))
    weak = """(id) => new Promise((resolve) => {
      const opening = indexedDB.open('crew311-outbox-' + id);
      opening.onsuccess = () => { opening.result.transaction('meta', 'readwrite'); opening.result.close(); resolve(); };
    })"""
    phone.page.evaluate(weak, phone.who.person_id)
    phone.tally_writes()
    assert phone.weak_writes == 1
    [worker] = phone.context.service_workers
    worker.evaluate(weak, phone.who.person_id)
    assert phone.worker_writes()["weak"] == 1


def test_F09_the_renderer_crashes_while_a_photo_is_made_ready(rig: Rig) -> None:
    """The form, its words and the earlier photo are back; the photo in the making is whole or absent."""
    phone, [job] = started(rig)
    first = picture()
    text = phone.fill(job, [first])
    large = picture(side=2600)
    phone.page.get_by_test_id("photo-before").set_input_files({"name": "image.jpg", "mimeType": "image/jpeg", "buffer": large})
    phone.page.wait_for_timeout(120)
    crash(rig, phone)
    page = phone.open()
    page.get_by_test_id("close-save").wait_for()
    assert page.get_by_test_id("note").input_value() == text
    stored = phone.stored()
    assert sha256(first) in {photo["sha256"] for photo in stored["drafts"][0]["photos"]}
    assert all(photo["actual"] == photo["sha256"] for photo in stored["photos"])
    deed_photos = [photo["sha256"] for photo in stored["drafts"][0]["photos"]]
    page.get_by_test_id("close-save").click()
    page.get_by_test_id("saved-toast").wait_for()
    phone.deeds.append(Deed("close", job.id, text, tuple(deed_photos), phone.who.person_id))
    phone.settle()
    rig.check()


def crash(rig: Rig, phone: Phone) -> None:
    """The page's process is killed, and the worker's with it; its tab is closed."""
    session = rig.browser.new_browser_cdp_session()
    for process in session.send("SystemInfo.getProcessInfo")["processInfo"]:
        if process["type"] == "renderer":
            with contextlib.suppress(ProcessLookupError):
                os.kill(process["id"], signal.SIGKILL)
    time.sleep(0.3)
    phone.page.close()


def test_F10_the_app_is_thrown_out_while_the_camera_is_open(rig: Rig) -> None:
    """The phone kills the page for its camera and starts the app at its first page: it is back in the form, photo kept."""
    phone, [job] = started(rig)
    first = picture()
    text = phone.fill(job, [first])
    crash(rig, phone)
    page = phone.open("/crew/")
    page.get_by_test_id("close-save").wait_for()
    assert page.url.endswith(f"/crew/job/{job.id}/close")
    assert page.get_by_test_id("note").input_value() == text
    page.get_by_test_id("photo-kept").wait_for()
    second = picture()
    phone.take([second])
    phone.save(job, text, [first, second])
    phone.settle()
    rig.check()


@pytest.mark.quick_fault
def test_F12_the_service_worker_is_stopped_during_a_push(rig: Rig) -> None:
    """The worker stands aside from every write: stopped in the middle of one, the city gets it once."""
    phone, [job] = started(rig)
    session = phone.cdp()
    session.send("ServiceWorker.enable")
    go_on = threading.Event()
    held = phone.proxy.next("POST", PUSH, bad.hold(go_on))
    phone.close_job(job)
    wait_for(lambda: held.hits, phone.page)
    session.send("ServiceWorker.stopAllWorkers")
    phone.page.wait_for_timeout(300)
    go_on.set()
    phone.settle()
    assert len(phone.proxy.asked("POST", PUSH)) == 1, "doubled by the service worker"
    rig.check()


def test_F13_the_service_worker_is_stopped_while_it_drains(rig: Rig) -> None:
    """With no page open the worker sends; stopped in the middle, and at its last chance, nothing is lost or doubled."""
    phone, jobs = started(rig, 2)
    phone.proxy.cut_off()
    for job in jobs:
        phone.close_job(job)
    phone.tally_writes()
    empty = phone.context.new_page()
    session = phone.cdp(empty)
    registration = phone.worker_registration(session)
    phone.page.close()
    phone.proxy.heal()
    go_on = threading.Event()
    held = phone.proxy.next("POST", PUSH, bad.hold(go_on))
    phone.sync_event(session, registration)
    wait_for(lambda: held.hits, empty)
    session.send("ServiceWorker.stopAllWorkers")
    empty.wait_for_timeout(300)
    go_on.set()
    failing = phone.proxy.next("POST", PUSH, bad.refuse())
    phone.sync_event(session, registration, last_chance=True)
    wait_for(lambda: failing.hits, empty)
    empty.wait_for_timeout(300)
    phone.sync_event(session, registration)
    verified = "SELECT 1 FROM photos JOIN closures ON closures.id = closure_id WHERE person_id = ? AND verified_at IS NOT NULL"
    wait_for(lambda: len(rig.server.rows(verified, phone.who.person_id)) == 2, empty, 40)
    phone.open()
    phone.settle()
    rig.check()


@pytest.mark.parametrize(
    "part", [pytest.param(0.3, id="in-the-middle", marks=pytest.mark.quick_fault), pytest.param(1.0, id="at-the-end")]
)
def test_F21_the_server_is_killed_while_a_photo_comes_in(rig: Rig, part: float) -> None:
    """After the restart the upload goes on from what is truly on disk, and the photo's digest is right."""
    phone, [job] = started(rig)
    act = bad.cut_up(lambda length: int(length * part), then=rig.server.kill) if part < 1 else bad.lose_reply(rig.server.kill)
    phone.proxy.next("PATCH", PHOTOS, bad.pass_on())
    phone.proxy.next("PATCH", PHOTOS, act)
    phone.close_job(job, [picture(side=700)])
    wait_for(lambda: not rig.server.is_up, phone.page)
    rig.server.start()
    phone.settle(nudge=True)
    rig.check()


MANY = 20_000


def test_F41_a_long_first_pull_is_killed_page_by_page(rig: Rig) -> None:
    """Twenty thousand cases: the browser is killed in the middle, again and again, and the copy has no gap in the end."""
    phone = rig.phone(is_killable=True)
    [first] = rig.server.new_jobs(phone.who)
    phone.begin([first])
    many_jobs(rig, phone)
    rig.restart_browser(phone, gracefully=True)
    phone.page.goto(f"{phone.proxy.address}/crew/me")
    phone.page.get_by_test_id("sync-line").wait_for()
    for kill in range(2):
        seen = len(phone.proxy.asked("GET", PULL))
        phone.proxy.heal()
        phone.proxy.next("GET", PULL, bad.pass_on(), times=3 + 5 * kill)
        phone.proxy.always("GET", PULL, bad.hang(up=False))
        phone.page.evaluate("dispatchEvent(new Event('online'))")
        wait_for(lambda seen=seen, kill=kill: len(phone.proxy.asked("GET", PULL)) >= seen + 3 + 5 * kill, phone.page, 60)
        phone.browser.kill()
        rig.launch(phone)
        phone.proxy.heal()
        phone.open("/crew/me")
        phone.page.get_by_test_id("sync-line").wait_for()
    count = "SELECT count(*) AS n FROM assignments WHERE crew_id = ? AND ended_at IS NULL"
    total = rig.server.rows(count, phone.who.crew_id)[0]["n"]
    assert total == MANY + 1
    wait_for(lambda: phone.page.evaluate(COUNT_JOBS, phone.who.person_id) == total, phone.page, 240)


COUNT_JOBS = """(personId) => new Promise((resolve, reject) => {
  const opening = indexedDB.open('crew311-cache-' + personId);
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const asking = opening.result.transaction('jobs').objectStore('jobs').count();
    asking.onsuccess = () => { opening.result.close(); resolve(asking.result); };
  };
})"""


def many_jobs(rig: Rig, phone: Phone) -> None:
    """Copies of the phone's one case, with their assignments and events, by plain SQL."""
    connection = sqlite3.connect(rig.server.folder / "crew311.sqlite", timeout=30)
    connection.row_factory = sqlite3.Row
    with connection:
        case_id = connection.execute("SELECT case_id FROM assignments WHERE crew_id = ?", (phone.who.crew_id,)).fetchone()[0]
        highest = connection.execute("SELECT max(id) FROM cases").fetchone()[0]

        def copy(table: str, where: str, change: dict[str, object]) -> None:
            row = dict(connection.execute(f"SELECT * FROM {table} WHERE {where} = ?", (case_id,)).fetchone())
            rows = []
            for n in range(1, MANY + 1):
                new = row | {key: value(n) if callable(value) else value for key, value in change.items()}
                rows.append(tuple(new[key] for key in row if key not in dropped(table)))
            names = ",".join(key for key in row if key not in dropped(table))
            marks = ",".join("?" for key in row if key not in dropped(table))
            connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)

        copy("cases", "id", {"id": lambda n: highest + n, "number": lambda n: f"many-{phone.who.crew_id}-{n}"})
        copy("assignments", "case_id", {"case_id": lambda n: highest + n})
        copy("event_log", "case_id", {"case_id": lambda n: highest + n})
    connection.close()


def dropped(table: str) -> set[str]:
    return {"assignments": {"id"}, "event_log": {"seq"}}.get(table, set())
