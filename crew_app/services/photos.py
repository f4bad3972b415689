"""A photo's bytes on their way in, safely; and from an upload to a picture of a case."""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

from flask import current_app
from sqlalchemy import func, select

from crew_app.adapters.photo_store import PhotoStore, flush
from crew_app.errors import BadInput, Full, TooLarge
from crew_app.events import PhotosComplete, PhotoVerified
from crew_app.models import Photo, PhotoState, Upload
from crew_app.transaction import Tx
from crew_app.wire.phone import MAX_PHOTO_BYTES
from sync.photos import matches

# A phone that was in a drawer for a month still finds what it had sent.
UPLOADS_KEPT = timedelta(days=30)
READ_BYTES = 1024 * 1024
SWEPT_AT_ONCE = 1000
MOST_BEGUN = 200  # uploads of one person that wait for their bytes
LEFT_FOR_WORK = 256 * 1024 * 1024  # of the disk, or a fiftieth of a small one: what photos leave to closings


def photo_store() -> PhotoStore:
    store: PhotoStore = current_app.extensions["photo_store"]
    return store


def incoming_path(upload_id: str) -> Path:
    folder: Path = current_app.config["PHOTO_FOLDER"] / "incoming"
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        flush(folder.parent)
    return folder / upload_id


def begin_upload(tx: Tx, person_id: int, photo_id: str, sha256: str, length: int) -> Upload:
    """Announce a photo's bytes. The same photo announced again gets the upload that is already there.

    BadInput if a closure announced this photo with another size or digest; TooLarge beyond 20 MiB.
    """
    if length > MAX_PHOTO_BYTES:
        raise TooLarge("A photo may have 20 MiB at most.", errors={"Upload-Length": [f"more than {MAX_PHOTO_BYTES} bytes"]})
    if length < 1:
        raise BadInput("A photo has at least one byte.", errors={"Upload-Length": ["less than 1 byte"]})
    photo = tx.session.get(Photo, photo_id)
    if photo is not None:
        errors = {}
        if photo.size != length:
            errors["Upload-Length"] = [f"its closure announced {photo.size} bytes"]
        if not matches(photo.sha256, sha256):
            errors["Upload-Metadata.sha256"] = ["its closure announced another digest"]
        if errors:
            raise BadInput("This is not the photo that was announced.", errors=errors)
    existing = tx.session.scalar(
        select(Upload)
        .where(
            Upload.photo_id == photo_id,
            Upload.person_id == person_id,
            Upload.sha256 == sha256,
            Upload.length == length,
            Upload.expires_at > tx.now,
        )
        .order_by(Upload.created_at)
    )
    if existing is not None:
        return existing
    _make_room(tx, person_id)
    upload = Upload(
        id=secrets.token_hex(16),
        photo_id=photo_id,
        person_id=person_id,
        sha256=sha256,
        length=length,
        offset=0,
        created_at=tx.now,
        expires_at=tx.now + UPLOADS_KEPT,
    )
    if photo is not None and photo.verified_at is not None:  # the city has it, by another road
        upload.offset, upload.completed_at = length, photo.verified_at
    tx.session.add(upload)
    return upload


def _make_room(tx: Tx, person_id: int) -> None:
    """Full if photos would take the room that closings need. One person's uploads that were begun and left: the oldest give way.

    Nothing is lost by that: a phone whose upload is no more begins it anew.
    """
    disk = shutil.disk_usage(incoming_path("any").parent)
    if disk.free < min(LEFT_FOR_WORK, disk.total // 50):
        raise Full("The city has no room for photos right now. Closings are still taken; the photo will be tried again.")
    begun = tx.session.scalars(
        select(Upload)
        .where(Upload.person_id == person_id, Upload.completed_at.is_(None), Upload.expires_at > tx.now)
        .order_by(Upload.created_at.desc(), Upload.id)
        .offset(MOST_BEGUN - 1)
    )
    for upload in begun.all():
        upload.expires_at = tx.now  # forgotten at night, with its bytes


def forget_expired(tx: Tx) -> list[str]:
    """Forget the uploads that were begun and not completed within 30 days; returns their ids.

    The phone that still has such a photo is told that its upload is gone, and begins it anew. A completed upload stays:
    its closing may yet come, from a phone that lay in a drawer.
    """
    expired = tx.session.scalars(
        select(Upload)
        .where(Upload.expires_at <= tx.now, Upload.completed_at.is_(None))
        .order_by(Upload.expires_at)
        .limit(SWEPT_AT_ONCE)
    ).all()
    for upload in expired:
        tx.session.delete(upload)
    return [upload.id for upload in expired]


def sweep_incoming(now: datetime, forgotten: list[str]) -> int:
    """Remove the bytes of forgotten uploads, and of any that no row has named for a month; returns how many files."""
    for upload_id in forgotten:
        incoming_path(upload_id).unlink(missing_ok=True)
    swept = len(forgotten)
    for path in incoming_path("any").parent.iterdir():
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < (now - UPLOADS_KEPT * 2).timestamp():
                path.unlink()
                swept += 1
    return swept


@contextmanager
def sole_writer(upload_id: str) -> Iterator[int]:
    """Hold an upload's file for a moment; yields its descriptor.

    Never held while waiting for the network, so a dead connection's lock need not be stolen: whoever comes next simply
    writes next, and the one that lost finds its offset moved.
    """
    path = incoming_path(upload_id)
    descriptor = _locked(path)
    try:
        if os.fstat(descriptor).st_size == 0:  # new, perhaps: bytes are not safe in a file whose name is not on disk
            flush(path.parent)
        yield descriptor
    finally:
        os.close(descriptor)


def _locked(path: Path) -> int:
    """The file open and locked; not one that was deleted by whoever held the lock before."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        with suppress(FileNotFoundError):
            if path.stat().st_ino == os.fstat(descriptor).st_ino:
                return descriptor
        os.close(descriptor)


def write_durably(descriptor: int, offset: int, chunk: bytes) -> None:
    """Put `chunk` at `offset`, dropping whatever an unacknowledged write left behind it; on disk when this returns."""
    os.ftruncate(descriptor, offset)
    os.lseek(descriptor, offset, os.SEEK_SET)
    view = memoryview(chunk)
    while view:
        view = view[os.write(descriptor, view) :]
    os.fdatasync(descriptor)


def is_in_the_store(descriptor: int) -> bool:
    """Was this very file put into the store before a crash kept its upload from being completed?

    Then it is whole and has a second name there. Writing into it would change a stored photo, perhaps one that was
    acknowledged for another case with the same bytes.
    """
    return os.fstat(descriptor).st_nlink > 1


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(READ_BYTES):
            digest.update(piece)
    return digest.hexdigest()


def complete_upload(tx: Tx, upload: Upload) -> None:
    """All bytes are stored under the photo's name; if its closure is here, the photo is verified."""
    upload.completed_at = tx.now
    photo = tx.session.get(Photo, upload.photo_id)
    if photo is not None:
        adopt_uploaded(tx, photo)


def adopt_uploaded(tx: Tx, photo: Photo) -> None:
    """Give a photo the bytes that came before or with it; say so, and if it was the closure's last one."""
    if photo.verified_at is not None:
        return
    tx.session.flush()
    upload = tx.session.scalar(
        select(Upload).where(
            Upload.photo_id == photo.id,
            Upload.sha256 == photo.sha256,
            Upload.length == photo.size,
            Upload.completed_at.is_not(None),
        )
    )
    if upload is None:
        return
    photo.state, photo.verified_at = PhotoState.VERIFIED, tx.now
    tx.session.flush()
    tx.emit(PhotoVerified(case_id=photo.case_id, photo_id=photo.id))
    if photo.closure_id and not photos_awaited(tx, photo.closure_id):
        tx.emit(PhotosComplete(case_id=photo.case_id, closure_id=photo.closure_id))


def photos_awaited(tx: Tx, closure_id: str) -> int:
    return (
        tx.session.scalar(
            select(func.count()).where(Photo.closure_id == closure_id, Photo.verified_at.is_(None)).select_from(Photo)
        )
        or 0
    )
