"""A call is taken: a case is opened, and joined at once with the one it is about, if the caller knows of the same trouble."""

from __future__ import annotations

from crew_app.errors import BadInput
from crew_app.models import Case
from crew_app.queries.cases import case_by_number
from crew_app.services.cases import NewReport, open_case
from crew_app.services.merges import merge_case
from crew_app.transaction import Tx


def take_call(tx: Tx, report: NewReport, person_id: int, joins: str = "") -> Case:
    """`joins`: the number of the case that is dealt with for this one. The caller is told of its end, too."""
    case = open_case(tx, report, person_id=person_id)
    if joins:
        other = case_by_number(tx.session, joins)
        if other is None:
            raise BadInput("There is no such case.", errors={"joins": ["No case has this number."]})
        tx.session.flush()
        merge_case(tx, case.id, other.id, person_id)
    return case
