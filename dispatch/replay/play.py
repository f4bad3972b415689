"""A day lived through: cases are opened, crews drive, work and come free, and a policy decides in between.

From event to event, to the second. The rules are the same for every policy: a crew goes to the jobs of its list in
their order, at the speed that `legs_of` says, works its `work_s` at each, and begins no job that would end after its
shift. It has read its list as soon as it changes, so every job that a policy moves is a hand-over.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from dispatch.distance import LegsOf, legs_by_air
from dispatch.replay.day import Day
from dispatch.types import CrewOnDuty, OpenCase, Point


@dataclass(frozen=True, slots=True)
class Visit:
    """A job that a crew drove to and did. `metres` is the way there."""

    case_id: int
    crew_id: int
    left_at: float
    arrived_at: float
    done_at: float
    metres: float


@dataclass(frozen=True, slots=True)
class Played:
    """What became of a day: `visits` in the order in which they ended."""

    day: Day
    visits: tuple[Visit, ...]
    hand_overs: int  # jobs moved from one crew's list to another's, or back to nobody's
    decisions: int  # how often the policy was asked and changed or kept the lists


@dataclass(slots=True)
class Situation:
    """The city at a moment, as a policy may know it. Not to be changed by it."""

    now: float
    ends_at: float  # of the shift
    legs_of: LegsOf
    crews: Mapping[int, CrewOnDuty]  # at their starts
    cases: dict[int, OpenCase] = field(default_factory=dict)  # known, and neither done nor under way
    lists: dict[int, list[int]] = field(default_factory=dict)  # crew -> its jobs, next first
    under_way: dict[int, Visit] = field(default_factory=dict)  # crew -> the job it drives to or works at
    places: dict[int, Point] = field(default_factory=dict)  # crew -> where it is, or will be when it comes free

    def waiting(self) -> list[OpenCase]:
        held = {case_id for jobs in self.lists.values() for case_id in jobs}
        return [case for case in self.cases.values() if case.id not in held]

    def visit(self, crew_id: int, case: OpenCase) -> Visit | None:
        """How it would be if the crew, where it is, went there now; None if its shift would be over before it is done."""
        legs = self.legs_of([self.places[crew_id], case.point])
        arrives = self.now + float(legs.seconds[0, 1])
        if arrives + case.work_s > self.ends_at:
            return None
        return Visit(case.id, crew_id, self.now, arrives, arrives + case.work_s, float(legs.metres[0, 1]))


@dataclass(frozen=True, slots=True)
class Happened:
    """Since the policy was asked last."""

    opened: tuple[int, ...] = ()  # cases
    freed: tuple[int, ...] = ()  # crews that finished a job
    is_time: bool = False  # the moment came that the policy asked for (Policy.every_s)


@dataclass(frozen=True, slots=True)
class Policy:
    """`decide` gives lists anew for the crews whose list it changes, or None if it changes nothing."""

    name: str
    decide: Callable[[Situation, Happened], Mapping[int, Sequence[int]] | None]
    every_s: float | None = None


def play(day: Day, policy: Policy, legs_of: LegsOf = legs_by_air) -> Played:
    """Live through the day. ValueError if the policy gives a job twice, or one that is not open."""
    return _Run(day, policy, legs_of).to_its_end()


class _Run:
    def __init__(self, day: Day, policy: Policy, legs_of: LegsOf) -> None:
        self.day, self.policy = day, policy
        self.city = Situation(day.starts_at, day.ends_at, legs_of, {crew.id: crew for crew in day.crews})
        self.city.lists = {crew.id: [] for crew in day.crews}
        self.city.places = {crew.id: crew.point for crew in day.crews}
        self.visits: list[Visit] = []
        self.hand_overs = self.decisions = 0
        known = [case for case in day.cases if case.opened_at < day.starts_at]
        self.city.cases = {case.id: case for case in known}
        # (moment, case opened or -1, crew freed or -1); both -1: it is time.
        self.events = [(case.opened_at, case.id, -1) for case in day.cases if day.starts_at <= case.opened_at < day.ends_at]
        if policy.every_s:
            self.events += [
                (day.starts_at + k * policy.every_s, -1, -1) for k in range(1, int((day.ends_at - day.starts_at) / policy.every_s))
            ]
        heapq.heapify(self.events)
        self.cases = {case.id: case for case in day.cases}

    def to_its_end(self) -> Played:
        self._ask(Happened(opened=tuple(self.city.cases), is_time=True))
        while self.events:
            self.city.now = self.events[0][0]
            opened, freed, is_time = [], [], False
            while self.events and self.events[0][0] == self.city.now:
                _, case_id, crew_id = heapq.heappop(self.events)
                if crew_id >= 0:
                    self.visits.append(self.city.under_way.pop(crew_id))
                    freed.append(crew_id)
                elif case_id >= 0:
                    self.city.cases[case_id] = self.cases[case_id]
                    opened.append(case_id)
                else:
                    is_time = True
            self._ask(Happened(tuple(opened), tuple(freed), is_time))
        return Played(self.day, tuple(self.visits), self.hand_overs, self.decisions)

    def _ask(self, happened: Happened) -> None:
        changed = self.policy.decide(self.city, happened)
        if changed is not None:
            self.decisions += 1
            self._take(changed)
        for crew_id in self.city.crews:
            if crew_id not in self.city.under_way and self.city.lists[crew_id]:
                self._send_on(crew_id)

    def _take(self, changed: Mapping[int, Sequence[int]]) -> None:
        city = self.city
        before = {case_id: crew_id for crew_id, jobs in city.lists.items() for case_id in jobs}
        city.lists |= {crew_id: list(jobs) for crew_id, jobs in changed.items()}
        after: dict[int, int] = {}
        for crew_id, jobs in city.lists.items():
            for case_id in jobs:
                if case_id in after or case_id not in city.cases:
                    raise ValueError(f"{self.policy.name} gives crew {crew_id} case {case_id}, which it cannot")
                after[case_id] = crew_id
        self.hand_overs += sum(after.get(case_id) != crew_id for case_id, crew_id in before.items())

    def _send_on(self, crew_id: int) -> None:
        """To the first job of its list that it can finish within its shift, if there is one."""
        city = self.city
        for case_id in city.lists[crew_id]:
            case = city.cases[case_id]
            visit = city.visit(crew_id, case)
            if visit is not None:
                city.lists[crew_id].remove(case_id)
                del city.cases[case_id]
                city.under_way[crew_id] = visit
                city.places[crew_id] = case.point
                heapq.heappush(self.events, (visit.done_at, -1, crew_id))
                return
