"""Work a phone sent that could not be applied: a person has looked at it."""

from __future__ import annotations

from crew_app.errors import Conflict, NotFound
from crew_app.models import QuarantinedWork
from crew_app.transaction import Tx


def settle_quarantined(tx: Tx, work_id: int) -> QuarantinedWork:
    """Take it off the list. The work itself stays kept, whole."""
    work = tx.session.get(QuarantinedWork, work_id, with_for_update=True)
    if work is None:
        raise NotFound("There is no such work in quarantine.")
    if work.settled_at is not None:
        raise Conflict("Somebody has settled this already.", code="already-settled")
    work.settled_at = tx.now
    return work
