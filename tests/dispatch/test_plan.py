"""The planner: what it never does, that it is as good as trying everything, and that it can say why."""

from __future__ import annotations

import functools
import itertools
import math
import random
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.distance import DETOUR, legs_by_air, metres_between
from dispatch.engine import INTERPRETED, Engine
from dispatch.plan import DEFAULT_BUDGET, explain_plan, plan_day
from dispatch.types import Budget, CrewOnDuty, DayPlan, Legs, OpenCase, Point, Refusal, Rules, Stage, Waiting
from tests.dispatch.towns import HOUR, NOW, broken_promises, crews, open_cases, places

RULES = Rules()
many_cases = st.lists(open_cases, max_size=14, unique_by=lambda c: c.id)
some_crews = st.lists(crews, max_size=5, unique_by=(lambda c: c.id, lambda c: c.code))
shared_fixture = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def east(kilometres: float) -> Point:
    return Point(42.3, -71.1 + kilometres / 82.5)


HOME = east(0)


def north(hundred_metres: int, hundred_metres_east: int = 0) -> Point:
    return Point(42.3 + hundred_metres / 1000, -71.1 + hundred_metres_east / 1000)


def crew(crew_id: int, point: Point = HOME, **other: object) -> CrewOnDuty:
    return CrewOnDuty(crew_id, f"C{crew_id}", 1, point, **({"capacity": 9} | other))


def case(case_id: int, point: Point, **other: object) -> OpenCase:
    return OpenCase(case_id, point, 1, NOW - HOUR, **other)


def route_of(plan: DayPlan, crew_id: int) -> tuple[int, ...]:
    return next(route.case_ids for route in plan.routes if route.crew_id == crew_id)


@given(many_cases, some_crews, st.integers(0, 40))
@settings(shared_fixture, max_examples=400)
def test_a_plan_keeps_every_promise(compiled: Engine, cases: list[OpenCase], crews: list[CrewOnDuty], iterations: int) -> None:
    plan = plan_day(cases, crews, NOW, budget=Budget(iterations=iterations), engine=compiled)
    assert broken_promises(cases, crews, plan, RULES) == []


@given(many_cases, some_crews, st.randoms(use_true_random=False))
@settings(shared_fixture, max_examples=100)
def test_the_order_in_which_cases_and_crews_are_given_does_not_matter(
    compiled: Engine, cases: list[OpenCase], crews: list[CrewOnDuty], shuffler: random.Random
) -> None:
    budget = Budget(iterations=60)
    plan = plan_day(cases, crews, NOW, budget=budget, engine=compiled)
    shuffled = shuffler.sample(cases, len(cases)), shuffler.sample(crews, len(crews))
    assert plan_day(*shuffled, NOW, budget=budget, engine=compiled) == plan


@given(many_cases, some_crews, st.integers(0, 9))
@settings(shared_fixture, max_examples=60)
def test_interpreted_and_compiled_give_the_same_plan(
    compiled: Engine, cases: list[OpenCase], crews: list[CrewOnDuty], seed: int
) -> None:
    budget = Budget(iterations=25)
    slow = plan_day(cases, crews, NOW, budget=budget, seed=seed, engine=INTERPRETED)
    fast = plan_day(cases, crews, NOW, budget=budget, seed=seed, engine=compiled)
    assert replace(slow, is_compiled=True) == fast


measured = functools.cache(metres_between)


def cost_by_hand(crews: Sequence[CrewOnDuty], routes: Sequence[Sequence[OpenCase]], rules: Rules) -> float:
    """The objective as docs/dispatch.md states it, counted with geopy; infinite if a route is not allowed."""
    total = 0.0
    for someone, route in zip(crews, routes, strict=True):
        here, clock = someone.point, max(NOW, someone.free_at or NOW)
        if len(route) > someone.capacity:
            return math.inf
        for stop in route:
            metres = measured(here, stop.point)
            total += metres
            clock += metres * DETOUR * 3.6 / 20 + stop.work_s
            if stop.due_at is not None:
                hourly = rules.overdue_m_per_h if stop.due_at < NOW else rules.late_m_per_h
                total += hourly * max(0.0, clock - max(stop.due_at, NOW)) / HOUR
            here = stop.point
        if route and someone.shift_ends_at is not None:
            over = max(0.0, clock - someone.shift_ends_at)
            total += rules.overtime_m_per_h * over / HOUR
            if over > rules.overtime_limit_s:
                return math.inf
    return total


plain_cases = st.lists(
    st.builds(case, st.integers(1, 99), places, due_at=st.none() | st.floats(NOW - HOUR, NOW + 3 * HOUR)),
    min_size=1,
    max_size=5,
    unique_by=lambda c: c.id,
)
two_crews = st.tuples(
    st.builds(
        crew, st.just(1), places, capacity=st.integers(2, 5), shift_ends_at=st.none() | st.floats(NOW + 2 * HOUR, NOW + 4 * HOUR)
    ),
    st.builds(crew, st.just(2), places, capacity=st.integers(3, 5), free_at=st.floats(NOW, NOW + HOUR)),
)


@given(plain_cases, two_crews)
@settings(shared_fixture, max_examples=60)
def test_a_small_day_is_as_good_as_the_best_of_all_plans(
    compiled: Engine, cases: list[OpenCase], crews: tuple[CrewOnDuty, CrewOnDuty]
) -> None:
    plan = plan_day(cases, crews, NOW, budget=DEFAULT_BUDGET, engine=compiled)
    best = min(
        cost_by_hand(crews, (order[:cut], order[cut:]), RULES)
        for order in itertools.permutations(cases)
        for cut in range(len(cases) + 1)
    )
    assert not plan.waiting
    assert plan.cost.total == pytest.approx(best, abs=1.0)
    planned = [[next(c for c in cases if c.id == i) for i in route_of(plan, who.id)] for who in crews]
    assert plan.cost.total == pytest.approx(cost_by_hand(crews, planned, RULES), abs=0.5)


def test_crews_exchange_whole_rounds_where_only_that_saves_metres(compiled: Engine) -> None:
    """Each half of the exchange alone makes the plan worse, so a search that moves strings of stops seldom finds it."""
    cases = [case(1, north(8)), case(2, north(9), due_at=NOW + 2691), case(3, north(1, 1)), case(4, north(7))]
    crews = crew(1, north(0), capacity=3), crew(2, north(1), capacity=3, free_at=NOW + 200)
    for seed in range(5):
        plan = plan_day(cases, crews, NOW, budget=Budget(iterations=3000), seed=seed, engine=compiled)
        assert (route_of(plan, 1), route_of(plan, 2)) == ((4, 2, 1), (3,))


@given(many_cases, some_crews, crews)
@settings(shared_fixture, max_examples=100)
def test_one_more_crew_never_makes_the_plan_worse(
    compiled: Engine, cases: list[OpenCase], crews: list[CrewOnDuty], another: CrewOnDuty
) -> None:
    crews = [c for c in crews if c.id != another.id and c.code != another.code]
    # Cases in the other crew's hands are not planned for without it: compare what both plans speak of.
    cases = [c for c in cases if c.crew_id != another.id]
    budget = Budget(iterations=4000)
    without = plan_day(cases, crews, NOW, budget=budget, engine=compiled)
    with_it = plan_day(cases, [*crews, another], NOW, budget=budget, engine=compiled)
    assert with_it.cost.total <= without.cost.total + 1.0


def test_the_decision_says_what_the_case_adds_here_and_elsewhere() -> None:
    cases = [case(1, east(1)), case(2, east(2)), case(3, east(5), due_at=NOW + 600)]
    crews = [crew(1), crew(2, east(6)), crew(3, east(7), capacity=0), crew(4, east(1), in_contact=False)]
    plan = plan_day(cases, crews, NOW, budget=Budget(iterations=200))
    assert (route_of(plan, 1), route_of(plan, 2)) == ((1, 2), (3,))
    why = plan.decisions[2]
    assert (why.chosen.crew_id, why.chosen.place_in_route, why.considered) == (1, 1, 4)
    assert why.chosen.added_metres == pytest.approx(metres_between(east(1), east(2)), abs=1)
    assert why.chosen.added_s == pytest.approx(1200 + why.chosen.added_metres * DETOUR * 3.6 / 20, abs=1)
    (other,) = why.runners_up
    assert (other.crew_id, other.place_in_route) == (2, 1)
    assert other.added_metres == pytest.approx(metres_between(east(5), east(2)), abs=1)
    assert {(o.crew_id, o.refusal) for o in why.refused} == {(3, Refusal.FULL), (4, Refusal.OUT_OF_CONTACT)}
    late = plan.decisions[3]
    assert late.chosen.added_late_s == pytest.approx(late.chosen.added_s - 600, abs=1)
    assert late.chosen.added_cost_m == pytest.approx(late.chosen.added_metres + late.chosen.added_late_s * 2000 / HOUR, abs=1)


@given(many_cases, some_crews)
@settings(shared_fixture, max_examples=60)
def test_what_a_decision_says_it_adds_is_what_the_plan_would_save(
    compiled: Engine, cases: list[OpenCase], crews: list[CrewOnDuty]
) -> None:
    plan = plan_day(cases, crews, NOW, budget=Budget(iterations=50), engine=compiled)
    assert set(plan.decisions) == {
        i
        for r in plan.routes
        for i in r.case_ids
        for c in cases
        if c.id == i and (c.stage is Stage.WAITING or c.crew_id != r.crew_id)
    }
    for decision in plan.decisions.values():
        assert decision.chosen.refusal is None
        assert len(decision.runners_up) + len(decision.refused) < decision.considered
        assert [round(o.added_cost_m, 1) for o in decision.runners_up] == sorted(
            round(o.added_cost_m, 1) for o in decision.runners_up
        )
        assert all(o.refusal is not None for o in decision.refused)


def test_the_lists_as_they_stand_are_explained_without_planning_anew() -> None:
    cases = [
        case(1, east(1), stage=Stage.SEEN, crew_id=2, position=0),
        case(2, east(2), stage=Stage.SEEN, crew_id=2, position=1),
        case(3, east(3)),
    ]
    why = explain_plan(cases, [crew(1), crew(2, east(9))], NOW, {1, 3})
    assert set(why) == {1}
    assert (why[1].chosen.crew_id, why[1].runners_up[0].crew_id) == (2, 1)


def test_the_service_level_is_worth_a_detour() -> None:
    """Metres alone go to the near one first; the far one is due in an hour."""
    cases = [case(n, east(0.1 * n)) for n in range(1, 5)] + [case(9, east(-2), due_at=NOW + HOUR)]
    plan = plan_day(cases, [crew(1)], NOW, budget=Budget(iterations=300))
    assert route_of(plan, 1)[0] == 9
    assert plan.cost.late_cases == 0
    by_metres = plan_day(cases, [crew(1)], NOW, budget=Budget(iterations=300), rules=Rules(late_m_per_h=0))
    assert route_of(by_metres, 1)[-1] == 9
    assert by_metres.cost.metres < plan.cost.metres


def test_an_urgent_case_goes_before_everything_but_what_is_under_way_and_not_to_a_crew_with_one_of_its_own() -> None:
    cases = [
        case(1, east(0.1), stage=Stage.ON_SITE, crew_id=1, work_s=300.0),
        case(2, east(0.2), stage=Stage.SEEN, crew_id=1, position=1),
        case(3, east(0.3), stage=Stage.SEEN, crew_id=1, position=2),
        case(7, east(1.0), is_urgent=True),
    ]
    plan = plan_day(cases, [crew(1), crew(2, east(1), on_urgent=True), crew(3, east(8))], NOW, budget=Budget(iterations=200))
    assert route_of(plan, 1) == (1, 7, 2, 3)
    busy = next(o for o in plan.decisions[7].refused if o.crew_id == 2)
    assert busy.refusal is Refusal.ON_URGENT


def test_a_job_that_its_crew_has_seen_is_taken_away_only_if_that_is_worth_the_price() -> None:
    def held(metres_saved: float) -> list[OpenCase]:
        near_other = east(4 + metres_saved / 2000)
        return [case(n, east(0.01 * n), stage=Stage.SEEN, crew_id=1, position=n) for n in (1, 2)] + [
            case(3, near_other, stage=Stage.SEEN, crew_id=1, position=3)
        ]

    crews = [crew(1), crew(2, east(8))]
    kept = plan_day(held(100), crews, NOW, budget=Budget(iterations=200))
    assert not kept.hand_overs
    moved = plan_day(held(1000), crews, NOW, budget=Budget(iterations=200))
    assert [(h.case_id, h.from_crew_id, h.to_crew_id, h.was_seen) for h in moved.hand_overs] == [(3, 1, 2, True)]
    assert moved.cost.hand_over_m == RULES.hand_over_m


def test_waiting_cases_of_one_service_at_one_place_are_one_stop() -> None:
    here, there = east(1), Point(42.3 + 0.0001, east(1).longitude)  # 11 m apart
    cases = [case(1, here, service="pothole"), case(2, there, service="pothole"), case(3, there, service="graffiti")]
    plan = plan_day(cases, [crew(1)], NOW, budget=Budget(iterations=50))
    assert sorted(stop.case_ids for stop in plan.routes[0].stops) == [(1, 2), (3,)]


def test_who_waits_waits_for_a_reason() -> None:
    cases = [
        case(1, east(1), is_held=True),
        replace(case(2, east(1)), department_id=7),
        case(3, east(1), skills=frozenset(["crane"])),
        case(4, east(1), due_at=NOW + 10),
        case(5, east(1)),
    ]
    plan = plan_day(cases, [crew(1, capacity=1)], NOW, budget=Budget(iterations=50))
    assert route_of(plan, 1) == (4,), "what is due comes before what is not"
    assert {w.case_id: w.why for w in plan.waiting} == {
        1: Waiting.HELD,
        2: Waiting.NO_CREW_ON_DUTY,
        3: Waiting.NONE_SUITABLE,
        5: Waiting.ALL_FULL,
    }
    late = plan_day([case(1, east(9))], [crew(1, shift_ends_at=NOW + 60)], NOW, budget=Budget(iterations=5))
    assert [w.why for w in late.waiting] == [Waiting.NO_TIME]
    assert late.waiting[0].nearest[0].refusal is Refusal.NO_TIME
    far = plan_day([case(1, east(60))], [crew(1)], NOW, budget=Budget(iterations=5))
    assert [w.why for w in far.waiting] == [Waiting.LEFT_FOR_LATER], "60 km cost more than leaving it out"


def test_a_break_is_taken_after_the_first_stop_that_ends_in_it() -> None:
    cases = [case(1, east(0)), case(2, east(0.001))]
    plan = plan_day(cases, [crew(1, break_from=NOW + 600, break_s=1800.0)], NOW, budget=Budget(iterations=20))
    first, second = plan.routes[0].stops
    assert second.arrives_at - first.ends_at == pytest.approx(1800, abs=30)


def test_a_road_matrix_decides_instead_of_the_air() -> None:
    """A river: as the crow flies crew 1 is next to the case; by road it is far."""

    def by_road(points: Sequence[Point]) -> Legs:
        air = legs_by_air(points)
        far = np.array([[p.longitude < east(0.5).longitude != (q.longitude < east(0.5).longitude) for q in points] for p in points])
        return Legs(air.metres + far * 20_000, air.seconds + far * 3600, "road")

    crews = [crew(1, east(0)), crew(2, east(3))]
    by_air = plan_day([case(1, east(1))], crews, NOW, budget=Budget(iterations=5))
    assert route_of(by_air, 1) == (1,)
    plan = plan_day([case(1, east(1))], crews, NOW, budget=Budget(iterations=5), legs_of=by_road)
    assert route_of(plan, 2) == (1,)
    assert (by_air.distance_source, plan.distance_source) == ("air", "road")


def test_far_more_cases_than_room_are_weighed_by_what_matters() -> None:
    dice = random.Random(3)
    cases = [case(n, east(dice.uniform(0, 20))) for n in range(1, 900)]
    cases += [case(1000, east(19), is_urgent=True), case(1001, east(18), due_at=NOW + 3 * HOUR)]
    plan = plan_day(cases, [crew(1, capacity=3)], NOW, budget=Budget(iterations=20))
    assert {1000, 1001} <= set(route_of(plan, 1))
    assert len(plan.waiting) == len(cases) - 3


@pytest.mark.parametrize("engine", ["interpreted", "compiled"])
def test_a_search_stops_when_the_clock_says_so(engine: str, compiled: Engine) -> None:
    dice = random.Random(4)
    cases = [case(n, east(dice.uniform(0, 5))) for n in range(60)]
    moments = (0.01 * tick for tick in itertools.count())
    plan = plan_day(
        cases,
        [crew(n, east(n)) for n in range(8)],
        NOW,
        budget=Budget(seconds=1.0, read_clock=lambda: next(moments)),
        engine=compiled if engine == "compiled" else INTERPRETED,
    )
    assert plan.iterations > 0
    assert 0.5 < next(moments) < 1.1


def test_a_budget_needs_something_that_ends_it() -> None:
    with pytest.raises(ValueError, match="iterations or seconds"):
        Budget()
    with pytest.raises(ValueError, match="clock"):
        Budget(seconds=1.0)


def test_more_time_finds_a_better_plan(compiled: Engine) -> None:
    dice = random.Random(5)
    cases = [case(n, Point(42.2 + dice.random() / 9, -71.1 + dice.random() / 9)) for n in range(200)]
    crews = [crew(n, Point(42.2 + dice.random() / 9, -71.1 + dice.random() / 9), capacity=15) for n in range(15)]
    short, long = (plan_day(cases, crews, NOW, budget=Budget(iterations=n), engine=compiled).cost.total for n in (1, 20_000))
    assert long < 0.9 * short


def test_planning_compiles_nothing(compiled: Engine) -> None:
    """Whatever its size, a plan meets the one machine code that compile_ahead made: nobody waits for a compiler."""
    dice = random.Random(6)
    for n, m in ((1, 1), (40, 3), (7, 20)):
        cases = [case(i, east(dice.uniform(0, 5)), due_at=NOW + i if i % 2 else None) for i in range(n)]
        plan_day(cases, [crew(r, east(r)) for r in range(m)], NOW, budget=Budget(iterations=9), engine=compiled)
    entries = (compiled.build, compiled.search, compiled.weigh, compiled.transport)
    assert [len(entry.signatures) for entry in entries] == [1, 1, 1, 1]  # type: ignore[attr-defined]


def test_who_does_not_plan_does_not_load_the_compiler() -> None:
    code = "import sys, dispatch.plan, dispatch.assign, dispatch.batch; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
