"""A day to play: its cases, each known from when it was opened, and crews for them.

A city's file says what was reported and when it was closed, not who was on duty. So the crews are made up, in the
proportions of the work, and begin where their department finished its last cases: the same for every policy.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dispatch.types import CrewOnDuty, OpenCase, Point


@dataclass(frozen=True, slots=True)
class PastCase:
    """A case as a file tells it. `point` is None where the place cannot be trusted: such a case waits for a person."""

    number: str
    department: str
    service: str
    point: Point | None
    opened_at: float
    due_at: float | None
    closed_at: float | None


@dataclass(frozen=True, slots=True)
class Setting:
    """What a file does not say. `open_at_start`: so many of the cases that are open when the shift begins are in play."""

    crews: int = 60
    capacity: int = 15  # jobs in a crew's list at once
    open_at_start: int = 600
    work_s: float = 1200.0  # at the place


@dataclass(frozen=True, slots=True)
class Day:
    """`cases` by number of opening; those opened before `starts_at` are known from the beginning."""

    starts_at: float
    ends_at: float
    cases: tuple[OpenCase, ...]
    crews: tuple[CrewOnDuty, ...]
    departments: tuple[str, ...]  # department id d is departments[d]
    without_place: int  # cases left to a person, and so to no policy


def choose_day(past: Iterable[PastCase], starts_at: float, ends_at: float, setting: Setting) -> Day:
    """The day from `starts_at` to `ends_at` (seconds since 1970).

    Of what is open when the shift begins, first what falls due within it, then the latest opened; then all that is
    opened during the shift. ValueError if there is nothing to do, or fewer crews than departments.
    """
    known = sorted(past, key=lambda case: (case.opened_at, case.number))
    open_now = [c for c in known if c.opened_at < starts_at and (c.closed_at is None or c.closed_at > starts_at)]
    open_now.sort(key=lambda c: (c.due_at is None or not starts_at <= c.due_at < ends_at, -c.opened_at, c.number))
    new = [c for c in known if starts_at <= c.opened_at < ends_at]
    placed = [c for c in open_now if c.point is not None][: setting.open_at_start] + [c for c in new if c.point is not None]
    if not placed:
        raise ValueError("there is no case with a place that was open or opened in that shift")
    placed.sort(key=lambda case: (case.opened_at, case.number))
    departments = tuple(sorted({case.department for case in placed}))
    share = apportion(Counter(case.department for case in placed), setting.crews)
    return Day(
        starts_at,
        ends_at,
        tuple(_open_case(i, case, departments, setting.work_s) for i, case in enumerate(placed)),
        tuple(_crews(known, placed, departments, share, starts_at, ends_at, setting.capacity)),
        departments,
        sum(case.point is None for case in (*open_now, *new)),
    )


def apportion(work: Counter[str], crews: int) -> dict[str, int]:
    """So many crews for each department: one, and each further one where a crew has most to do.

    ValueError if there are fewer crews than departments.
    """
    if crews < len(work):
        raise ValueError(f"{crews} crews are too few for {len(work)} departments with work: {', '.join(sorted(work))}")
    share = dict.fromkeys(sorted(work), 1)
    for _ in range(crews - len(work)):
        share[max(share, key=lambda department: work[department] / share[department])] += 1
    return share


def _open_case(number: int, case: PastCase, departments: Sequence[str], work_s: float) -> OpenCase:
    assert case.point is not None
    return OpenCase(
        id=number,
        point=case.point,
        department_id=departments.index(case.department),
        opened_at=case.opened_at,
        due_at=case.due_at,
        service=case.service,
        work_s=work_s,
    )


def _crews(
    known: Sequence[PastCase],
    placed: Sequence[PastCase],
    departments: Sequence[str],
    share: dict[str, int],
    starts_at: float,
    ends_at: float,
    capacity: int,
) -> list[CrewOnDuty]:
    """Each begins where its department closed a case last, every crew at another place as far as there are so many."""
    closed = sorted((c for c in known if c.closed_at is not None and c.closed_at < starts_at), key=lambda c: -(c.closed_at or 0))
    places: dict[str, list[Point]] = defaultdict(list)
    for case in (*closed, *placed):
        seen = places[case.department]
        if case.point is not None and len(seen) < share.get(case.department, 0) and case.point not in seen:
            seen.append(case.point)
    crews: list[CrewOnDuty] = []
    for number, department in enumerate(departments):
        for k in range(share[department]):
            point = places[department][k % len(places[department])]
            code = f"{department}-{k + 1:02d}"
            crews.append(CrewOnDuty(len(crews), code, number, point, capacity, shift_ends_at=ends_at))
    return crews
