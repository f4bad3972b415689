"""A replay keeps the same rules for every policy: who may, when, how long, and what counts as a hand-over."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from dispatch.eligibility import unfitness
from dispatch.replay.day import Day
from dispatch.replay.figures import figures_of, in_all
from dispatch.replay.play import Happened, Policy, Situation, play
from dispatch.replay.policies import nearest, on_free, planned
from dispatch.types import CrewOnDuty, Legs, OpenCase, Point

HOUR = 3600.0
NOON = 1_000_000.0


def on_a_line(points: Sequence[Point]) -> Legs:
    """A tenth of a degree of latitude is 600 m, and a metre takes a second: ten minutes."""
    north = np.array([point.latitude for point in points])
    metres = np.abs(np.subtract.outer(north, north)) * 6_000
    return Legs(metres, metres, "line")


def case(number: int, north: float, opened_at: float = NOON - HOUR, due_at: float | None = None, department: int = 0) -> OpenCase:
    return OpenCase(number, Point(north, 0.0), department, opened_at, due_at, work_s=1200.0)


def crew(number: int, north: float, department: int = 0, capacity: int = 15, ends_at: float = NOON + 8 * HOUR) -> CrewOnDuty:
    return CrewOnDuty(number, f"C-{number}", department, Point(north, 0.0), capacity, shift_ends_at=ends_at)


def day_of(cases: Sequence[OpenCase], crews: Sequence[CrewOnDuty], hours: float = 8) -> Day:
    ends_at = NOON + hours * HOUR
    return Day(NOON, ends_at, tuple(cases), tuple(replace(c, shift_ends_at=ends_at) for c in crews), ("A", "B"), 0)


def made_day(seed: int, cases: int = 24, crews: int = 4, hours: float = 2) -> Day:
    dice = random.Random(seed)
    made = [
        OpenCase(
            id=number,
            point=Point(42.3 + dice.uniform(-0.03, 0.03), -71.1 + dice.uniform(-0.03, 0.03)),
            department_id=dice.randrange(2),
            opened_at=NOON + dice.uniform(-2 * HOUR, hours * HOUR),
            due_at=NOON + dice.uniform(-HOUR, hours * HOUR) if dice.random() < 0.4 else None,
            service=dice.choice(("pothole", "graffiti")),
        )
        for number in range(cases)
    ]
    on_duty = [
        CrewOnDuty(number, f"C-{number}", number % 2, Point(42.3 + dice.uniform(-0.03, 0.03), -71.1), capacity=5)
        for number in range(crews)
    ]
    return day_of(made, on_duty, hours)


POLICIES = (nearest(), on_free(), planned(iterations=8, iterations_between=2))


def test_a_crew_drives_works_and_drives_on() -> None:
    """Ten minutes to each place, twenty at it; the second case is opened while the crew works at the first."""
    day = day_of([case(1, 0.1), case(2, 0.2, opened_at=NOON + 900)], [crew(7, 0.0)])
    for policy in (nearest(), on_free(), planned(iterations=8, iterations_between=2)):
        first, second = play(day, policy, on_a_line).visits
        assert (first.case_id, first.left_at, first.arrived_at, first.done_at) == (1, NOON, NOON + 600, NOON + 1800)
        assert (second.case_id, second.left_at, second.arrived_at, second.done_at) == (2, NOON + 1800, NOON + 2400, NOON + 3600)
        assert (second.crew_id, second.metres) == (7, pytest.approx(600))


def test_nearest_fills_the_nearest_crew_and_on_free_takes_whoever_is_free() -> None:
    """Two cases beside one crew, another crew an hour away."""
    day = day_of([case(1, 0.1), case(2, 0.1)], [crew(1, 0.0), crew(2, 0.6)])
    assert {v.crew_id for v in play(day, nearest(), on_a_line).visits} == {1}
    assert {v.crew_id for v in play(day, on_free(), on_a_line).visits} == {1, 2}


def test_a_full_crew_gets_its_next_case_when_it_has_room() -> None:
    day = day_of([case(n, 0.1) for n in range(4)], [crew(1, 0.0, capacity=2)])
    visits = play(day, nearest(), on_a_line).visits
    assert [v.case_id for v in visits] == [0, 1, 2, 3]


def test_nobody_begins_what_would_end_after_the_shift() -> None:
    """An hour's shift: ten minutes there and twenty at it, and once more at the same place; then there is no time left."""
    day = day_of([case(1, 0.1), case(2, 0.1), case(3, 0.1), case(4, 0.9)], [crew(1, 0.0), crew(2, 0.0)], hours=0.9)
    for policy in (nearest(), on_free(), planned(iterations=8, iterations_between=2)):
        visits = play(day, policy, on_a_line).visits
        assert 2 <= len(visits) <= 3 and all(v.done_at <= day.ends_at for v in visits)
        assert 4 not in {v.case_id for v in visits}


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
@pytest.mark.parametrize("seed", range(4))
def test_every_visit_is_one_that_could_be(policy: Policy, seed: int) -> None:
    day = made_day(seed)
    played = play(day, policy)
    cases, crews = {c.id: c for c in day.cases}, {c.id: c for c in day.crews}
    assert len({v.case_id for v in played.visits}) == len(played.visits) > 6
    for visit in played.visits:
        assert unfitness(crews[visit.crew_id], cases[visit.case_id]) is None
        assert max(day.starts_at, cases[visit.case_id].opened_at) <= visit.left_at <= visit.arrived_at
        assert visit.done_at == visit.arrived_at + 1200 <= day.ends_at
    for crew_id in crews:
        own = [v for v in played.visits if v.crew_id == crew_id]
        assert all(a.done_at <= b.left_at for a, b in pairwise(own))


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_the_same_day_is_played_the_same_way(policy: Policy) -> None:
    day = made_day(5)
    turned = replace(day, cases=day.cases[::-1], crews=day.crews[::-1])
    assert set(play(day, policy).visits) == set(play(day, policy).visits) == set(play(turned, policy).visits)


def test_only_a_plan_makes_hand_overs_and_each_is_counted() -> None:
    day = made_day(1)
    assert play(day, nearest()).hand_overs == play(day, on_free()).hand_overs == 0

    def swap(city: Situation, happened: Happened) -> dict[int, list[int]] | None:
        """At the start both jobs to crew 1; after its first event the one left goes to crew 2."""
        if city.now == NOON:
            return {1: [1, 2, 3]}
        return {1: [], 2: [3, 2]} if city.lists[1] else None

    day = day_of([case(1, 0.1), case(2, 0.1), case(3, 0.2)], [crew(1, 0.0), crew(2, 0.0)])
    played = play(day, Policy("swap", swap), on_a_line)
    assert played.hand_overs == 2
    assert [(v.case_id, v.crew_id) for v in played.visits] == [(1, 1), (3, 2), (2, 2)]


@pytest.mark.parametrize("lists", [{1: [1, 1]}, {1: [1], 2: [1]}, {1: [9]}])
def test_a_policy_that_gives_what_it_cannot_is_stopped(lists: dict[int, list[int]]) -> None:
    day = day_of([case(1, 0.1)], [crew(1, 0.0), crew(2, 0.0)])
    with pytest.raises(ValueError, match="which it cannot"):
        play(day, Policy("wrong", lambda city, happened: lists), on_a_line)


def test_a_plan_keeps_a_promise_that_the_nearest_crew_breaks() -> None:
    """A case due in 55 minutes: crew 1, who is nearer, cannot leave before 20; crew 2 is there after 30."""
    full = [case(n, 0.0) for n in range(3)]
    day = day_of([*full, case(9, 0.2, opened_at=NOON + 10, due_at=NOON + 55 * 60)], [crew(1, 0.0), crew(2, 0.5)])
    assert figures_of(play(day, nearest(), on_a_line)).late == 1
    assert figures_of(play(day, planned(iterations=20, iterations_between=20), on_a_line)).late == 0


def test_figures_are_what_can_be_counted_by_hand() -> None:
    """One crew: overdue case 1 at +30 min, case 2 at +60 min (due at +45: late), case 3 (opened at +15) at +90 min (in time)."""
    cases = [
        case(1, 0.1, due_at=NOON - 60),
        case(2, 0.2, due_at=NOON + 45 * 60),
        case(3, 0.3, opened_at=NOON + 900, due_at=NOON + 2 * HOUR),
        case(4, 30.0, due_at=NOON + 3 * HOUR),  # out of reach, and so late
    ]
    day = day_of(cases, [crew(1, 0.0), crew(2, 50.0)])

    def in_order(city: Situation, happened: Happened) -> dict[int, list[int]]:
        return {1: sorted(city.cases)}

    figures = figures_of(play(day, Policy("in order", in_order), on_a_line))
    assert (figures.cases, figures.done, figures.due, figures.late) == (4, 3, 3, 2)
    assert (figures.overdue, figures.overdue_done, figures.new_done) == (1, 1, 1)
    assert figures.mean_open_h == pytest.approx(75 / 60)
    assert figures.metres == pytest.approx(1800) and figures.kilometres_a_job == pytest.approx(0.6)
    assert figures.jobs_of_crews == (3, 0) and figures.spread_of_jobs == 1.5
    twice = in_all([figures, figures])
    assert (twice.done, twice.late, twice.jobs_of_crews, twice.mean_open_h) == (6, 4, (3, 0, 3, 0), figures.mean_open_h)
