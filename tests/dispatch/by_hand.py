"""Dispatch counted by hand: every eligible crew measured with geopy, for each case in turn. Slow, and plainly right."""

from __future__ import annotations

from collections.abc import Sequence

from geopy.distance import geodesic

from dispatch.eligibility import refusal
from dispatch.types import CrewOnDuty, WaitingCase


def nearest_by_hand(cases: Sequence[WaitingCase], crews: Sequence[CrewOnDuty]) -> dict[int, int]:
    """Case id -> crew id, the most urgent case first; a case that no crew may take is left out."""
    loads = {crew.id: crew.load for crew in crews}
    chosen: dict[int, int] = {}
    for case in sorted(cases, key=lambda c: (c.due_at if c.due_at is not None else float("inf"), c.opened_at, c.id)):
        ranked = sorted(
            (
                geodesic((crew.point.latitude, crew.point.longitude), (case.point.latitude, case.point.longitude)).meters,
                loads[crew.id],
                crew.code,
                crew.id,
            )
            for crew in crews
            if refusal(crew, case, loads[crew.id]) is None
        )
        if ranked:
            chosen[case.id] = ranked[0][3]
            loads[ranked[0][3]] += 1
    return chosen
