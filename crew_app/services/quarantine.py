"""Work a phone sent that could not be applied: a person has looked at it."""

from __future__ import annotations

from crew_app.errors import Conflict, NotFound
from crew_app.models import Person, QuarantinedWork
from crew_app.transaction import Tx


def settle_quarantined(tx: Tx, work_id: int, person_id: int, how: str = "") -> QuarantinedWork:
    """Take it off the list. The work itself stays kept, whole. `how`: what was done about it."""
    work = _locked(tx, work_id)
    if work.settled_at is not None:
        by = tx.session.get(Person, work.settled_by_id) if work.settled_by_id is not None else None
        raise Conflict(f"{by.name if by else 'Somebody'} has settled this already.", code="already-settled")
    work.settled_at, work.settled_by_id, work.settled_how = tx.now, person_id, how[:500]
    return work


def open_again(tx: Tx, work_id: int) -> None:
    """It needs a look again."""
    work = _locked(tx, work_id)
    work.settled_at, work.settled_by_id, work.settled_how = None, None, ""


def _locked(tx: Tx, work_id: int) -> QuarantinedWork:
    work = tx.session.get(QuarantinedWork, work_id, with_for_update=True)
    if work is None:
        raise NotFound("There is no such work in quarantine.")
    return work
