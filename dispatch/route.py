"""In which order a crew goes to its jobs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dispatch.distance import CrewIndex
from dispatch.types import Point

DAY_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class Stop:
    """A job in a crew's hands. `is_fixed`: the crew is on its way to it or there; it stays first."""

    case_id: int
    point: Point
    due_at: float | None = None
    is_fixed: bool = False


def order_stops(start: Point, stops: Sequence[Stop], now: float) -> list[int]:
    """The case ids in the order to visit them.

    First what the crew is already at; then what is late or due within 24 hours; then the rest. Within each, always
    the nearest of those left (ties by due time, then id).
    """
    order: list[int] = []
    here = start
    for group in _groups(stops, now):
        left = sorted(group, key=lambda s: (s.due_at if s.due_at is not None else float("inf"), s.case_id))
        while left:
            nearest, _ = CrewIndex([s.point for s in left]).nearest(here)
            stop = left.pop(nearest)
            order.append(stop.case_id)
            here = stop.point
    return order


def _groups(stops: Sequence[Stop], now: float) -> tuple[list[Stop], list[Stop], list[Stop]]:
    fixed = [s for s in stops if s.is_fixed]
    soon = [s for s in stops if not s.is_fixed and s.due_at is not None and s.due_at <= now + DAY_S]
    later = [s for s in stops if not s.is_fixed and (s.due_at is None or s.due_at > now + DAY_S)]
    return fixed, soon, later
