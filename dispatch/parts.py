"""The city cut into parts that have nothing to do with each other, each as the arrays that the kernel searches.

A part is the crews that share a department, lent crews joining departments, and the cases these may take.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dispatch import kernel
from dispatch.distance import LegsOf, metres_between, metres_by_air
from dispatch.eligibility import refusal_in_plan, who_may
from dispatch.types import CrewOnDuty, Legs, OpenCase, Rules, Stage

IN_HANDS = (Stage.GIVEN, Stage.SEEN, Stage.EN_ROUTE, Stage.ON_SITE)
UNDER_WAY = (Stage.ON_SITE, Stage.EN_ROUTE)
NEIGHBOURS = 40  # nearest stops beside which a stop's place is looked for
MOST_AT_ONE_PLACE = 4  # cases of one stop: a crew with less room than that could take none of them
# Cases weighed against each other in a part: so many, or so many for each job that its crews have room for.
MOST_WEIGHED = 400
MOST_WEIGHED_PER_ROOM = 3
NO_WAY = 1e7  # metres and seconds where a matrix has infinity: far more than leaving a case out costs


@dataclass(frozen=True, slots=True)
class CityPart:
    """Crews in the order of their codes; stops, each one case or several of one service at one place."""

    crews: tuple[CrewOnDuty, ...]
    stops: tuple[tuple[OpenCase, ...], ...]
    begins: tuple[tuple[int, ...], ...]  # for each crew, its stops as they are or were last meant to be
    not_weighed: tuple[OpenCase, ...]
    arrays: kernel.Part
    legs: Legs  # of the stops, then of the crews' starts


def cut_into_parts(
    cases: Sequence[OpenCase], crews: Sequence[CrewOnDuty], now: float, legs_of: LegsOf, rules: Rules
) -> list[CityPart]:
    """The parts that have crews. Cases that are held, or in the hands of a crew that is not given, are in none."""
    group_of = _joined_departments(crews)
    members: dict[int, list[CrewOnDuty]] = defaultdict(list)
    for crew in sorted(crews, key=lambda c: (c.code, c.id)):
        members[group_of[crew.department_id]].append(crew)
    group_of_crew = {crew.id: group_of[crew.department_id] for crew in crews}
    theirs: dict[int, list[OpenCase]] = defaultdict(list)
    for case in sorted(cases, key=lambda c: c.id):
        if case.stage in IN_HANDS:
            if case.crew_id in group_of_crew:
                theirs[group_of_crew[case.crew_id]].append(case)
        elif not case.is_held and case.department_id in group_of:
            theirs[group_of[case.department_id]].append(case)
    return [_part(theirs[group], members[group], now, legs_of, rules) for group in sorted(members)]


def _joined_departments(crews: Sequence[CrewOnDuty]) -> dict[int, int]:
    """Department -> the least department it is joined with by a crew that works for both."""
    least: dict[int, int] = {}

    def find(department: int) -> int:
        least.setdefault(department, department)
        while least[department] != department:
            department = least[department]
        return department

    for crew in crews:
        for other in (crew.department_id, *crew.lent_to):
            a, b = find(crew.department_id), find(other)
            least[max(a, b)] = min(a, b)
    return {department: find(department) for department in list(least)}


def _part(cases: list[OpenCase], crews: list[CrewOnDuty], now: float, legs_of: LegsOf, rules: Rules) -> CityPart:
    cases, not_weighed = _worth_weighing(cases, crews, now, rules)
    stops = _same_place(cases, now, rules)
    positions = {crew.id: r for r, crew in enumerate(crews)}
    begins, fixed, locked = _lists(stops, crews, positions, rules)
    legs = legs_of([stop[0].point for stop in stops] + [crew.point for crew in crews])
    n = len(stops)
    lateness = np.array([lateness_of(stop[0], now, rules) for stop in stops]).reshape(n, 2)
    jobs = np.array([len(stop) for stop in stops], dtype=np.int64)
    late_m_per_s = lateness[:, 1] * jobs / 3600.0
    left_out = np.array([sum(left_out_in_metres(case, now, rules) for case in stop) for stop in stops])
    metres = np.minimum(legs.metres[:, :n], NO_WAY).astype(np.float32)
    ends = np.array([c.shift_ends_at - now if c.shift_ends_at is not None else kernel.NEVER for c in crews])
    in_hands = [stop[0].stage in IN_HANDS for stop in stops]
    arrays = kernel.Part(
        metres=np.ascontiguousarray(metres),
        seconds=np.ascontiguousarray(np.minimum(legs.seconds[:, :n], NO_WAY).astype(np.float32)),
        near=_nearest_columns(metres[:n], min(NEIGHBOURS, n - 1)),
        near_crews=np.ascontiguousarray(np.argsort(metres[n:], axis=0, kind="stable").T.astype(np.int64)),
        work_s=np.array([sum(case.work_s for case in stop) for stop in stops]),
        jobs=jobs,
        due_s=np.ascontiguousarray(lateness[:, 0]),
        late_m_per_s=late_m_per_s,
        left_out_m=left_out,
        hand_over_m=np.array([rules.hand_over_m if stop[0].stage is Stage.SEEN else 0.0 for stop in stops]),
        holder=np.array(
            [positions[stop[0].crew_id or 0] if held else kernel.NOWHERE for stop, held in zip(stops, in_hands, strict=True)],
            dtype=np.int64,
        ),
        is_locked=np.array([i in locked for i in range(n)], dtype=np.bool_),
        is_urgent=np.array([stop[0].is_urgent for stop in stops], dtype=np.bool_),
        stays=np.array([i in locked or _is_pinned_in_hands(stop[0]) for i, stop in enumerate(stops)], dtype=np.bool_),
        scans_all=(late_m_per_s > 0.0) & (lateness[:, 0] < rules.horizon_s),
        may=_may(stops, crews),
        capacity=np.array([c.capacity for c in crews], dtype=np.int64),
        fixed=np.array(fixed, dtype=np.int64),
        free_s=np.array([max(0.0, c.free_at - now) if c.free_at is not None else 0.0 for c in crews]),
        shift_s=ends,
        latest_s=ends + rules.overtime_limit_s,
        break_from_s=np.array([c.break_from - now if c.break_from is not None else kernel.NEVER for c in crews]),
        break_s=np.array([c.break_s for c in crews], dtype=np.float64),
        overtime_m_per_s=rules.overtime_m_per_h / 3600.0,
    )
    return CityPart(tuple(crews), tuple(stops), tuple(begins), tuple(not_weighed), arrays, legs)


def _worth_weighing(
    cases: list[OpenCase], crews: list[CrewOnDuty], now: float, rules: Rules
) -> tuple[list[OpenCase], list[OpenCase]]:
    """Leave out what has no chance when far more waits than there is room for: first urgent, then due, then near."""
    waiting = [case for case in cases if case.stage not in IN_HANDS]
    room = sum(crew.capacity for crew in crews) - (len(cases) - len(waiting))
    most = max(MOST_WEIGHED, MOST_WEIGHED_PER_ROOM * room)
    if len(waiting) <= most:
        return cases, []
    nearest = metres_by_air([crew.point for crew in crews], [case.point for case in waiting]).min(axis=0)

    def chance(k: int) -> tuple[bool, float, float, int]:
        due = waiting[k].due_at
        soon = due if due is not None and due < now + rules.horizon_s else float("inf")
        return not waiting[k].is_urgent, soon, round(float(nearest[k]), 1), waiting[k].id

    ranked = sorted(range(len(waiting)), key=chance)
    out = {waiting[k].id for k in ranked[most:]}
    return [case for case in cases if case.id not in out], [case for case in cases if case.id in out]


def _same_place(cases: list[OpenCase], now: float, rules: Rules) -> list[tuple[OpenCase, ...]]:
    """Waiting cases of one service within same_place_m of the first of them, as one stop."""
    stops: list[list[OpenCase]] = []
    alike: dict[object, list[int]] = defaultdict(list)
    for case in cases:
        key = _what_must_be_alike(case, now, rules)
        if key is not None:
            home = next(
                (k for k in alike[key] if len(stops[k]) < MOST_AT_ONE_PLACE and _are_close(stops[k][0], case, rules.same_place_m)),
                None,
            )
            if home is not None:
                stops[home].append(case)
                continue
            alike[key].append(len(stops))
        stops.append([case])
    return [tuple(stop) for stop in stops]


def _what_must_be_alike(case: OpenCase, now: float, rules: Rules) -> object | None:
    if case.stage in IN_HANDS or not case.service:
        return None
    due_s, m_per_h = lateness_of(case, now, rules)
    clock = due_s if m_per_h > 0 and due_s < rules.horizon_s else None
    return (
        case.service, case.department_id, case.skills, case.district_id, case.territory_ids, case.declined_by, case.pinned_to, case.is_urgent,
        case.crew_id, clock,
    )  # fmt: skip


def _are_close(a: OpenCase, b: OpenCase, metres: float) -> bool:
    # A minute of latitude is 1.8 km: whoever is not even within a thousandth of a degree need not be measured.
    return abs(a.point.latitude - b.point.latitude) < 1e-3 and metres_between(a.point, b.point) <= metres


def lateness_of(case: OpenCase, now: float, rules: Rules) -> tuple[float, float]:
    """(seconds from now when lateness begins to cost, metres' worth an hour from then on)."""
    if case.is_urgent:
        return 0.0, rules.urgent_m_per_h
    if case.due_at is None:
        return kernel.NEVER, 0.0
    if case.due_at < now:
        return 0.0, rules.overdue_m_per_h
    return case.due_at - now, rules.late_m_per_h


def lateness_in_metres(case: OpenCase, ends_at: float, now: float, rules: Rules) -> float:
    """What it costs that a case is done at that moment (see Rules)."""
    due_s, m_per_h = lateness_of(case, now, rules)
    return max(0.0, ends_at - now - due_s) * m_per_h / 3600.0


def left_out_in_metres(case: OpenCase, now: float, rules: Rules) -> float:
    """What it costs to leave a case without a crew."""
    once = rules.left_out_m * (10 if case.is_urgent else 1)
    return once + lateness_in_metres(case, now + rules.horizon_s, now, rules)


def _lists(
    stops: Sequence[tuple[OpenCase, ...]], crews: Sequence[CrewOnDuty], positions: dict[int, int], rules: Rules
) -> tuple[list[tuple[int, ...]], list[int], set[int]]:
    """(each crew's list of stops, how many of its first nothing may precede, all stops the planner leaves alone)."""
    lists: list[list[int]] = [[] for _ in crews]
    for i, stop in enumerate(stops):
        if stop[0].crew_id in positions:
            lists[positions[stop[0].crew_id]].append(i)
    fixed, locked = [], set()
    for r, crew in enumerate(crews):
        lists[r].sort(key=lambda i: _place_in_list(stops[i][0]))
        held = [i for i in lists[r] if stops[i][0].stage in IN_HANDS]
        under_way = [i for i in held if stops[i][0].stage in UNDER_WAY]
        if crew.in_contact:
            fixed.append(len(under_way))
            mine = [i for i in held if i not in under_way]
            locked |= {*under_way, *mine[: rules.frozen_stops], *(i for i in mine if stops[i][0].is_held)}
        else:
            lists[r] = held
            fixed.append(len(held))
            locked |= set(held)
    return [tuple(stops_of_crew) for stops_of_crew in lists], fixed, locked


def _place_in_list(case: OpenCase) -> tuple[int, bool, int, int]:
    rank = UNDER_WAY.index(case.stage) if case.stage in UNDER_WAY else len(UNDER_WAY)
    return rank, case.position is None, case.position or 0, case.id


def _is_pinned_in_hands(case: OpenCase) -> bool:
    return case.stage in IN_HANDS and case.pinned_to is not None and case.pinned_to == case.crew_id


def _may(stops: Sequence[tuple[OpenCase, ...]], crews: Sequence[CrewOnDuty]) -> NDArray[np.bool_]:
    """Shape (crews, stops): fit for it, or holding it already."""
    may = who_may([stop[0] for stop in stops], crews, refusal_in_plan)
    for i, stop in enumerate(stops):
        if stop[0].stage in IN_HANDS:
            may[:, i] |= np.array([crew.id == stop[0].crew_id for crew in crews])
    return may


def _nearest_columns(metres: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """For each stop its k nearest others, nearest first; ties by the smaller number. Shape (n, k)."""
    if k < 1:
        return np.zeros((len(metres), 0), dtype=np.int64)
    near = metres.copy()
    np.fill_diagonal(near, np.inf)
    return np.ascontiguousarray(np.argsort(near, axis=1, kind="stable")[:, :k].astype(np.int64))
