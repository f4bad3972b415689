"""The network between phone and city, at its worst: F01-F03, F14-F20, F22-F24, F44."""

from __future__ import annotations

import asyncio
import random
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import proxy as bad
from rig import Phone, Rig, picture, read_json, wait_for

PUSH, PULL, PHOTOS = "/sync/v1/push", "/sync/v1/pull", "/sync/v1/photos"
PORTAL = b"<!doctype html><title>Welcome to FreeWifi</title><form action=/login><button>I accept</button></form>"


def started(rig: Rig, jobs: int = 1, **how: object) -> tuple[Phone, list]:
    phone = rig.phone(**how)  # type: ignore[arg-type]
    given = rig.server.new_jobs(phone.who, jobs)
    phone.begin(given)
    return phone, given


def test_F01_a_crew_closes_offline_and_comes_back(rig: Rig) -> None:
    """Two closings without signal arrive once each when signal is back, by themselves."""
    phone, jobs = started(rig, 2)
    phone.context.set_offline(True)
    for job in jobs:
        phone.close_job(job)
    assert phone.server_texts() == []
    phone.context.set_offline(False)
    phone.settle()
    rig.check()


@pytest.mark.quick_fault
def test_F02_the_link_is_cut_after_the_request_was_sent(rig: Rig) -> None:
    """The request has left, the answer never comes: counted once, and "Received" only after it truly is."""
    phone, [job] = started(rig)
    cut = phone.proxy.next("POST", PUSH, bad.cut_after_request())
    phone.close_job(job)
    phone.settle()
    assert cut.hits == 1
    rig.check()


@pytest.mark.quick_fault
def test_F03_the_reply_is_lost_after_the_server_committed(rig: Rig) -> None:
    """The phone asks again and gets the stored answer; there is one effect."""
    phone, [job] = started(rig)
    phone.proxy.next("POST", PUSH, bad.lose_reply())
    phone.close_job(job)
    phone.settle()
    first, second = (read_json(it.answers[0].body) for it in phone.proxy.asked("POST", PUSH)[:2])
    for key in ("id", "verdict", "review", "case"):
        assert first["results"][0][key] == second["results"][0][key]
    rig.check()


@pytest.mark.parametrize("portal", [pytest.param("200", marks=pytest.mark.quick_fault), "302", "511"])
def test_F14_a_captive_portal_answers_for_the_city(rig: Rig, portal: str) -> None:
    """A page of the café's Wi-Fi is no answer: nothing leaves the outbox, nothing is called received."""
    phone, [job] = started(rig)
    page = {
        "200": bad.answer(200, PORTAL),
        "302": bad.answer(302, b"", Location="http://portal.invalid/login"),
        "511": bad.answer(511, PORTAL),
    }[portal]
    phone.proxy.always("", "/sync/", page)
    phone.close_job(job)
    wait_for(lambda: any(e["attempts"] for e in phone.stored()["entries"]), phone.page)
    wait_for(lambda: phone.line_state() == "waiting", phone.page)
    assert phone.server_texts() == [] and not any(words.startswith("Received") for words, *_ in phone.seen)
    phone.proxy.heal()
    phone.settle()
    rig.check()


def test_F15_the_city_is_overloaded(rig: Rig) -> None:
    """500, 502, 503 and 429 in a storm: the phone keeps its work, waits as long as it is asked to, and gets through."""
    phone, [job] = started(rig)
    asked = bad.answer(503, b"{}", "application/problem+json", Retry_After="3")
    phone.proxy.next("POST", PUSH, asked)
    phone.close_job(job)
    wait_for(lambda: len(phone.proxy.asked("POST", PUSH)) >= 2, phone.page)
    first, second = phone.proxy.asked("POST", PUSH)[:2]
    assert second.at - first.at >= 2.9, "Retry-After was not kept"
    phone.settle()
    [again] = rig.server.new_jobs(phone.who)
    phone.wake()
    storm = [
        bad.answer(500, b"oops", "text/plain"),
        bad.answer(502, b"<h1>Bad gateway</h1>"),
        bad.answer(429, b"{}", "application/problem+json", Retry_After="1"),
        bad.answer(503, b"", Retry_After="1"),
    ]
    phone.card(again).wait_for()
    before = len(phone.proxy.log)
    phone.proxy.next("", "/sync/", bad.one_of(random.Random(15), *storm), times=6)
    phone.close_job(again)
    phone.settle(90)
    assert len(phone.proxy.log) - before < 40, "I10: too many requests"
    rig.check()


def test_F16_a_link_that_only_pretends(rig: Rig) -> None:
    """No bytes at all, one byte per second, a third of all requests lost, two seconds of round trip: it ends in time."""
    phone, jobs = started(rig, 4, hurry=8)
    dead = phone.proxy.always("", "/sync/", bad.hang(up=False))
    phone.close_job(jobs[0])
    wait_for(lambda: any(e["lastTrouble"] for e in phone.stored()["entries"]), phone.page)
    assert dead.hits
    phone.proxy.heal()
    phone.settle(nudge=True)

    rate = [1.0]
    slow = phone.proxy.always("", "/sync/", bad.slow_down(lambda: rate[0]))
    phone.close_job(jobs[1])
    wait_for(lambda: slow.hits, phone.page)
    phone.page.wait_for_timeout(3000)
    assert phone.page.get_by_test_id("tab-jobs").count() == 1, "the app is usable meanwhile"
    rate[0] = float("inf")
    phone.proxy.heal()
    phone.settle(nudge=True)

    lossy = bad.one_of(random.Random(16), bad.refuse(), bad.pass_on(), bad.pass_on())
    phone.proxy.always("", "/sync/", lossy)
    phone.close_job(jobs[2])
    phone.settle(nudge=True)
    phone.proxy.heal()

    phone.proxy.always("", "/sync/", bad.delay(2 / 8))  # the app's timeouts are as much shorter
    phone.close_job(jobs[3])
    phone.settle(nudge=True)
    rig.check()


@pytest.mark.parametrize("up", [True, False], ids=["city-hears", "city-is-deaf"])
def test_F17_a_one_way_partition(rig: Rig, up: bool) -> None:
    """One direction works, the other is dead: one effect, and the queue empties when both work again."""
    phone, [job] = started(rig, hurry=10)
    broken = phone.proxy.always("", "/sync/", bad.hang(up=up))
    phone.close_job(job)
    wait_for(lambda: broken.hits >= 2, phone.page)
    assert len(phone.stored()["entries"]) == 1, "not let go without an answer"
    assert (len(phone.server_texts()) == 1) is up
    phone.proxy.heal()
    phone.settle(nudge=True)
    rig.check()


def test_F18_a_truncated_or_spoilt_answer(rig: Rig) -> None:
    """Half a page or a page with a broken byte is refused whole: no job, no cursor, no verdict of it is kept."""
    phone, jobs = started(rig, 3)
    dice = random.Random(18)
    before = phone.stored()
    more = rig.server.new_jobs(phone.who, 2)

    def spoil(body: bytes) -> bytes:
        marks = [i for i, byte in enumerate(body) if byte in b'{}[]":,']
        at = dice.choice(marks)
        return body[:at] + bytes([body[at] ^ 0x40]) + body[at + 1 :]

    spoilt = 0
    for n in range(6):
        act = bad.change_reply(lambda body: body[: dice.randrange(1, len(body))]) if n % 2 else bad.change_reply(spoil)
        act = bad.cut_down(lambda length: dice.randrange(length)) if n == 5 else act
        rule = phone.proxy.next("GET", PULL, act)
        phone.wake()
        wait_for(lambda rule=rule: rule.hits and phone.line_state() != "sending", phone.page)
        phone.page.wait_for_timeout(150)
        now = phone.stored()
        spoilt += 1
        assert {j["id"] for j in now["jobs"]} == {j["id"] for j in before["jobs"]}, "a part of a broken page was kept"
        assert now["cacheMeta"]["cursor"] == before["cacheMeta"]["cursor"]
    assert spoilt == 6
    phone.proxy.next("POST", PUSH, bad.change_reply(lambda body: body[:-20]))
    phone.proxy.next("POST", PUSH, bad.change_reply(spoil))
    phone.close_job(jobs[0])
    phone.settle(nudge=True)
    for job in more:
        phone.card(job).wait_for()
    rig.check()


def test_F19_requests_arrive_twice_and_out_of_order(rig: Rig) -> None:
    """Doubled pushes and photo pieces, and an old push that turns up again at the end, change nothing."""
    phone, jobs = started(rig, 2)
    phone.proxy.next("POST", PUSH, bad.twice(at_once=True))
    phone.proxy.next("POST", PHOTOS, bad.twice(at_once=True))
    phone.proxy.next("PATCH", PHOTOS, bad.twice(at_once=True))
    phone.close_job(jobs[0])
    phone.settle(nudge=True)
    phone.proxy.next("POST", PUSH, bad.twice(at_once=False))
    phone.proxy.next("PATCH", PHOTOS, bad.twice(at_once=False))
    phone.close_job(jobs[1])
    phone.settle(nudge=True)
    old = phone.proxy.asked("POST", PUSH)[0]
    asyncio.run_coroutine_threadsafe(old.ask(), phone.proxy.loop()).result(20)
    assert old.answers[-1].status == 200
    rig.check()


def test_F20_a_photo_is_cut_off_at_twenty_random_places(rig: Rig) -> None:
    """Each time it goes on where the city's disk ends; what is sent twice is bounded by the pieces that were cut."""
    phone, [job] = started(rig)
    dice = random.Random(20)
    cuts = phone.proxy.next("PATCH", PHOTOS, bad.cut_up(lambda length: dice.randrange(length)), times=20)
    photo = picture(side=600)
    phone.close_job(job, [photo])
    phone.settle(120, nudge=True)
    assert cuts.hits == 20
    spoilt = sum(len(it.body) for it in phone.proxy.asked("PATCH", PHOTOS) if it.is_spoilt)
    assert phone.proxy.bytes_up("PATCH", PHOTOS) <= len(photo) + spoilt, "I10: bytes the city had were sent again"
    rig.check()


def test_F22_two_pieces_at_once_for_one_upload(rig: Rig) -> None:
    """The phone notices the dead link first and sends again while the city still reads the old piece."""
    phone, [job] = started(rig)
    ghosts = phone.proxy.next("PATCH", PHOTOS, bad.late_ghost(0.5, 1.0), times=2)
    phone.close_job(job, [picture(side=900)])
    phone.settle(nudge=True)
    wait_for(lambda: ghosts.hits == 2, phone.page, 5)
    phone.page.wait_for_timeout(1500)  # the ghosts' late halves
    rig.check()


@pytest.mark.parametrize("how", ["deleted", "expired", "gone"])
def test_F23_the_upload_is_no_more(rig: Rig, how: str) -> None:
    """An upload the server has cleared away is begun anew, and the photo arrives whole."""
    phone, [job] = started(rig)

    def clear() -> None:
        if how == "deleted":
            rig.server.change("DELETE FROM uploads WHERE person_id = ?", phone.who.person_id)
        else:
            rig.server.change("UPDATE uploads SET expires_at = '2020-01-01 00:00:00' WHERE person_id = ?", phone.who.person_id)

    dice = random.Random(23)
    if how == "gone":
        phone.proxy.next("PATCH", PHOTOS, bad.answer(410, b"{}", "application/problem+json"))
    else:
        phone.proxy.next("PATCH", PHOTOS, bad.cut_up(lambda length: dice.randrange(length), then=clear))
    phone.close_job(job, [picture(side=400)])
    phone.settle(nudge=True)
    rig.check()


@pytest.mark.quick_fault
def test_F24_a_byte_of_a_photo_changes_on_the_way(rig: Rig) -> None:
    """A piece's checksum gives it away, in the creation and after; it is sent again, and the stored photo is the one taken."""
    phone, [job] = started(rig)

    def flip(body: bytes) -> bytes:
        at = len(body) // 3
        return body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]

    phone.proxy.next("POST", PHOTOS, bad.change_request(flip))
    phone.proxy.next("PATCH", PHOTOS, bad.change_request(flip), times=2)
    phone.close_job(job, [picture(side=700)])
    phone.settle(nudge=True)
    assert phone.proxy.asked("POST", PHOTOS)[0].answers[0].status == 460
    assert [it.answers[0].status for it in phone.proxy.asked("PATCH", PHOTOS)[:2]] == [460, 460]
    rig.check()


def test_F44_a_cache_in_between_answers_with_an_old_page(rig: Rig) -> None:
    """An old answer to the same question goes on from the same place; an old page of another place heals with the next."""
    phone, jobs = started(rig, 2)
    first = next(it for it in phone.proxy.asked("GET", PULL) if it.told == 200).answers[0]
    phone.wake()
    phone.page.wait_for_timeout(700)
    quiet = phone.proxy.asked("GET", PULL)[-1].answers[-1]
    phone.proxy.next("GET", PULL, bad.stale(quiet))
    phone.proxy.next("GET", PULL, bad.stale(first))
    phone.close_job(jobs[0])
    phone.settle(nudge=True)
    rig.server.new_jobs(phone.who)
    phone.proxy.next("GET", PULL, bad.stale(first))
    phone.wake()
    phone.page.wait_for_timeout(700)
    assert not any(words.startswith("Received") and text not in held for words, text, held in phone.seen)
    started_at = time.monotonic()
    rig.check()  # asks again, as the app does each minute
    assert time.monotonic() - started_at < 20
