"""Unsent work that came in a file: a phone with a broken radio, a full disk, a cracked screen. Taken in as a push would be."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from io import BytesIO

from crew_app.errors import BadInput
from crew_app.models import Person, Photo
from crew_app.models.at_hand import Sender
from crew_app.services.operations import PushAnswer, keep_in_quarantine, record_push
from crew_app.services.photos import begin_upload, complete_upload
from crew_app.services.report_photos import keep_photo
from crew_app.transaction import Tx
from crew_app.wire.carried import CarriedWork
from crew_app.wire.phone import intent_digest


@dataclass(frozen=True, slots=True)
class TakenIn:
    """How many operations have an answer now, how many wait in quarantine, how many photos were taken."""

    answered: int
    quarantined: int
    photos: int


def keep_carried_photos(work: CarriedWork) -> None:
    """Rest the photos' bytes in the store; before the transaction, so that nothing names bytes that are not there."""
    for content in work.photos.values():
        if content:
            keep_photo(BytesIO(content))


def take_in(tx: Tx, work: CarriedWork) -> TakenIn:
    """Apply the work in the name of who did it. Doing it twice, or the phone sending it after all, changes nothing more.

    BadInput if there is no such person. What cannot be taken in order, because earlier work is missing, is kept in
    quarantine.
    """
    person = tx.session.get(Person, work.person_id)
    if person is None or person.crew_id is None:
        raise BadInput("Nobody in a crew has this number here.", errors={"person.id": ["nobody in a crew"]})
    answer = record_push(tx, Sender(person.id, person.crew_id), work.device, work.app, work.operations)
    for left in work.operations[len(answer.results) :]:
        operation_id = left["id"] if isinstance(left["id"], str) else None
        words = {"seq": [f"work before it is missing; {answer.expected_seq} was expected"]}
        keep_in_quarantine(tx, person.id, work.device, operation_id, "out_of_order", words, intent_digest(left), json.dumps(left))
    photos = sum(_take_photo(tx, person, photo_id, content) for photo_id, content in work.photos.items())
    return _count(answer, len(work.operations), photos)


def _take_photo(tx: Tx, person: Person, photo_id: str, content: bytes) -> bool:
    """Give an announced photo its bytes, if they are the announced ones."""
    photo = tx.session.get(Photo, photo_id)
    sha256 = hashlib.sha256(content).hexdigest()
    if photo is None or photo.verified_at is not None or (photo.sha256, photo.size) != (sha256, len(content)):
        return False
    upload = begin_upload(tx, person.id, photo_id, sha256, len(content))
    upload.offset = upload.length
    tx.session.flush()
    complete_upload(tx, upload)
    return True


def _count(answer: PushAnswer, operations: int, photos: int) -> TakenIn:
    quarantined = sum(result["verdict"] == "quarantined" for result in answer.results)
    return TakenIn(len(answer.results) - quarantined, quarantined + operations - len(answer.results), photos)
