"""Boston's CityScore: how well promises are kept, 1 meaning just as well as was promised to be good enough.

A metric's score is its value over its target, rounded up to two decimals; the city's is the plain mean of its metrics'. For
promises of a date the value is the share kept and the target 80 %, so 1.25 is the most there can be. A metric that nothing was
decided about in a window has no score and is left out of the mean.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

ON_TIME_TARGET = Fraction(80, 100)
WINDOWS: dict[str, int] = {"day": 1, "week": 7, "month": 30, "quarter": 90}  # whole days, up to and with yesterday


def metric_score(kept: int, decided: int, target: Fraction = ON_TIME_TARGET) -> Fraction | None:
    """In hundredths, rounded up; None if nothing was decided."""
    return _up(Fraction(kept, decided) / target) if decided else None


def city_score(scores: Iterable[Fraction | None]) -> Fraction | None:
    known = [score for score in scores if score is not None]
    return _up(sum(known, Fraction(0)) / len(known)) if known else None


def window(name: str, today: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From the first moment of its first day until the first moment of today, by the city's wall clock."""
    end = datetime.combine(today, time(), tzinfo=zone)
    return datetime.combine(today - timedelta(days=WINDOWS[name]), time(), tzinfo=zone), end


def _up(score: Fraction) -> Fraction:
    return Fraction(-(-score.numerator * 100 // score.denominator), 100)
