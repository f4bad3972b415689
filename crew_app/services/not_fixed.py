"""A resident stands before it: it is still not fixed. The case goes back to the same crew, and whoever leads it looks at it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from crew_app.errors import Conflict
from crew_app.events import CasePinned
from crew_app.languages import t
from crew_app.models import Case, Closure, Crew
from crew_app.queries.cases import root_id
from crew_app.services.cases import add_note, get_locked, reopen_case
from crew_app.services.report_photos import KeptPhoto, add_reported_photo
from crew_app.services.suspicions import doubt_closing
from crew_app.suspicions import STILL_NOT_FIXED
from crew_app.transaction import Tx
from crew_app.workflow import Status

# After it something new has happened there: that is another report.
CAN_BE_SAID_FOR = timedelta(days=60)
WHY = "A resident says it is still not fixed."


def say_not_fixed(tx: Tx, case_id: int, words: str, photo: KeptPhoto | None) -> Case:
    """Open a closed case again. `words`: the resident's own, for the crew and the office alone.

    Of a case that was dealt with as another, that other one. Conflict if it is open, or was closed long ago.
    """
    case = get_locked(tx, root_id(tx.session, case_id) or case_id)
    if case.status != Status.CLOSED:
        raise Conflict(t("This case is open already: somebody will come."), code="open")
    if case.closed_at is None or tx.now - case.closed_at > CAN_BE_SAID_FOR:
        raise Conflict(t("This was closed long ago. Please report it anew."), code="long-ago")
    closure = tx.session.scalar(
        select(Closure)
        .where(Closure.case_id == case.id, Closure.counts.is_(True))
        .order_by(Closure.received_at.desc(), Closure.id.desc())
        .limit(1)
    )
    case = reopen_case(tx, case.id, WHY, None)
    if words:
        add_note(tx, case.id, words, None)
    if photo is not None:
        add_reported_photo(tx, case.id, photo)
    if closure is not None:
        _back_to(tx, case, closure.crew)
        doubt_closing(tx, case, closure, STILL_NOT_FIXED)
    return case


def _back_to(tx: Tx, case: Case, crew: Crew) -> None:
    """To whoever knows the place; a crew that works no more does not hold it up."""
    if crew.is_active and crew.department_id == case.department_id and case.pinned_crew_id != crew.id:
        case.pinned_crew_id = crew.id
        tx.emit(CasePinned(case_id=case.id, crew_id=crew.id, why=WHY))
