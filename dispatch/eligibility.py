"""May this crew take this case? The first rule that says no gives its code."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from dispatch.types import CrewOnDuty, Refusal, WaitingCase


def refusal(crew: CrewOnDuty, case: WaitingCase, load: int) -> Refusal | None:
    """The reason why not now, or None. `load` is the number of jobs the crew holds, those just planned included."""
    if (never := unfitness(crew, case)) is not None:
        return never
    if crew.on_break:
        return Refusal.ON_BREAK
    if load >= crew.capacity:
        return Refusal.FULL
    return None


def unfitness(crew: CrewOnDuty, case: WaitingCase) -> Refusal | None:
    """The reason why not at all today, or None: what neither the end of a break nor an empty list would change."""
    if crew.department_id != case.department_id and case.department_id not in crew.lent_to:
        return Refusal.OTHER_DEPARTMENT
    if not case.skills <= crew.skills:
        return Refusal.SKILLS
    if not _may_go_there(crew, case):
        return Refusal.TERRITORY
    if crew.id in case.declined_by:
        return Refusal.DECLINED
    if case.pinned_to is not None and case.pinned_to != crew.id:
        return Refusal.PINNED
    if not crew.in_contact:
        return Refusal.OUT_OF_CONTACT
    if case.is_urgent and crew.on_urgent:
        return Refusal.ON_URGENT
    return None


def _may_go_there(crew: CrewOnDuty, case: WaitingCase) -> bool:
    if crew.territory_ids & case.territory_ids:
        return True
    if crew.district_ids:
        return case.district_id is None or case.district_id in crew.district_ids
    return not crew.territory_ids


def refusal_in_plan(crew: CrewOnDuty, case: WaitingCase) -> Refusal | None:
    """Why a crew can get no such case at any place of its route, or None. A break whose end is known is no reason."""
    if (never := unfitness(crew, case)) is not None:
        return never
    return Refusal.ON_BREAK if crew.on_break and crew.free_at is None else None


def who_may(
    cases: Sequence[WaitingCase], crews: Sequence[CrewOnDuty], refuse: Callable[[CrewOnDuty, WaitingCase], Refusal | None]
) -> NDArray[np.bool_]:
    """Shape (crews, cases): not refused. Cases that are alike to every rule are asked about once."""
    may = np.zeros((len(crews), len(cases)), dtype=np.bool_)
    known: dict[object, NDArray[np.bool_]] = {}
    for i, case in enumerate(cases):
        where = (case.district_id, case.territory_ids)
        kind = (case.department_id, case.skills, where, case.declined_by, case.pinned_to, case.is_urgent)
        if kind not in known:
            known[kind] = np.array([refuse(crew, case) is None for crew in crews], dtype=np.bool_)
        may[:, i] = known[kind]
    return may
