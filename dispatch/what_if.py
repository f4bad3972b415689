"""What a crew's round costs as it stands, and what it would cost with some jobs more or fewer. Nothing is planned anew."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from dispatch.distance import LegsOf, legs_by_air
from dispatch.parts import UNDER_WAY, lateness_in_metres
from dispatch.types import CrewOnDuty, CrewRoute, Legs, OpenCase, PlannedStop, Refusal, Rules


@dataclass(frozen=True, slots=True)
class CrewPrice:
    """A crew's round before and after. `late_before`, `late_after`: case id -> seconds after its due moment."""

    crew: CrewOnDuty
    is_on_duty: bool
    before: CrewRoute
    after: CrewRoute
    late_before: Mapping[int, float]
    late_after: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class CasePrice:
    """A moved case in its new round. `refusal`: why dispatch by itself would not; the office may all the same.

    `place` (from 1) and `ends_at` (seconds since 1970): None if its place is not known, so that no way can be reckoned.
    """

    case_id: int
    number: str
    refusal: Refusal | None = None
    place: int | None = None
    ends_at: float | None = None
    due_at: float | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """`crews`: who would get the cases, then who has them now. `source`: by what ways are reckoned ("air", "road" ...)."""

    crews: tuple[CrewPrice, ...]
    cases: tuple[CasePrice, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Ranked:
    """`added_m`: metres the case adds to the crew's round; `ends_at`: when it would be done (seconds since 1970).

    Both are None for a crew that cannot take it at all. `away_m`: by air, from where the crew is thought to be.
    """

    crew: CrewOnDuty
    has_it: bool
    away_m: float
    refusal: Refusal | None = None
    added_m: float | None = None
    ends_at: float | None = None
    late_s: float | None = None


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways between the starts of some crews and the places of some jobs, reckoned once."""

    legs: Legs
    start_of: Mapping[int, int]  # crew id -> row
    place_of: Mapping[int, int]  # case id -> row

    @classmethod
    def between(cls, crews: Sequence[CrewOnDuty], cases: Sequence[OpenCase], legs_of: LegsOf = legs_by_air) -> Ways:
        legs = legs_of([crew.point for crew in crews] + [case.point for case in cases])
        starts = {crew.id: row for row, crew in enumerate(crews)}
        return cls(legs, starts, {case.id: row for row, case in enumerate(cases, start=len(crews))})


def drive(crew: CrewOnDuty, jobs: Sequence[OpenCase], now: float, ways: Ways) -> CrewRoute:
    """The crew's jobs in the order given, driven and worked one after the other, its break where a plan would put it."""
    clock = max(now, crew.free_at or now)
    here, has_rested = ways.start_of[crew.id], crew.break_from is None
    metres, seconds = ways.legs.metres, ways.legs.seconds
    stops = []
    for job in jobs:
        place = ways.place_of[job.id]
        arrives = clock + float(seconds[here, place])
        ends = arrives + job.work_s
        stops.append(PlannedStop((job.id,), job.point, arrives, ends, float(metres[here, place]), job.stage in UNDER_WAY))
        here, clock = place, ends
        if not has_rested and crew.break_from is not None and clock >= crew.break_from:
            has_rested, clock = True, clock + crew.break_s
    ends_at = stops[-1].ends_at if stops else clock
    over = max(0.0, ends_at - crew.shift_ends_at) if stops and crew.shift_ends_at is not None else 0.0
    return CrewRoute(crew.id, tuple(stops), sum(stop.metres for stop in stops), ends_at, over)


def cost_of_route(route: CrewRoute, cases: Mapping[int, OpenCase], now: float, rules: Rules) -> float:
    """Metres' worth of driving, lateness and overtime, as a plan would reckon it (Rules)."""
    late = sum(lateness_in_metres(cases[case_id], stop.ends_at, now, rules) for stop in route.stops for case_id in stop.case_ids)
    return route.metres + late + rules.overtime_m_per_h * route.overtime_s / 3600.0


def late_s(route: CrewRoute, cases: Mapping[int, OpenCase], now: float) -> dict[int, float]:
    """Case id -> seconds after its due moment, of those that can still be made now and would not be."""
    ends = {case_id: stop.ends_at for stop in route.stops for case_id in stop.case_ids}
    due = {case_id: cases[case_id].due_at for case_id in ends}
    return {i: ends[i] - at for i, at in due.items() if at is not None and now <= at < ends[i]}


def with_jobs(
    crew: CrewOnDuty, jobs: Sequence[OpenCase], added: Collection[OpenCase], now: float, ways: Ways, rules: Rules
) -> list[OpenCase]:
    """The crew's jobs with some more, the earliest due first, each where it costs least: nothing comes before what is under way."""
    cases = {case.id: case for case in (*jobs, *added)}
    order = list(jobs)
    for job in sorted(added, key=lambda c: (not c.is_urgent, c.due_at if c.due_at is not None else float("inf"), c.id)):
        first = sum(other.stage in UNDER_WAY for other in order)
        tried = [[*order[:place], job, *order[place:]] for place in range(first, len(order) + 1)]
        order = min(tried, key=lambda jobs: cost_of_route(drive(crew, jobs, now, ways), cases, now, rules))
    return order
