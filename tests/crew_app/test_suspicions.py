"""What makes somebody look at a crew's deed: each rule alone, and what becomes of it in the city."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from phone import Phone, jpeg, photo_ref
from sqlalchemy import select

from crew_app.events import event_from_row
from crew_app.extensions import db
from crew_app.models import Case, EventRow, Photo, Suspicion
from crew_app.services.suspicions import ask_for_photos
from crew_app.subscribers.suspicions import look_at_deed
from crew_app.suspicions import RULES, Evidence, PhotoSeen, suspicion_words, suspicions_of
from crew_app.transaction import system_clock, transaction
from dispatch.types import Point

NOW = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
HERE, NEAR, FAR = Point(42.35, -71.10), Point(42.351, -71.10), Point(42.36, -71.10)  # 111 m and 1.1 km away
TEN, DAY = timedelta(minutes=10), timedelta(days=1)


def closing(**other: Any) -> Evidence:
    """One that nobody need look at."""
    plain = {"received_at": NOW, "made_at": NOW, "done_at": NOW, "outcome": "fixed", "case_place": HERE, "phone_place": HERE}
    return Evidence(now=NOW, **{**plain, **other})


def came(*, late: timedelta = timedelta(0), is_here: bool = True, also_of: tuple[str, ...] = ()) -> PhotoSeen:
    return PhotoSeen(NOW - late, is_here, also_of)


@pytest.mark.parametrize(
    ("evidence", "codes"),
    [
        (closing(), set()),
        (closing(phone_place=NEAR), set()),
        (closing(phone_place=FAR), {"far"}),
        (closing(phone_place=FAR, accuracy_m=1000.0), set()),
        (closing(phone_place=FAR, outcome="duplicate"), set()),
        (closing(phone_place=FAR, case_place=None), set()),
        (closing(phone_place=None), set()),
        (closing(made_at=NOW - TEN), set()),
        (closing(made_at=NOW - TEN * 2), {"backdated"}),
        (closing(made_at=NOW + TEN * 2), set()),
        (closing(done_at=NOW - DAY, made_at=NOW - DAY, due_at=NOW - TEN, age_is_known=False), {"on_its_word"}),
        (closing(done_at=NOW - DAY, made_at=NOW - DAY, due_at=NOW - TEN), set()),
        (closing(done_at=NOW - DAY, made_at=NOW - DAY, due_at=NOW + TEN, age_is_known=False), set()),
        (closing(photos=(came(), came(also_of=("26-000007",)))), {"same_photo"}),
        (closing(photos=(came(late=DAY - TEN, is_here=False),)), set()),
        (closing(photos=(came(late=DAY + TEN, is_here=False), came())), {"photos_missing"}),
        (Evidence(now=NOW, photos=(came(late=DAY * 2, is_here=False),)), {"photos_missing"}),
        (Evidence(now=NOW), set()),
    ],
)  # fmt: skip
def test_each_rule_sees_what_it_is_about_and_nothing_else(evidence: Evidence, codes: set[str]) -> None:
    assert set(suspicions_of(evidence)) == codes


def test_every_rule_has_words_for_what_it_finds() -> None:
    worst = closing(phone_place=FAR, made_at=NOW - DAY, photos=(came(late=DAY * 2, is_here=False, also_of=("26-000007",)),))
    found = suspicions_of(worst) | suspicions_of(closing(done_at=NOW - DAY, due_at=NOW - TEN, age_is_known=False))
    assert set(found) == {rule.code for rule in RULES}
    assert suspicion_words("far", found["far"]) == "It was closed 1,111 m away from the case."
    assert suspicion_words("gone_rule", {}) == "Gone rule."


def suspicions() -> dict[str, Suspicion]:
    return {row.code: row for row in db.session.scalars(select(Suspicion))}


def test_a_closing_far_from_its_case_counts_and_needs_a_look(phone: Phone, job, dispatched) -> None:
    case_id, round_ = job()
    operation = phone.closing(case_id, round_)
    operation["payload"]["place"] = {"lat": 42.37, "lon": -71.10, "accuracy_m": 10}
    phone.push(operation)
    dispatched()
    case = db.session.get_one(Case, case_id)
    assert (case.status, case.review_reason) == ("closed", "suspicious")
    far = suspicions()["far"]
    assert (far.operation_id, far.case_id, far.facts, far.settled_at) == (operation["id"], case_id, {"metres": 2222}, None)


def test_told_twice_it_is_raised_once(phone: Phone, job, dispatched) -> None:
    operation = phone.closing(*job(), made_at=(system_clock() - timedelta(hours=5)).isoformat())
    phone.push(operation)
    dispatched()
    (event,) = db.session.scalars(select(EventRow).where(EventRow.kind == "case_closed"))
    look_at_deed(event_from_row(event.kind, event.case_id, event.person_id, event.body))
    assert len(db.session.scalars(select(Suspicion)).all()) == 1


@pytest.mark.parametrize("on_the_same", [True, False], ids=["twice in one closing", "for two cases"])
def test_the_same_photo_twice_needs_a_look(phone: Phone, job, dispatched, on_the_same: bool) -> None:
    content = jpeg(1)
    (one, one_round), (other, other_round) = job(), job()
    first = [photo_ref(content), photo_ref(content)] if on_the_same else [photo_ref(content)]
    phone.push(
        phone.closing(one, one_round, first), phone.closing(other, other_round, [photo_ref(jpeg(2) if on_the_same else content)])
    )
    dispatched()
    number = db.session.get_one(Case, one).number
    found = db.session.scalars(select(Suspicion).where(Suspicion.code == "same_photo")).all()
    assert {s.case_id: s.facts["others"] for s in found}[one if on_the_same else other] == [number]


def test_a_photo_that_never_came_is_asked_for_a_day_later_and_no_more_once_it_is_here(phone: Phone, job, dispatched) -> None:
    content = jpeg(3)
    ref = photo_ref(content)
    case_id, round_ = job()
    phone.push(phone.closing(case_id, round_, [ref]))
    dispatched()
    with transaction() as tx:
        assert ask_for_photos(tx) == 0, "it may still be on its way"
    with transaction() as tx:
        tx.session.get_one(Photo, ref["id"]).announced_at -= timedelta(hours=25)
    for raised in (1, 0):
        with transaction() as tx:
            assert ask_for_photos(tx) == raised
    assert db.session.get_one(Case, case_id).review_reason == "suspicious"
    phone.upload(ref, content)
    dispatched()
    missing = suspicions()["photos_missing"]
    assert (missing.decision, missing.settled_by_id) == ("came", None)
    assert db.session.get_one(Case, case_id).review_reason is None
