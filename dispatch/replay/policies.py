"""The policies a city can choose from, as they act in a replay. Each decides with the very functions that the city does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from dispatch.assign import assign_free_crews, plan_assignments
from dispatch.engine import INTERPRETED, Engine
from dispatch.plan import plan_day
from dispatch.replay.play import Happened, Policy, Situation
from dispatch.route import Stop, order_stops
from dispatch.types import Budget, CrewOnDuty, OpenCase, Rules, Stage

# An hour late is worth a detour of 20 km here. At the 2 km of Rules' own default the plan of a real day leaves two to eight
# times as many cases late, and spares about 1 % of the kilometres (docs/dispatch.md, Replay).
PROMISES_KEPT = Rules(late_m_per_h=20_000.0)
EVERY_S = 900.0
# A new case or a crew out of work is fitted into the plan; every quarter of an hour there is time to improve all of it.
ITERATIONS = 20_000
ITERATIONS_BETWEEN = 2_000


def nearest() -> Policy:
    """Each case, as it arrives, to the nearest crew that may take it and has room; the crew orders its own list."""
    return Policy("nearest", _decide_nearest)


def on_free() -> Policy:
    """Nobody holds a list: a crew that comes free gets the nearest case that waits."""
    return Policy("on_free", _decide_on_free)


def planned(
    engine: Engine = INTERPRETED,
    rules: Rules = PROMISES_KEPT,
    iterations: int = ITERATIONS,
    iterations_between: int = ITERATIONS_BETWEEN,
    seed: int = 311,
) -> Policy:
    """All routes together, from the lists as they are: every quarter of an hour, and when something happens."""
    # Nobody begins what would end after the shift (play), so nothing is planned there.
    kept = replace(rules, overtime_limit_s=0.0)

    def decide(city: Situation, happened: Happened) -> Mapping[int, Sequence[int]] | None:
        out_of_work = any(not city.lists[crew_id] for crew_id in happened.freed)
        if not (happened.is_time or happened.opened or out_of_work):
            return None
        plan = plan_day(
            _as_held(city),
            [_as_planned_for(city, crew) for crew in city.crews.values()],
            city.now,
            rules=kept,
            legs_of=city.legs_of,
            budget=Budget(iterations=iterations if happened.is_time else iterations_between),
            seed=seed,
            engine=engine,
        )
        return {route.crew_id: route.case_ids for route in plan.routes}

    return Policy("planned", decide, EVERY_S)


def _decide_nearest(city: Situation, happened: Happened) -> Mapping[int, Sequence[int]] | None:
    lists = {crew_id: list(city.lists[crew_id]) for crew_id in happened.freed}
    waiting = city.waiting()
    if waiting:
        for assignment in plan_assignments(waiting, _with_loads(city)).assignments:
            lists.setdefault(assignment.crew_id, list(city.lists[assignment.crew_id])).append(assignment.case_id)
    return {crew_id: _ordered(city, crew_id, jobs) for crew_id, jobs in lists.items()} if lists else None


def _decide_on_free(city: Situation, happened: Happened) -> Mapping[int, Sequence[int]] | None:
    idle = {crew.department_id for crew in _with_loads(city) if crew.load == 0}
    waiting = [case for case in city.waiting() if case.department_id in idle]
    free = [crew for crew in _with_loads(city) if crew.load == 0]
    if not waiting or not free:
        return None
    given = assign_free_crews(waiting, free).assignments
    # A crew that would not be done within its shift goes home; the case waits for another.
    return {a.crew_id: [a.case_id] for a in given if city.visit(a.crew_id, city.cases[a.case_id])}


def _with_loads(city: Situation) -> list[CrewOnDuty]:
    return [
        replace(crew, point=city.places[crew.id], load=len(city.lists[crew.id]) + (crew.id in city.under_way))
        for crew in city.crews.values()
    ]


def _as_held(city: Situation) -> list[OpenCase]:
    holder = {case_id: (crew_id, position) for crew_id, jobs in city.lists.items() for position, case_id in enumerate(jobs)}
    held = []
    for case in city.cases.values():
        crew_id, position = holder.get(case.id, (None, None))
        stage = Stage.WAITING if crew_id is None else Stage.SEEN
        held.append(replace(case, stage=stage, crew_id=crew_id, position=position))
    return held


def _as_planned_for(city: Situation, crew: CrewOnDuty) -> CrewOnDuty:
    """Where and when it comes free; the job under way takes a place in its hands."""
    visit = city.under_way.get(crew.id)
    if visit is None:
        return replace(crew, point=city.places[crew.id])
    return replace(crew, point=city.places[crew.id], free_at=visit.done_at, capacity=max(0, crew.capacity - 1))


def _ordered(city: Situation, crew_id: int, jobs: Sequence[int]) -> list[int]:
    stops = [Stop(case_id, city.cases[case_id].point, city.cases[case_id].due_at) for case_id in jobs]
    return order_stops(city.places[crew_id], stops, city.now)
