"""A day lived event by event, whatever happens: after each plan, nothing is done that may not be."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from dispatch.compiled import compile_ahead
from dispatch.plan import plan_day
from dispatch.types import Budget, CrewOnDuty, DayPlan, OpenCase, Rules, Stage
from tests.dispatch.towns import HOUR, IN_HANDS, NOW, UNDER_WAY, broken_promises, places

RULES = Rules()
NEXT = {Stage.GIVEN: Stage.SEEN, Stage.SEEN: Stage.EN_ROUTE, Stage.EN_ROUTE: Stage.ON_SITE}


class AnyDay(RuleBasedStateMachine):
    """A city of one department, its crews' lists, and a dispatcher who plans now and then and hands the plan out."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.cases: dict[int, OpenCase] = {}
        self.crews: dict[int, CrewOnDuty] = {}
        self.wrong: list[str] = []
        self.numbers = 0

    @initialize(starts=st.lists(places, min_size=1, max_size=4), capacity=st.integers(1, 4))
    def begin(self, starts: list, capacity: int) -> None:
        for r, point in enumerate(starts, 1):
            self.crews[r] = CrewOnDuty(r, f"C{r}", 1, point, capacity, shift_ends_at=NOW + 8 * HOUR)

    @rule(point=places, due=st.none() | st.floats(-1, 4), is_urgent=st.sampled_from([False, False, False, True]))
    def a_case_is_opened(self, point, due: float | None, is_urgent: bool) -> None:
        self.numbers += 1
        due_at = None if due is None else self.now + due * HOUR
        self.cases[self.numbers] = OpenCase(self.numbers, point, 1, self.now, due_at, is_urgent=is_urgent, service="pothole")

    @rule(minutes=st.integers(1, 90))
    def time_passes(self, minutes: int) -> None:
        self.now += 60 * minutes

    @rule(pick=st.integers(0, 99))
    def a_crew_goes_on(self, pick: int) -> None:
        """It reads its list, sets out to the first of it, arrives, is done."""
        crew = self.crews[1 + pick % len(self.crews)]
        theirs = self.list_of(crew.id)
        if not theirs:
            return
        first = theirs[0]
        if first.stage is Stage.ON_SITE:
            del self.cases[first.id]
            self.crews[crew.id] = replace(crew, point=first.point, on_urgent=False)
        elif first.stage is Stage.GIVEN:
            for case in theirs:
                self.cases[case.id] = replace(case, stage=max(case.stage, Stage.SEEN, key=list(Stage).index))
        else:
            self.cases[first.id] = replace(first, stage=NEXT[first.stage])
            self.crews[crew.id] = replace(crew, on_urgent=first.is_urgent)

    @rule(pick=st.integers(0, 99))
    def a_crew_declines_what_it_has_not_begun(self, pick: int) -> None:
        case = self.pick(pick, Stage.GIVEN, Stage.SEEN)
        if case and case.crew_id:
            self.cases[case.id] = replace(
                case,
                stage=Stage.WAITING,
                crew_id=None,
                position=None,
                pinned_to=None,
                declined_by=case.declined_by | {case.crew_id},
            )

    @rule(pick=st.integers(0, 99))
    def a_crew_is_lost_or_heard_again(self, pick: int) -> None:
        crew = self.crews[1 + pick % len(self.crews)]
        self.crews[crew.id] = replace(crew, in_contact=not crew.in_contact)

    @rule(pick=st.integers(0, 99))
    def a_crew_takes_its_break_or_ends_it(self, pick: int) -> None:
        crew = self.crews[1 + pick % len(self.crews)]
        self.crews[crew.id] = replace(crew, on_break=not crew.on_break)

    @rule(pick=st.integers(0, 99))
    def the_dispatcher_pins_a_job_where_it_is(self, pick: int) -> None:
        case = self.pick(pick, Stage.GIVEN, Stage.SEEN)
        if case:
            self.cases[case.id] = replace(case, pinned_to=case.crew_id)

    @rule(pick=st.integers(0, 99))
    def the_dispatcher_holds_a_case_or_lets_it_go(self, pick: int) -> None:
        case = self.pick(pick, Stage.WAITING)
        if case:
            self.cases[case.id] = replace(case, is_held=not case.is_held, crew_id=None, position=None)

    @precondition(lambda self: self.cases)
    @rule(rounds=st.integers(0, 60), seed=st.integers(0, 5), given_ahead=st.integers(1, 9))
    def the_city_plans(self, rounds: int, seed: int, given_ahead: int) -> None:
        cases, crews = list(self.cases.values()), list(self.crews.values())
        plan = plan_day(cases, crews, self.now, budget=Budget(iterations=rounds), seed=seed, engine=ENGINE)
        self.wrong += broken_promises(cases, crews, plan, RULES)
        self.hand_out(plan, given_ahead)

    def hand_out(self, plan: DayPlan, given_ahead: int) -> None:
        """The first stops of each route are given; the rest is meant for the crew, no more."""
        for case in list(self.cases.values()):
            if case.stage not in UNDER_WAY:
                self.cases[case.id] = replace(case, crew_id=None, position=None)
        for route in plan.routes:
            for position, case_id in enumerate(route.case_ids):
                case = self.cases[case_id]
                was_theirs = case.stage in IN_HANDS and case_id not in {h.case_id for h in plan.hand_overs}
                stage = case.stage if was_theirs else Stage.GIVEN if position < given_ahead else Stage.WAITING
                self.cases[case_id] = replace(case, stage=stage, crew_id=route.crew_id, position=position)
        for still in plan.waiting:
            self.cases[still.case_id] = replace(self.cases[still.case_id], stage=Stage.WAITING)

    def list_of(self, crew_id: int) -> list[OpenCase]:
        theirs = [c for c in self.cases.values() if c.stage in IN_HANDS and c.crew_id == crew_id]
        return sorted(theirs, key=lambda c: (c.stage not in UNDER_WAY, c.position or 0))

    def pick(self, number: int, *stages: Stage) -> OpenCase | None:
        fitting = [c for c in self.cases.values() if c.stage in stages]
        return fitting[number % len(fitting)] if fitting else None

    @invariant()
    def every_promise_is_kept(self) -> None:
        assert self.wrong == []

    @invariant()
    def no_crew_is_given_more_than_it_has_room_for(self) -> None:
        for crew in self.crews.values():
            assert len(self.list_of(crew.id)) <= crew.capacity


ENGINE = compile_ahead()
TestAnyDay = AnyDay.TestCase
TestAnyDay.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
