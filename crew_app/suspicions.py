"""What makes a person look at a crew's deed: every rule on one screen. Change one, add one, take one away: here, only.

A suspicion proves nothing and changes nothing: the deed counts as it did, and somebody of the office decides. The tests
are pure: they look at the evidence they are given, and answer what they found (for the words) or None.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dispatch.distance import metres_between
from dispatch.types import Point
from sync.clocks import SKEW_TOLERATED

# Half a city's block off is where the van stood; this far away nobody has seen the trouble.
FAR_M = 300.0
# A phone may lie in a drawer over night; a day later somebody should ask for it.
PHOTOS_COME_WITHIN = timedelta(hours=24)
# Outcomes that can be told from a desk: nobody need have been there.
TOLD_FROM_ANYWHERE = ("not_ours", "duplicate", "scheduled")

PHOTOS_MISSING = "photos_missing"
# Said by a resident, of a closing; no rule finds it.
STILL_NOT_FIXED = "still_not_fixed"
# What a case says of why it needs a look, if no closing of it says so.
SUSPICIOUS = "suspicious"

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PhotoSeen:
    """A photo the deed announced. `also_of`: the numbers of the cases that the very same bytes were given for, too."""

    announced_at: datetime
    is_here: bool
    also_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known of one deed. Only a closing has moments, an outcome and places; a point is None where nobody knows."""

    now: datetime
    received_at: datetime | None = None
    made_at: datetime | None = None  # by the phone's own clock
    done_at: datetime | None = None  # as it was reckoned (sync/clocks.py)
    age_is_known: bool = True  # the phone's monotonic clock could still tell how long ago it was
    outcome: str | None = None
    due_at: datetime | None = None
    case_place: Point | None = None
    phone_place: Point | None = None
    accuracy_m: float = 0.0
    photos: tuple[PhotoSeen, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """`words` are a format string over the facts that `test` found."""

    code: str
    words: str
    test: Callable[[Evidence], Facts | None]


def far_from_case(it: Evidence) -> Facts | None:
    if it.case_place is None or it.phone_place is None or it.outcome in (None, *TOLD_FROM_ANYWHERE):
        return None
    metres = metres_between(it.case_place, it.phone_place)
    return {"metres": round(metres)} if metres > FAR_M + it.accuracy_m else None


def backdated(it: Evidence) -> Facts | None:
    """The clock somebody can set says earlier than the one nobody can, or earlier than the crew had the case."""
    if it.done_at is None or it.made_at is None:
        return None
    early = it.done_at - it.made_at
    return {"minutes": round(early / timedelta(minutes=1))} if early > SKEW_TOLERATED else None


def on_time_by_its_word(it: Evidence) -> Facts | None:
    """The phone was restarted, so its wall clock alone says that the work was done before it was due."""
    if it.age_is_known or it.due_at is None or it.done_at is None or it.received_at is None:
        return None
    if not it.done_at <= it.due_at < it.received_at:
        return None
    return {"hours": round((it.received_at - it.done_at) / timedelta(hours=1), 1)}


def same_photo(it: Evidence) -> Facts | None:
    others = sorted({number for photo in it.photos for number in photo.also_of})
    return {"others": others} if others else None


def photos_missing(it: Evidence) -> Facts | None:
    missing = [p for p in it.photos if not p.is_here and it.now - p.announced_at > PHOTOS_COME_WITHIN]
    return {"missing": len(missing), "of": len(it.photos)} if missing else None


RULES: tuple[Rule, ...] = (
    Rule("far", "It was closed {metres:,} m away from the case.", far_from_case),
    Rule("backdated", "The phone’s clock said it was done {span} earlier than it can have been.", backdated),
    Rule("on_its_word", "Only the phone’s own clock says it was on time. It reached us {hours:g} h later.", on_time_by_its_word),
    Rule("same_photo", "The same photo was given more than once: also for {others}.", same_photo),
    Rule(PHOTOS_MISSING, "{missing} of {of} photos have not come within a day.", photos_missing),
)


def suspicions_of(evidence: Evidence) -> dict[str, Facts]:
    """Code -> what was found, for each rule that has something to say."""
    found = {rule.code: rule.test(evidence) for rule in RULES}
    return {code: facts for code, facts in found.items() if facts is not None}


def suspicion_words(code: str, facts: Facts) -> str:
    """What a rule said, in words; of a rule that is gone by now, its name."""
    said = {name: ", ".join(value) if isinstance(value, list) else value for name, value in facts.items()}
    if "minutes" in facts:
        said["span"] = _span(facts["minutes"])
    if code == STILL_NOT_FIXED:
        return "A resident says it is still not fixed."
    words = next((rule.words for rule in RULES if rule.code == code), code.replace("_", " ").capitalize() + ".")
    return words.format(**said)


def _span(minutes: int) -> str:
    if minutes < 120:
        return f"{minutes} min"
    return f"{round(minutes / 60)} h" if minutes < 2880 else f"{round(minutes / 1440)} days"
