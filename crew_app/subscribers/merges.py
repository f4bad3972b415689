"""Something happened to a case that others may be merged into: they share its fate."""

from __future__ import annotations

from sqlalchemy import select

from crew_app.events import Event
from crew_app.extensions import db
from crew_app.models import Case
from crew_app.services.merges import share_fate
from crew_app.transaction import transaction


def bring_duplicates_along(event: Event) -> None:
    has_any = db.session.scalar(select(Case.id).where(Case.merged_into_id == event.case_id).limit(1))
    if has_any is not None:  # most cases have none, and need no transaction
        with transaction() as tx:
            share_fate(tx, event.case_id, event.person_id)
