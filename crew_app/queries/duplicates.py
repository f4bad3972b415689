"""Reports that may be about the same trouble: the same service, close by, still open. Offered to a person, never merged."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, true

from crew_app.extensions import AnySession
from crew_app.models import Case, Service
from crew_app.places import METRES_PER_DEGREE
from crew_app.workflow import OPEN_STATUSES
from dispatch.distance import metres_between
from dispatch.types import Point

# In Boston's data one in five cases has an earlier one of its type within 50 m and 7 days; later ones are mostly new trouble.
WITHIN = timedelta(days=30)
MOST_OFFERED = 5


@dataclass(frozen=True, slots=True)
class Likely:
    case: Case
    metres: float


def likely_duplicates(session: AnySession, case: Case) -> Sequence[Likely]:
    """Other open cases of its service within the service's radius, opened within 30 days of it; the nearest first."""
    if case.latitude is None or case.longitude is None or case.place_problem:
        return []
    return likely_the_same(session, case.service, Point(case.latitude, case.longitude), case.opened_at, case.id)


def likely_the_same(session: AnySession, service: Service, here: Point, at: datetime, but: int | None = None) -> Sequence[Likely]:
    """What a new report of this trouble, at this place and moment, may be about. `but`: the case that it is."""
    radius = service.duplicate_radius_m
    north = radius / METRES_PER_DEGREE
    east = north / max(math.cos(math.radians(here.latitude)), 0.01)
    around = session.scalars(
        select(Case).where(
            Case.id != but if but is not None else true(),
            Case.service_id == service.id,
            Case.status.in_(OPEN_STATUSES),
            Case.place_problem.is_(None),
            Case.latitude.between(here.latitude - north, here.latitude + north),
            Case.longitude.between(here.longitude - east, here.longitude + east),
            Case.opened_at.between(at - WITHIN, at + WITHIN),
        )
    )
    measured = [
        Likely(other, metres_between(here, Point(other.latitude, other.longitude)))
        for other in around
        if other.latitude is not None and other.longitude is not None
    ]
    return sorted((found for found in measured if found.metres <= radius), key=lambda f: (f.metres, f.case.id))[:MOST_OFFERED]
