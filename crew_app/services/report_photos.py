"""The photo a resident sends with a report: kept as it came, shown only as a clean copy made later."""

from __future__ import annotations

import os
import secrets
import uuid
from dataclasses import dataclass
from typing import IO

from crew_app.errors import BadInput
from crew_app.events import PhotoVerified
from crew_app.languages import t
from crew_app.models import Photo, PhotoKind, PhotoState
from crew_app.services.photos import READ_BYTES, incoming_path, photo_store, sha256_of
from crew_app.transaction import Tx
from crew_app.wire.phone import MAX_PHOTO_BYTES

HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")


@dataclass(frozen=True, slots=True)
class KeptPhoto:
    sha256: str
    size: int


def looks_like_photo(head: bytes) -> bool:
    """Does it begin as a JPEG, PNG, WebP or HEIF does? Whether it can be decoded is found out later, safely."""
    return (
        head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"))
        or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")
        or (head[4:8] == b"ftyp" and head[8:12] in HEIF_BRANDS)
    )


def check_photo(stream: IO[bytes]) -> None:
    """BadInput, naming the field, unless the bytes begin as a picture does and are no more than 20 MiB."""
    head = stream.read(16)
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    if not looks_like_photo(head):
        raise BadInput(
            t("This file is no photo."), errors={"photo": [t("This file is no photo. Choose a JPEG, PNG, WebP or HEIC.")]}
        )
    if size > MAX_PHOTO_BYTES:
        raise BadInput(
            t("The photo is too large."), errors={"photo": [t("This photo is larger than 20 MB. Choose a smaller one.")]}
        )


def keep_photo(stream: IO[bytes]) -> KeptPhoto:
    """Rest the bytes in the photo store; before the transaction, so that a case never names bytes that are not there."""
    path = incoming_path(f"report-{secrets.token_hex(16)}")
    try:
        with open(path, "xb") as file:
            while piece := stream.read(READ_BYTES):
                file.write(piece)
        kept = KeptPhoto(sha256_of(path), path.stat().st_size)
        photo_store().put(f"{kept.sha256}/original", path)
    finally:
        path.unlink(missing_ok=True)
    return kept


def add_reported_photo(tx: Tx, case_id: int, kept: KeptPhoto) -> Photo:
    """A photo whose bytes are here; whoever hears of it makes the clean copies."""
    photo = Photo(
        id=str(uuid.uuid4()),
        case_id=case_id,
        kind=PhotoKind.REPORTED,
        sha256=kept.sha256,
        size=kept.size,
        state=PhotoState.VERIFIED,
        announced_at=tx.now,
        verified_at=tx.now,
    )
    tx.session.add(photo)
    tx.session.flush()
    tx.emit(PhotoVerified(case_id=case_id, photo_id=photo.id))
    return photo
