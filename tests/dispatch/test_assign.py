"""Each open case to the nearest available crew: by its properties, and against counting everybody by hand."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.assign import plan_assignments
from dispatch.distance import CrewIndex, metres_between
from dispatch.types import CrewOnDuty, Plan, Point, Refusal, Waiting, WaitingCase
from tests.dispatch.by_hand import nearest_by_hand

# Coordinates on a grid of about 11 m, as the city's are: ties happen.
places = st.builds(lambda north, east: Point(42.2 + north / 10_000, -71.2 + east / 10_000), st.integers(0, 40), st.integers(0, 40))
skills = st.frozensets(st.sampled_from(["asphalt", "lift", "saw"]), max_size=2)
cases = st.lists(
    st.builds(
        WaitingCase,
        id=st.integers(1, 99),
        point=places,
        department_id=st.integers(1, 2),
        opened_at=st.floats(0, 9),
        due_at=st.none() | st.floats(0, 9),
        skills=skills,
        district_id=st.none() | st.integers(1, 2),
        declined_by=st.frozensets(st.integers(1, 9), max_size=2),
    ),
    max_size=12,
    unique_by=lambda case: case.id,
)
crews = st.lists(
    st.builds(
        CrewOnDuty,
        id=st.integers(1, 9),
        code=st.text("ABC", min_size=3, max_size=5),
        department_id=st.integers(1, 2),
        point=places,
        capacity=st.integers(0, 4),
        load=st.integers(0, 3),
        skills=skills,
        district_ids=st.frozensets(st.integers(1, 2), max_size=1),
        on_break=st.booleans(),
        in_contact=st.booleans(),
    ),
    max_size=7,
    unique_by=(lambda crew: crew.id, lambda crew: crew.code),
)


def assigned(plan: Plan) -> dict[int, int]:
    return {a.case_id: a.crew_id for a in plan.assignments}


@given(cases, crews)
@settings(max_examples=300)
def test_every_assignment_is_the_nearest_eligible_crew(cases: list[WaitingCase], crews: list[CrewOnDuty]) -> None:
    assert assigned(plan_assignments(cases, crews)) == nearest_by_hand(cases, crews)


@given(cases, crews, st.randoms(use_true_random=False))
def test_the_order_in_which_cases_and_crews_are_given_does_not_matter(
    cases: list[WaitingCase], crews: list[CrewOnDuty], shuffler: random.Random
) -> None:
    plan = plan_assignments(cases, crews)
    assert plan_assignments(shuffler.sample(cases, len(cases)), shuffler.sample(crews, len(crews))) == plan


@given(cases, crews)
def test_each_case_is_assigned_or_waits_with_a_reason(cases: list[WaitingCase], crews: list[CrewOnDuty]) -> None:
    plan = plan_assignments(cases, crews)
    assert sorted([a.case_id for a in plan.assignments] + [w.case_id for w in plan.waiting]) == sorted(c.id for c in cases)
    for waiting in plan.waiting:
        assert (waiting.why is Waiting.NO_CREW_ON_DUTY) == (not waiting.nearest)
        assert all(candidate.refusal is not None for candidate in waiting.nearest)


@given(cases, crews)
def test_the_explanation_names_who_was_nearer_and_why_not(cases: list[WaitingCase], crews: list[CrewOnDuty]) -> None:
    for a in plan_assignments(cases, crews).assignments:
        assert all(candidate.refusal is not None and candidate.metres <= a.metres for candidate in a.nearer)
        if a.runner_up:
            assert a.runner_up.refusal is None and a.runner_up.metres >= a.metres


def test_no_crew_beyond_its_capacity() -> None:
    crew = CrewOnDuty(1, "A", 1, Point(42, -71), capacity=3, load=1)
    many = [WaitingCase(n, Point(42, -71), 1, float(n)) for n in range(5)]
    plan = plan_assignments(many, [crew])
    assert [a.case_id for a in plan.assignments] == [0, 1]
    assert {w.why for w in plan.waiting} == {Waiting.ALL_FULL}
    assert plan.waiting[0].nearest[0].refusal is Refusal.FULL


def test_the_spherical_shortcut_never_misses_the_nearest() -> None:
    """Every crew in exact order, from city size to a continent, each measured by geopy."""
    dice = random.Random(311)
    for spread in (0.05, 0.5, 40.0):
        points = [Point(20 + dice.uniform(-1, 1) * spread, -60 + dice.uniform(-1, 1) * spread) for _ in range(100)]
        index = CrewIndex(points)
        for _ in range(40):
            place = Point(20 + dice.uniform(-1, 1) * spread, -60 + dice.uniform(-1, 1) * spread)
            exact = sorted((metres_between(place, p), i) for i, p in enumerate(points))
            found = list(index.by_distance(place))
            assert [i for i, _ in found] == [i for _, i in exact]
            assert all(abs(metres - wanted) <= 0.001 for (_, metres), (wanted, _) in zip(found, exact, strict=True))
            assert index.nearest(place) == found[0]
