"""A crew closed a case, or a photo came: is there anything that somebody should look at, or need not any more?"""

from __future__ import annotations

from crew_app.events import Event, PhotoVerified
from crew_app.extensions import db
from crew_app.models import Photo
from crew_app.queries.suspicions import suspicions_about
from crew_app.services.suspicions import known_deed, raise_suspicions, settle_what_came
from crew_app.suspicions import PHOTOS_MISSING, suspicions_of
from crew_app.transaction import system_clock, transaction


def look_at_deed(event: Event) -> None:
    """Most deeds are as they should be, and need no transaction: it is looked at first, and again before it is written down."""
    if isinstance(event, PhotoVerified):
        _look_at_late_photo(event.photo_id)
        return
    operation_id = event.body().get("closure_id")
    deed = known_deed(db.session, operation_id, system_clock()) if operation_id else None
    if deed is not None and suspicions_of(deed.evidence):
        with transaction() as tx:
            raise_suspicions(tx, str(operation_id))


def _look_at_late_photo(photo_id: str) -> None:
    photo = db.session.get(Photo, photo_id)
    operation_id = photo.operation_id if photo else None
    if operation_id and any(s.code == PHOTOS_MISSING and s.settled_at is None for s in suspicions_about(db.session, operation_id)):
        with transaction() as tx:
            settle_what_came(tx, operation_id)
