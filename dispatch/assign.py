"""Each open case to the nearest available crew of its responsible department."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from dispatch.distance import CrewIndex
from dispatch.eligibility import refusal
from dispatch.types import Assignment, Candidate, CrewOnDuty, Plan, Refusal, StillWaiting, Waiting, WaitingCase

# How many nearer, refused crews are kept with a decision: enough to answer "why not that one?", not a phone book.
NEARER_KEPT = 5


def plan_assignments(cases: Sequence[WaitingCase], crews: Sequence[CrewOnDuty]) -> Plan:
    """Give each case to the nearest crew that may take it, the most urgent case first.

    Urgent: earliest due, then opened first, then the smaller id. Equal distances: less load, then the crew's code.
    The order in which cases and crews are given does not matter. A crew's load grows with each case it gets.
    """
    by_department: dict[int, list[CrewOnDuty]] = defaultdict(list)
    for crew in sorted(crews, key=lambda c: c.code):
        by_department[crew.department_id].append(crew)
    indexes = {department: CrewIndex([c.point for c in members]) for department, members in by_department.items()}
    loads = {crew.id: crew.load for crew in crews}

    assignments: list[Assignment] = []
    waiting: list[StillWaiting] = []
    for case in sorted(cases, key=_urgency):
        members = by_department.get(case.department_id, [])
        if not members:
            waiting.append(StillWaiting(case.id, Waiting.NO_CREW_ON_DUTY))
            continue
        decision = _decide(case, members, indexes[case.department_id], loads)
        if isinstance(decision, Assignment):
            loads[decision.crew_id] += 1
            assignments.append(decision)
        else:
            waiting.append(decision)
    return Plan(tuple(assignments), tuple(waiting), loads)


def _urgency(case: WaitingCase) -> tuple[float, float, int]:
    return (case.due_at if case.due_at is not None else float("inf"), case.opened_at, case.id)


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
