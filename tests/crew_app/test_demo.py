"""The made-up city keeps the rules of the real one."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from flask import Flask
from PIL import Image
from shapely import unary_union
from shapely.geometry import shape
from sqlalchemy import func, select, text

from config import TestConfig
from crew_app.cli.demo import DEMO_PASSWORD, DEMO_SIGN_INS
from crew_app.demo import photo_bank
from crew_app.demo.city import CREWS, PHONE_CREW, SERVICES
from crew_app.demo.districts import DISTRICTS, boundary_of
from crew_app.demo.load import load_demo
from crew_app.demo.pictures import SCENES
from crew_app.demo.shifts import list_shifts, pick_dispatch_moment
from crew_app.errors import Conflict
from crew_app.events import event_from_row
from crew_app.extensions import db
from crew_app.factory import create_app
from crew_app.models import Assignment, Case, Closure, Crew, EventRow, Note, Photo, Shift, Subscription
from crew_app.relay import deliver_pending
from crew_app.services.people import person_who_signs_in
from crew_app.services.photos import photo_store
from crew_app.services.pull import pull_page
from crew_app.subscribers import SUBSCRIBERS
from crew_app.transaction import system_clock, transaction
from crew_app.workflow import IN_HAND_STATUSES, OPEN_STATUSES, WAITING_STATUSES, Status

NOW = datetime(2026, 11, 18, 19, 30, tzinfo=UTC)  # a Wednesday, half past two in Boston
ZONE = ZoneInfo("America/New_York")
NAMES = [subscriber.name for subscriber in SUBSCRIBERS]


@pytest.fixture(autouse=True, scope="module")
def quick_pictures() -> Iterator[None]:
    """Plain squares for the scenes: what is drawn in them is looked at by people, once."""

    def square(rng: np.random.Generator, mended: bool) -> Image.Image:
        return Image.new("RGB", (96, 72), (int(rng.integers(200)), 90, 200 if mended else 40))

    with pytest.MonkeyPatch.context() as patch:
        for scene in SCENES:
            patch.setitem(photo_bank.SCENES, scene, square)
        yield


@pytest.fixture(scope="module")
def loaded_city(quick_pictures: None, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """For looking only: it takes seconds to load, and all look at the same."""
    folder = tmp_path_factory.mktemp("demo")
    shutil.copy(sqlite_template, folder / "crew311.sqlite")
    app = create_app(TestConfig(folder, DATABASE_URL=f"sqlite:///{folder / 'crew311.sqlite'}"))
    with app.app_context():
        load_demo(NOW, NAMES, open_cases=300, closed_cases=250)
    return app


@pytest.fixture
def small_city(loaded_city: Flask) -> Iterator[Flask]:
    with loaded_city.app_context():
        yield loaded_city
        db.session.remove()
        db.engine.dispose()


def rows_of(model: type[Any]) -> list[tuple[Any, ...]]:
    table = model.__table__
    return [tuple(row) for row in db.session.execute(select(table).order_by(*table.primary_key.columns))]


def empty_the_database() -> None:
    tables = [table.name for table in db.metadata.sorted_tables if table.name != "server"]
    with transaction() as tx:
        if db.engine.dialect.name == "postgresql":
            tx.session.execute(text(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE"))
            return
        for table in reversed(tables):
            tx.session.execute(text(f"DELETE FROM {table}"))
        tx.session.execute(text("DELETE FROM sqlite_sequence"))


@pytest.mark.once
def test_the_same_seed_and_moment_give_the_same_city(small_city: Flask, app: Flask) -> None:
    models = (Case, Assignment, Closure, Photo, EventRow, Shift, Crew)
    with small_city.app_context():
        first = {model: rows_of(model) for model in models}
    load_demo(NOW, NAMES, open_cases=300, closed_cases=250)
    for model in models:
        assert rows_of(model) == first[model], model.__name__
    empty_the_database()
    load_demo(NOW, NAMES, seed=312, open_cases=300, closed_cases=250)
    assert rows_of(Case) != first[Case]


def test_it_never_touches_a_city_that_is_there(app: Flask, city: object) -> None:
    before = db.session.scalar(select(func.count()).select_from(Crew))
    refused = app.test_cli_runner().invoke(args=["demo"])
    assert refused.exit_code == 1 and "holds a city already" in refused.output
    assert app.test_cli_runner().invoke(args=["demo", "--if-empty"]).exit_code == 0
    with pytest.raises(Conflict):
        load_demo(NOW, NAMES)
    assert db.session.scalar(select(func.count()).select_from(Crew)) == before


def test_the_command_fills_an_empty_city_and_says_how_to_sign_in(app: Flask) -> None:
    done = app.test_cli_runner().invoke(args=["demo"])
    assert done.exit_code == 0, done.output
    newest = db.session.scalar(select(func.max(EventRow.at)))
    assert newest is not None and newest <= system_clock(), "nothing has happened tomorrow"
    earlier = select(Note.id).join(Case, Case.id == Note.case_id).where(Note.written_at < Case.opened_at)
    assert not db.session.scalars(earlier).all(), "nobody writes about a case before it is reported"
    statuses = Counter(db.session.scalars(select(Case.status)))
    assert sum(statuses[status] for status in OPEN_STATUSES) == 800
    assert statuses[Status.CLOSED] == 1500
    assert 350 <= sum(statuses[status] for status in IN_HAND_STATUSES) <= 700  # by the hour of the day
    assert 25 <= statuses[Status.EN_ROUTE] + statuses[Status.ON_SITE] <= 45
    assert 55 <= len(CREWS) <= 75 and len(SERVICES) >= 35
    reported = db.session.scalar(
        select(func.count(Case.id.distinct()))
        .join(Photo, Photo.case_id == Case.id)
        .where(Case.status.in_(OPEN_STATUSES), Photo.kind == "reported")
    )
    assert reported is not None and 90 <= reported <= 190
    reviews = Counter(db.session.scalars(select(Case.review_reason).where(Case.review_reason.is_not(None))))
    assert reviews["office_moved"] >= 10 and reviews["closed_twice"] >= 5
    for sign_in in DEMO_SIGN_INS:
        assert sign_in.email in done.output and DEMO_PASSWORD in done.output
        person = person_who_signs_in(db.session, sign_in.email, DEMO_PASSWORD)
        assert person is not None and person.role == sign_in.role


@pytest.mark.once
def test_a_case_in_hand_has_one_open_assignment_of_its_round(small_city: Flask) -> None:
    open_ones = {a.case_id: a for a in db.session.scalars(select(Assignment).where(Assignment.ended_at.is_(None)))}
    cases = list(db.session.scalars(select(Case)))
    assert {case.id for case in cases if case.status in IN_HAND_STATUSES} == set(open_ones)
    for case in cases:
        if case.id in open_ones:
            assert open_ones[case.id].round == case.round
    for assignment in db.session.scalars(select(Assignment).where(Assignment.ended_at.is_not(None))):
        assert assignment.ended_at is not None and assignment.assigned_at <= assignment.ended_at


@pytest.mark.once
def test_the_round_counts_what_the_office_did(small_city: Flask) -> None:
    moves = Counter(
        db.session.scalars(select(EventRow.case_id).where(EventRow.kind.in_(["case_assigned", "case_unassigned", "case_reopened"])))
    )
    for case in db.session.scalars(select(Case)):
        assert case.round == moves[case.id], case.number


@pytest.mark.once
def test_closed_cases_show_a_closing_that_counts(small_city: Flask) -> None:
    for case in db.session.scalars(select(Case).where(Case.status == Status.CLOSED)):
        closures = [c for c in case.closures if c.counts and c.round_seen == case.round]
        leading = min(closures, key=lambda closure: (closure.done_at, closure.id))
        held = next((a for a in case.assignments if a.round == case.round), None)
        assert held is not None and held.crew_id == leading.crew_id
        assert (case.outcome, case.closing_note, case.closed_at) == (leading.outcome, leading.note, leading.done_at)
        assert case.closed_at is not None and case.opened_at <= case.closed_at <= case.updated_at <= NOW
        if case.outcome in ("not_ours", "duplicate", "scheduled"):
            assert case.outcome_detail
    for case in db.session.scalars(select(Case).where(Case.status.in_(OPEN_STATUSES))):
        assert case.closed_at is None and case.outcome is None
    for closure in db.session.scalars(select(Closure)):
        assert closure.done_at <= closure.received_at
        assert closure.photos_announced == db.session.scalar(select(func.count()).where(Photo.closure_id == closure.id))


@pytest.mark.once
def test_the_log_reads_back_as_events_in_order(small_city: Flask) -> None:
    opened = {case.id: case.opened_at for case in db.session.scalars(select(Case))}
    last = None
    seen: set[int] = set()
    for row in db.session.scalars(select(EventRow).order_by(EventRow.seq)):
        event = event_from_row(row.kind, row.case_id, row.person_id, row.body)
        assert event.body() == row.body
        assert last is None or row.at >= last, "moments never go back"
        assert opened[row.case_id] <= row.at <= NOW
        assert row.kind == "case_opened" or row.case_id in seen
        last = row.at
        seen.add(row.case_id)
    assert seen == set(opened)


@pytest.mark.once
def test_what_happened_is_not_told_again(small_city: Flask) -> None:
    newest = db.session.scalar(select(func.max(EventRow.seq)))
    told = {row.subscriber: row.told_seq for row in db.session.scalars(select(Subscription))}
    assert told == dict.fromkeys(NAMES, newest)
    assert deliver_pending(NOW) == 0


@pytest.mark.once
def test_every_case_lies_in_a_district_but_those_at_city_hall(small_city: Flask) -> None:
    nowhere = [case for case in db.session.scalars(select(Case)) if case.district_id is None]
    assert nowhere and all(case.place_problem == "stand_in" for case in nowhere)
    assert all(case.status in WAITING_STATUSES and case.round == 0 for case in nowhere)
    waiting = {case.waiting["why"] for case in db.session.scalars(select(Case)) if case.waiting}
    assert waiting <= {"all_full", "none_suitable", "no_crew_on_duty"}


@pytest.mark.once
def test_the_crew_phone_has_a_day_before_it(small_city: Flask) -> None:
    crew = db.session.scalars(select(Crew).where(Crew.code == PHONE_CREW)).one()
    page = pull_page(db.session, crew, None, None, NOW)
    mine = [job for job in page["jobs"] if job["mine"]]
    done = [job for job in page["jobs"] if job["status"] == "closed"]
    assert 12 <= len(mine) <= 14 and len(done) == 3
    assert sum(bool(job["photos"]) for job in mine) >= 8
    due = sorted(job["due_at"] for job in mine if job["due_at"])
    assert sum(moment < NOW.isoformat() for moment in due) == 1
    tonight = datetime(2026, 11, 19, 5, tzinfo=UTC).isoformat()
    assert sum(NOW.isoformat() <= moment < tonight for moment in due) >= 3
    for photo in [photo for job in page["jobs"] for photo in job["photos"]]:
        for size in ("large", "small"):
            with photo_store().open(f"{photo['id']}/{size}") as stored:
                assert stored.read(2) == b"\xff\xd8"


def test_enough_crews_of_every_department_are_on_duty_at_any_hour_for_a_month() -> None:
    departments = {crew.department for crew in CREWS}
    spans = {platoon: list_shifts(platoon, NOW, ZONE) for platoon in ("day", "night", "both")}
    for hour in range(30 * 24):
        at = NOW + timedelta(hours=hour)
        working = {platoon for platoon, shifts in spans.items() if any(start <= at < end for start, end in shifts)}
        for department in departments:
            crews = [crew for crew in CREWS if crew.department == department]
            assert sum(crew.platoon in working for crew in crews) * 2 >= len(crews), (department, at)
        assert next(crew for crew in CREWS if crew.code == PHONE_CREW).platoon in working


@pytest.mark.parametrize("hour", range(0, 24, 1))
def test_whoever_gets_the_open_cases_is_still_at_work(hour: int) -> None:
    now = NOW.replace(hour=hour, minute=3)
    moment = pick_dispatch_moment(now, ZONE)
    assert timedelta(minutes=50) <= now - moment <= timedelta(minutes=95)
    for platoon in ("day", "night"):
        at_work = [(start, end) for start, end in list_shifts(platoon, now, ZONE) if start <= moment < end]
        assert all(end > now for _, end in at_work)


def test_every_service_has_a_crew_that_can() -> None:
    for service in SERVICES:
        assert [crew for crew in CREWS if crew.department == service.department and service.skill in crew.skills], service.name


def test_districts_share_their_edges_and_nothing_else() -> None:
    shapes = {district.code: shape(boundary_of(district)) for district in DISTRICTS}
    assert len(shapes) == 13 and all(boundary.is_valid for boundary in shapes.values())
    for a, b in combinations(shapes, 2):
        assert shapes[a].intersection(shapes[b]).area == 0, (a, b)
    whole = unary_union(list(shapes.values()))
    assert all(not part.interiors for part in getattr(whole, "geoms", [whole])), "a hole between districts"


def test_a_picture_is_a_photograph_in_size_and_the_mended_place_is_another() -> None:
    from crew_app.demo.pictures.road import draw_pothole

    before, after = (draw_pothole(np.random.default_rng(1), mended) for mended in (False, True))
    assert before.size == after.size == (960, 720)
    assert before.tobytes() != after.tobytes()
    assert before.tobytes() == draw_pothole(np.random.default_rng(1), False).tobytes()
