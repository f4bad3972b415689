"""Cases of the last two months that were closed, some of them with a twist."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from crew_app.demo.city import PHONE_CREW, SERVICES, DemoCrew, DemoService
from crew_app.demo.moments import into_working_hours, pick_report_time
from crew_app.demo.opening import give_to_nearest, metres_from_yard, open_story, soon_after, spot_for
from crew_app.demo.photo_bank import PhotoBank
from crew_app.demo.story import Story
from crew_app.demo.streets import pick_spot
from crew_app.demo.town import Town
from crew_app.demo.words import CREW_NOTES, MOVED_WHY, OFFICE_NOTES, OWNERS, REOPENED_WHY
from crew_app.models import PhotoKind
from crew_app.workflow import Status

HISTORY_DAYS = 60
OUTCOMES = {"fixed": 78, "made_safe": 4, "not_found": 7, "no_access": 2, "not_ours": 3, "duplicate": 3, "scheduled": 3}
SHARE_WITH_PHOTOS = 0.32

# What became of a case after its first closing, and how many of each among the history.
TWISTS = {"reopened": 26, "reopened_and_closed": 30, "moved_then_closed": 40, "office_moved_open": 7, "office_moved_closed": 5,
    "closed_twice": 5}  # fmt: skip


def make_history(rng: random.Random, town: Town, bank: PhotoBank, until: datetime, count: int) -> list[Story]:
    """`count` closed cases, and in addition those that were reopened or moved and are still open."""
    twists = [twist for twist, times in TWISTS.items() for _ in range(times)]
    still_open = TWISTS["reopened"] + TWISTS["office_moved_open"]
    plain = count + still_open - len(twists)
    stories: list[Story] = []
    for twist in twists + [""] * plain:
        story = _tell(rng, town, bank, until, twist, stories)
        stories.append(story)
    return stories


def _tell(rng: random.Random, town: Town, bank: PhotoBank, until: datetime, twist: str, earlier: list[Story]) -> Story:
    public_works = [s for s in SERVICES if s.department == "PWDx"]
    services = public_works if twist.startswith("office_moved") else list(SERVICES)
    service = rng.choices(services, [s.share for s in services])[0]
    # What needs time for a second turn must be over a day ago; its first turn should still be remembered.
    has_more_to_come = twist not in ("", "moved_then_closed")
    days = 6.0 if has_more_to_come and twist != "reopened_and_closed" else HISTORY_DAYS
    end = until - timedelta(hours=26 if has_more_to_come else 0)
    opened = pick_report_time(rng, end - timedelta(hours=1.5), rng.uniform(0.0, 1.0) * days, town.calendar)
    is_recent = opened > until - timedelta(days=9)
    story = open_story(rng, town, service, spot_for(rng, town, service) if is_recent else pick_spot(rng), opened)
    if is_recent:  # the phone crew's last days are told job by job (today.py)
        story.crews = [crew for crew in story.crews if crew.code != PHONE_CREW]
    crew = give_to_nearest(rng, story, soon_after(rng, opened))
    done = into_working_hours(rng, opened + timedelta(hours=_hours_needed(rng, service)), town.calendar)
    if done > end - timedelta(minutes=3):
        done = opened + (end - opened) * rng.uniform(0.5, 0.95)
    with_photos = service.scene is not None and rng.random() < SHARE_WITH_PHOTOS
    if with_photos and rng.random() < 0.5:
        story.add_photo(rng, bank, PhotoKind.REPORTED, rng.randrange(3), opened)
    if rng.random() < 0.10:
        story.add_note(rng.choice(OFFICE_NOTES), town.dispatcher_id, opened + (done - opened) * rng.uniform(0.05, 0.3))
    if twist.startswith("office_moved"):
        _move_while_out_of_signal(rng, story, crew, done, until, close_too=twist.endswith("closed"))
        return story
    if twist == "moved_then_closed":
        crew = _move(rng, story, crew, opened + (done - opened) * rng.uniform(0.35, 0.5))
    work(rng, story, bank, crew, done, until, with_photos, earlier)
    if twist == "closed_twice":
        _close_again(rng, story, crew)
    elif twist.startswith("reopened"):
        closed = story.case.updated_at
        story.reopen(closed + timedelta(hours=rng.uniform(2, 12)), rng.choice(REOPENED_WHY), town.dispatcher_id)
        if twist == "reopened_and_closed":
            again = give_to_nearest(rng, story, soon_after(rng, story.case.updated_at))
            again_done = story.case.updated_at + timedelta(hours=rng.uniform(1.5, 9))
            work(rng, story, bank, again, again_done, until, with_photos, [])
    return story


def _hours_needed(rng: random.Random, service: DemoService) -> float:
    """Most is done well within its service level, some is late."""
    promised = min(service.days or 4, 25) * 24
    return min(max(rng.lognormvariate(0, 0.9) * promised * 0.55, 1.2), 24 * 40)


def work(
    rng: random.Random,
    story: Story,
    bank: PhotoBank,
    crew: DemoCrew,
    done: datetime,
    until: datetime,
    with_photos: bool,
    earlier: list[Story],
    outcome: str | None = None,
) -> None:
    """The crew sets out, arrives and closes; the city knows by `until`. `earlier`: what it may be a duplicate of."""
    began = story.case.updated_at
    done = max(done, began + timedelta(minutes=25))
    person = rng.choice(story.town.crew_people[crew.code])
    arrived = done - min(timedelta(minutes=rng.uniform(4, 35)), (done - began) * 0.4)
    set_out = arrived - min(timedelta(minutes=rng.uniform(3, 22)), (arrived - began) * 0.5)
    if rng.random() < 0.06:
        story.add_note(rng.choice(CREW_NOTES), person, began + (set_out - began) * rng.uniform(0.2, 0.8))
    if rng.random() < 0.85:
        story.progress(Status.EN_ROUTE, person, set_out)
    if rng.random() < 0.9:
        story.progress(Status.ON_SITE, person, arrived)
    outcome = outcome or rng.choices(list(OUTCOMES), list(OUTCOMES.values()))[0]
    others = [s for s in earlier[-400:] if s.service is story.service and s.case.opened_at < story.case.opened_at]
    if outcome == "duplicate" and not others:
        outcome = "fixed"
    detail = None
    if outcome == "not_ours":
        detail = rng.choice(OWNERS)
    elif outcome == "scheduled":
        detail = (done + timedelta(days=rng.randrange(5, 30))).date().isoformat()
    elif outcome == "duplicate":
        story.duplicate_of = min(others, key=lambda s: _apart(s, story))
    without_signal = timedelta(minutes=rng.uniform(5, 180)) if rng.random() < 0.08 else timedelta(seconds=rng.randrange(1, 9))
    closure = story.close(rng, outcome, person, done, detail, min(without_signal, (until - done) * 0.5))
    if with_photos and outcome == "fixed":
        place = rng.randrange(3)
        if rng.random() < 0.6:
            story.add_photo(rng, bank, PhotoKind.BEFORE, place, closure.received_at, closure)
        story.add_photo(rng, bank, PhotoKind.AFTER, place, closure.received_at, closure)
        story.complete_photos(closure)


def _apart(a: Story, b: Story) -> float:
    assert a.case.latitude is not None and b.case.latitude is not None
    assert a.case.longitude is not None and b.case.longitude is not None
    return abs(a.case.latitude - b.case.latitude) + abs(a.case.longitude - b.case.longitude)


def _move(rng: random.Random, story: Story, crew: DemoCrew, at: datetime) -> DemoCrew:
    """A dispatcher gives it to another crew, by name."""
    others = [c for c in story.crews if c.code != crew.code]
    other = rng.choice(others) if others else crew
    explanation: dict[str, object] = {"by": "person", "why": rng.choice(MOVED_WHY)}
    story.assign(other, at, explanation, round(metres_from_yard(other, story.case), 1), by=story.town.dispatcher_id)
    return other


def _move_while_out_of_signal(
    rng: random.Random, story: Story, crew: DemoCrew, done: datetime, until: datetime, close_too: bool
) -> None:
    """A crew without signal closes what the office has given to another meanwhile. Kept; a person must look."""
    person = rng.choice(story.town.crew_people[crew.code])
    seen, crew_id = story.case.round, story.town.crews[crew.code]
    done = max(done, story.case.updated_at + timedelta(hours=2))
    moved = done - timedelta(minutes=rng.uniform(20, 90))
    other = _move(rng, story, crew, moved)
    received = min(done + timedelta(hours=rng.uniform(1, 5)), until - timedelta(minutes=30))
    if close_too:
        story.close(rng, "fixed", story.town.crew_people[other.code][0], done + (received - done) * 0.5)
    story.close_late(rng, "fixed", crew_id, person, seen, done, received, "office_moved")


def _close_again(rng: random.Random, story: Story, crew: DemoCrew) -> None:
    """The crew's two phones do not agree: the second one was without signal and says something else."""
    first = story.closures[-1]
    partner = next(p for p in story.town.crew_people[crew.code] if p != first.person_id)
    outcome = "not_found" if first.outcome == "fixed" else "fixed"
    done = first.done_at + timedelta(minutes=rng.uniform(1, 9))
    received = first.received_at + timedelta(minutes=rng.uniform(20, 240))
    story.close_late(rng, outcome, first.crew_id, partner, first.round_seen, done, received, "closed_twice")
