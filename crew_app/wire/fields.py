"""Fields that refuse what a database or a client would choke on, naming the field."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from crew_app.errors import BadInput

UUID = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
SHA256 = re.compile(r"^[0-9a-f]{64}$")
MAX_ID = 2**31 - 1  # what an INTEGER column of PostgreSQL holds


class Words(fields.String):
    """Text a database can keep: no NUL, no half of a surrogate pair; at most `longest` characters."""

    def __init__(self, longest: int, **kwargs: Any) -> None:
        super().__init__(validate=validate.Length(max=longest), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if "\x00" in text:
            raise ValidationError("holds a NUL character.")
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise ValidationError("holds half a character (a lone surrogate).")
        return text


class Whole(fields.Integer):
    """A whole number within bounds. true, 1.0 and "1" are not whole numbers."""

    def __init__(self, least: int = 0, most: int = MAX_ID, **kwargs: Any) -> None:
        super().__init__(validate=validate.Range(min=least, max=most), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if type(value) is not int:
            raise ValidationError("Not a whole number.")
        return value


class Number(fields.Float):
    """A finite number within bounds."""

    def __init__(self, least: float, most: float, **kwargs: Any) -> None:
        super().__init__(validate=validate.Range(min=least, max=most), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float:
        if type(value) not in (int, float) or (type(value) is float and not math.isfinite(value)):
            raise ValidationError("Not a number.")
        try:
            return float(value)
        except OverflowError as error:
            raise ValidationError("Too large a number.") from error


class Uuid(fields.String):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Regexp(UUID, error="Not a UUID in lower case."), **kwargs)


class Sha256(fields.String):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Regexp(SHA256, error="Not a SHA-256 of 64 hexadecimal digits."), **kwargs)


def parse_json(body: bytes) -> Any:
    """JSON as RFC 8259 has it. BadInput for anything else: NaN, bad UTF-8, endless nesting or digits."""

    def refuse_constant(name: str) -> Any:
        raise ValueError(f"{name} is not JSON")

    try:
        return json.loads(body.decode("utf-8"), parse_constant=refuse_constant)
    except RecursionError:
        raise BadInput("This is nested too deeply.", errors={"body": ["nested too deeply"]}) from None
    except ValueError as error:  # UnicodeDecodeError and JSONDecodeError are ValueErrors; so is a number of 5,000 digits
        raise BadInput("This is not JSON.", errors={"body": [f"not JSON: {str(error)[:200]}"]}) from None


def load(schema: Schema, body: Any) -> dict[str, Any]:
    """What the schema makes of it; BadInput names each field that cannot be read."""
    try:
        loaded: dict[str, Any] = schema.load(body)
    except ValidationError as error:
        raise BadInput("Some fields cannot be read.", errors=dict(error.normalized_messages())) from None
    return loaded
