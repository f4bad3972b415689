"""A moment as programs write it: generously read, for each has its habits."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?")


def read_moment(text: str, zone: ZoneInfo) -> datetime | None:
    """With Z, an offset, or none (then the city's own), with fractions or without; "+" that became a blank. None: not one."""
    text = re.sub(r" (?=\d\d:?\d\d$)", "+", text) if re.search(r"T.* \d\d:?\d\d$", text) else text
    text = text.replace(" ", "T", 1)
    try:
        if not _MOMENT.fullmatch(text):
            return None
        moment = datetime.fromisoformat(text)
        if not 1970 <= moment.year < 2200:
            return None
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
