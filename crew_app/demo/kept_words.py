"""What an office gathers in a year: views of its list, replies, and some residents' photos that everybody may see."""

from __future__ import annotations

from sqlalchemy import select

from crew_app.demo.town import Town
from crew_app.models import Case, Photo, PhotoKind, PhotoState, ReplyTemplate, SavedView
from crew_app.services.photo_moderation import hide_photo, publish_photo
from crew_app.transaction import Tx
from crew_app.workflow import OPEN_STATUSES

# Service (None: any), outcome, words.
REPLIES: tuple[tuple[str | None, str, str], ...] = (
    (
        "Request for Pothole Repair",
        "fixed",
        "The hole at {address} is filled. If it sinks again within a month, call us with {number}.",
    ),
    ("Request for Pothole Repair", "not_ours", "The road at {address} is the state’s. We have told MassDOT, who repair it."),
    (
        "Street Light Outages",
        "scheduled",
        "A part has to come first. The light at {address} is on the electricians’ list for that day.",
    ),
    ("Abandoned Vehicles", "not_found", "An officer came to {address} and the car was gone. If it comes back, tell us the plate."),
    (None, "no_access", "We came to {address} and could not get in. Call us with {number} and we find a time."),
    (None, "duplicate", "Thank you. This was reported before, and we deal with both together."),
)
PUBLISHED, HIDDEN = 4, 1


def keep_words(tx: Tx, town: Town) -> None:
    by = town.dispatcher_id
    parks = town.departments["PARK"]
    for name, filters in (
        ("Late, Parks", {"due": "late", "department": parks}),
        ("Nobody has it", {"group": "waiting"}),
        ("Changed last", {"group": "all", "sort": "updated"}),
    ):
        tx.session.add(SavedView(person_id=by, name=name, filters=filters, is_shared=True))
    for service, outcome, text in REPLIES:
        tx.session.add(
            ReplyTemplate(service_id=town.services[service] if service else None, outcome=outcome, text=text, is_removed=False)
        )
    photos = tx.session.scalars(
        select(Photo.id)
        .join(Case, Case.id == Photo.case_id)
        .where(Photo.kind == PhotoKind.REPORTED, Photo.state == PhotoState.RENDERED, Case.status.in_(OPEN_STATUSES))
        .order_by(Photo.case_id, Photo.id)
        .limit(PUBLISHED + HIDDEN)
    ).all()
    for photo_id in photos[:PUBLISHED]:
        publish_photo(tx, photo_id, True, by)
    for photo_id in photos[PUBLISHED:]:
        hide_photo(tx, photo_id, True, "A number plate", by)
