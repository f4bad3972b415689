"""A city's file of cases, read for a replay. Changes nothing and needs no database."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from crew_app.places import CityMap
from crew_app.service_level import CityCalendar, due_at
from crew_app.wire.boston import KNOWN_TARGETS, plain_name
from crew_app.wire.open_data import BadRow, CityRow, parse_row, read_rows, survey
from dispatch.replay.day import PastCase
from dispatch.types import Point


def read_past_cases(
    file: Path, places: CityMap, calendar: CityCalendar, departments: Collection[str] = (), shifted: bool = False
) -> Iterator[PastCase]:
    """The cases of a file as the import understands them; rows it would reject are left out.

    `departments`: only these, by the code or name that the file uses; none given: all. A case without a department has
    its service's usual one; without a due moment, the service's known promise. WrongFile if it is no file of cases.
    """
    found = survey(file, calendar.zone)
    wanted = {department.casefold() for department in departments}
    for raw in read_rows(file):
        try:
            row = parse_row(raw.cells, found.layout, calendar.zone, shifted)
        except BadRow:
            continue
        department = row.department or found.usual_department(row.service)
        if department and (not wanted or department.casefold() in wanted):
            yield _past_case(row, department, places, calendar)


def _past_case(row: CityRow, department: str, places: CityMap, calendar: CityCalendar) -> PastCase:
    days, kind = KNOWN_TARGETS.get(plain_name(row.service), (None, "business"))
    due = row.due_at or due_at(row.opened_at, days, kind, calendar)
    point = None
    if row.latitude is not None and row.longitude is not None and not places.problem_with(row.latitude, row.longitude):
        point = Point(row.latitude, row.longitude)
    return PastCase(
        number=row.number,
        department=department,
        service=row.service,
        point=point,
        opened_at=row.opened_at.timestamp(),
        due_at=due.timestamp() if due else None,
        closed_at=row.closed_at.timestamp() if row.closed_at else None,
    )
