"""The sync rule, by its properties. Single cases are in tests/vectors."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sync.reconcile import leading_closure, reconcile
from sync.types import CaseView, Closure, Kind, Operation, Verdict

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
STATUSES = st.sampled_from(["received", "assigned", "en_route", "on_site", "closed", "reopened", "withdrawn"])


@st.composite
def closures(draw: st.DrawFn, crew_id: int = 1, round_seen: int = 3) -> list[Closure]:
    ids = draw(st.lists(st.text("abcdef", min_size=1, max_size=4), unique=True, min_size=1, max_size=5))
    return [
        Closure(
            closure_id,
            crew_id,
            round_seen,
            draw(st.sampled_from(["fixed", "not_found", "made_safe"])),
            NOON + timedelta(minutes=draw(st.integers(-3, 3))),
        )
        for closure_id in ids
    ]


def operation(closure: Closure) -> Operation:
    return Operation(closure.id, Kind.CLOSE, closure.crew_id, closure.round_seen, "digest", closure)


def arrive(made: list[Closure]) -> tuple[str, str | None]:
    """Let closures arrive one after the other; returns (status, leading closure)."""
    view, leading = CaseView(3, "assigned", 1), None
    for closure in made:
        outcome = reconcile(view, operation(closure))
        assert outcome.verdict is Verdict.COUNTED
        leading = outcome.leading
        view = replace(view, status=outcome.status or view.status, closures=(*view.closures, closure))
    return view.status, leading


@given(closures(), st.randoms())
def test_within_a_round_the_order_of_arrival_does_not_matter(made: list[Closure], shuffler: object) -> None:
    shuffled = list(made)
    shuffler.shuffle(shuffled)  # type: ignore[attr-defined]
    assert arrive(made) == arrive(shuffled)


@given(closures(), STATUSES, st.integers(0, 6), st.sampled_from([1, 2, None]))
def test_a_closure_is_always_kept_and_never_closes_another_round(
    made: list[Closure], status: str, present_round: int, crew_id: int | None
) -> None:
    outcome = reconcile(CaseView(present_round, status, crew_id), operation(made[0]))
    if present_round == 3 and crew_id == 1:
        assert (outcome.verdict, outcome.status) == (Verdict.COUNTED, "closed")
    else:
        assert outcome.verdict is Verdict.NEEDS_REVIEW
        assert outcome.status is None and outcome.review is not None


@given(closures())
def test_the_leading_closure_was_done_first(made: list[Closure]) -> None:
    assert all(leading_closure(made).done_at <= other.done_at for other in made)


@given(STATUSES, st.sampled_from([Kind.EN_ROUTE, Kind.ON_SITE]), st.integers(0, 6))
def test_progress_never_reopens_a_case_nor_moves_it_back(status: str, kind: Kind, present_round: int) -> None:
    outcome = reconcile(CaseView(present_round, status, 1), Operation("a", kind, 1, 3, "digest"))
    order = ["assigned", "en_route", "on_site"]
    if outcome.status is not None:
        assert present_round == 3
        assert order.index(outcome.status) > order.index(status)
    else:
        assert outcome.verdict is Verdict.SUPERSEDED
