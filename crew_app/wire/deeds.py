"""What the office did, in words; what it left alone, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from crew_app.models import Crew, EventRow, OfficeDeed, Person
from crew_app.wire.story import event_words
from crew_app.wire.times import plain_time
from crew_app.wire.words import closing_words

# Kind -> (as it is said once it is done, as somebody asks for it), from how many cases and what was asked for.
Say = Callable[[str, Mapping[str, Any]], str]
SAID: dict[str, tuple[Say, Say]] = {
    "assign": (lambda n, form: f"{n} given to {form['code']}", lambda n, form: f"Give {n} to {form['code']}"),
    "take-back": (lambda n, form: f"{n} taken back", lambda n, form: f"Take {n} back"),
    "pin": (lambda n, form: f"{n} pinned to {form['code']}", lambda n, form: f"Pin {n} to {form['code']}"),
    "unpin": (lambda n, form: f"{n} not pinned any more", lambda n, form: f"Unpin {n}"),
    "hold": (lambda n, form: f"{n} held back", lambda n, form: f"Hold {n} back"),
    "lock": (lambda n, form: f"{n} locked in place", lambda n, form: f"Lock {n} in place"),
    "release": (lambda n, form: f"{n} released", lambda n, form: f"Release {n}"),
    "urgent": (lambda n, form: f"{n} marked urgent", lambda n, form: f"Mark {n} urgent"),
    "not-urgent": (lambda n, form: f"{n} not urgent any more", lambda n, form: f"Mark {n} not urgent"),
    "reopen": (lambda n, form: f"{n} reopened", lambda n, form: f"Reopen {n}"),
    "withdraw": (lambda n, form: f"{n} withdrawn", lambda n, form: f"Withdraw {n}"),
    "close": (
        lambda n, form: f"{n} closed: {closing_words(form['outcome'], form['detail'])}",
        lambda n, form: f"Close {n}: {closing_words(form['outcome'], form['detail'])}",
    ),
    "merge": (lambda n, form: f"{n} merged into {form['number']}", lambda n, form: f"Merge {n} into {form['number']}"),
    "split": (lambda n, form: f"{n} split off", lambda n, form: f"Split {n} off"),
    "place": (lambda n, form: f"{n} put in its place", lambda n, form: f"Put {n} in its place"),
    "settle": (lambda n, form: f"{n}: a closing decided", lambda n, form: f"{n}: decide about a closing"),
    "doubt": (
        lambda n, form: f"{n} reopened after a look" if form["decision"] == "reopen" else f"{n}: its odd closing stands",
        lambda n, form: f"{n}: decide about an odd closing",
    ),
    "hand-over-day": (
        lambda n, form: f"The day of {form['from']} handed to {form['code']}: {n}",
        lambda n, form: f"Hand the day of {form['from']} to {form['code']}: {n}",
    ),
}


def deed_words(kind: str, form: Mapping[str, Any], cases: int, now: datetime, *, is_done: bool = True) -> str:
    """E.g. "9,000 cases closed: Fixed"; of an undo, what it undid."""
    if kind == "undo":
        undone, times = form, 1
        while undone["kind"] == "undo":  # what was undone is done again, and undone ...
            undone, times = undone["form"], times + 1
        verb = ("Undone" if is_done else "Undo") if times % 2 else ("Done again" if is_done else "Do again")
        return f"{verb}: {deed_words(undone['kind'], undone['form'], undone['cases'], now)}"
    if kind == "lend":
        return f"{form['crew']} lent to {form['department']} until {plain_time(datetime.fromisoformat(form['until']), now)}"
    if kind == "surge":
        crews = "1 temporary crew" if form["crews"] == 1 else f"{form['crews']} temporary crews"
        return f"{form['name']}: {crews} until {plain_time(datetime.fromisoformat(form['until']), now)}"
    if kind == "kept":
        return "Work in quarantine settled"
    many = "1 case" if cases == 1 else f"{cases:,} cases"
    return SAID[kind][0 if is_done else 1](many, form)


def words_of(deed: OfficeDeed, now: datetime) -> str:
    return deed_words(deed.kind, deed.form, deed.cases, now, is_done=deed.done_at is not None)


def result_words(done_word: str, is_asked: bool, done: Sequence[int], left: Sequence[object]) -> str:
    """E.g. "Undone for 8,990 cases. 10 were left as they are, for they have changed since." """
    if is_asked:
        return "Asked for: it would end several cases, so somebody else must say yes."
    words = f"{done_word} for {'1 case' if len(done) == 1 else f'{len(done):,} cases'}." if done else f"{done_word}."
    were = "1 was left as it is, for it has" if len(left) == 1 else f"{len(left):,} were left as they are, for they have"
    return f"{words} {were} changed since." if left else words


LEFT_WORDS = {
    "unknown": "There is no such case.",
    "changed": "It has changed in the meantime.",
    "crew_gone": "The crew that had it does not work any more.",
    "refused": "This is not possible as it is now.",
}


def left_words(
    why: str, event: EventRow | None, people: Mapping[int, Person], crews: Mapping[int, Crew], numbers: Mapping[int, str], now: datetime
) -> str:  # fmt: skip
    """Why a case was left alone; of what happened to it meanwhile: what, who, when."""
    if event is None:
        return LEFT_WORDS[why]
    return f"{event_words(event, crews, numbers)}: {who_did(event, people)}, {plain_time(event.at, now)}."


def who_did(event: EventRow, people: Mapping[int, Person]) -> str:
    person = people.get(event.person_id or 0)
    return person.name if person else "Dispatch" if event.kind in ("case_assigned", "case_unassigned") else "the city"


def deed_body(deed: OfficeDeed, now: datetime) -> dict[str, Any]:
    """A deed as the desk lists it."""
    return {
        "id": deed.id,
        "kind": deed.kind,
        "words": words_of(deed, now),
        "state": deed.state,
        "cases": deed.cases,
        "why": deed.why,
        "person": deed.person.name,
        "at": int((deed.done_at or deed.asked_at).timestamp()),
        "approved_by": deed.decided_by.name if deed.decided_by and deed.done_at else None,
        "undoes": deed.undoes_id,
        "undone_at": int(deed.undone_at.timestamp()) if deed.undone_at else None,
        "undo_until": int(deed.undo_until.timestamp()) if deed.undo_until else None,
    }
