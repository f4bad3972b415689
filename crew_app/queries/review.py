"""What somebody must look at: closings the sync rule would not decide, deeds that look odd, work that could not be applied."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from crew_app.extensions import AnySession
from crew_app.models import Case, Closure, Crew, Person, Photo, QuarantinedWork, Suspicion
from crew_app.queries.board import crews_holding, quarantined_work

KINDS = ("closing", "doubt", "kept")
# More than so many of one kind, and the oldest of them are looked at first.
MOST_OF_A_KIND = 500


@dataclass(slots=True, kw_only=True)
class ReviewItem:
    """One thing to decide. `id`: of the closing, of the deed that looks odd, of the work that was kept.

    `case` is None where what was sent names none that exists. `others`: what else was closed in the case's present round.
    """

    kind: str
    id: str
    at: datetime
    person: Person
    crew: Crew | None
    case: Case | None = None
    closure: Closure | None = None
    suspicions: list[Suspicion] = field(default_factory=list)
    work: QuarantinedWork | None = None
    holder: Crew | None = None
    photos: Sequence[Photo] = ()
    others: Sequence[Closure] = ()


def review_counts(session: AnySession, department_id: int | None) -> dict[str, int]:
    """How many of each kind; of kept work, what this department may know of."""
    closings = select(func.count()).where(Closure.review_reason.is_not(None), Closure.settled_at.is_(None))
    return {
        "closing": session.scalar(closings.select_from(Closure)) or 0,
        "doubt": open_doubts(session),
        "kept": len(quarantined_work(session, department_id, MOST_OF_A_KIND)),
    }


def open_doubts(session: AnySession) -> int:
    """How many deeds look odd."""
    doubts = select(func.count(Suspicion.operation_id.distinct())).where(Suspicion.settled_at.is_(None))
    return session.scalar(doubts) or 0


def review_items(session: AnySession, kinds: Collection[str], department_id: int | None) -> list[ReviewItem]:
    """The oldest first, each with as much as orders it; `complete_items` adds the rest to those that are shown."""
    found: list[ReviewItem] = []
    if "closing" in kinds:
        found += _closings(session)
    if "doubt" in kinds:
        found += _doubts(session)
    if "kept" in kinds:
        rows = quarantined_work(session, department_id, MOST_OF_A_KIND)
        found += [
            ReviewItem(kind="kept", id=str(work.id), at=work.received_at, person=person, crew=person.crew, work=work)
            for work, person in rows
        ]
    return sorted(found, key=lambda item: (item.at, item.kind, item.id))


def _closings(session: AnySession) -> list[ReviewItem]:
    rows = session.scalars(
        select(Closure)
        .options(joinedload(Closure.crew), joinedload(Closure.person), joinedload(Closure.case).joinedload(Case.service))
        .where(Closure.review_reason.is_not(None), Closure.settled_at.is_(None))
        .order_by(Closure.received_at, Closure.id)
        .limit(MOST_OF_A_KIND)
    )
    return [
        ReviewItem(kind="closing", id=row.id, at=row.received_at, person=row.person, crew=row.crew, case=row.case, closure=row)
        for row in rows
    ]


def _doubts(session: AnySession) -> list[ReviewItem]:
    rows = session.scalars(
        select(Suspicion)
        .options(joinedload(Suspicion.crew), joinedload(Suspicion.person), joinedload(Suspicion.case).joinedload(Case.service))
        .where(Suspicion.settled_at.is_(None))
        .order_by(Suspicion.raised_at, Suspicion.id)
        .limit(MOST_OF_A_KIND)
    )
    by_deed: dict[str, ReviewItem] = {}
    for row in rows:
        item = by_deed.setdefault(
            row.operation_id,
            ReviewItem(kind="doubt", id=row.operation_id, at=row.raised_at, person=row.person, crew=row.crew, case=row.case),
        )
        item.suspicions.append(row)
    return list(by_deed.values())


def complete_items(session: AnySession, items: Sequence[ReviewItem]) -> None:
    """Both versions of each: the city's copy, and what the crew sent."""
    deeds = [item.id for item in items if item.kind != "kept"]
    closures = {c.id: c for c in session.scalars(select(Closure).where(Closure.id.in_(deeds)))}
    named = {item.id: _case_named_in(item.work) for item in items if item.work is not None}
    cases = {
        case.id: case
        for case in session.scalars(
            select(Case).options(joinedload(Case.service)).where(Case.id.in_([i for i in named.values() if i is not None]))
        )
    }
    photos = _by(
        session.scalars(select(Photo).where(Photo.operation_id.in_(deeds)).order_by(Photo.kind.desc(), Photo.id)), "operation_id"
    )
    for item in items:
        item.case = item.case or cases.get(named.get(item.id) or 0)
        item.closure = item.closure or closures.get(item.id)
        item.photos = photos[item.id]
    of_cases = {item.case.id for item in items if item.case is not None}
    holders = crews_holding(session, of_cases)
    counting = select(Closure).options(joinedload(Closure.crew)).where(Closure.case_id.in_(of_cases), Closure.counts.is_(True))
    others = _by(session.scalars(counting.order_by(Closure.done_at, Closure.id)), "case_id")
    for item in items:
        if (case := item.case) is not None:
            item.holder = holders.get(case.id)
            item.others = [c for c in others[case.id] if c.id != item.id and c.round_seen == case.round]


def _by(rows: Iterable[Any], name: str) -> defaultdict[Any, list[Any]]:
    found: defaultdict[Any, list[Any]] = defaultdict(list)
    for row in rows:
        found[getattr(row, name)].append(row)
    return found


def _case_named_in(work: QuarantinedWork) -> int | None:
    """The case that kept work says it is about, if it says so by number."""
    try:
        named = json.loads(work.raw).get("case")
    except (ValueError, AttributeError):
        return None
    return named if type(named) is int and 0 < named < 2**31 else None
