"""The sync rule. The phone's mirror is pwa/src/core/reconcile.ts; tests/vectors/reconcile.json binds the two.

- A case has a round, +1 each time the office assigns, reassigns, reopens or withdraws. Closures never bump it.
- A closure of the same round, by the crew that has the case, counts. Of another round, or by another crew, it is kept
  and needs review.
- Within a round closures form a set, so the order of arrival cannot matter: the case is closed while the set is not
  empty, and the leading closure is the one done first (ties: the smaller id).
- Assignment: the office leads. Physical completion: the crew leads. Notes append.
"""

from __future__ import annotations

from collections.abc import Iterable

from sync.types import WITHOUT_CASE, CaseView, Closure, Kind, Operation, Outcome, Review, Verdict

CLOSED = "closed"
# These append to a case, or are about none yet: they count whatever the office did meanwhile.
APPENDING = (Kind.NOTE, Kind.PHOTOS, Kind.FOLLOW_UP, *WITHOUT_CASE)
# From which statuses a crew's move takes the case, and where to; from any other it comes too late and changes nothing.
MOVES: dict[Kind, tuple[tuple[str, ...], str]] = {
    Kind.ACCEPT: (("assigned",), "assigned"),
    Kind.DECLINE: (("assigned",), "received"),
    Kind.HAND_BACK: (("assigned", "en_route", "on_site"), "received"),
    Kind.EN_ROUTE: (("assigned",), "en_route"),
    Kind.ON_SITE: (("assigned", "en_route"), "on_site"),
}


def reconcile(view: CaseView, operation: Operation) -> Outcome:
    """Decide about an operation that was never seen before (a known id gets its stored answer instead)."""
    if operation.kind in APPENDING:
        return Outcome(Verdict.COUNTED)
    if operation.kind is Kind.CLOSE:
        return _reconcile_closure(view, operation)
    comes_from, goes_to = MOVES[operation.kind]
    if operation.round_seen == view.round and operation.crew_id == view.crew_id and view.status in comes_from:
        return Outcome(Verdict.COUNTED, status=goes_to)
    return Outcome(Verdict.SUPERSEDED)


def _reconcile_closure(view: CaseView, operation: Operation) -> Outcome:
    closure = operation.closure
    if closure is None:
        raise ValueError("an operation of kind close carries a closure")
    if operation.round_seen != view.round:
        return Outcome(Verdict.NEEDS_REVIEW, review=Review.OFFICE_MOVED)
    if operation.crew_id != view.crew_id:
        return Outcome(Verdict.NEEDS_REVIEW, review=Review.NOT_THEIRS)
    closures = (*view.closures, closure)
    disagree = len({(c.crew_id, c.outcome) for c in closures}) > 1
    return Outcome(
        Verdict.COUNTED,
        status=CLOSED,
        leading=leading_closure(closures).id,
        review=Review.CLOSED_TWICE if disagree else None,
    )


def leading_closure(closures: Iterable[Closure]) -> Closure:
    """The closure a case shows: done first; the smaller id where two were done at the same moment."""
    return min(closures, key=lambda c: (c.done_at, c.id))
