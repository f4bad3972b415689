"""Small made-up towns for the planner's tests, and the promises that every plan has to keep."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from dispatch.eligibility import unfitness
from dispatch.types import CrewOnDuty, DayPlan, OpenCase, Point, Rules, Stage, Waiting

NOW = 1_000_000.0
HOUR = 3600.0
IN_HANDS = (Stage.GIVEN, Stage.SEEN, Stage.EN_ROUTE, Stage.ON_SITE)
UNDER_WAY = (Stage.EN_ROUTE, Stage.ON_SITE)

# On a grid of about 100 m: ties happen, and so do several cases at one place.
places = st.builds(lambda north, east: Point(42.30 + north / 1000, -71.10 + east / 1000), st.integers(0, 30), st.integers(0, 30))
skills = st.frozensets(st.sampled_from(["lift", "saw"]), max_size=1)
crews = st.builds(
    CrewOnDuty,
    id=st.integers(1, 9),
    code=st.text("AB", min_size=2, max_size=6),
    department_id=st.integers(1, 2),
    point=places,
    capacity=st.integers(0, 5),
    skills=skills | st.just(frozenset(["lift", "saw"])),
    district_ids=st.frozensets(st.integers(1, 2), max_size=1),
    on_break=st.sampled_from([False, False, False, True]),
    in_contact=st.sampled_from([True, True, True, False]),
    free_at=st.none() | st.floats(NOW - HOUR, NOW + HOUR),
    shift_ends_at=st.none() | st.floats(NOW, NOW + 4 * HOUR),
    break_from=st.none() | st.floats(NOW, NOW + 2 * HOUR),
    break_s=st.just(1800.0),
    lent_to=st.frozensets(st.integers(1, 2), max_size=1),
    on_urgent=st.sampled_from([False, False, True]),
)
open_cases = st.builds(
    OpenCase,
    id=st.integers(1, 99),
    point=places,
    department_id=st.integers(1, 3),
    opened_at=st.floats(NOW - 9 * HOUR, NOW),
    due_at=st.none() | st.floats(NOW - 3 * HOUR, NOW + 6 * HOUR),
    skills=skills,
    district_id=st.none() | st.integers(1, 2),
    declined_by=st.frozensets(st.integers(1, 9), max_size=2),
    is_urgent=st.sampled_from([False, False, False, True]),
    is_held=st.sampled_from([False, False, False, True]),
    pinned_to=st.none() | st.none() | st.integers(1, 9),
    service=st.sampled_from(["", "pothole"]),
    work_s=st.sampled_from([300.0, 1200.0]),
    stage=st.sampled_from([*Stage, Stage.WAITING, Stage.WAITING]),
    crew_id=st.integers(1, 9),
    position=st.none() | st.integers(0, 9),
)


def broken_promises(cases: Sequence[OpenCase], crews: Sequence[CrewOnDuty], plan: DayPlan, rules: Rules) -> list[str]:
    """What a plan did that it never may; empty if all is well."""
    wrong: list[str] = []
    case_of, crew_of = {c.id: c for c in cases}, {c.id: c for c in crews}
    planned = {case_id: route.crew_id for route in plan.routes for case_id in route.case_ids}
    elsewhere = {c.id for c in cases if c.stage in IN_HANDS and c.crew_id not in crew_of}
    everywhere = sorted([*(i for route in plan.routes for i in route.case_ids), *(w.case_id for w in plan.waiting), *elsewhere])
    if everywhere != sorted(case_of):
        wrong.append("a case is lost or doubled")
    for route in plan.routes:
        crew = crew_of[route.crew_id]
        here = [case_of[i] for i in route.case_ids]
        new = [c for c in here if not (c.stage in IN_HANDS and c.crew_id == crew.id)]
        if new and len(here) > crew.capacity:
            wrong.append(f"{crew.code} has {len(here)} jobs and room for {crew.capacity}")
        last = crew.shift_ends_at + rules.overtime_limit_s if crew.shift_ends_at is not None else float("inf")
        if new and route.ends_at > last + 0.01:
            wrong.append(f"{crew.code} got new work beyond its shift")
        wrong += [f"{crew.code} may not do {c.id}: {unfitness(crew, c)}" for c in new if unfitness(crew, c)]
        wrong += [f"{c.id} is held" for c in new if c.is_held]
        if new and crew.on_break and crew.free_at is None:
            wrong.append(f"{crew.code} is on a break without end")
        under_way = [c.id for c in here if c.stage in UNDER_WAY and c.crew_id == crew.id]
        if [c.id for c in here[: len(under_way)]] != under_way:
            wrong.append(f"{crew.code} has something before what is under way")
        if not crew.in_contact and [c.id for c in here] != list_of(cases, crew.id):
            wrong.append(f"{crew.code} is out of contact and its list changed")
        frozen = [i for i in list_of(cases, crew.id) if i not in under_way][: rules.frozen_stops]
        order = [c.id for c in here]
        if [i for i in order if i in frozen] != frozen:
            wrong.append(f"{crew.code} lost a frozen stop, or they changed their order")
        elif frozen:
            before = here[: order.index(frozen[-1])]
            wrong += [
                f"{c.id} was put before {crew.code}'s frozen stops" for c in before if c.crew_id != crew.id and not c.is_urgent
            ]
    for case in cases:
        if case.stage in IN_HANDS and case.crew_id in crew_of:
            stays = case.stage in UNDER_WAY or case.pinned_to == case.crew_id or case.is_held
            if stays and planned.get(case.id) != case.crew_id:
                wrong.append(f"{case.id} was taken from its crew: {case.stage}")
    held_back = {w.case_id for w in plan.waiting if w.why is Waiting.HELD}
    if held_back != {c.id for c in cases if c.is_held and c.stage is Stage.WAITING}:
        wrong.append("what is held and what waits as held differ")
    return wrong


def list_of(cases: Sequence[OpenCase], crew_id: int) -> list[int]:
    """A crew's list in its order: on site, under way, then by position."""
    theirs = [c for c in cases if c.stage in IN_HANDS and c.crew_id == crew_id]
    first = {Stage.ON_SITE: 0, Stage.EN_ROUTE: 1}
    return [c.id for c in sorted(theirs, key=lambda c: (first.get(c.stage, 2), c.position is None, c.position or 0, c.id))]
