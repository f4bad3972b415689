"""Write the made-up city: the town, its past, what is open, then real dispatch, then what the crews have done since."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from flask import current_app
from sqlalchemy import func, insert, select

from crew_app.adapters.word_index import learn_words
from crew_app.demo.city import CREWS, PHONE_CREW
from crew_app.demo.history import TWISTS, make_history
from crew_app.demo.how_it_works import say_how_it_works
from crew_app.demo.kept_words import keep_words
from crew_app.demo.office_day import tell_office_day
from crew_app.demo.photo_bank import PhotoBank, draw_pictures
from crew_app.demo.shifts import pick_dispatch_moment
from crew_app.demo.story import Story
from crew_app.demo.today import PHONE_JOBS, make_open, make_phone_crews_day, phone_crew
from crew_app.demo.town import Town, build_town
from crew_app.errors import Conflict
from crew_app.events import CaseProgressed, Event
from crew_app.extensions import AnySession
from crew_app.models import Assignment, Case, Crew, Department, EventRow, Photo, Subscription
from crew_app.service_level import due_at
from crew_app.services.photos import photo_store
from crew_app.services.planning import dispatch_within
from crew_app.transaction import Tx, transaction
from crew_app.workflow import OPEN_STATUSES, Status

DEMO_SEED = 311
OPEN_CASES, CLOSED_CASES = 800, 1500
REPORTED_SINCE_DISPATCH = 14
ON_THE_WAY = 42


def chance(name: str) -> random.Random:
    """A stream of chance of its own for each part, so that a change in one does not change the others."""
    return random.Random(name)  # noqa: S311  nothing here is secret


@dataclass(frozen=True, slots=True)
class Loaded:
    open: int
    in_hand: int
    closed: int
    photos: int


def holds_a_city(session: AnySession) -> bool:
    """Is there anything a demo could get mixed up with?"""
    return any(session.scalar(select(func.count()).select_from(model)) for model in (Case, Department, Crew))


def load_demo(
    now: datetime, subscribers: Sequence[str], seed: int = DEMO_SEED, open_cases: int = OPEN_CASES, closed_cases: int = CLOSED_CASES
) -> Loaded:
    """Fill an empty database; Conflict if it is not empty. The same seed and `now` give the same cases.

    `subscribers`: who would be told of all this by the relay, and must not be: it is the past.
    """
    folder: Path = current_app.config["PHOTO_FOLDER"]
    folder.mkdir(parents=True, exist_ok=True)
    # Drawn below the store's own folder, so that a stored picture is a link and not a copy.
    with tempfile.TemporaryDirectory(prefix="demo-", dir=folder) as workshop:
        bank = draw_pictures(seed, Path(workshop))
        with transaction(now) as tx:
            if holds_a_city(tx.session):
                raise Conflict("This database holds a city already. The demo fills an empty one only, and changes nothing here.")
            town = build_town(tx, chance(f"{seed} town"))
        moment = pick_dispatch_moment(now, town.calendar.zone)
        before, since = _make_stories(seed, town, bank, moment, now, open_cases, closed_cases)
        bank.store_wanted(photo_store())
    with transaction(moment) as tx:
        _write_stories(tx, before)
        dispatch_within(tx)
    with transaction(now) as tx:
        progress = _send_crews_out(tx, chance(f"{seed} progress"), town, moment)
        _write_stories(tx, since, progress)
        dispatch_within(tx)
    with transaction(now) as tx:
        tell_office_day(tx, town)
        say_how_it_works(tx, town)
        keep_words(tx, town)
    with transaction(now) as tx:
        _mark_as_told(tx, subscribers)
        return _count(tx.session)


def _make_stories(
    seed: int, town: Town, bank: PhotoBank, moment: datetime, now: datetime, open_cases: int, closed_cases: int
) -> tuple[list[Story], list[Story]]:
    """What had been reported when dispatch looked at the whole city, and what has been since."""
    past = moment - timedelta(minutes=3)
    phone_day = make_phone_crews_day(chance(f"{seed} phone"), town, bank, phone_crew(CREWS), past, now)
    history = make_history(chance(f"{seed} history"), town, bank, past, closed_cases - (len(phone_day) - len(PHONE_JOBS)))
    still_open = TWISTS["reopened"] + TWISTS["office_moved_open"] + len(PHONE_JOBS)
    rng = chance(f"{seed} open")
    waiting = make_open(rng, town, bank, past, open_cases - still_open - REPORTED_SINCE_DISPATCH)
    since = make_open(rng, town, bank, now, REPORTED_SINCE_DISPATCH)
    for number, story in enumerate(since, 1):
        _bring_forward(story, moment + (now - moment) * number / (REPORTED_SINCE_DISPATCH + 1), now)
    return history + phone_day + waiting, since


def _bring_forward(story: Story, at: datetime, now: datetime) -> None:
    """Let a case have been reported at this moment instead; what would be after `now` has not happened."""
    later = at - story.case.opened_at
    story.case.opened_at, story.case.updated_at = at, at
    story.case.due_at = due_at(at, story.service.days, story.service.calendar, story.town.calendar)
    story.happenings = [(moment + later, event) for moment, event in story.happenings if moment + later <= now]
    story.notes = [note for note in story.notes if note.written_at + later <= now]
    for note in story.notes:
        note.written_at += later
    if story.report:
        story.report.received_at += later
    for photo in story.photos:
        photo.announced_at += later
        photo.verified_at = photo.verified_at and photo.verified_at + later


def _write_stories(tx: Tx, stories: list[Story], also: Iterable[tuple[datetime, Event]] = ()) -> None:
    """Rows in the order of their reports, then the log in the order in which all of it happened."""
    stories = sorted(stories, key=lambda story: story.case.opened_at)
    for number, story in enumerate(stories):
        story.case.number = f"demo-{tx.now.timestamp()}-{number}"  # the real one needs the id
        story.case.updated_at = max(at for at, _ in story.happenings)
    tx.session.add_all([story.case for story in stories])
    tx.session.flush()
    for story in stories:
        case = story.case
        case.number = f"{case.opened_at.astimezone(story.town.calendar.zone):%y}-{case.id:06d}"
        if story.duplicate_of:
            case.outcome_detail = story.closures[-1].outcome_detail = None  # known below, when all have their numbers
        for row in (story.report, *story.assignments, *story.closures, *story.photos, *story.notes):
            if row is not None:
                row.case_id = case.id
    for story in stories:
        if story.duplicate_of:
            story.closures[-1].outcome_detail = story.case.outcome_detail = story.duplicate_of.case.number
    for rows in ("assignments", "closures", "photos", "notes"):
        tx.session.add_all([row for story in stories for row in getattr(story, rows)])
        tx.session.flush()
    tx.session.add_all([story.report for story in stories if story.report])
    tx.session.flush()
    learn_words(tx.session, {story.case.id for story in stories})
    happened = [(at, event()) for story in stories for at, event in story.happenings]
    happened += also
    happened.sort(key=lambda entry: entry[0])
    if happened:
        rows_of_log = [
            {"at": at, "kind": e.kind, "case_id": e.case_id, "person_id": e.person_id, "body": e.body()} for at, e in happened
        ]
        tx.session.execute(insert(EventRow), rows_of_log)


def _send_crews_out(tx: Tx, rng: random.Random, town: Town, moment: datetime) -> list[tuple[datetime, Event]]:
    """Some crews are on their way to a job or at it; the phone crew is left to its visitor."""
    held: dict[int, Case] = {}
    rows = tx.session.execute(
        select(Assignment.crew_id, Case)
        .join(Case, Case.id == Assignment.case_id)
        .where(Assignment.ended_at.is_(None), Case.status == Status.ASSIGNED, Assignment.crew_id != town.crews[PHONE_CREW])
        .order_by(Case.due_at.is_(None), Case.due_at, Case.id)
    )
    for crew_id, case in rows:
        held.setdefault(crew_id, case)
    people = {town.crews[code]: ids for code, ids in town.crew_people.items()}
    crew_ids = sorted(held)
    rng.shuffle(crew_ids)
    happened: list[tuple[datetime, Event]] = []
    for crew_id in crew_ids[:ON_THE_WAY]:
        case, person = held[crew_id], people[crew_id][0]
        set_out = moment + (tx.now - moment) * rng.uniform(0.2, 0.8)
        steps = [(set_out, Status.EN_ROUTE)]
        if rng.random() < 0.5:
            steps.append((set_out + (tx.now - set_out) * rng.uniform(0.2, 0.7), Status.ON_SITE))
        for at, status in steps:
            case.status, case.updated_at = status, at
            happened.append((at, CaseProgressed(case_id=case.id, person_id=person, crew_id=crew_id, status=status.value)))
    return happened


def _mark_as_told(tx: Tx, subscribers: Sequence[str]) -> None:
    last = tx.session.scalar(select(func.max(EventRow.seq))) or 0
    for name in subscribers:
        tx.session.merge(Subscription(subscriber=name, told_seq=last))


def _count(session: AnySession) -> Loaded:
    def count(*conditions: object) -> int:
        return session.scalar(select(func.count()).select_from(Case).where(*conditions)) or 0  # type: ignore[arg-type]

    return Loaded(
        open=count(Case.status.in_(OPEN_STATUSES)),
        in_hand=session.scalar(select(func.count()).select_from(Assignment).where(Assignment.ended_at.is_(None))) or 0,
        closed=count(Case.status == Status.CLOSED),
        photos=session.scalar(select(func.count()).select_from(Photo)) or 0,
    )
