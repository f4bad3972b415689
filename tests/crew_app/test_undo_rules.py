"""What a deed keeps of a case is enough to put it back, and to tell whether somebody has changed it since: for any two states."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from crew_app.queries.moves import CASE_COLUMNS, CaseState
from crew_app.services.office_deeds import changes, is_as_left
from crew_app.workflow import Status

STATUSES = [str(status) for status in Status]
# What dispatch may change of a case by itself at any time.
DISPATCH_CHANGES = {"waiting"}


@st.composite
def states(draw: st.DrawFn) -> CaseState:
    values: dict[str, Any] = {name: draw(st.sampled_from([None, "a", "b"])) for name in CASE_COLUMNS}
    values |= {"status": draw(st.sampled_from(STATUSES)), "assignment": draw(st.sampled_from([None, 1, 2]))}
    values |= {"settled": draw(st.sampled_from([{}, {"x": 1}])), "doubts": draw(st.sampled_from([{}, {"7": 1}]))}
    by_dispatch = values["status"] == Status.ASSIGNED and draw(st.booleans())
    return CaseState("26-000001", draw(st.integers(0, 3)), values["assignment"], by_dispatch, values)


@given(states(), states())
def test_what_was_kept_puts_back_every_value(before: CaseState, after: CaseState) -> None:
    was, _ = changes(before, after)
    assert {**after.values, **was} == before.values


@given(states(), states())
def test_a_case_that_nobody_touched_is_as_the_deed_left_it(before: CaseState, after: CaseState) -> None:
    _, became = changes(before, after)
    assert is_as_left(after, became)


@given(states(), states(), st.data())
def test_a_value_of_the_deed_that_somebody_changed_since_is_noticed(
    before: CaseState, after: CaseState, data: st.DataObject
) -> None:
    was, became = changes(before, after)
    mine = sorted(was.keys() - DISPATCH_CHANGES - {"status", "assignment"})
    if not mine:
        return
    name = data.draw(st.sampled_from(mine))
    now = replace(after, values={**after.values, name: "somebody else’s"})
    assert not is_as_left(now, became)


@given(states(), states(), states())
def test_whose_hands_it_is_in_is_noticed_unless_dispatch_alone_moved_it(
    before: CaseState, after: CaseState, now: CaseState
) -> None:
    _was, became = changes(before, after)
    if "standing" not in became:
        return
    moved = replace(now, values={**after.values, "status": now.values["status"], "assignment": now.values["assignment"]})
    assert is_as_left(moved, became) == (moved.standing == after.standing)


@given(states(), states())
def test_another_reason_to_wait_does_not_count(before: CaseState, after: CaseState) -> None:
    _, became = changes(before, after)
    assert is_as_left(replace(after, values={**after.values, "waiting": "another"}), became)
