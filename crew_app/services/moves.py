"""A crew's whole day, moved to another."""

from __future__ import annotations

from crew_app.errors import BadInput
from crew_app.models import Crew
from crew_app.queries.moves import jobs_in_hand
from crew_app.queries.planning import lists_of
from crew_app.services.assignments import active_crew, assign_case, order_jobs
from crew_app.services.office_deeds import Result, Wanted, do_deed
from crew_app.transaction import Tx


def hand_over_day(tx: Tx, from_crew_id: int, to_crew_id: int, why: str, person_id: int) -> Result:
    """Everything a crew has in hand to another, in the order of its round, behind what that one has planned."""
    if from_crew_id == to_crew_id:
        raise BadInput("Choose another crew.", errors={"to": ["This is the crew that has the work."]})
    giver, taker = tx.session.get(Crew, from_crew_id), active_crew(tx, to_crew_id)
    held = jobs_in_hand(tx.session, from_crew_id)
    if giver is None or not held:
        raise BadInput("There is nothing to hand over.", errors={"from": ["This crew has no jobs in hand."]})
    order = order_jobs(tx.session, giver, tx.now) or held
    first = 1 + max((one.position for one in lists_of(tx.session, [taker.id]) if one.position is not None), default=-1)
    position = {case_id: place for place, case_id in enumerate(order, start=first)}
    return do_deed(
        tx,
        "hand-over-day",
        [Wanted(case_id) for case_id in order],
        person_id,
        {"from": giver.code, "crew": taker.id, "code": taker.code},
        lambda tx, case: assign_case(tx, case.id, taker.id, person_id, why, position[case.id]),
        why,
    )
