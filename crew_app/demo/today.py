"""What is open: the city's cases of the last weeks, and the day of the crew whose phone is shown."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from crew_app.demo.city import PHONE_CREW, SERVICES, DemoCrew, DemoService
from crew_app.demo.history import work
from crew_app.demo.moments import pick_report_time
from crew_app.demo.opening import metres_from_yard, open_story, soon_after, spot_for
from crew_app.demo.photo_bank import PhotoBank
from crew_app.demo.story import Story
from crew_app.demo.streets import NEIGHBORHOODS, Spot, spot_on
from crew_app.demo.town import Town
from crew_app.demo.words import OFFICE_NOTES
from crew_app.models import PhotoKind
from crew_app.service_level import due_at

OPEN_DAYS = 40
CITY_HALL = Spot("City Hall", "Downtown / Financial District", "02201", 42.3594, -71.0587)
SHARE_WITH_PHOTO = 0.24

# The phone crew's day: service, when it is due, street, how far along it, with a resident's photo.
PHONE_JOBS: tuple[tuple[str, str, str, float, bool], ...] = (
    ("Request for Pothole Repair", "late", "Washington St", 0.30, True),
    ("Request for Pothole Repair", "today", "Shawmut Ave", 0.55, True),
    ("Request for Pothole Repair", "today", "Tremont St", 0.45, True),
    ("Sidewalk Repair (Make Safe)", "today", "Union Park", 0.50, False),
    ("Request for Pothole Repair", "soon", "Harrison Ave", 0.25, True),
    ("Request for Pothole Repair", "soon", "Harrison Ave", 0.62, True),
    ("Sidewalk Repair (Make Safe)", "soon", "West Newton St", 0.40, False),
    ("Request for Pothole Repair", "soon", "Washington St", 0.72, True),
    ("Request for Pothole Repair", "soon", "Massachusetts Ave", 0.30, True),
    ("Roadway Repair", "any", "Shawmut Ave", 0.85, True),
    ("Roadway Repair", "any", "Tremont St", 0.15, True),
    ("Roadway Repair", "any", "Appleton St", 0.60, False),
)
PHONE_DONE = (("Washington St", 0.10), ("Shawmut Ave", 0.20), ("Union Park", 0.85))


def make_open(rng: random.Random, town: Town, bank: PhotoBank, until: datetime, count: int) -> list[Story]:
    """`count` waiting cases: most at houses, some beside another of the same kind, a few where the geocoder gave up."""
    stories: list[Story] = []
    for number in range(count):
        if number % 80 == 7:
            stories.append(_open_at(rng, town, bank, until, spot=CITY_HALL))
        elif number % 45 == 44:
            stories.append(_open_duplicate(rng, town, bank, until, rng.choice(stories)))
        else:
            stories.append(_open_at(rng, town, bank, until))
    return stories


def _open_at(
    rng: random.Random, town: Town, bank: PhotoBank, until: datetime, spot: Spot | None = None, service: DemoService | None = None
) -> Story:
    service = service or rng.choices(SERVICES, [s.share for s in SERVICES])[0]
    spot = spot or spot_for(rng, town, service)
    opened = pick_report_time(rng, until, _age_days(rng, service), town.calendar)
    story = open_story(rng, town, service, spot, opened)
    if service.scene and rng.random() < SHARE_WITH_PHOTO * 1.4:
        story.add_photo(rng, bank, PhotoKind.REPORTED, rng.randrange(3), opened)
    if rng.random() < 0.08:
        story.add_note(rng.choice(OFFICE_NOTES), town.dispatcher_id, opened + (until - opened) * rng.uniform(0.1, 0.9))
    return story


def _age_days(rng: random.Random, service: DemoService) -> float:
    """How long an open case has been open: what is promised soon is rarely old."""
    promised = min(service.days if service.days is not None else 6, 45)
    return float(min(rng.expovariate(1 / (0.8 + promised * 0.55)), OPEN_DAYS - 1))


def _open_duplicate(rng: random.Random, town: Town, bank: PhotoBank, until: datetime, first: Story) -> Story:
    """Somebody else saw the same, a few steps further on."""
    case = first.case
    assert case.latitude is not None and case.longitude is not None
    if case.place_problem:
        return _open_at(rng, town, bank, until)
    place = (round(case.latitude + rng.gauss(0, 0.00006), 5), round(case.longitude + rng.gauss(0, 0.00008), 5))
    spot = Spot(case.address, case.neighborhood, case.postcode, *place)
    opened = case.opened_at + (until - case.opened_at) * rng.uniform(0.05, 0.6)
    story = open_story(rng, town, first.service, spot, opened)
    if first.service.scene and rng.random() < 0.5:
        story.add_photo(rng, bank, PhotoKind.REPORTED, rng.randrange(3), opened)
    return story


def make_phone_crews_day(
    rng: random.Random, town: Town, bank: PhotoBank, crew: DemoCrew, until: datetime, now: datetime
) -> list[Story]:
    """The jobs that dispatch will give the phone crew, for nobody else is near; and the three it has closed."""
    south_end = next(n for n in NEIGHBORHOODS if n.name == "South End")
    streets = {street.name: street for street in south_end.streets}
    services = {service.name: service for service in SERVICES}
    stories = []
    for position, (name, due, street, along, with_photo) in enumerate(PHONE_JOBS):
        service = services[name]
        opened = _opened_to_be_due(rng, town, service, due, until, now)
        story = open_story(rng, town, service, spot_on(rng, south_end, streets[street], along), opened)
        if with_photo:
            story.add_photo(rng, bank, PhotoKind.REPORTED, position, opened)
        stories.append(story)
    stories[0].add_note("Resident called again, asks when.", town.dispatcher_id, until - timedelta(minutes=30))
    midnight = until.astimezone(town.calendar.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    began = max(midnight, until - timedelta(hours=5))
    for position, (street, along) in enumerate(PHONE_DONE):
        service = services["Request for Pothole Repair"]
        opened = until - timedelta(hours=rng.uniform(9, 20))
        story = open_story(rng, town, service, spot_on(rng, south_end, streets[street], along), opened)
        story.add_photo(rng, bank, PhotoKind.REPORTED, position, opened)
        explanation: dict[str, object] = {"by": "nearest", "nearer": [], "runner_up": None, "considered": 16}
        story.assign(crew, soon_after(rng, opened), explanation, round(metres_from_yard(crew, story.case), 1))
        done = began + (until - began) * (0.25 + 0.3 * position)
        work(rng, story, bank, crew, done, until, True, [], outcome="fixed")
        stories.append(story)
    return stories


def _opened_to_be_due(rng: random.Random, town: Town, service: DemoService, due: str, until: datetime, now: datetime) -> datetime:
    """A moment of report that makes the case late by hours, due today, or due soon; the nearest there is at a weekend."""
    if due == "any":
        return pick_report_time(rng, until, rng.uniform(1, 9), town.calendar)
    midnight = now.astimezone(town.calendar.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    tomorrow = midnight + timedelta(days=1)
    windows = {
        "late": [(now - timedelta(hours=30), now - timedelta(hours=2)), (now - timedelta(days=4), now)],
        "today": [(now + timedelta(hours=1), tomorrow), (tomorrow, now + timedelta(days=4))],
        "soon": [(tomorrow, now + timedelta(days=4))],
    }
    tries = [until - timedelta(minutes=20 * step) for step in range(3, 500)]
    for earliest, latest in windows[due]:
        fitting = []
        for opened in tries:
            moment = due_at(opened, service.days, service.calendar, town.calendar)
            if moment is not None and earliest <= moment < latest and 6 <= opened.astimezone(town.calendar.zone).hour < 22:
                fitting.append(opened)
        if fitting:
            return rng.choice(fitting)
    return until - timedelta(hours=8)


def phone_crew(crews: tuple[DemoCrew, ...]) -> DemoCrew:
    return next(crew for crew in crews if crew.code == PHONE_CREW)
