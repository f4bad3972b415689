"""A crew lent to another department for a while."""

from __future__ import annotations

from datetime import datetime

from crew_app.errors import BadInput, Conflict, NotFound
from crew_app.models import Crew, Department, Loan, OfficeDeed
from crew_app.queries.planning import borrowed
from crew_app.services.office_deeds import write_down
from crew_app.transaction import Tx


def lend_crew(tx: Tx, crew_id: int, department_id: int, ends_at: datetime, why: str, person_id: int) -> OfficeDeed:
    """Until `ends_at` (aware) dispatch may give the crew that department's cases beside its own. BadInput names the field."""
    crew, department = tx.session.get(Crew, crew_id), tx.session.get(Department, department_id)
    if crew is None or not crew.is_active:
        raise BadInput("There is no such crew.", errors={"crew": ["Choose a crew that works."]})
    works_for = {crew.department_id, *crew.lent_department_ids, *borrowed(tx.session, tx.now).get(crew_id, ())}
    if department is None or department_id in works_for:
        raise BadInput("Choose another department.", errors={"department": ["The crew works for this one already."]})
    if ends_at <= tx.now:
        raise BadInput("Say until when.", errors={"until": ["This moment is past."]})
    loan = Loan(crew=crew, department=department, begins_at=tx.now, ends_at=ends_at, why=why)
    tx.session.add(loan)
    tx.session.flush()
    form = {"loan": loan.id, "crew_id": crew.id, "crew": crew.code, "department": department.name, "until": ends_at.isoformat()}
    deed = OfficeDeed(kind="lend", person_id=person_id, asked_at=tx.now, why=why, form=form)
    write_down(tx, deed, {}, ())
    return deed


def end_loan(tx: Tx, loan_id: int) -> None:
    """It gets no more of that department's cases from now on; what it has in hand it finishes."""
    loan = tx.session.get(Loan, loan_id, with_for_update=True)
    if loan is None:
        raise NotFound("This crew is not lent.")
    if loan.ends_at <= tx.now:
        raise Conflict("This has ended already.", code="ended")
    loan.ends_at = tx.now
