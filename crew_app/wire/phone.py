"""The phone's side of docs/sync-protocol.md: what it sends, read strictly; what it gets."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema
from sqlalchemy import Row

from crew_app.models import PhotoKind
from crew_app.wire.explanations import why_this_crew
from crew_app.wire.fields import MAX_ID, UUID, Number, Sha256, Uuid, Whole, Words
from crew_app.wire.photo_paths import photo_path
from crew_app.workflow import HAND_BACK_REASONS, OUTCOME_NEEDS_DETAIL, ClosingOutcome
from sync.types import WITHOUT_CASE

MAX_OPERATIONS = 50
MAX_PHOTOS = 10
MAX_PHOTO_BYTES = 20 * 1024 * 1024
MAX_MINUTES = 24 * 60
MAX_MEMBERS = 12
MAX_SKILLS = 40
MAX_MESSAGES = 100
MAX_AGE_MS = 366 * 24 * 3600 * 1000


class SignInSchema(Schema):
    email = Words(254, required=True)
    password = Words(200, required=True)


class PushAddressSchema(Schema):
    endpoint = Words(1000, required=True)


class PushKeysSchema(Schema):
    """A point of the curve P-256, uncompressed, and 16 secret bytes; both in base64url."""

    p256dh = fields.String(required=True, validate=validate.Regexp(r"^B[A-Za-z0-9_-]{86}=?\Z", error="Not a key of a browser."))
    auth = fields.String(required=True, validate=validate.Regexp(r"^[A-Za-z0-9_-]{22}(==)?\Z", error="Not a secret of a browser."))


class PushSubscriptionSchema(PushAddressSchema):
    keys = fields.Nested(PushKeysSchema, required=True)


class PlaceSchema(Schema):
    lat = Number(-90, 90, required=True)
    lon = Number(-180, 180, required=True)
    accuracy_m = Number(0, 1e7, load_default=None, allow_none=True)


class PhotoRefSchema(Schema):
    id = Uuid(required=True)
    sha256 = Sha256(required=True)
    size = Whole(1, MAX_PHOTO_BYTES, required=True)
    kind = fields.String(required=True, validate=validate.OneOf([PhotoKind.BEFORE, PhotoKind.AFTER]))


class ProgressSchema(Schema):
    place = fields.Nested(PlaceSchema, load_default=None, allow_none=True)


class NoteSchema(Schema):
    text = Words(4000, required=True)


def check_photos(photos: list[dict[str, Any]]) -> None:
    if len(photos) > MAX_PHOTOS:
        raise ValidationError(f"More than {MAX_PHOTOS} photos.")
    if len({photo["id"] for photo in photos}) != len(photos):
        raise ValidationError("The same photo twice.")


def photo_list(**kwargs: Any) -> fields.List[Any]:
    return fields.List(fields.Nested(PhotoRefSchema), validate=check_photos, **kwargs)


class HandBackSchema(Schema):
    reason = fields.String(required=True, validate=validate.OneOf(list(HAND_BACK_REASONS)))
    words = Words(400, load_default="")


class PhotosSchema(Schema):
    photos = photo_list(required=True)


class FollowUpSchema(Schema):
    service = Words(200, required=True)
    description = Words(4000, required=True)
    photos = photo_list(load_default=list)


class OpenSchema(Schema):
    service = Words(200, required=True)
    description = Words(4000, load_default="")
    address = Words(300, load_default="")
    place = fields.Nested(PlaceSchema, required=True)
    photos = photo_list(load_default=list)
    keep = fields.Boolean(required=True, truthy={True}, falsy={False})


class CloseSchema(ProgressSchema):
    outcome = fields.String(required=True, validate=validate.OneOf(list(ClosingOutcome)))
    detail = Words(500, load_default=None, allow_none=True)
    note = Words(4000, load_default="")
    minutes = Whole(0, MAX_MINUTES, load_default=None, allow_none=True)
    materials = Words(400, load_default="")
    photos = photo_list(load_default=list)

    @validates_schema(skip_on_field_errors=True)
    def check_detail(self, payload: dict[str, Any], **_: Any) -> None:
        outcome = ClosingOutcome(payload["outcome"])
        needed = OUTCOME_NEEDS_DETAIL.get(outcome)
        if needed and not (payload["detail"] or "").strip():
            raise ValidationError(f"Say {needed}.", "detail")
        if outcome is ClosingOutcome.SCHEDULED:
            try:
                date.fromisoformat(payload["detail"])
            except ValueError:
                raise ValidationError("Not a day (YYYY-MM-DD).", "detail") from None


class StartShiftSchema(Schema):
    """Who is in the crew today, with what. `skills`: null where they are the crew's own."""

    members = fields.List(Words(80), load_default=list, validate=validate.Length(max=MAX_MEMBERS))
    vehicle = Words(60, load_default="")
    skills = fields.List(Words(60), load_default=None, allow_none=True, validate=validate.Length(max=MAX_SKILLS))


class PlainSchema(Schema):
    """Nothing to say but that, and when."""


class ReadSchema(Schema):
    messages = fields.List(Whole(1), required=True, validate=validate.Length(min=1, max=MAX_MESSAGES))


PAYLOADS: dict[str, type[Schema]] = {
    "close": CloseSchema,
    "accept": PlainSchema,
    "decline": HandBackSchema,
    "hand_back": HandBackSchema,
    "en_route": ProgressSchema,
    "on_site": ProgressSchema,
    "note": NoteSchema,
    "photos": PhotosSchema,
    "follow_up": FollowUpSchema,
    "open": OpenSchema,
    "start_shift": StartShiftSchema,
    "begin_break": PlainSchema,
    "end_break": PlainSchema,
    "end_shift": PlainSchema,
    "read": ReadSchema,
}


def check_calendar(moment: datetime) -> None:
    """A phone's clock may be decades off and is still believed to be honest; only what no calendar holds is refused."""
    if not 2 <= moment.year <= 9998:
        raise ValidationError("Not a date.")


class CaseRef(fields.Field[int | str]):
    """A case's id, or the id of the `open` operation that made it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int | str:
        if type(value) is int and 1 <= value <= MAX_ID:
            return value
        if isinstance(value, str) and UUID.match(value):
            return value
        raise ValidationError("Neither a case nor the operation that opened one.")


class OperationSchema(Schema):
    id = Uuid(required=True)
    seq = Whole(1, required=True)
    kind = fields.String(required=True, validate=validate.OneOf(list(PAYLOADS)))
    case = CaseRef(required=True, allow_none=True)
    round = Whole(0, required=True)
    made_at = fields.AwareDateTime(required=True, format="iso", validate=check_calendar)
    age_ms = Whole(0, MAX_AGE_MS, required=True, allow_none=True)
    payload = fields.Dict(required=True)

    @validates_schema(skip_on_field_errors=True)
    def check_case(self, operation: dict[str, Any], **_: Any) -> None:
        if (operation["kind"] in WITHOUT_CASE) != (operation["case"] is None):
            raise ValidationError("Null where it is about no case yet, and only there.", "case")


class EnvelopeSchema(Schema):
    """The outside of a push. Each operation is read by itself, so that a bad one does not stop the others."""

    v = Whole(1, 1, required=True)
    device = Uuid(required=True)
    app = Words(40, load_default="")
    cursor = Words(200, load_default=None, allow_none=True)  # where its copy stands, if it wants the page after it too
    held = Whole(1, load_default=None, allow_none=True)
    operations = fields.List(fields.Raw(allow_none=True), required=True, validate=validate.Length(max=MAX_OPERATIONS))


# Made once: building a schema costs more than reading an operation with it.
_operation = OperationSchema()
_payloads = {kind: schema() for kind, schema in PAYLOADS.items()}


def read_operation(raw: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """(operation, {}) or ({}, errors by field)."""
    if not isinstance(raw, dict):
        return {}, {"operation": ["Not an object."]}
    try:
        operation: dict[str, Any] = _operation.load(raw)
    except ValidationError as error:
        return {}, dict(error.normalized_messages())
    try:
        operation["payload"] = _payloads[operation["kind"]].load(operation["payload"])
    except ValidationError as error:
        return {}, {"payload": error.normalized_messages()}
    return operation, {}


def intent_digest(raw: Any) -> str:
    """SHA-256 of what an operation says.

    Its age is measured anew at each sending, and its number may change when a phone has to begin a new device; neither is
    part of what was done.
    """
    said = {k: v for k, v in raw.items() if k not in ("age_ms", "seq")} if isinstance(raw, dict) else raw
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def job_body(
    case: Row[Any],
    *,
    order: int | None,
    assignment: Row[Any] | None,
    photos: list[Row[Any]],
    notes: list[Row[Any]],
    closures: list[Row[Any]],
) -> dict[str, Any]:
    """One job, whole, as the phone keeps it, from the rows of queries.feed. `assignment`: if the crew has it in its hands."""
    by_closure: dict[str, list[Row[Any]]] = {}
    for photo in photos:
        if photo.closure_id:
            by_closure.setdefault(photo.closure_id, []).append(photo)
    return {
        "id": case.id,
        "number": case.number,
        "round": case.round,
        "status": case.status,
        "service": case.service,
        "group": case.group,
        "description": case.description,
        "address": case.address,
        "lat": case.latitude,
        "lon": case.longitude,
        "opened_at": iso(case.opened_at),
        "due_at": iso(case.due_at),
        "assigned_at": iso(assignment.assigned_at) if assignment else None,
        "why": why_this_crew(assignment) if assignment else "",
        "urgent": case.is_urgent,
        "mine": assignment is not None,
        "order": order,
        "photos": [
            {"id": p.id, "kind": p.kind, "url": photo_path(p, "large"), "thumb": photo_path(p, "small")}
            for p in photos
            if p.is_showable
        ],
        "notes": [{"id": n.id, "at": iso(n.written_at), "by": n.by or "The city", "text": n.text} for n in notes],
        "closures": [
            {
                "id": c.id,
                "outcome": c.outcome,
                "counts": c.counts,
                "review": c.review_reason,
                "settled": ("accepted" if c.accepted else "dismissed") if c.settled_at else None,
                "photos": [{"id": p.id, "state": p.state} for p in by_closure.get(c.id, [])],
            }
            for c in closures
        ],
    }


def page_body(page: dict[str, Any], *, brief: bool, columns: bool) -> dict[str, Any]:
    """A page as it was asked for: only where to go on from, or whole with its jobs one by one or in columns."""
    if brief:
        return {"v": page["v"], "cursor": page["cursor"]}
    return {**page, "jobs": in_columns(page["jobs"])} if columns and page["jobs"] else page


def in_columns(jobs: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """The same jobs, name by name: {"id": [4711, …], "round": [2, …], …}. Like stands by like, so it packs better."""
    return {name: [job[name] for job in jobs] for name in jobs[0]} if jobs else {}


def iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z") if moment else None
