"""How times, distances and statuses are said on the pages the server renders."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, render_template

from crew_app.errors import Problem


def local_time(moment: datetime | None) -> str:
    """E.g. "Tue 3 Nov 2026, 14:00", in the city's time."""
    if moment is None:
        return ""
    return f"{moment.astimezone(ZoneInfo(current_app.config['CITY_TIMEZONE'])):%a %-d %b %Y, %H:%M}"


def problem_page(problem: Problem) -> str:
    return render_template("problem.html", problem=problem)


PAGE_FILTERS: dict[str, Callable[..., Any]] = {"local_time": local_time}
