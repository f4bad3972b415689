"""What programs send through Open311: a report becomes a case, an update becomes a note on one. Sent twice, it is kept once."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from crew_app.errors import BadInput
from crew_app.models import ApiKey, Case, Report, Service
from crew_app.services.cases import NewReport, add_note, get_locked, open_case, reopen_case
from crew_app.services.report_photos import KeptPhoto, add_reported_photo
from crew_app.transaction import Tx
from crew_app.wire.open311_asked import RequestPosted, UpdatePosted
from crew_app.workflow import Status


def take_request(tx: Tx, key: ApiKey, service: Service, posted: RequestPosted, photos: Sequence[KeptPhoto]) -> Case:
    """Open a case; or, if this program sent this report before, find the one it became."""
    external_id = f"request:{posted.external_id}" if posted.external_id else None
    if external_id and (before := _sent_before(tx, key, external_id)):
        return tx.session.get_one(Case, before.case_id)
    case = open_case(
        tx,
        NewReport(
            service_code=service.code,
            description=posted.description,
            address=posted.address,
            postcode=posted.zipcode,
            latitude=posted.latitude,
            longitude=posted.longitude,
            answers=posted.answers,
            channel="open311",
            source=key.name,
            name=posted.name,
            email=posted.email,
            phone=posted.phone,
            api_key_id=key.id,
            external_id=external_id,
        ),
    )
    for kept in photos:
        add_reported_photo(tx, case.id, kept)
    _note_addresses(tx, case.id, posted.media_urls)
    return case


def take_update(tx: Tx, key: ApiKey, case_id: int, posted: UpdatePosted, photos: Sequence[KeptPhoto]) -> str:
    """Keep what somebody said about a case elsewhere, for the office and the crew; returns the update's id.

    BadInput if this program used the id for other words before.
    """
    external_id = f"update:{posted.update_id}"
    if before := _sent_before(tx, key, external_id):
        if (before.case_id, before.words) != (case_id, posted.description):
            raise BadInput("Cannot be kept.", errors={"update_id": [f"Bad request: update_id {posted.update_id} already exists"]})
        return posted.update_id
    case = get_locked(tx, case_id)
    tx.session.add(
        Report(
            case_id=case.id,
            channel="open311-update",
            words=posted.description,
            name=posted.name,
            email=posted.email,
            phone=posted.phone,
            received_at=tx.now,
            api_key_id=key.id,
            external_id=external_id,
        )
    )
    add_note(tx, case.id, f"From {key.name}: {posted.description}", None)
    for kept in photos:
        add_reported_photo(tx, case.id, kept)
    _note_addresses(tx, case.id, posted.media_urls)
    # Only the word for it reopens: "open" is also what a program says that has not heard of the closing yet.
    if posted.status == "reopen" and case.status == Status.CLOSED:
        reopen_case(tx, case.id, f"reopened through {key.name}", None)
    return posted.update_id


def _note_addresses(tx: Tx, case_id: int, urls: Sequence[str]) -> None:
    """Pictures elsewhere are named to the office, never fetched: an address may lead anywhere, into our own network too."""
    if urls:
        add_note(tx, case_id, f"Pictures were sent as addresses: {' '.join(urls)}", None)


def _sent_before(tx: Tx, key: ApiKey, external_id: str) -> Report | None:
    return tx.session.scalar(select(Report).where(Report.api_key_id == key.id, Report.external_id == external_id))
