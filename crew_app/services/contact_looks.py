"""Who looked at a resident's contact details: written down before they are shown."""

from __future__ import annotations

from crew_app.models import ContactLook
from crew_app.transaction import Tx


def record_look(tx: Tx, case_id: int, person_id: int) -> None:
    tx.session.add(ContactLook(at=tx.now, person_id=person_id, case_id=case_id))


def record_search(tx: Tx, who: str, person_id: int) -> None:
    """Somebody searches for the cases a resident reported."""
    tx.session.add(ContactLook(at=tx.now, person_id=person_id, searched=who))
