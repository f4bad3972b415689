"""How a made-up case begins: where, what, by whom, and when it is due."""

from __future__ import annotations

import math
import random
from datetime import datetime, timedelta
from typing import Any

from crew_app.demo.city import PHONE_CREW_TRADES, DemoCrew, DemoService
from crew_app.demo.people import make_contact
from crew_app.demo.story import Story
from crew_app.demo.streets import METRES_PER_DEGREE, Spot, pick_spot
from crew_app.demo.town import Town
from crew_app.demo.words import describe
from crew_app.events import CaseOpened
from crew_app.models import Case, Report
from crew_app.service_level import due_at
from crew_app.workflow import Status

# Source, its share, and the channel a report of it came by; None: somebody of the city wrote it, there is no report.
SOURCES: tuple[tuple[str, int, str | None], ...] = (
    ("Citizens Connect App", 44, "app"),
    ("Constituent Call", 22, "phone"),
    ("Employee Generated", 14, None),
    ("City Worker App", 11, None),
    ("Self Service", 9, "web"),
)


def open_story(rng: random.Random, town: Town, service: DemoService, spot: Spot, at: datetime) -> Story:
    """A case as it stands when it has just been reported."""
    source, _, channel = rng.choices(SOURCES, [share for _, share, _ in SOURCES])[0]
    if not service.is_public:
        source, channel = "City Worker App", None
    problem = town.map.problem_with(spot.latitude, spot.longitude)
    words = describe(rng, service.name)
    case = Case(
        number="",
        service_id=town.services[service.name],
        department_id=town.departments[service.department],
        district_id=town.map.district_id_at(spot.latitude, spot.longitude) if problem is None else None,
        status=Status.RECEIVED,
        round=0,
        description=words,
        answers=_answer(rng, service),
        address=spot.address,
        postcode=spot.postcode,
        neighborhood=spot.neighborhood,
        latitude=spot.latitude,
        longitude=spot.longitude,
        place_problem=problem,
        source=source,
        opened_at=at,
        updated_at=at,
        due_at=due_at(at, service.days, service.calendar, town.calendar),
        closing_note="",
    )
    story = Story(town, service, case, crews=town.crews_for(service))
    if channel:
        contact = make_contact(rng) if rng.random() < 0.6 else {"name": None, "email": None, "phone": None}
        story.report = Report(channel=channel, words=words, received_at=at, **contact)
    story.happen(at, lambda case_id: CaseOpened(case_id=case_id, source=source))
    return story


def spot_for(rng: random.Random, town: Town, service: DemoService) -> Spot:
    """Anywhere; but the phone crew's own trade in its own district is told job by job (today.py)."""
    while True:
        spot = pick_spot(rng)
        if (
            service.skill not in PHONE_CREW_TRADES
            or town.map.district_id_at(spot.latitude, spot.longitude) != town.phone_district_id
        ):
            return spot


def _answer(rng: random.Random, service: DemoService) -> dict[str, Any]:
    return {
        question["code"]: rng.choice(question["values"])["key"]
        for question in service.questions
        if question["values"] and (question["required"] or rng.random() < 0.6)
    }


def metres_from_yard(crew: DemoCrew, case: Case) -> float:
    """Flat distance: good to a percent inside a city."""
    assert case.latitude is not None and case.longitude is not None
    north = crew.yard[0] - case.latitude
    east = (crew.yard[1] - case.longitude) * math.cos(math.radians(case.latitude))
    return math.hypot(north, east) * METRES_PER_DEGREE


def give_to_nearest(rng: random.Random, story: Story, at: datetime) -> DemoCrew:
    """What dispatch would have said on that day: the nearest, or the next if that one was full."""
    ranked = sorted(story.crews, key=lambda crew: (metres_from_yard(crew, story.case), crew.code))
    taken = 1 if len(ranked) > 1 and rng.random() < 0.2 else 0
    said = [{"crew": c.code, "metres": round(metres_from_yard(c, story.case)), "refusal": None} for c in ranked]
    explanation: dict[str, object] = {
        "by": "nearest",
        "nearer": [{**candidate, "refusal": "full"} for candidate in said[:taken]],
        "runner_up": said[taken + 1] if len(said) > taken + 1 else None,
        "considered": len(ranked),
    }
    crew = ranked[taken]
    story.assign(crew, at, explanation, round(metres_from_yard(crew, story.case), 1))
    return crew


def soon_after(rng: random.Random, at: datetime) -> datetime:
    """Dispatch looks at a new case within seconds; a day of storms takes a little longer."""
    return at + timedelta(seconds=rng.randrange(2, 90))
