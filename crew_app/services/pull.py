"""One page of what a crew has to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from crew_app.errors import BadInput
from crew_app.extensions import AnyReader, AnySession
from crew_app.models import Crew
from crew_app.queries.day import messages_for, news_number, shifts_around
from crew_app.queries.feed import changed_cases, job_parts, life_and_newest, operations_stored, visible_among, visible_cases
from crew_app.services.assignments import order_jobs
from crew_app.wire.day import day_body
from crew_app.wire.phone import iso, job_body

# A phone keeps acknowledged work for 14 days; a day more covers the way.
OPERATIONS_TOLD = timedelta(days=15)
# A page is applied whole or not at all, so it must be small enough for a bad link: about 40 kB on the wire.
PAGE_JOBS = 500
PAGE_OPERATIONS = 1000


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a phone is: which life of the server, up to which event, up to which of its own operations.

    `after_case`: it is still taking its first copy, has it up to this case, and hears of news since `event_seq` later.
    `news`: up to which change of the crew's day (queries/day.py).
    """

    life: str
    event_seq: int
    operation_seq: int
    after_case: int | None = None
    news: int = 0

    def __str__(self) -> str:
        copying = "-" if self.after_case is None else self.after_case
        return f"{self.life}.{self.event_seq}.{self.operation_seq}.{copying}.{self.news}"

    @classmethod
    def parse(cls, text: str) -> Cursor:
        try:
            life, event_seq, operation_seq, *rest = text.split(".")
            # A phone that comes back after months may have a cursor of three or four parts.
            after_case, news = rest if len(rest) == 2 else (*rest, "0") if rest else ("-", "0")
            copying = None if after_case == "-" else int(after_case)
            cursor = cls(life, int(event_seq), int(operation_seq), copying, int(news))
        except (ValueError, TypeError):
            raise BadInput("This cursor is none of ours.", errors={"cursor": ["not a cursor"]}) from None
        small = (cursor.operation_seq, cursor.after_case or 0, cursor.news)
        if not (0 <= cursor.event_seq < 2**63 and all(0 <= number < 2**31 for number in small)):
            raise BadInput("This cursor is none of ours.", errors={"cursor": ["out of range"]})
        return cursor


def life_of(epoch: str) -> str:
    """An epoch as cursors name it: 48 of its random bits tell two lives of a server apart, in a third of the bytes."""
    return epoch.replace("-", "")[:12]


def pull_page(
    session: AnySession, crew: Crew, device_id: str | None, cursor: Cursor | None, now: Any, held_seq: int | None = None
) -> dict[str, Any]:
    """The next page: what changed since the cursor, or the next part of a first copy if there is no cursor of this life.

    `held_seq`: the lowest number among the operations the phone still waits to see; a first copy names them from there.
    The newest sequence number is read first and the rows after it: what is committed in between is in the page already
    and comes again with the next one. Nothing can fall between. A first copy goes through the cases by id and keeps the
    number of its beginning, so whatever changes meanwhile, before or behind, is told after it.
    """
    reader = session.connection()
    epoch, newest = life_and_newest(reader)
    reset = cursor is None or cursor.life != life_of(epoch) or cursor.event_seq > newest
    start = (
        cursor if cursor is not None and not reset else Cursor(life_of(epoch), newest, max(0, (held_seq or 1) - 1), after_case=0)
    )
    gone: list[int] = []
    if start.after_case is not None:
        shown = visible_cases(reader, crew.id, now, after_case=start.after_case, most=PAGE_JOBS + 1)
        more = len(shown) > PAGE_JOBS
        shown = shown[:PAGE_JOBS]
        reached = replace(start, after_case=shown[-1].id if more else None)
    else:
        changed = changed_cases(reader, crew.id, start.event_seq, newest, PAGE_JOBS + 1)
        more = len(changed) > PAGE_JOBS
        changed = changed[:PAGE_JOBS]
        reached = replace(start, event_seq=changed[-1][1] if more else newest)
        ids = {case_id for case_id, _ in changed}
        shown = visible_among(reader, crew.id, now, ids) if ids else ()
        gone = sorted(ids - {case.id for case in shown})
    operations: list[tuple[str, int]] = []
    if device_id:
        # A phone that does not say what it still holds is told what it could hold; one that goes on from a cursor, all.
        since = now - OPERATIONS_TOLD if start.operation_seq == 0 and held_seq is None else None
        operations = operations_stored(reader, device_id, start.operation_seq, PAGE_OPERATIONS, since)
        more = more or len(operations) == PAGE_OPERATIONS
        reached = replace(reached, operation_seq=max([start.operation_seq, *(seq for _, seq in operations)]))
    reached = replace(reached, news=news_number(crew, now))
    page: dict[str, Any] = {
        "v": 1,
        "epoch": epoch,
        "cursor": str(reached),
        "more": more,
        "reset": reset,
        "now": iso(now),
        "jobs": [],
        "operations": [operation_id for operation_id, _ in operations],
        "gone": gone,
    }
    if start.news != news_number(crew, now):
        page["day"] = day_body(shifts_around(session, crew.id, now), messages_for(session, crew.id, now))
    if shown or gone:
        # The order of all jobs may change with any of them: it goes along by itself, so that the others need not.
        page["order"] = order_jobs(reader, crew, now)
        page["jobs"] = _jobs(reader, crew, shown, page["order"])
    return page


def page_for_revoked(session: AnySession, device_id: str | None, cursor: Cursor | None, now: Any) -> dict[str, Any]:
    """A phone the office has switched off is shown nothing: a page that clears what it has, old apps included.

    What became of its own operations it is still told, so that it lets go of them.
    """
    epoch, newest = life_and_newest(session)
    after = cursor.operation_seq if cursor is not None and cursor.life == life_of(epoch) else 0
    operations = operations_stored(session, device_id, after, PAGE_OPERATIONS) if device_id else []
    reached = max([after, *(seq for _, seq in operations)])
    return {
        "v": 1,
        "epoch": epoch,
        "cursor": str(Cursor(life_of(epoch), newest, reached, after_case=0)),  # given back, it takes a first copy
        "more": len(operations) == PAGE_OPERATIONS,
        "reset": True,
        "revoked": True,
        "now": iso(now),
        "jobs": [],
        "operations": [operation_id for operation_id, _ in operations],
        "gone": [],
    }


def is_news(page: dict[str, Any]) -> bool:
    """Does it tell a phone anything beyond where to ask from next time?"""
    return bool(page["reset"] or page["more"] or page["jobs"] or page["gone"] or page["operations"] or "day" in page)


def _jobs(reader: AnyReader, crew: Crew, cases: Sequence[Row[Any]], order: list[int]) -> list[dict[str, Any]]:
    place_in_order = {case_id: place for place, case_id in enumerate(order, start=1)}
    parts = job_parts(reader, crew.id, [case.id for case in cases])
    return [
        job_body(
            case,
            order=place_in_order.get(case.id),
            assignment=parts[case.id].assignment,
            photos=parts[case.id].photos,
            notes=parts[case.id].notes,
            closures=parts[case.id].closures,
        )
        for case in cases
    ]
