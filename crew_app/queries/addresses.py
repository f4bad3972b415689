"""The places that cases had on the streets somebody names: what the city knows of its own streets."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from crew_app.addresses import Known, parse_address
from crew_app.extensions import AnySession
from crew_app.models import Case
from crew_app.queries.search import cases_that_say

MOST_READ = 1500  # of one street: the newest


def known_places(session: AnySession, asked: str) -> Sequence[Known]:
    found: dict[int, Known] = {}
    for street in parse_address(asked).streets:
        rows = session.execute(
            select(Case.id, Case.address, Case.latitude, Case.longitude)
            .where(
                cases_that_say(session, street),
                Case.address != "",
                Case.place_problem.is_(None),
                Case.latitude.is_not(None),
                Case.longitude.is_not(None),
            )
            .order_by(Case.id.desc())
            .limit(MOST_READ)
        )
        found |= {row.id: Known(row.address, row.latitude, row.longitude) for row in rows}
    return list(found.values())
