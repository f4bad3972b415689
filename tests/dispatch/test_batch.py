"""Many cases at once: no other way of giving them out has fewer metres; and crews that come free one by one."""

from __future__ import annotations

import itertools
import math
import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dispatch.assign import assign_free_crews, plan_assignments
from dispatch.batch import assign_batch
from dispatch.distance import metres_between
from dispatch.eligibility import refusal
from dispatch.engine import INTERPRETED, Engine
from dispatch.types import CrewOnDuty, Point, Refusal, Waiting, WaitingCase
from tests.dispatch.test_assign import assigned, cases, crews, places


@given(cases, crews)
def test_every_case_of_a_batch_has_a_crew_that_may_and_has_room_or_a_reason(
    cases: list[WaitingCase], crews: list[CrewOnDuty]
) -> None:
    plan = assign_batch(cases, crews)
    assert sorted([a.case_id for a in plan.assignments] + [w.case_id for w in plan.waiting]) == sorted(c.id for c in cases)
    case_of, crew_of = {c.id: c for c in cases}, {c.id: c for c in crews}
    for a in plan.assignments:
        assert refusal(crew_of[a.crew_id], case_of[a.case_id], crew_of[a.crew_id].load) is None
        assert all(candidate.refusal is not None for candidate in a.nearer)
    for crew in crews:
        given = sum(a.crew_id == crew.id for a in plan.assignments)
        assert plan.loads[crew.id] == crew.load + given
        assert given <= max(0, crew.capacity - crew.load)
    for w in plan.waiting:
        assert (w.why is Waiting.NO_CREW_ON_DUTY) == all(c.department_id != case_of[w.case_id].department_id for c in crews)


@given(cases, crews)
def test_a_batch_gives_out_at_least_as_many_as_one_after_the_other(cases: list[WaitingCase], crews: list[CrewOnDuty]) -> None:
    assert len(assign_batch(cases, crews).assignments) >= len(plan_assignments(cases, crews).assignments)


@given(cases, crews, st.randoms(use_true_random=False))
def test_the_order_of_a_batch_does_not_matter(cases: list[WaitingCase], crews: list[CrewOnDuty], shuffler: random.Random) -> None:
    assert assign_batch(shuffler.sample(cases, len(cases)), shuffler.sample(crews, len(crews))) == assign_batch(cases, crews)


@given(st.lists(places, min_size=1, max_size=6), st.lists(st.tuples(places, st.integers(0, 3)), min_size=1, max_size=3))
def test_no_other_way_has_fewer_metres(points: list[Point], starts: list[tuple[Point, int]]) -> None:
    cases = [WaitingCase(n, point, 1, float(n)) for n, point in enumerate(points)]
    crews = [CrewOnDuty(r, f"C{r}", 1, point, room) for r, (point, room) in enumerate(starts)]
    plan = assign_batch(cases, crews)
    metres = {
        (a.case_id, r): metres_between(points[a.case_id], crew.point) for a in plan.assignments for r, crew in enumerate(crews)
    }
    given = [a.case_id for a in plan.assignments]
    assert len(given) == min(len(cases), sum(room for _, room in starts))
    least = math.inf
    for choice in itertools.product(range(len(crews)), repeat=len(given)):
        if all(choice.count(r) <= room for r, (_, room) in enumerate(starts)):
            least = min(least, sum(metres[case, r] for case, r in zip(given, choice, strict=True)))
    assert abs(sum(a.metres for a in plan.assignments) - least) < 0.01


def test_interpreted_and_compiled_give_the_same_batch(compiled: Engine) -> None:
    dice = np.random.default_rng(7)
    for n, m in ((1, 1), (60, 7), (200, 12)):
        costs, room = dice.random((n, m)), dice.integers(0, 2 * n // m + 1, m)
        assert (INTERPRETED.transport(costs, room) == compiled.transport(costs, room)).all()


def test_a_nearer_crew_that_was_passed_by_is_named_as_full() -> None:
    near, far = Point(42.0, -71.0), Point(42.0, -71.02)
    crews = [CrewOnDuty(1, "A", 1, near, 1), CrewOnDuty(2, "B", 1, far, 1)]
    cases = [WaitingCase(1, Point(42.0, -71.009), 1, 0.0), WaitingCase(2, Point(42.0, -70.99), 1, 1.0)]
    assert assigned(plan_assignments(cases, crews)) == {1: 1, 2: 2}
    plan = assign_batch(cases, crews)
    assert assigned(plan) == {1: 2, 2: 1}
    (passed_by,) = plan.assignments[0].nearer
    assert (passed_by.crew_id, passed_by.refusal) == (1, Refusal.FULL)


@given(cases, crews)
def test_a_free_crew_gets_the_nearest_case_and_a_busy_one_nothing(cases: list[WaitingCase], crews: list[CrewOnDuty]) -> None:
    plan = assign_free_crews(cases, crews)
    case_of, crew_of = {c.id: c for c in cases}, {c.id: c for c in crews}
    chosen = assigned(plan)
    assert len(set(chosen.values())) == len(chosen), "one each"
    for case_id, crew_id in chosen.items():
        assert crew_of[crew_id].load == 0
        assert refusal(crew_of[crew_id], case_of[case_id], 0) is None
    # No crew left without work may take a case left waiting; and none has a farther case than one still waiting.
    for w in plan.waiting:
        case = case_of[w.case_id]
        for crew in crews:
            if crew.load == 0 and refusal(crew, case, 0) is None:
                mine = [i for i, r in chosen.items() if r == crew.id]
                assert mine
                there = metres_between(crew.point, case_of[mine[0]].point)
                assert there <= metres_between(crew.point, case.point) + 0.01


def test_a_crew_lent_to_another_department_is_asked_too() -> None:
    lent = CrewOnDuty(1, "A", 1, Point(42.0, -71.0), 2, lent_to=frozenset([2]))
    case = WaitingCase(1, Point(42.0, -71.0), 2, 0.0)
    for policy in (plan_assignments, assign_free_crews, assign_batch):
        assert assigned(policy([case], [lent])) == {1: 1}


def test_what_the_office_holds_is_not_given_out() -> None:
    crew = CrewOnDuty(1, "A", 1, Point(42.0, -71.0), 2)
    case = WaitingCase(1, Point(42.0, -71.0), 1, 0.0, is_held=True)
    for policy in (plan_assignments, assign_free_crews, assign_batch):
        assert [w.why for w in policy([case], [crew]).waiting] == [Waiting.HELD]
