"""Write tests/vectors/reconcile.json: hard cases picked by hand, and every combination of a small world.

The answers come from sync/reconcile.py, the authority; the phone's mirror must give the same (pwa, `npm test`), and so must
Python itself (tests/sync/test_vectors.py), so a change of the rule shows as a change of this file.
"""

from __future__ import annotations

import itertools
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from sync.reconcile import reconcile  # noqa: E402
from sync.types import CaseView, Closure, Kind, Operation  # noqa: E402

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def closure(closure_id: str, crew_id: int = 1, round_seen: int = 2, outcome: str = "fixed", minutes: int = 0) -> Closure:
    return Closure(closure_id, crew_id, round_seen, outcome, NOON + timedelta(minutes=minutes))


def close(made: Closure) -> Operation:
    return Operation(made.id, Kind.CLOSE, made.crew_id, made.round_seen, "digest", made)


def act(kind: Kind, crew_id: int = 1, round_seen: int = 2) -> Operation:
    return Operation("op", kind, crew_id, round_seen, "digest")


HAND_PICKED: list[tuple[str, str, CaseView, Operation]] = [
    (
        "a closure of the present round counts",
        "the plain walk",
        CaseView(2, "on_site", 1),
        close(closure("a")),
    ),
    (
        "a closure made before the office moved the case needs review",
        "the crew's work is kept, the office's move is not undone behind its back",
        CaseView(3, "assigned", 2),
        close(closure("a")),
    ),
    (
        "a closure after reopening by a crew that saw only the first round needs review",
        "closing again what a resident said is not done must be somebody's decision",
        CaseView(3, "reopened", None),
        close(closure("a")),
    ),
    (
        "a closure of a withdrawn case needs review",
        "withdrawing bumps the round",
        CaseView(3, "withdrawn", None),
        close(closure("a")),
    ),
    (
        "a crew that never had the case needs review even in the right round",
        "a forged or mistaken case id must not close another crew's job",
        CaseView(2, "assigned", 2),
        close(closure("a")),
    ),
    (
        "the closure that was done first leads although it came second",
        "order of arrival must not matter",
        CaseView(2, "closed", 1, (closure("b", minutes=5),)),
        close(closure("a", minutes=1)),
    ),
    (
        "two closures of one moment: the smaller id leads",
        "a rule without a tie-break is no rule",
        CaseView(2, "closed", 1, (closure("b"),)),
        close(closure("a")),
    ),
    (
        "two closures of a round with different outcomes are looked at",
        "one says fixed, the other not found: nobody may choose silently",
        CaseView(2, "closed", 1, (closure("b", outcome="not_found"),)),
        close(closure("a", minutes=3)),
    ),
    (
        "a crew that sets out after the case was taken away changes nothing",
        "kept for the record, no effect, nothing wrong",
        CaseView(3, "assigned", 2),
        act(Kind.EN_ROUTE),
    ),
    (
        "arriving after having closed changes nothing",
        "the phone's operations may have been made in an odd order",
        CaseView(2, "closed", 1, (closure("b"),)),
        act(Kind.ON_SITE),
    ),
    (
        "a job handed back after the office gave it to another crew stays with that crew",
        "assignment: the office leads",
        CaseView(3, "assigned", 2),
        act(Kind.HAND_BACK),
    ),
    (
        "a job cannot be declined once the crew has set out; it is handed back",
        "the office must see the difference between no and given up",
        CaseView(2, "en_route", 1),
        act(Kind.DECLINE),
    ),
    (
        "a closing after the same crew handed the job back counts: physical completion is the crew's",
        "its other phone may have closed it meanwhile",
        CaseView(2, "received", 1),
        close(closure("a")),
    ),
    ("a note always counts", "words append", CaseView(9, "withdrawn", None), act(Kind.NOTE)),
]


def small_world() -> list[tuple[str, str, CaseView, Operation]]:
    """Every status x who has it x round seen x closures there x kind of deed."""
    statuses = ("received", "assigned", "en_route", "on_site", "closed", "reopened", "withdrawn")
    closure_sets = ((), (closure("m"),), (closure("m", minutes=-9), closure("n", crew_id=1, outcome="made_safe")))
    deeds = (
        close(closure("c")),
        close(closure("c", round_seen=1)),
        close(closure("c", outcome="made_safe", minutes=-20)),
        act(Kind.EN_ROUTE),
        act(Kind.ON_SITE),
        act(Kind.EN_ROUTE, round_seen=1),
        act(Kind.NOTE, round_seen=1),
        act(Kind.ACCEPT),
        act(Kind.DECLINE),
        act(Kind.HAND_BACK),
        act(Kind.PHOTOS, round_seen=1),
        act(Kind.FOLLOW_UP, round_seen=1),
        act(Kind.OPEN, round_seen=0),
        act(Kind.START_SHIFT, round_seen=0),
        act(Kind.BEGIN_BREAK, round_seen=0),
        act(Kind.END_BREAK, round_seen=0),
        act(Kind.END_SHIFT, round_seen=0),
        act(Kind.READ, round_seen=0),
    )
    return [
        (f"world {number}", "generated", CaseView(2, status, crew_id, closures), deed)
        for number, (status, crew_id, closures, deed) in enumerate(
            itertools.product(statuses, (1, 2, None), closure_sets, deeds), start=1
        )
    ]


def closure_body(c: Closure) -> dict[str, Any]:
    return {
        "id": c.id,
        "crew_id": c.crew_id,
        "round_seen": c.round_seen,
        "outcome": c.outcome,
        "done_at": c.done_at.isoformat().replace("+00:00", "Z"),
    }


def vector(name: str, why: str, view: CaseView, operation: Operation) -> dict[str, Any]:
    outcome = reconcile(view, operation)
    return {
        "name": name,
        "why": why,
        "view": {
            "round": view.round,
            "status": view.status,
            "crew_id": view.crew_id,
            "closures": [closure_body(c) for c in view.closures],
        },
        "operation": {
            "id": operation.id,
            "kind": operation.kind,
            "crew_id": operation.crew_id,
            "round_seen": operation.round_seen,
            "digest": operation.digest,
            "closure": closure_body(operation.closure) if operation.closure else None,
        },
        "outcome": {
            "verdict": outcome.verdict,
            "status": outcome.status,
            "leading": outcome.leading,
            "review": outcome.review,
        },
    }


def all_vectors() -> str:
    """One vector a line, so that a diff shows which changed."""
    lines = [json.dumps(vector(*case)) for case in (*HAND_PICKED, *small_world())]
    return "[\n" + ",\n".join(lines) + "\n]\n"


if __name__ == "__main__":
    (Path(__file__).parent / "reconcile.json").write_text(all_vectors())
