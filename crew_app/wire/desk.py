"""What the desk sends (docs/console-api.md), read strictly: unknown fields refused, each mistake named by its field."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates, validates_schema

from crew_app.errors import BadInput
from crew_app.wire.fields import Whole, Words, parse_json
from crew_app.wire.forms import Line, check_closing
from crew_app.wire.temporary_crews import LONGEST_BYTES
from crew_app.workflow import ClosingOutcome, Status

MOST_CASES = 10_000
MOST_CASES_WEIGHED = 200
LATEST_MOMENT = 253_370_764_800  # the first second of the year 9999


class SeenCase(Schema):
    """A case, and what was seen of it."""

    id = Whole(1, required=True)
    round = Whole(0, load_default=None, allow_none=True)
    status = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(list(Status)))


class CasesBody(Schema):
    cases = fields.List(fields.Nested(SeenCase), required=True, validate=validate.Length(1, MOST_CASES))
    why = Line(200)

    @validates("cases")
    def check_cases(self, cases: list[dict[str, Any]], data_key: str) -> None:
        ids = [case["id"] for case in cases if isinstance(case, dict) and "id" in case]  # asked of half-read lists, too
        if len(set(ids)) < len(ids):
            raise ValidationError("The same case twice.")


class CasesWithReason(CasesBody):
    why = Line(200, "Say why. It stays in the case's history.")


class CasesToCrew(CasesBody):
    crew = Whole(1, required=True)


class CasesIntoCase(CasesBody):
    into = Whole(1, required=True)


class CasesClosed(CasesBody):
    outcome = fields.String(required=True, validate=validate.OneOf(list(ClosingOutcome)))
    detail = Line(500)
    note = Line(4000)

    @validates_schema(skip_on_field_errors=True)
    def check_detail(self, form: dict[str, Any], **_: Any) -> None:
        check_closing(form)


# As DEEDS (routes/case_deeds.py) names them; those that are about one case alone are done on its page.
BODIES: dict[str, type[CasesBody]] = {
    "assign": CasesToCrew,
    "take-back": CasesBody,
    "pin": CasesToCrew,
    "unpin": CasesBody,
    "hold": CasesWithReason,
    "lock": CasesBody,
    "release": CasesBody,
    "urgent": CasesBody,
    "not-urgent": CasesBody,
    "reopen": CasesWithReason,
    "merge": CasesIntoCase,
    "split": CasesBody,
    "close": CasesClosed,
    "withdraw": CasesWithReason,
}


class HandOverBody(Schema):
    to = Whole(1, required=True)
    why = Line(200)


class WhatIfBody(Schema):
    cases = fields.List(Whole(1), required=True, validate=validate.Length(1, MOST_CASES_WEIGHED))
    crew = Whole(1, required=True)


class ApprovalBody(Schema):
    decision = fields.String(required=True, validate=validate.OneOf(["yes", "no"]))
    cases = Whole(0, required=True)
    why = Line(500)


class ReviewBody(Schema):
    decision = fields.String(required=True)
    why = Line(400)


class LendBody(Schema):
    department = Whole(1, required=True)
    until = Whole(0, LATEST_MOMENT, required=True)
    why = Line(200)


class SurgeBody(Schema):
    name = Line(120, "Give it a name.")
    until = Whole(0, LATEST_MOMENT, required=True)
    csv = Words(LONGEST_BYTES, required=True)


class EmptyBody(Schema):
    """A button alone."""


class WhyBody(Schema):
    why = Line(500)


def read_body(schema: Schema, body: bytes) -> dict[str, Any]:
    """BadInput with what is wrong, field by field."""
    try:
        loaded: dict[str, Any] = schema.load(parse_json(body))
    except ValidationError as error:
        raise BadInput("Something in this request cannot be read.", errors=dict(error.normalized_messages())) from None
    return loaded
