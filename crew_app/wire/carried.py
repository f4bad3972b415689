"""The file a phone writes of its unsent work, for the day it cannot send: read strictly outside, as a push inside."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from crew_app.errors import BadInput
from crew_app.wire.fields import SHA256, UUID, Uuid, Whole, Words, parse_json


class CarriedSchema(Schema):
    crew311 = fields.String(required=True, validate=validate.Equal("unsent work"))
    version = Whole(1, 1, required=True)
    app = Words(40, load_default="")
    written_at = Words(60, load_default="")
    person = fields.Dict(required=True)
    crew = fields.Raw(load_default=None, allow_none=True)
    device = Uuid(required=True)
    epoch = fields.Raw(load_default=None, allow_none=True)
    entries = fields.List(fields.Dict(), required=True)
    drafts = fields.Raw(load_default=None, allow_none=True)  # begun and never saved: for people to read, not to apply
    photos = fields.Dict(keys=fields.String(), values=fields.Dict(), load_default=dict)


@dataclass(frozen=True, slots=True)
class CarriedWork:
    person_id: int
    device: str
    app: str
    operations: list[dict[str, Any]]  # as a push would bring them
    photos: dict[str, bytes]  # by photo id; digests are compared when they are taken in


def read_carried(body: bytes) -> CarriedWork:
    """BadInput, naming the field, if this is no file of a phone's unsent work."""
    try:
        loaded = CarriedSchema().load(parse_json(body))
    except ValidationError as error:
        raise BadInput("This is not a file of unsent work that a phone wrote.", errors=dict(error.normalized_messages())) from None
    person_id = loaded["person"].get("id")
    if type(person_id) is not int:
        raise BadInput("The file does not say whose work it is.", errors={"person.id": ["not a whole number"]})
    entries = sorted(loaded["entries"], key=lambda e: e["seq"] if type(e.get("seq")) is int else 0)
    return CarriedWork(
        person_id,
        loaded["device"],
        loaded["app"],
        [_as_sent(entry) for entry in entries],
        {photo_id: _bytes_of(photo_id, photo) for photo_id, photo in loaded["photos"].items()},
    )


def _as_sent(entry: dict[str, Any]) -> dict[str, Any]:
    """The age is unknown: how long the file was carried, no clock of ours has measured."""
    return {
        "id": entry.get("id"),
        "seq": entry.get("seq"),
        "kind": entry.get("kind"),
        "case": entry.get("caseId"),
        "round": entry.get("round"),
        "made_at": entry.get("madeAt"),
        "age_ms": None,
        "payload": entry.get("payload"),
    }


def _bytes_of(photo_id: str, photo: dict[str, Any]) -> bytes:
    if not UUID.match(photo_id) or not SHA256.match(str(photo.get("sha256"))):
        raise BadInput("A photo in the file cannot be read.", errors={f"photos.{photo_id[:40]}": ["no id or digest of a photo"]})
    try:
        return base64.b64decode(str(photo.get("base64")), validate=True)
    except (binascii.Error, ValueError):
        raise BadInput("A photo in the file cannot be read.", errors={f"photos.{photo_id}.base64": ["not base64"]}) from None
