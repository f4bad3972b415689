"""Photos come in by tus 1.0.0 (tus.io): core, creation, creation-with-upload, checksum, expiration, termination."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import Any

from flask import Blueprint, Response, request, url_for
from werkzeug.exceptions import ClientDisconnected
from werkzeug.http import http_date

from crew_app.errors import BadInput, Conflict, NotFound, Problem, TooLarge
from crew_app.extensions import db
from crew_app.guards import own_id
from crew_app.models import Upload
from crew_app.services.photos import (
    begin_upload,
    complete_upload,
    incoming_path,
    is_in_the_store,
    photo_store,
    sha256_of,
    sole_writer,
    write_durably,
)
from crew_app.transaction import transaction
from crew_app.wire.fields import SHA256, UUID
from crew_app.wire.phone import MAX_PHOTO_BYTES
from sync.photos import ChunkVerdict, UploadView, accept_chunk, matches

bp = Blueprint("uploads", __name__)

TUS = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,checksum,expiration,termination"
CHECKSUMS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256}
# What is on disk after each of these is never sent again.
PIECE_BYTES = 256 * 1024
UPLOAD_ID = re.compile(r"^[0-9a-f]{32}$")
CONTENT_TYPE = "application/offset+octet-stream"


class ChecksumMismatch(Problem):
    status, code, title = 460, "checksum-mismatch", "These are not the bytes that were sent"


class WrongVersion(Problem):
    status, code, title = 412, "tus-version", "Another version of tus"


class WrongType(Problem):
    status, code, title = 415, "content-type", "This needs another content type"


@bp.before_request
def check_version() -> None:
    if request.method != "OPTIONS" and request.headers.get("Tus-Resumable") != TUS:
        raise WrongVersion("Send the header Tus-Resumable: 1.0.0.", errors={"Tus-Resumable": [f"not {TUS}"]})


@bp.after_request
def say_version(response: Response) -> Response:
    response.headers["Tus-Resumable"] = TUS
    response.headers["Tus-Version"] = TUS
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.route("", methods=["OPTIONS"])
@bp.route("/<upload_id>", methods=["OPTIONS"])
def options(upload_id: str = "") -> Response:
    headers = {
        "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(MAX_PHOTO_BYTES),
        "Tus-Checksum-Algorithm": ",".join(CHECKSUMS),
    }
    return Response(status=204, headers=headers)


@bp.post("")
def create() -> Response:
    if "Upload-Defer-Length" in request.headers:
        raise BadInput("Say how long the photo is.", errors={"Upload-Defer-Length": ["not supported"]})
    length = _whole_number("Upload-Length")
    metadata = _metadata(request.headers.get("Upload-Metadata", ""))
    photo_id, sha256 = metadata.get("photo", ""), metadata.get("sha256", "").lower()
    errors: dict[str, Any] = {}
    if not UUID.match(photo_id):
        errors["Upload-Metadata.photo"] = ["not a UUID in lower case"]
    if not SHA256.match(sha256):
        errors["Upload-Metadata.sha256"] = ["not a SHA-256 of 64 hexadecimal digits"]
    if errors:
        raise BadInput("Some of the upload's metadata cannot be read.", errors=errors)
    with transaction() as tx:
        upload = begin_upload(tx, own_id(), photo_id, sha256, length)
        upload_id, offset = upload.id, upload.offset
    if request.mimetype == CONTENT_TYPE and not upload.completed_at:
        offset = _take_bytes(upload_id, offset)
    response = _progress(db.session.get(Upload, upload_id), 201)
    response.headers["Location"] = url_for("uploads.append", upload_id=upload_id)
    return response


@bp.get("/<upload_id>")  # Flask answers HEAD with it
def look(upload_id: str) -> Response:
    upload = _own_upload(upload_id)
    response = _progress(upload, 200)
    response.headers["Upload-Length"] = str(upload.length)
    return response


@bp.patch("/<upload_id>")
def append(upload_id: str) -> Response:
    if request.mimetype != CONTENT_TYPE:
        raise WrongType(f"Send the bytes as {CONTENT_TYPE}.", errors={"Content-Type": [f"not {CONTENT_TYPE}"]})
    upload = _own_upload(upload_id)
    _take_bytes(upload.id, _whole_number("Upload-Offset"))
    return _progress(db.session.get(Upload, upload_id), 204)


@bp.delete("/<upload_id>")
def terminate(upload_id: str) -> Response:
    upload = _own_upload(upload_id)
    with transaction() as tx:
        tx.session.delete(tx.session.merge(upload))
    incoming_path(upload_id).unlink(missing_ok=True)
    return Response(status=204)


def _take_bytes(upload_id: str, offset: int) -> int:
    """Write what the request brings, piece by piece; each piece is on disk and counted before the next is read.

    With Upload-Checksum the whole body is one piece, dropped if it does not match.
    """
    checksum = _checksum()
    piece_bytes = MAX_PHOTO_BYTES + 1 if checksum else PIECE_BYTES
    announced = request.content_length
    upload = db.session.get(Upload, upload_id)
    if upload is not None and announced is not None and offset == upload.offset and offset + announced > upload.length:
        raise TooLarge("More bytes than were announced.", errors={"Content-Length": [f"goes beyond Upload-Length {upload.length}"]})
    while True:
        chunk, cut_off = _read_piece(piece_bytes)
        if checksum and not cut_off and checksum[0](chunk).digest() != checksum[1]:
            raise ChecksumMismatch("The bytes changed on the way; send them again.", errors={"Upload-Checksum": ["does not match"]})
        if checksum and cut_off:  # half a body cannot be checked
            chunk = b""
        expected = offset + len(chunk)
        offset = _store_piece(upload_id, offset, chunk)
        if cut_off or len(chunk) < piece_bytes or offset > expected:  # beyond: all bytes were here already
            return offset


def _read_piece(size: int) -> tuple[bytes, bool]:
    """(bytes, was the connection cut before they were all here?)."""
    pieces: list[bytes] = []
    left = size
    try:
        while left > 0 and (piece := request.stream.read(min(left, PIECE_BYTES))):
            pieces.append(piece)
            left -= len(piece)
    except (ClientDisconnected, OSError):
        return b"".join(pieces), True
    return b"".join(pieces), False


def _store_piece(upload_id: str, offset: int, chunk: bytes) -> int:
    """Truncate to what is known to be on disk, write, fdatasync, commit the new offset: in this order."""
    with sole_writer(upload_id) as descriptor:
        db.session.rollback()  # another request may have moved it: read afresh, under the lock
        upload = _own_upload(upload_id)
        if upload.completed_at is not None:
            incoming_path(upload_id).unlink(missing_ok=True)  # the lock made it anew
            if not chunk:
                return upload.offset
        match accept_chunk(UploadView(upload.length, upload.offset), offset, len(chunk)):
            case ChunkVerdict.WRONG_OFFSET:
                raise Conflict(
                    f"The city has {upload.offset} bytes; go on from there.",
                    errors={"Upload-Offset": [f"is {upload.offset} here"]},
                    code="wrong-offset",
                )
            case ChunkVerdict.TOO_LONG:
                raise TooLarge("More bytes than were announced.", errors={"body": [f"goes beyond Upload-Length {upload.length}"]})
        reached, length, announced = offset + len(chunk), upload.length, upload.sha256
        if is_in_the_store(descriptor):
            reached = length
        else:
            write_durably(descriptor, offset, chunk)
        if reached < length:
            _commit_offset(upload_id, reached)
            return reached
        path = incoming_path(upload_id)
        if not matches(announced, sha256_of(path)):
            path.unlink()  # the next try gets a new file: this one may have a second name
            _commit_offset(upload_id, 0)
            raise ChecksumMismatch(
                "All bytes came, but it is not the photo announced. Send it again.",
                errors={"Upload-Metadata.sha256": ["does not match the bytes"]},
            )
        photo_store().put(f"{announced}/original", path)
        with transaction() as tx:
            done = tx.session.get_one(Upload, upload_id, with_for_update=True)  # queries/push.py says why
            done.offset = reached
            complete_upload(tx, done)
        path.unlink(missing_ok=True)  # not before the commit: until then these are the bytes that count
        return reached


def _commit_offset(upload_id: str, offset: int) -> None:
    with transaction() as tx:
        tx.session.get_one(Upload, upload_id).offset = offset


def _own_upload(upload_id: str) -> Upload:
    """404 for another person's: its being there is nobody else's business."""
    upload = db.session.get(Upload, upload_id) if UPLOAD_ID.match(upload_id) else None
    if upload is None or upload.person_id != own_id():
        raise NotFound("There is no such upload; create it again.", code="no-such-upload")
    return upload


def _progress(upload: Upload | None, status: int) -> Response:
    if upload is None:
        raise NotFound("There is no such upload; create it again.", code="no-such-upload")
    return Response(status=status, headers={"Upload-Offset": str(upload.offset), "Upload-Expires": http_date(upload.expires_at)})


def _whole_number(header: str) -> int:
    text = request.headers.get(header, "")
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise BadInput(f"The header {header} is not a whole number.", errors={header: ["not a whole number"]})
    return int(text)


def _metadata(header: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in header.split(","):
        key, _, value = pair.strip().partition(" ")
        try:
            found[key] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise BadInput("The upload's metadata cannot be read.", errors={f"Upload-Metadata.{key}": ["not base64"]}) from None
    return found


def _checksum() -> tuple[Any, bytes] | None:
    header = request.headers.get("Upload-Checksum")
    if header is None:
        return None
    name, _, value = header.partition(" ")
    try:
        return CHECKSUMS[name], base64.b64decode(value, validate=True)
    except (KeyError, binascii.Error):
        raise BadInput("This checksum cannot be read.", errors={"Upload-Checksum": ["sha1 or sha256, a space, base64"]}) from None
