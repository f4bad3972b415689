"""F46: everything at once, by seed. CREW311_FAULT_SEEDS=200 for the long run; a seed that failed is kept in SEEDS."""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import proxy as bad
from rig import Phone, Rig, picture

FROM = int(os.environ.get("CREW311_FAULT_FROM", "1"))
SEEDS = range(FROM, FROM + int(os.environ.get("CREW311_FAULT_SEEDS", "2")))
PAGE = b"<!doctype html><title>Welcome</title>"
DEEDS = 10


def weather(dice: random.Random) -> bad.Act:
    def somewhere(length: int) -> int:
        return dice.randrange(length + 1)

    def flip(body: bytes) -> bytes:
        at = dice.randrange(len(body)) if body else 0
        return body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :] if body else body

    return dice.choice(
        [
            bad.refuse(),
            bad.cut_after_request(),
            bad.lose_reply(),
            bad.cut_up(somewhere),
            bad.cut_down(somewhere),
            bad.change_reply(lambda body: body[: len(body) // 2]),
            bad.delay(dice.random()),
            bad.twice(at_once=True),
            bad.twice(at_once=False),
            bad.answer(200, PAGE),
            bad.answer(302, b"", Location="http://portal.invalid/"),
            bad.answer(511, PAGE),
            bad.answer(500, b"", "text/plain"),
            bad.answer(502, PAGE),
            bad.answer(503, b"{}", "application/problem+json", Retry_After="1"),
            bad.answer(429, b"{}", "application/problem+json", Retry_After="1"),
            bad.hang(up=True),
            bad.hang(up=False),
            bad.late_ghost(0.5, 0.5),
            bad.change_request(flip),
        ]
    )


def spoil(phone: Phone, dice: random.Random) -> None:
    """A few of the next requests meet bad weather; bytes change only in photos (TLS guards the rest on a real link)."""
    for _ in range(dice.randrange(4)):
        method, path = dice.choice(
            [
                ("POST", "/sync/v1/push"),
                ("GET", "/sync/v1/pull"),
                ("PATCH", "/sync/v1/photos"),
                ("POST", "/sync/v1/photos"),
                ("HEAD", "/sync/"),
            ]
        )
        act = weather(dice)
        while method != "PATCH" and "change_request" in act.__qualname__:
            act = weather(dice)
        phone.proxy.next(method, path, act, times=dice.randrange(1, 4))


@pytest.mark.parametrize("seed", SEEDS)
def test_F46_everything_at_random(rig: Rig, seed: int) -> None:
    """Ten deeds with photos under faults, kills and offline periods drawn by the seed; then the sky clears."""
    dice = random.Random(seed)
    phone = rig.phone(is_killable=True)
    jobs = rig.server.new_jobs(phone.who, DEEDS)
    phone.begin(jobs)
    rig.restart_browser(phone, gracefully=True)  # the sign-in is on disk
    for job in jobs:
        phone.card(job).wait_for()
        spoil(phone, dice)
        event = dice.random()
        if event < 0.25:
            phone.context.set_offline(True)
        elif event < 0.5:
            phone.context.set_offline(False)
        phone.close_job(job, [picture() for _ in range(dice.choice([0, 1, 1, 2]))])
        event = dice.random()
        if event < 0.12:
            phone.tally_writes()
            rig.restart_browser(phone)
        elif event < 0.22:
            rig.server.kill()
            phone.page.wait_for_timeout(dice.randrange(300))
            rig.server.start()
        elif event < 0.3:
            rig.server.freeze()
            phone.page.wait_for_timeout(dice.randrange(600))
            rig.server.thaw()
        elif event < 0.4:
            session = phone.cdp()
            session.send("ServiceWorker.enable")
            session.send("ServiceWorker.stopAllWorkers")
        elif event < 0.6:
            phone.wake()
            phone.page.wait_for_timeout(dice.randrange(800))
    phone.proxy.heal()
    phone.context.set_offline(False)
    phone.settle(120, nudge=True)
    rig.check()
