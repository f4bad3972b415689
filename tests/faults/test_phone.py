"""The phone itself: its camera, its storage, its tabs, its clock, its app's version. F11, F28-F34, F38, F45."""

from __future__ import annotations

import io
import json
import re
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pillow_heif
import pytest
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent))

import proxy as bad
from rig import SHIFTED_CLOCK, Deed, Phone, Rig, picture, sha256, text_of, wait_for

from crew_app.services.cases import close_by_office

PUSH, PULL, PHOTOS = "/sync/v1/push", "/sync/v1/pull", "/sync/v1/photos"

# Changes what is in the outbox, in one transaction `tx`.
IN_OUTBOX = """(personId) => new Promise((resolve, reject) => {
  const opening = indexedDB.open('crew311-outbox-' + personId);
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const db = opening.result;
    const tx = db.transaction([...db.objectStoreNames], 'readwrite', { durability: 'strict' });
    tx.oncomplete = () => { db.close(); resolve(); };
    tx.onabort = () => reject(tx.error);
    WORK
  };
})"""


def started(rig: Rig, jobs: int = 1, **how: object) -> tuple[Phone, list]:
    phone = rig.phone(**how)  # type: ignore[arg-type]
    given = rig.server.new_jobs(phone.who, jobs)
    phone.begin(given)
    return phone, given


def in_outbox(phone: Phone, work: str) -> None:
    phone.page.evaluate(IN_OUTBOX.replace("WORK", work), phone.who.person_id)


def test_F11_what_a_camera_may_hand_over(rig: Rig) -> None:
    """Nothing, a HEIC, fifty megapixels, the same name twice: what is a photo arrives, byte for byte as it was kept."""
    phone, [job] = started(rig)
    heic = io.BytesIO()
    pillow_heif.from_pillow(Image.frombytes("RGB", (64, 64), bytes(range(256)) * 48)).save(heic)
    large = io.BytesIO()
    Image.linear_gradient("L").resize((8660, 5774)).convert("RGB").save(large, "JPEG", quality=60)
    twice = [picture(), picture()]
    text = phone.fill(job, twice)
    phone.page.get_by_test_id("photo-after").set_input_files({"name": "image.jpg", "mimeType": "image/jpeg", "buffer": b""})
    phone.page.get_by_role("alert").wait_for()
    for content in (heic.getvalue(), large.getvalue()):
        phone.take([content], "before")
    photos = phone.stored()["drafts"][0]["photos"]
    digests = [photo["sha256"] for photo in photos]
    assert {sha256(photo) for photo in twice} <= set(digests), "a small JPEG stays as it is"
    assert sha256(heic.getvalue()) in digests, "what the phone cannot decode stays as it is"
    assert len(photos) == 4 and all(photo["size"] > 0 for photo in photos)
    phone.save(job, text)
    phone.deeds[-1] = Deed("close", job.id, text, tuple(digests), phone.who.person_id)
    phone.settle()
    rig.check()


@pytest.mark.parametrize("locks", [True, False], ids=["with-locks", "without-locks"])
def test_F28_three_tabs_and_the_worker_send_at_once(rig: Rig, locks: bool) -> None:
    """All wake in the same moment; one effect each. Without Web Locks too: correctness does not rest on them."""
    scripts = (
        ()
        if locks
        else ("Object.defineProperty(Navigator.prototype, 'locks', { get: undefined }); delete Navigator.prototype.locks;",)
    )
    phone, jobs = started(rig, 3, scripts=scripts)
    phone.proxy.cut_off()
    for job in jobs:
        phone.close_job(job)
    first = phone.page
    others = []
    for _ in range(2):
        others.append(phone.context.new_page())
        others[-1].goto(f"{phone.proxy.address}/crew/me")
        others[-1].get_by_test_id("sync-line").wait_for()
    session = phone.cdp()
    registration = phone.worker_registration(session)
    phone.proxy.heal()
    phone.proxy.next("POST", PUSH, bad.delay(0.3), times=4)
    for page in (first, *others):
        page.evaluate("setTimeout(() => dispatchEvent(new Event('online')), 50)")
    phone.sync_event(session, registration)
    phone.settle(nudge=True)
    if not locks:
        assert len(phone.proxy.asked("POST", PUSH)) > 1, "they did not truly run at once"
    rig.check()


def test_F29_a_frozen_tab_holds_the_lock(rig: Rig) -> None:
    """A tab frozen in the middle of sending: another tab saves at once, and its work arrives."""
    phone, jobs = started(rig, 2, hurry=20)
    frozen = phone.page
    hung = phone.proxy.next("POST", PUSH, bad.hang(up=True))
    phone.close_job(jobs[0])
    wait_for(lambda: hung.hits, frozen)
    phone.tally_writes()
    session = phone.cdp(frozen)
    session.send("Page.setWebLifecycleState", {"state": "frozen"})
    phone.open()
    phone.close_job(jobs[1])
    phone.settle(60)
    session.send("Page.setWebLifecycleState", {"state": "active"})
    rig.check()


def test_F30_the_app_is_updated_over_forty_waiting_deeds(rig: Rig) -> None:
    """A new version waits while work is unsent and the old tab is open; every old entry is read and sent by it."""
    phone, [job] = started(rig)
    phone.proxy.cut_off()
    phone.note(job)
    clone_notes(phone, job, 39)
    phone.proxy.heal()
    phone.proxy.always("", "/sync/", bad.refuse())
    new_version = bad.change_reply(lambda body: body + b"\n// the next version\n")
    phone.proxy.always("GET", "/crew/sw.js", new_version)
    phone.page.evaluate("navigator.serviceWorker.getRegistration().then((it) => it.update()).then(() => true)")
    waiting = "navigator.serviceWorker.getRegistration().then((it) => it.waiting !== null)"
    wait_for(lambda: phone.page.evaluate(waiting), phone.page)
    assert len(phone.stored()["entries"]) == 40
    other = phone.context.new_page()
    other.goto(f"{phone.proxy.address}/crew/")
    other.get_by_test_id("sync-line").wait_for()
    assert phone.page.evaluate(waiting), "the new version took over while work was unsent"
    with other.expect_navigation():  # the new version's page
        other.get_by_role("button", name="Use it now").click()
    other.get_by_test_id("sync-line").wait_for()
    assert len(phone.stored()["entries"]) == 40
    phone.proxy.heal()
    phone.page = other
    phone.settle(nudge=True)
    rig.check()


def clone_notes(phone: Phone, job: object, count: int) -> None:
    """More of the same, as an older version of the app would have written them: without what was added since."""
    work = """const entries = tx.objectStore('entries');
        entries.getAll().onsuccess = (event) => {
          const [one] = event.target.result;
          for (let n = 1; n <= COUNT; n++) {
            const id = one.id.slice(0, -4) + String(n).padStart(4, '0');
            entries.put({ ...one, schema: 1, id, seq: one.seq + n, payload: { text: 'Note ' + n } });
          }
          tx.objectStore('meta').put(one.seq + COUNT + 1, 'nextSeq');
        };"""
    in_outbox(phone, work.replace("COUNT", str(count)))
    for n in range(1, count + 1):
        phone.note_deed("note", job, f"Note {n}")  # type: ignore[arg-type]


# Puts a recorded outbox on the phone, as the app of its day left it.
LAY_DOWN = """([name, { version, stores }]) => new Promise((resolve, reject) => {
  const bytes = (text) => Uint8Array.from(atob(text), (it) => it.charCodeAt(0)).buffer;
  const deleting = indexedDB.deleteDatabase(name);
  deleting.onerror = () => reject(deleting.error);
  deleting.onblocked = () => reject(new Error('somebody has it open'));
  deleting.onsuccess = () => {
    const opening = indexedDB.open(name, version);
    opening.onerror = () => reject(opening.error);
    opening.onupgradeneeded = () => {
      for (const [store, { keyPath }] of Object.entries(stores)) opening.result.createObjectStore(store, { keyPath });
    };
    opening.onsuccess = () => {
      const db = opening.result, tx = db.transaction([...db.objectStoreNames], 'readwrite', { durability: 'strict' });
      for (const [store, { keyPath, rows }] of Object.entries(stores)) for (const [key, value] of rows) {
        const kept = typeof value?.base64 === 'string' ? bytes(value.base64) : value;
        if (keyPath === null) tx.objectStore(store).put(kept, key); else tx.objectStore(store).put(kept);
      }
      tx.oncomplete = () => { db.close(); resolve(); };
      tx.onabort = () => reject(tx.error);
    };
  };
})"""


MOMENT = re.compile(
    r"\b(?P<ms>1[67]\d{11})\b|\b(?P<iso>20\d\d-\d\d-\d\dT[\d:]{8})|\b(?P<uuid>[0-9a-f]{8}-[0-9a-f]{4})(?=-7[0-9a-f]{3}-)"
)


def as_of_now(recorded: str) -> str:
    """The same outbox, left ten minutes ago: each moment in it moves, those inside ids too, and all stay as far apart."""

    def ms_of(found: re.Match[str]) -> int:
        if found["ms"]:
            return int(found["ms"])
        return int(found["uuid"].replace("-", ""), 16) if found["uuid"] else ms_of_iso(found["iso"])

    def ms_of_iso(text: str) -> int:
        return int(datetime.fromisoformat(f"{text}+00:00").timestamp()) * 1000

    newest = max(ms_of(found) for found in MOMENT.finditer(recorded))
    later = round(time.time() - 600 - newest / 1000) * 1000

    def moved(found: re.Match[str]) -> str:
        ms = ms_of(found) + later
        if found["ms"]:
            return str(ms)
        if found["uuid"]:
            return f"{ms:012x}"[:8] + "-" + f"{ms:012x}"[8:]
        return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")

    return MOMENT.sub(moved, recorded)


@pytest.mark.quick_fault
@pytest.mark.parametrize("recorded", sorted((Path(__file__).parent / "outboxes").glob("*.json")), ids=lambda path: path.stem)
def test_F30_the_outbox_of_an_older_app_is_delivered(rig: Rig, recorded: Path) -> None:
    """What an earlier app had kept, recorded from it: all of it arrives, with its photos, and the form begun is there."""
    phone = rig.phone()
    outbox = json.loads(as_of_now(recorded.read_text()))
    jobs = rig.server.new_jobs(phone.who, len(outbox["cases"]))
    phone.begin(jobs)
    of_old = dict(zip(outbox["cases"], jobs, strict=True))
    entries = [row for _, row in outbox["stores"]["entries"]["rows"]]
    [draft] = [row for _, row in outbox["stores"]["drafts"]["rows"]]
    for row in (*entries, draft):
        row["caseId"] = of_old[row["caseId"]].id
    for entry in sorted(entries, key=lambda entry: entry["seq"]):
        entry |= {"personId": phone.who.person_id, "crewId": phone.who.crew_id}
        text = entry["payload"].get("note") or f"{entry['kind']} {entry['caseId']}"
        photos = tuple(photo["sha256"] for photo in entry["photos"])
        phone.deeds.append(Deed(entry["kind"], entry["caseId"], text, photos, phone.who.person_id))
    outbox["stores"]["drafts"]["rows"] = [[draft["caseId"], draft]]
    for _, photo in outbox["stores"]["photos"]["rows"]:
        photo["draftOf"] = photo["draftOf"] and draft["caseId"]
    meta = outbox["stores"]["meta"]["rows"]
    meta[:] = [[key, draft["caseId"] if key == "openForm" else value] for key, value in meta]
    phone.tally_writes()
    phone.page.goto(f"{phone.proxy.address}/healthz")  # of this origin, and not the app
    phone.page.evaluate(LAY_DOWN, [f"crew311-outbox-{phone.who.person_id}", outbox])
    phone.go_home()
    phone.page.get_by_test_id("close-save").wait_for()
    assert phone.page.get_by_test_id("note").input_value() == draft["note"]
    wait_for(lambda: phone.page.get_by_test_id("photo-kept").count() == len(draft["photos"]), phone.page)
    phone.press("close-save")
    kept = tuple(photo["sha256"] for photo in draft["photos"])
    phone.deeds.append(Deed("close", draft["caseId"], draft["note"], kept, phone.who.person_id))
    phone.settle(nudge=True)
    rig.check()


def test_F31_the_server_is_rolled_back(rig: Rig) -> None:
    """An older server does not know this phone's words: it says so, the queue waits, and goes on after the upgrade."""
    phone, [job] = started(rig)
    too_new = b'{"type":"about:blank","title":"Bad input","status":400,"errors":{"v":["not 0"]}}'
    old = phone.proxy.always("POST", PUSH, bad.answer(400, too_new, "application/problem+json"))
    gone = phone.proxy.always("", PHOTOS, bad.answer(404, b"{}", "application/problem+json"))
    phone.close_job(job)
    wait_for(lambda: old.hits >= 2, phone.page)
    assert gone.hits == 0 and len(phone.stored()["entries"]) == 1 and phone.line_state() == "waiting"
    phone.proxy.heal()
    phone.settle()
    rig.check()


def test_F32_the_phone_is_full(rig: Rig) -> None:
    """One photo of several does not fit, then the closing itself does not: said in words, what was saved before stays."""
    phone = rig.phone()
    jobs = rig.server.new_jobs(phone.who, 2)
    empty = phone.context.new_page()
    session = phone.cdp(empty)
    origin = {"origin": phone.proxy.address}
    # Chromium reckons the room that is left when a database is opened, so the phone is small from the start.
    session.send("Storage.overrideQuotaForOrigin", {**origin, "quotaSize": 3_000_000})
    phone.begin(jobs)
    phone.proxy.cut_off()
    phone.close_job(jobs[0])
    text = phone.fill(jobs[1], [])
    taken: list[bytes] = []
    while not phone.page.get_by_role("alert").count():
        assert len(taken) < 10, "ten photos of half a megabyte fit into three?"
        taken.append(picture(side=600))
        phone.page.get_by_test_id("photo-after").set_input_files(
            {"name": "image.jpg", "mimeType": "image/jpeg", "buffer": taken[-1]}
        )
        phone.page.wait_for_timeout(200)
        wait_for(lambda: phone.page.get_by_test_id("close-save").is_enabled(), phone.page)
    refused = taken.pop()
    assert "full" in phone.page.get_by_role("alert").inner_text().lower()
    assert taken and phone.page.get_by_test_id("photo-kept").count() == len(taken)
    assert sha256(refused) not in {photo["sha256"] for photo in phone.stored()["photos"]}
    phone.tally_writes()
    phone.page.close()
    room = session.send("Storage.getUsageAndQuota", origin)["usage"]
    session.send("Storage.overrideQuotaForOrigin", {**origin, "quotaSize": room})
    empty.wait_for_timeout(1000)
    phone.open()
    phone.page.get_by_test_id("close-save").click()
    phone.page.wait_for_timeout(1000)
    stored = phone.stored()
    is_saved = any(entry["caseId"] == jobs[1].id for entry in stored["entries"])
    print("a closing on a full phone:", "saved" if is_saved else "refused")
    assert len(stored["entries"]) == (2 if is_saved else 1), "what was saved before stays"
    assert is_saved is bool(phone.page.get_by_test_id("saved-toast").count()), "said what is true"
    if is_saved:
        phone.note_deed("close", jobs[1], text, taken)
    else:
        assert "full" in phone.page.get_by_role("alert").inner_text().lower()
        assert phone.page.get_by_test_id("photo-kept").count() == len(taken)
        phone.tally_writes()
        phone.page.close()
        session.send("Storage.overrideQuotaForOrigin", origin)
        empty.wait_for_timeout(1000)
        phone.open()
        phone.save(jobs[1], text, taken)
    assert len(phone.stored()["entries"]) == 2
    phone.proxy.heal()
    phone.settle(nudge=True)
    rig.check()


def test_F34_the_storage_fails_in_part(rig: Rig) -> None:
    """A photo that cannot be read holds up nobody and is named; a database that does not open is said so, never deleted."""
    phone, jobs = started(rig, 2)
    phone.proxy.cut_off()
    phone.close_job(jobs[0])
    lost = phone.stored()["entries"][0]["photos"][0]["id"]
    phone.close_job(jobs[1])
    in_outbox(phone, f"tx.objectStore('chunks').delete(['{lost}', 0]);")
    phone.proxy.heal()
    phone.wake()
    wait_for(lambda: [e["caseId"] for e in phone.stored()["entries"]] == [jobs[0].id], phone.page, 40)
    wait_for(lambda: phone.line_state() == "needs_you", phone.page)
    assert phone.stored()["entries"][0]["photos"][0]["bytes"] == "unreadable"
    assert len(phone.server_texts()) == 2
    assert rig.server.rows("SELECT count(*) AS n FROM photos WHERE id = ? AND verified_at IS NULL", lost)[0]["n"] == 1

    other, [job] = started(rig)
    other.proxy.cut_off()
    other.close_job(job)
    broken = other.context.new_page()
    broken.add_init_script(
        """const open = IDBFactory.prototype.open;
        IDBFactory.prototype.open = function (name, version) {
          if (name.startsWith('crew311-outbox')) throw new DOMException('Internal error opening backing store', 'UnknownError');
          return version === undefined ? open.call(this, name) : open.call(this, name, version);
        };"""
    )
    broken.goto(f"{other.proxy.address}/crew/")
    wait_for(lambda: "storage" in broken.inner_text("body").lower(), broken)
    broken.close()
    other.proxy.heal()
    other.settle(nudge=True)
    rig.check(phones=[other])


def test_F38_the_phones_clock_is_wrong_and_jumps(rig: Rig) -> None:
    """Three years ahead, a day behind, jumping while it sends, in another zone: taken in order, refused never."""
    phone, jobs = started(rig, 3, scripts=(SHIFTED_CLOCK,), timezone="Asia/Kathmandu")
    day = 86_400_000
    phone.proxy.cut_off()
    for job, shift in zip(jobs, (3 * 365 * day, -day, 0), strict=True):
        phone.page.evaluate("(shift) => localStorage.setItem('shift', String(shift))", shift)
        phone.close_job(job)
    phone.proxy.heal()
    phone.proxy.next("POST", PUSH, bad.delay(0.6))
    phone.wake()
    phone.page.evaluate("(shift) => localStorage.setItem('shift', String(shift))", -400 * day)
    phone.page.wait_for_timeout(300)
    phone.page.evaluate("(shift) => localStorage.setItem('shift', String(shift))", 30 * day)
    phone.settle(nudge=True)
    rig.check(may_forget_done=True)
    done = rig.server.rows("SELECT done_at, received_at FROM closures WHERE person_id = ?", phone.who.person_id)
    assert len(done) == 3 and all(row["done_at"] <= row["received_at"] for row in done), "nothing is done in the future"


def test_F45_ninety_days_without_signal(rig: Rig) -> None:
    """Signed out by time, one case purged meanwhile, one closed by the office: all of it is kept, and nothing silently."""
    phone, jobs = started(rig, 3, scripts=(SHIFTED_CLOCK,))
    day = 86_400_000
    phone.proxy.cut_off()
    phone.page.evaluate("(shift) => localStorage.setItem('shift', String(shift))", -90 * day)
    for job in jobs:
        phone.close_job(job)
    phone.page.evaluate("localStorage.setItem('shift', '0')")
    phone.go_home()
    phone.page.get_by_test_id("sync-line").wait_for()
    assert len(phone.stored()["entries"]) == 3, "old work is not tidied away"
    purged, closed, _ = (job.id for job in jobs)
    rig.server.office(lambda tx: close_by_office(tx, closed, "fixed", None, "By phone.", rig.server.dispatcher_id()))
    for table, column in (("event_log", "case_id"), ("assignments", "case_id"), ("reports", "case_id"), ("cases", "id")):
        rig.server.change(f"DELETE FROM {table} WHERE {column} = ?", purged)
    phone.context.clear_cookies()  # a session lasts thirty days
    phone.proxy.heal()
    phone.wake()
    wait_for(lambda: phone.line_state() == "sign_in", phone.page)
    assert len(phone.stored()["entries"]) == 3
    phone.page.get_by_test_id("sync-line").click()
    phone.sign_in()
    wait_for(lambda: len(phone.server_texts()) == 3, phone.page)
    wait_for(lambda: len(phone.stored()["entries"]) == 1, phone.page, 40)
    [kept] = phone.stored()["entries"]
    assert (kept["caseId"], kept["answer"]["verdict"], kept["answer"]["reason"]) == (purged, "quarantined", "unknown_case")
    verdicts = {text_of(row): row["verdict"] for row in rig.server.operations(phone.who.person_id)}
    of_purged, of_closed, of_open = (verdicts[deed.text] for deed in phone.deeds)
    assert (of_purged, of_open) == ("quarantined", "counted") and of_closed in ("superseded", "counted", "needs_review")
    assert rig.server.rows("SELECT 1 FROM quarantine WHERE person_id = ?", phone.who.person_id)
    wait_for(lambda: phone.line_state() == "needs_you", phone.page)
