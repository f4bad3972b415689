"""Cases as a CSV that a spreadsheet opens without harm: no cell is taken for a formula, whatever a resident wrote."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from crew_app.models import Case, Crew
from crew_app.wire.times import in_city
from crew_app.wire.words import outcome_words, status_words

BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
HEAD = (
    "number", "status", "needs_review", "urgent", "service", "department", "address", "district", "crew", "opened", "due",
    "closed", "outcome", "latitude", "longitude",
)  # fmt: skip


def safe_cell(value: Any) -> Any:
    """Words that a spreadsheet would reckon with begin with an apostrophe, as one types it to mean words."""
    if isinstance(value, str) and value.lstrip(" ").startswith(BEGINS_A_FORMULA):
        return f"'{value}"
    return value


def cases_as_csv(rows: Iterable[tuple[Case, Crew | None]]) -> Iterator[str]:
    """A line at a time, times in the city's own; the mark at the beginning tells Excel that it is UTF-8."""
    yield "\ufeff" + _line(HEAD)
    for case, crew in rows:
        yield _line(
            (
                case.number,
                status_words(case.status),
                "yes" if case.review_reason else "",
                "yes" if case.is_urgent else "",
                case.service.name,
                case.department.name,
                case.address,
                case.district.code if case.district else "",
                crew.code if crew else "",
                _moment(case.opened_at),
                _moment(case.due_at),
                _moment(case.closed_at),
                outcome_words(case.outcome),
                case.latitude,
                case.longitude,
            )
        )


def _moment(at: datetime | None) -> str:
    return f"{in_city(at):%Y-%m-%d %H:%M}" if at else ""


def _line(cells: Iterable[Any]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([safe_cell(cell) for cell in cells])
    return line.getvalue()
