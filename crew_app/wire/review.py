"""What somebody must look at, in words and for the desk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from crew_app.models import Case, Closure, Crew, Person, QuarantinedWork, Suspicion
from crew_app.suspicions import suspicion_words
from crew_app.wire.times import plain_time
from crew_app.wire.words import QUARANTINE_WORDS, REVIEW_WORDS, closing_words

DECISIONS: dict[str, tuple[str, ...]] = {"closing": ("accept", "dismiss"), "doubt": ("accept", "reopen"), "kept": ("settle",)}
NOT_APPLIED = "It was kept but not applied."


class ToReview(Protocol):
    """One thing to decide, as queries/review.py found it."""

    @property
    def kind(self) -> str: ...
    @property
    def id(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def person(self) -> Person: ...
    @property
    def crew(self) -> Crew | None: ...
    @property
    def case(self) -> Case | None: ...
    @property
    def closure(self) -> Closure | None: ...
    @property
    def suspicions(self) -> Sequence[Suspicion]: ...
    @property
    def work(self) -> QuarantinedWork | None: ...


def decisions_for(item: ToReview) -> tuple[str, ...]:
    """What can be decided: only a closed case can be reopened."""
    if item.kind == "doubt" and (item.case is None or item.case.status != "closed"):
        return ("accept",)
    return DECISIONS[item.kind]


def title_of(item: ToReview) -> str:
    """Why somebody must look."""
    if item.closure is not None and item.kind == "closing":
        return REVIEW_WORDS.get(item.closure.review_reason or "", "Somebody must look at it.")
    if item.work is not None:
        return QUARANTINE_WORDS.get(item.work.reason, NOT_APPLIED)
    return " ".join(suspicion_words(one.code, one.facts) for one in item.suspicions)


def closing_line(closure: Closure, now: datetime) -> str:
    """E.g. "Fixed, done yesterday 14:00, received today 9:12"."""
    said = closing_words(closure.outcome, closure.outcome_detail)
    return f"{said}, done {plain_time(closure.done_at, now)}, received {plain_time(closure.received_at, now)}"


def item_body(item: ToReview, now: datetime) -> dict[str, Any]:
    return {
        "kind": item.kind,
        "id": item.id,
        "case": item.case.id if item.case else None,
        "number": item.case.number if item.case else None,
        "at": int(item.at.timestamp()),
        "crew": item.crew.id if item.crew else None,
        "person": item.person.name,
        "title": title_of(item),
        "words": closing_line(item.closure, now) if item.closure else "",
        "decisions": list(decisions_for(item)),
        "url": f"/console/review?kind={item.kind}#{item.kind}-{item.id}",
    }
