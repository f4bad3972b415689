"""Each open case to the nearest available crew of its responsible department."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from dispatch.distance import CrewIndex, metres_by_air
from dispatch.eligibility import refusal, who_may
from dispatch.types import Assignment, Candidate, CrewOnDuty, Plan, Refusal, StillWaiting, Waiting, WaitingCase

# How many nearer, refused crews are kept with a decision: enough to answer "why not that one?", not a phone book.
NEARER_KEPT = 5
SAME_METRES = 0.001


def plan_assignments(cases: Sequence[WaitingCase], crews: Sequence[CrewOnDuty]) -> Plan:
    """Give each case to the nearest crew that may take it, the most urgent case first.

    First those marked urgent; then the earliest due, then opened first, then the smaller id. Equal distances: less load, then the crew's code.
    The order in which cases and crews are given does not matter. A crew's load grows with each case it gets.
    """
    on_duty = _OnDuty(crews)
    return _plan([on_duty.decide(case) for case in sorted(cases, key=urgency)], on_duty.loads)


def assign_free_crews(cases: Sequence[WaitingCase], crews: Sequence[CrewOnDuty]) -> Plan:
    """Give each crew without a job the nearest case that it may take; everything else waits until a crew comes free.

    Urgent cases first, then the shortest way of all. Ties: the case opened first, the crew's code.
    """
    on_duty = _OnDuty([replace(crew, capacity=min(crew.capacity, 1)) for crew in crews])
    left = sorted(cases, key=urgency)
    decisions = [on_duty.decide(case) for case in left if case.is_urgent]
    left = [case for case in left if not case.is_urgent]
    free = [crew for crew in crews if on_duty.loads[crew.id] < min(crew.capacity, 1)]
    metres = metres_by_air([crew.point for crew in free], [case.point for case in left])
    metres[~who_may(left, free, lambda crew, case: refusal(crew, case, 0))] = np.inf
    metres[:, [case.is_held for case in left]] = np.inf
    while metres.size and np.isfinite(metres.min()):
        # The case that is nearest to a free crew; that crew is then the nearest one free for it.
        nearest = metres.min(axis=0)
        case = next(i for i in range(len(left)) if nearest[i] <= nearest.min() + SAME_METRES)
        decision = on_duty.decide(left[case])
        assert isinstance(decision, Assignment), "a crew that may take it and is free was just found"
        decisions.append(decision)
        metres[:, case] = np.inf
        metres[[crew.id == decision.crew_id for crew in free], :] = np.inf
    decided = {decision.case_id for decision in decisions}
    decisions += [on_duty.decide(case) for case in left if case.id not in decided]
    return _plan(decisions, on_duty.loads)


def _plan(decisions: Sequence[Assignment | StillWaiting], loads: dict[int, int]) -> Plan:
    return Plan(
        tuple(d for d in decisions if isinstance(d, Assignment)), tuple(d for d in decisions if isinstance(d, StillWaiting)), loads
    )


class _OnDuty:
    """The crews of each department, those lent to it included, and how much each holds as cases are given out."""

    def __init__(self, crews: Sequence[CrewOnDuty]) -> None:
        members: dict[int, list[CrewOnDuty]] = defaultdict(list)
        for crew in sorted(crews, key=lambda c: c.code):
            for department in {crew.department_id, *crew.lent_to}:
                members[department].append(crew)
        self.members = members
        self.indexes = {department: CrewIndex([c.point for c in those]) for department, those in members.items()}
        self.loads = {crew.id: crew.load for crew in crews}

    def decide(self, case: WaitingCase) -> Assignment | StillWaiting:
        """The nearest that may, whose load grows; or why none may."""
        if case.is_held:
            return StillWaiting(case.id, Waiting.HELD)
        if case.department_id not in self.members:
            return StillWaiting(case.id, Waiting.NO_CREW_ON_DUTY)
        decision = _decide(case, self.members[case.department_id], self.indexes[case.department_id], self.loads)
        if isinstance(decision, Assignment):
            self.loads[decision.crew_id] += 1
        return decision


def urgency(case: WaitingCase) -> tuple[bool, float, float, int]:
    """The order in which cases are given out one after the other."""
    return not case.is_urgent, case.due_at if case.due_at is not None else float("inf"), case.opened_at, case.id


def _decide(case: WaitingCase, members: Sequence[CrewOnDuty], index: CrewIndex, loads: dict[int, int]) -> Assignment | StillWaiting:
    refusals = [refusal(crew, case, loads[crew.id]) for crew in members]
    if all(refusals):
        return _still_waiting(case, members, index, refusals)
    nearer: list[Candidate] = []
    tied: list[Candidate] = []  # the nearest that may, and whoever is exactly as near
    runner_up: Candidate | None = None
    for position, metres in index.by_distance(case.point):
        crew, why_not = members[position], refusals[position]
        candidate = Candidate(crew.id, crew.code, metres, why_not)
        if why_not is not None:
            if not tied and len(nearer) < NEARER_KEPT:
                nearer.append(candidate)
        elif not tied or metres == tied[0].metres:
            tied.append(candidate)
        else:
            runner_up = candidate
            break
    ranked = sorted(tied, key=lambda c: (loads[c.crew_id], c.code))
    chosen = ranked[0]
    return Assignment(
        case.id,
        chosen.crew_id,
        chosen.metres,
        nearer=tuple(nearer),
        runner_up=ranked[1] if len(ranked) > 1 else runner_up,
        considered=len(members),
    )


def _still_waiting(
    case: WaitingCase, members: Sequence[CrewOnDuty], index: CrewIndex, refusals: Sequence[Refusal | None]
) -> StillWaiting:
    nearest = []
    for position, metres in index.by_distance(case.point):
        nearest.append(Candidate(members[position].id, members[position].code, metres, refusals[position]))
        if len(nearest) == NEARER_KEPT:
            break
    could_if_free = any(why_not is Refusal.FULL for why_not in refusals)
    return StillWaiting(case.id, Waiting.ALL_FULL if could_if_free else Waiting.NONE_SUITABLE, tuple(nearest))
