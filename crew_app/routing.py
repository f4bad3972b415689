"""Where a case goes when it is taken in: the city's rules in their order, the first that fits wins. Pure.

A rule looks at the service, the district, the city's wall clock when the case was opened, and the answer to one of the
service's questions. What it does not mention does not matter to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """If all of the first half holds, the second half happens. Empty: any; None: nothing said."""

    id: int
    service_id: int | None = None
    district_ids: frozenset[int] = frozenset()
    weekdays: frozenset[int] = frozenset()  # 0 is Monday
    begins: time | None = None  # with `ends`; 22:00 to 06:00 goes over midnight and belongs to the day it begins on
    ends: time | None = None
    question: str = ""
    answers: frozenset[str] = frozenset()

    department_id: int | None = None
    crew_id: int | None = None  # of that department; dispatch gives the case to no other
    queue: str = ""  # held back from dispatch under this name, until somebody in the office releases it


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules may look at. `opened`: in the city's own time."""

    service_id: int
    district_id: int | None
    opened: datetime
    answers: Mapping[str, Any]


def first_match(rules: Iterable[Rule], facts: Facts) -> Rule | None:
    return next((rule for rule in rules if applies(rule, facts)), None)


def applies(rule: Rule, facts: Facts) -> bool:
    return (
        rule.service_id in (None, facts.service_id)
        and (not rule.district_ids or facts.district_id in rule.district_ids)
        and _is_time(rule, facts.opened)
        and (not rule.question or _is_answered(rule, facts.answers.get(rule.question)))
    )


def _is_time(rule: Rule, opened: datetime) -> bool:
    day, clock = opened.date(), opened.time()
    if rule.begins is not None and rule.ends is not None:
        if rule.begins < rule.ends:
            if not rule.begins <= clock < rule.ends:
                return False
        elif clock < rule.ends:
            day -= timedelta(days=1)
        elif clock < rule.begins:
            return False
    return not rule.weekdays or day.weekday() in rule.weekdays


def _is_answered(rule: Rule, given: Any) -> bool:
    """One of several answers is enough."""
    return bool(rule.answers & set(map(str, given if isinstance(given, list) else [given])))
