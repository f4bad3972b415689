"""One crew's day with everything that can go wrong, drawn from a seed.

Each day lets in only some of the troubles (a swarm): where all happen at once, most are hidden by the loudest. What was
drawn is written down in `told`, in the words a failure needs; the same seed draws the same day, though the machine's own
pace decides what meets what.
"""

from __future__ import annotations

import contextlib
import json
import random
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import proxy as bad
from rig import SHIFTED_CLOCK, Job, Phone, Rig, picture

from crew_app.errors import Conflict
from crew_app.models import Door
from crew_app.services.assignments import assign_case
from crew_app.services.cases import reopen_case, withdraw_case
from tests.cookies import sign_in

PUSH, PULL, PHOTOS = "/sync/v1/push", "/sync/v1/pull", "/sync/v1/photos"
PAGE = b"<!doctype html><title>Welcome</title>"
PROBLEM = "application/problem+json"
DEEDS = 7
HURRY = 5
HOUR_MS = 3_600_000


class Day:
    """Made from a seed; `live()` plays it to its end and leaves the checking to the rig."""

    def __init__(self, rig: Rig, seed: int) -> None:
        self.rig, self.dice = rig, random.Random(seed)
        self.told: list[str] = []
        self.began = time.monotonic()
        self.troubles = [name for name in TROUBLES if self.dice.random() < TROUBLES[name][0]]
        self.tell(f"seed {seed}: {', '.join(self.troubles) or 'only the weather'}")
        self.other = rig.server.new_who()
        self.phone: Phone = rig.phone(is_killable=True, hurry=HURRY, scripts=(SHIFTED_CLOCK,))
        self.jobs = rig.server.new_jobs(self.phone.who, DEEDS)
        self.moved: set[int] = set()  # cases the office has already moved
        self.backup: Path | None = None

    def tell(self, words: str) -> None:
        self.told.append(f"{time.monotonic() - self.began:6.1f} s  {words}")

    def live(self) -> None:
        phone = self.phone
        phone.begin(self.jobs)
        # Chromium writes cookies to its disk within half a minute; a day is longer than that.
        self.cookies = phone.context.cookies()
        if "restore" in self.troubles:
            self.backup = self.rig.folder / "backup"
            self.rig.server.back_up(self.backup)
        for job in self.jobs:
            phone.card(job).wait_for()
            self.draw_weather()
            self.draw_trouble(job, before=True)
            self.do(job)
            self.draw_trouble(job, before=False)
        self.tell("the sky clears")
        phone.set_pace(1)
        phone.proxy.heal()
        phone.proxy.drop()
        phone.context.set_offline(False)
        phone.settle(120, nudge=True)
        self.tell("settled")
        self.rig.check()
        self.tell("checked")

    def do(self, job: Job) -> None:
        kind = self.dice.choices(["close", "note", "way"], [6, 1, 1])[0]
        photos = [
            picture(self.dice.randrange(2**32), self.dice.choice([150, 200, 450])) for _ in range(self.dice.choice([0, 1, 1, 2]))
        ]
        self.tell(f"{kind} {job.number}, {len(photos)} photos")
        if kind == "note":
            self.phone.note(job)
        if kind == "way":
            self.phone.progress(job, "en_route", "on_site")
        self.phone.close_job(job, photos)

    # ---- the weather -----------------------------------------------------------------------------------------------

    def draw_weather(self) -> None:
        """A few of the next requests are spoilt; bytes change only in photos (TLS guards the rest on a real link)."""
        for _ in range(self.dice.randrange(4)):
            method, path = self.dice.choice(
                [("POST", PUSH), ("POST", PUSH), ("GET", PULL), ("PATCH", PHOTOS), ("POST", PHOTOS), ("HEAD", PHOTOS)]
            )
            name = self.dice.choice([name for name in WEATHER if name != "flipped" or path == PHOTOS])
            times = self.dice.randrange(1, 4)
            self.tell(f"  {times} x {name} on {method} {path}")
            self.phone.proxy.next(method, path, WEATHER[name](random.Random(self.dice.random())), times=times)

    # ---- the troubles ----------------------------------------------------------------------------------------------

    def draw_trouble(self, job: Job, *, before: bool) -> None:
        for name in self.troubles:
            _, likely, is_before, trouble = TROUBLES[name]
            if is_before is before and self.dice.random() < likely:
                self.tell(f"  {name}")
                trouble(self, job)

    def rest(self, most_ms: int) -> None:
        self.phone.page.wait_for_timeout(self.dice.randrange(most_ms))

    def lose_or_find_signal(self, _: Job) -> None:
        self.phone.context.set_offline(self.dice.random() < 0.6)

    def kill_browser(self, _: Job) -> None:
        phone = self.phone
        self.rest(400)
        phone.tally_writes()
        phone.browser.kill()
        self.rig.launch(phone)
        phone.context.add_cookies(self.cookies)
        phone.open()

    def kill_server(self, _: Job) -> None:
        self.rest(300)
        self.rig.server.kill()
        self.rest(300)
        self.rig.server.start()

    def freeze_server(self, _: Job) -> None:
        self.rig.server.freeze()
        self.rest(800)
        self.rig.server.thaw()

    def stop_worker(self, _: Job) -> None:
        session = self.phone.cdp()
        session.send("ServiceWorker.enable")
        session.send("ServiceWorker.stopAllWorkers")

    def wake_worker(self, _: Job) -> None:
        session = self.phone.cdp()
        registration = self.phone.worker_registration(session)
        self.phone.sync_event(session, registration, last_chance=self.dice.random() < 0.3)
        self.rest(300)

    def open_second_tab(self, _: Job) -> None:
        if len(self.phone.context.pages) < 4:
            self.phone.context.new_page().goto(f"{self.phone.proxy.address}/crew/me")
            self.phone.page.bring_to_front()

    def reload(self, _: Job) -> None:
        self.rest(200)
        self.phone.go_home()

    def set_clock(self, _: Job) -> None:
        """By hours: by a jump of more than a day the phone forgets what is done sooner than the city."""
        self.phone.page.evaluate("(ms) => localStorage.setItem('shift', String(ms))", self.dice.randrange(-9, 10) * HOUR_MS)

    def wake(self, _: Job) -> None:
        self.phone.wake()
        self.rest(600)

    def move_case(self, job: Job) -> None:
        """The office takes the case elsewhere while the phone's deed is on its way; the other crew may close it first."""
        if job.id in self.moved:
            return
        self.moved.add(job.id)
        move = self.dice.choice(["give away", "withdraw", "reopen"])
        is_closed_by_other = self.dice.random() < 0.5
        self.tell(f"    {move}{', and the other crew closes it' if is_closed_by_other else ''}")
        dora = self.rig.server.dispatcher_id()
        moves: dict[str, Callable[[Any], Any]] = {
            "give away": lambda tx: assign_case(tx, job.id, self.other.crew_id, dora),
            "withdraw": lambda tx: withdraw_case(tx, job.id, "A double.", dora),
            "reopen": lambda tx: reopen_case(tx, job.id, "Still there.", dora),
        }
        with contextlib.suppress(Conflict):  # the phone was first, or not yet there: then this is no move the office has
            self.rig.server.office(moves[move])
            if move == "give away" and is_closed_by_other:
                self.close_by_other(job)

    def close_by_other(self, job: Job) -> None:
        now = self.rig.server.rows("SELECT round FROM cases WHERE id = ?", job.id)[0]["round"]
        payload = {"outcome": "fixed", "note": "By the other crew.", "photos": []}
        operation = {"id": str(uuid.uuid4()), "seq": 1, "kind": "close", "case": job.id, "round": now, "payload": payload}
        operation |= {"made_at": datetime.now(UTC).isoformat(), "age_ms": 0}
        body = {"v": 1, "device": str(uuid.uuid4()), "app": "0", "operations": [operation]}
        with self.rig.server.app.app_context():
            client = sign_in(self.rig.server.app.test_client(), self.other.person_id, Door.PHONE)
        answer = client.post(PUSH, data=json.dumps(body), headers={"X-Crew311": "1", "Content-Type": "application/json"})
        assert answer.status_code == 200, answer.data

    def restore_server(self, _: Job) -> None:
        """Once in a day, from a copy of its morning."""
        if self.backup is None:
            return
        backup, self.backup = self.backup, None
        rules = self.phone.proxy.rules
        self.phone.hide_toast()
        self.phone.proxy.rules = [bad.Rule("", "/", bad.refuse(), None)]
        self.phone.proxy.drop()
        self.rest(200)
        self.rig.server.restore(backup)
        self.moved.clear()
        self.phone.proxy.rules = rules


def somewhere(dice: random.Random) -> Callable[[int], int]:
    return lambda length: dice.randrange(length + 1)


def flip(dice: random.Random) -> Callable[[bytes], bytes]:
    def change(body: bytes) -> bytes:
        at = dice.randrange(len(body)) if body else 0
        return body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :] if body else body

    return change


WEATHER: dict[str, Callable[[random.Random], bad.Act]] = {
    "refused": lambda dice: bad.refuse(),
    "cut after the request": lambda dice: bad.cut_after_request(),
    "reply lost": lambda dice: bad.lose_reply(),
    "cut on the way up": lambda dice: bad.cut_up(somewhere(dice)),
    "cut on the way down": lambda dice: bad.cut_down(somewhere(dice)),
    "half a reply": lambda dice: bad.change_reply(lambda body: body[: len(body) // 2]),
    "late": lambda dice: bad.delay(dice.random()),
    "twice at once": lambda dice: bad.twice(at_once=True),
    "twice": lambda dice: bad.twice(at_once=False),
    "portal": lambda dice: bad.answer(200, PAGE),
    "sent elsewhere": lambda dice: bad.answer(302, b"", Location="http://portal.invalid/"),
    "511": lambda dice: bad.answer(511, PAGE),
    "500": lambda dice: bad.answer(500, b"", "text/plain"),
    "502": lambda dice: bad.answer(502, PAGE),
    "503": lambda dice: bad.answer(503, b"{}", PROBLEM, Retry_After="1"),
    "429": lambda dice: bad.answer(429, b"{}", PROBLEM, Retry_After="1"),
    "heard, not answered": lambda dice: bad.hang(up=True),
    "not heard": lambda dice: bad.hang(up=False),
    "ghost": lambda dice: bad.late_ghost(0.5, 0.5),
    "flipped": lambda dice: bad.change_request(flip(dice)),
}

# name -> (how likely a day has it, how likely it comes at each deed of such a day, before the deed or after, what it does)
TROUBLES: dict[str, tuple[float, float, bool, Callable[[Day, Job], None]]] = {
    "signal": (0.5, 0.5, True, Day.lose_or_find_signal),
    "second tab": (0.3, 0.3, True, Day.open_second_tab),
    "clock": (0.3, 0.5, True, Day.set_clock),
    "browser kill": (0.35, 0.25, False, Day.kill_browser),
    "server kill": (0.35, 0.25, False, Day.kill_server),
    "server freeze": (0.25, 0.3, False, Day.freeze_server),
    "worker stop": (0.3, 0.3, False, Day.stop_worker),
    "worker drain": (0.3, 0.3, False, Day.wake_worker),
    "office": (0.5, 0.4, False, Day.move_case),
    "reload": (0.3, 0.3, False, Day.reload),
    "restore": (0.15, 0.3, False, Day.restore_server),
    "wake": (0.6, 0.5, False, Day.wake),
}
