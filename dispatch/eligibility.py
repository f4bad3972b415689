"""May this crew take this case? The first rule that says no gives its code."""

from __future__ import annotations

from dispatch.types import CrewOnDuty, Refusal, WaitingCase


def refusal(crew: CrewOnDuty, case: WaitingCase, load: int) -> Refusal | None:
    """The reason why not, or None. `load` is the number of jobs the crew holds now, those just planned included."""
    if crew.department_id != case.department_id:
        return Refusal.OTHER_DEPARTMENT
    if not case.skills <= crew.skills:
        return Refusal.SKILLS
    if crew.district_ids and case.district_id is not None and case.district_id not in crew.district_ids:
        return Refusal.TERRITORY
    if crew.id in case.declined_by:
        return Refusal.DECLINED
    if not crew.in_contact:
        return Refusal.OUT_OF_CONTACT
    if crew.on_break:
        return Refusal.ON_BREAK
    if load >= crew.capacity:
        return Refusal.FULL
    return None
