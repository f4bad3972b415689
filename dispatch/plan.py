"""The plan of the day and of the hour: all crews' routes at once, with the service level in the sum to be made small.

The plan starts from the lists that crews have (`OpenCase.crew_id`, `position`), so that planning again after a small
change changes little; what waits is put where it costs least; then the kernel searches, part of the city by part of
the city, as long as the budget lasts. docs/dispatch.md says what the sum is made of and what is never touched.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from dispatch import kernel
from dispatch.distance import LegsOf, legs_by_air, metres_by_air
from dispatch.eligibility import refusal_in_plan
from dispatch.engine import INTERPRETED, Engine
from dispatch.parts import IN_HANDS, CityPart, cut_into_parts, lateness_in_metres, left_out_in_metres
from dispatch.types import (
    Budget,
    Candidate,
    Cost,
    CrewOnDuty,
    CrewRoute,
    DayPlan,
    Decision,
    HandOver,
    OpenCase,
    Option,
    PlannedStop,
    Refusal,
    Rules,
    Stage,
    StillWaiting,
    Waiting,
)

DEFAULT_BUDGET = Budget(iterations=20_000)
# Annealing, in metres' worth: at first a change for the worse of this size is accepted about every third time.
HOT_M, COLD_M = 3_000.0, 30.0
CHUNK_S = 0.005  # how often the clock is read, about
FIRST_CHUNK = {True: 100, False: 1}  # rounds before the pace is known; compiled or not
POLISH_SHARE = 0.03  # of the seconds, at most; 60 crews with 800 stops need a hundredth of one
ANSWER_TAKES = 1.5  # times what it took to get ready: writing the plan and its reasons down
OPTIONS_KEPT = 5
REFUSED_KEPT = 5


def plan_day(
    cases: Sequence[OpenCase],
    crews: Sequence[CrewOnDuty],
    now: float,
    *,
    rules: Rules | None = None,
    legs_of: LegsOf = legs_by_air,
    budget: Budget = DEFAULT_BUDGET,
    seed: int = 311,
    engine: Engine = INTERPRETED,
) -> DayPlan:
    """Routes for all crews on duty, together as good as the budget allows.

    Never: a job under way moved; a crew out of contact given or relieved of work; a crew sent where `unfitness` says no;
    more than a crew's capacity or shift for anything it did not hold before. The order of the arguments does not matter.
    With a budget of iterations the plan depends on nothing else than the arguments, not on the engine either.
    """
    rules = rules or Rules()
    began = budget.read_clock() if budget.read_clock else 0.0
    searched = [_Searched(part, seed, engine) for part in cut_into_parts(cases, crews, now, legs_of, rules)]
    ends = _ends(budget, began)
    iterations = _search_all(searched, budget, ends - POLISH_SHARE * (budget.seconds or 0.0), engine)
    for s in searched:
        s.finish()
        s.polish(engine, lambda: budget.read_clock is not None and budget.read_clock() >= ends)
    return _to_plan(cases, crews, now, rules, searched, iterations, engine)


def explain_plan(
    cases: Sequence[OpenCase],
    crews: Sequence[CrewOnDuty],
    now: float,
    wanted: Collection[int],
    *,
    rules: Rules | None = None,
    legs_of: LegsOf = legs_by_air,
    engine: Engine = INTERPRETED,
) -> dict[int, Decision]:
    """Why each of the wanted cases is with the crew that has it, by what it would cost now to give it to another.

    Weighs the crews' lists as they stand (`OpenCase.crew_id`, `position`); nothing is planned anew. A case that no crew
    has is not among the answers.
    """
    rules = rules or Rules()
    parts = cut_into_parts([case for case in cases if case.crew_id is not None], crews, now, legs_of, rules)
    return _decisions([_Searched(part, 0, engine) for part in parts], wanted, engine)


class _Searched:
    """A part of the city and its routes so far."""

    def __init__(self, part: CityPart, seed: int, engine: Engine) -> None:
        self.part = part
        arrays = part.arrays
        n, m = len(part.stops), len(part.crews)
        # A route holds at most what it begins with, or what the crew has room for.
        width = max(min(n, max(*map(len, part.begins), int(arrays.capacity.max()))), 1) + 1
        self.routes = kernel.Routes(
            stops=np.zeros((m, width), dtype=np.int64),
            length=np.zeros(m, dtype=np.int64),
            load=np.zeros(m, dtype=np.int64),
            open_from=np.zeros(m, dtype=np.int64),
            rest_after=np.zeros(m, dtype=np.int64),
            cost=np.zeros(m),
            done_s=np.zeros((m, width)),
            leave_s=np.zeros((m, width + 1)),
            late_m=np.zeros((m, width + 1)),
            late_rate=np.zeros((m, width + 1)),
            slack_s=np.zeros((m, width + 1)),
            where=np.full(n, kernel.NOWHERE, dtype=np.int64),
            at=np.zeros(n, dtype=np.int64),
        )
        self.scratch = kernel.Scratch(
            dice=np.array([seed], dtype=np.int64),
            saved_stops=np.zeros((m, width), dtype=np.int64),
            saved_length=np.zeros(m, dtype=np.int64),
            saved_cost=np.zeros(m),
            is_touched=np.zeros(m, dtype=np.bool_),
            touched=np.zeros(m, dtype=np.int64),
            loose=np.zeros(n, dtype=np.int64),
            was_at=np.zeros(n, dtype=np.int64),
            keys=np.zeros(n),
            best_stops=np.zeros((m, width), dtype=np.int64),
            best_length=np.zeros(m, dtype=np.int64),
            totals=np.zeros(2),
        )
        self.freedom = int((~arrays.stays).sum())
        self._begin(engine)

    def _begin(self, engine: Engine) -> None:
        """The lists as they are, without what no longer fits; then what waits, each where it costs least."""
        arrays, routes = self.part.arrays, self.routes
        for r, stops in enumerate(self.part.begins):
            load = sum(int(arrays.jobs[i]) for i in stops if arrays.holder[i] == r)
            for i in stops:
                if arrays.holder[i] != r:  # only meant for this crew
                    if not arrays.may[r, i] or load + arrays.jobs[i] > arrays.capacity[r]:
                        continue
                    load += int(arrays.jobs[i])
                routes.stops[r, routes.length[r]] = i
                routes.length[r] += 1
            kernel.refresh(arrays, routes, r)
            self._drop_what_is_not_in_time(r)
        out = [i for i in range(len(self.part.stops)) if routes.where[i] == kernel.NOWHERE]
        out.sort(key=lambda i: (not arrays.is_urgent[i], arrays.due_s[i] if arrays.late_m_per_s[i] > 0 else kernel.NEVER, i))
        engine.build(arrays, routes, np.array(out, dtype=np.int64), self.scratch.dice)
        total = float(routes.cost.sum())
        for i in range(len(self.part.stops)):
            total += kernel.hand_over(arrays, i, int(routes.where[i]))
            total += float(arrays.left_out_m[i]) if routes.where[i] == kernel.NOWHERE else 0.0
        self.scratch.totals[:] = total
        self.scratch.best_stops[:] = routes.stops
        self.scratch.best_length[:] = routes.length

    def _drop_what_is_not_in_time(self, r: int) -> None:
        """From the end of the list: first what was only meant for the crew, then what it holds."""
        arrays, routes = self.part.arrays, self.routes
        from_the_end = routes.stops[r, : routes.length[r]].tolist()[::-1]
        for i in sorted(from_the_end, key=lambda i: arrays.holder[i] == r):
            if routes.length[r] == 0 or routes.done_s[r, routes.length[r] - 1] <= arrays.latest_s[r]:
                break
            if not arrays.stays[i]:
                kernel.take(arrays, routes, i)

    def search(self, engine: Engine, rounds: int, begun: float, done: float) -> None:
        """So many rounds, as the part from `begun` to `done` (of 1) of the whole annealing."""
        span = COLD_M / HOT_M
        engine.search(self.part.arrays, self.routes, self.scratch, rounds, HOT_M * span**begun, HOT_M * span**done)

    def finish(self) -> None:
        """The best routes found become the routes."""
        self.routes.stops[:] = self.scratch.best_stops
        self.routes.length[:] = self.scratch.best_length
        self.routes.where[:] = kernel.NOWHERE
        for r in range(len(self.part.crews)):
            kernel.refresh(self.part.arrays, self.routes, r)

    def polish(self, engine: Engine, is_over: Callable[[], bool]) -> None:
        """Until nothing gets better by it, or time is over."""
        is_better = True
        while is_better:
            is_better = False
            for r in range(len(self.part.crews)):
                if is_over():
                    return
                is_better |= engine.polish(self.part.arrays, self.routes, self.scratch, r)


def _ends(budget: Budget, began: float) -> float:
    """When to stop looking for a better plan, so that the answer is written down in time; infinite if no clock runs."""
    if budget.seconds is None or budget.read_clock is None:
        return math.inf
    took = budget.read_clock() - began
    return began + budget.seconds - min(ANSWER_TAKES * took, budget.seconds / 2)


def _search_all(searched: Sequence[_Searched], budget: Budget, ends: float, engine: Engine) -> int:
    """Search each part for its share of the budget, by the stops that may move; returns the rounds made."""
    worth = [s for s in searched if s.freedom > 0]
    freedom = sum(s.freedom for s in worth)
    made = 0
    for s in worth:
        share = s.freedom / freedom
        rounds = None if budget.iterations is None else max(1, round(budget.iterations * share))
        if budget.seconds is None or budget.read_clock is None:
            s.search(engine, rounds or 0, 0.0, 1.0)
            made += rounds or 0
        else:
            now = budget.read_clock()
            left = max(0.0, ends - now)
            made += _search_by_clock(s, budget.read_clock, now, left * s.freedom / freedom, rounds, engine)
            freedom -= s.freedom
    return made


def _search_by_clock(
    s: _Searched, read_clock: Callable[[], float], begun: float, seconds: float, most: int | None, engine: Engine
) -> int:
    made, rounds, now = 0, FIRST_CHUNK[engine.is_compiled], begun
    while now - begun < seconds and (most is None or made < most):
        rounds = rounds if most is None else min(rounds, most - made)
        from_ = max((now - begun) / seconds, made / most if most else 0.0)
        s.search(engine, rounds, from_, min(1.0, from_ + CHUNK_S / seconds))
        made += rounds
        before, now = now, read_clock()
        pace = rounds / max(now - before, 1e-6)
        rounds = max(1, int(pace * min(CHUNK_S, max(0.0, begun + seconds - now))))
    return made


def _to_plan(
    cases: Sequence[OpenCase],
    crews: Sequence[CrewOnDuty],
    now: float,
    rules: Rules,
    searched: Sequence[_Searched],
    iterations: int,
    engine: Engine,
) -> DayPlan:
    routes = sorted((route for s in searched for route in _routes(s, now)), key=lambda route: route.crew_id)
    crew_of = {case_id: route.crew_id for route in routes for case_id in route.case_ids}
    on_duty = {crew.id for crew in crews}
    held = [case for case in sorted(cases, key=lambda c: c.id) if case.stage in IN_HANDS and case.crew_id in on_duty]
    hand_overs = tuple(
        HandOver(case.id, case.crew_id, crew_of.get(case.id), case.stage is Stage.SEEN)
        for case in held
        if case.crew_id is not None and crew_of.get(case.id) != case.crew_id
    )
    stays = {case.id for case in held} - {h.case_id for h in hand_overs}
    waiting = sorted(_waiting(cases, on_duty, searched, crew_of), key=lambda w: w.case_id)
    return DayPlan(
        routes=tuple(routes),
        waiting=tuple(waiting),
        cost=_cost_of(cases, routes, waiting, hand_overs, now, crews, rules),
        hand_overs=hand_overs,
        decisions=_decisions(searched, set(crew_of) - stays, engine),
        distance_source=searched[0].part.legs.source if searched else "",
        iterations=iterations,
        is_compiled=engine.is_compiled,
    )


def _routes(s: _Searched, now: float) -> Iterator[CrewRoute]:
    """The routes of a part in full precision: the search itself counts in single precision."""
    part, legs = s.part, s.part.legs
    for r, crew in enumerate(part.crews):
        stops: list[PlannedStop] = []
        before, clock = len(part.stops) + r, now + float(part.arrays.free_s[r])
        has_rested = crew.break_from is None
        for p in range(int(s.routes.length[r])):
            i = int(s.routes.stops[r, p])
            arrives = clock + float(legs.seconds[before, i])
            ends = arrives + float(part.arrays.work_s[i])
            stop = part.stops[i]
            stops.append(
                PlannedStop(
                    tuple(case.id for case in stop),
                    stop[0].point,
                    arrives,
                    ends,
                    float(legs.metres[before, i]),
                    bool(part.arrays.is_locked[i]),
                )
            )
            before, clock = i, ends
            if not has_rested and crew.break_from is not None and clock >= crew.break_from:
                has_rested, clock = True, clock + crew.break_s
        ends_at = stops[-1].ends_at if stops else clock
        over = max(0.0, ends_at - crew.shift_ends_at) if stops and crew.shift_ends_at is not None else 0.0
        yield CrewRoute(crew.id, tuple(stops), sum(stop.metres for stop in stops), ends_at, over)


def _cost_of(
    cases: Sequence[OpenCase],
    routes: Iterable[CrewRoute],
    waiting: Iterable[StillWaiting],
    hand_overs: Sequence[HandOver],
    now: float,
    crews: Sequence[CrewOnDuty],
    rules: Rules,
) -> Cost:
    case_of = {case.id: case for case in cases}
    metres = lateness_m = overtime_m = left_out_m = 0.0
    late_cases = 0
    for route in routes:
        metres += route.metres
        overtime_m += rules.overtime_m_per_h * route.overtime_s / 3600.0
        for stop in route.stops:
            for case_id in stop.case_ids:
                case = case_of[case_id]
                lateness_m += lateness_in_metres(case, stop.ends_at, now, rules)
                late_cases += case.due_at is not None and now <= case.due_at < stop.ends_at
    out = [case_of[still.case_id] for still in waiting if still.why is not Waiting.HELD]
    for case in out:
        left_out_m += left_out_in_metres(case, now, rules)
    seen = sum(hand_over.was_seen for hand_over in hand_overs)
    return Cost(metres, lateness_m, overtime_m, seen * rules.hand_over_m, left_out_m, late_cases, len(hand_overs), len(out))


def _waiting(
    cases: Sequence[OpenCase], on_duty: Collection[int], searched: Sequence[_Searched], crew_of: dict[int, int]
) -> list[StillWaiting]:
    waiting = []
    seen: set[int] = set(crew_of)
    for s in searched:
        out = [(case, i) for i, stop in enumerate(s.part.stops) for case in stop if case.id not in crew_of]
        for case, at in (*out, *((case, None) for case in s.part.not_weighed)):
            seen.add(case.id)
            waiting.append(_why_waiting(case, at, s))
    for case in cases:
        if case.stage in IN_HANDS and case.crew_id not in on_duty:
            continue  # in the hands of a crew that is not planned for
        if case.id not in seen:
            waiting.append(StillWaiting(case.id, Waiting.HELD if case.is_held else Waiting.NO_CREW_ON_DUTY))
    return waiting


def _why_waiting(case: OpenCase, stop: int | None, s: _Searched) -> StillWaiting:
    """`stop`: its number in the part, None if it was not even weighed."""
    refusals: list[Refusal | None] = []
    metres = metres_by_air([crew.point for crew in s.part.crews], [case.point])[:, 0]
    for r, crew in enumerate(s.part.crews):
        why = refusal_in_plan(crew, case)
        if why is None and s.routes.load[r] >= crew.capacity:
            why = Refusal.FULL
        if why is None and stop is not None and not _is_in_time(s, stop, r):
            why = Refusal.NO_TIME
        refusals.append(why)
    order = sorted(range(len(refusals)), key=lambda r: (metres[r], r))
    nearest = tuple(
        Candidate(s.part.crews[r].id, s.part.crews[r].code, float(metres[r]), refusals[r]) for r in order[:REFUSED_KEPT]
    )
    if all(why is Refusal.OTHER_DEPARTMENT for why in refusals):
        return StillWaiting(case.id, Waiting.NO_CREW_ON_DUTY)
    could = {why for why in refusals if why in (None, Refusal.FULL, Refusal.NO_TIME)}
    if not could:
        return StillWaiting(case.id, Waiting.NONE_SUITABLE, nearest)
    if None in could:
        return StillWaiting(case.id, Waiting.LEFT_FOR_LATER, nearest)
    return StillWaiting(case.id, Waiting.NO_TIME if Refusal.NO_TIME in could else Waiting.ALL_FULL, nearest)


def _is_in_time(s: _Searched, i: int, r: int) -> bool:
    cost, _ = kernel.best_place(s.part.arrays, s.routes, i, r, kernel.IMPOSSIBLE)
    return cost < kernel.IMPOSSIBLE


def _decisions(searched: Sequence[_Searched], wanted: Collection[int], engine: Engine) -> dict[int, Decision]:
    """Why each wanted case that is in a route is in that one."""
    decisions: dict[int, Decision] = {}
    for s in searched:
        found = np.zeros((len(s.part.crews), 5))
        for i, stop in enumerate(s.part.stops):
            if s.routes.where[i] != kernel.NOWHERE and any(case.id in wanted for case in stop):
                engine.weigh(s.part.arrays, s.routes, i, found)
                decisions |= {case.id: _decision(case, s, i, found) for case in stop if case.id in wanted}
    return decisions


def _decision(case: OpenCase, s: _Searched, i: int, found: NDArray[np.float64]) -> Decision:
    crews, own = s.part.crews, int(s.routes.where[i])
    rows = found.tolist()

    def option(r: int) -> Option:
        place, cost, metres, seconds, late_s = rows[r]
        return Option(crews[r].id, crews[r].code, None, int(place), metres, seconds, late_s, cost)

    # Crews are in the order of their codes, so ties in the rounded cost fall to the smaller code.
    others = sorted((round(row[1], 1), r) for r, row in enumerate(rows) if row[0] >= 0 and r != own)
    refused = [int(r) for r in s.part.arrays.near_crews[i] if rows[r][0] < 0][:REFUSED_KEPT]
    return Decision(
        case.id,
        option(own),
        tuple(option(r) for _, r in others[:OPTIONS_KEPT]),
        tuple(Option(crews[r].id, crews[r].code, _why_refused(crews[r], case, rows[r][0])) for r in refused),
        len(crews),
    )


def _why_refused(crew: CrewOnDuty, case: OpenCase, place: float) -> Refusal:
    return Refusal.NO_TIME if place == kernel.NOT_IN_TIME else refusal_in_plan(crew, case) or Refusal.FULL
