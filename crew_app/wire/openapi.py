"""OpenAPI 3.1 of the surface: the routes as they are bound, the schemas as they read, and the words of `openapi_said.py`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import fields

from crew_app.wire import forms
from crew_app.wire.fields import MAX_ID, Words
from crew_app.wire.openapi_said import DESCRIPTION, LEFT_OUT, SAID, SECURITY, SHAPES, Said
from crew_app.wire.phone import CaseRef

Json = dict[str, Any]

_VARIABLE = re.compile(r"<(?:(\w+)(?:\(([^)]*)\))?:)?(\w+)>")
NO_NUL = "^[^\\u0000]*$"
SOME_WORDS = "^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$"


@dataclass(frozen=True, slots=True)
class Door:
    """One route: its address as Flask writes it, one method, and which of our functions answers."""

    rule: str
    method: str
    endpoint: str


def openapi_body(doors: Iterable[Door], city: str, public_url: str) -> Json:
    """The whole description; of the doors, those that LEFT_OUT does not name. KeyError where nothing is said of one."""
    plugin = MarshmallowPlugin()
    spec = APISpec(
        f"{city} 311",
        "1",
        "3.1.0",
        info={"description": DESCRIPTION, "license": {"name": "See LICENSE beside the source"}},
        servers=[{"url": public_url}],
        plugins=[plugin],
    )
    assert isinstance(plugin.converter, OpenAPIConverter)
    plugin.converter.add_attribute_function(_what_our_fields_read)
    for name, shape in SHAPES.items():
        spec.components.schema(name, shape)
    for name, scheme in SECURITY.items():
        spec.components.security_scheme(name, scheme)
    for door in doors:
        if not is_left_out(door.endpoint):
            said = SAID[door.endpoint]
            spec.path(path=plain_path(door.rule), operations={door.method.lower(): _operation(door, said)})
    body: Json = spec.to_dict()
    _close(body["components"]["schemas"])
    return body


def is_left_out(endpoint: str) -> bool:
    return endpoint in LEFT_OUT or endpoint.split(".")[0] in LEFT_OUT


def plain_path(rule: str) -> str:
    """/cases/<int:case_id> as OpenAPI writes it: /cases/{case_id}."""
    return _VARIABLE.sub(r"{\3}", rule)


def _operation(door: Door, said: Said) -> Json:
    operation: Json = {
        "operationId": f"{door.endpoint.replace('.', '_')}",
        "tags": [said.surface.name],
        "summary": said.does,
        "parameters": [
            *(_variable(kind, given, name, said) for kind, given, name in _VARIABLE.findall(door.rule)),
            *({"in": "query", "name": name, "required": False, "schema": schema} for name, schema in said.query.items()),
            *({"in": "header", "name": name, "required": True, "schema": schema} for name, schema in _headers(door, said).items()),
        ],
        "responses": {
            **{str(status): _answer(HTTPStatus(status).phrase, kinds) for status, kinds in said.answers.items()},
            "4XX": _answer("Refused; the body says why.", said.surface.refusals),
        },
    }
    if said.takes:
        operation["requestBody"] = {
            "required": True,
            "content": {kind: {"schema": _reference(schema)} for kind, schema in said.takes.items()},
        }
    if said.surface.signed_in:
        operation["security"] = [{said.surface.signed_in: []}]
    return operation


def _headers(door: Door, said: Said) -> Mapping[str, Json]:
    shared = said.surface.headers if door.method not in ("GET", "OPTIONS") else {}
    return {**shared, **said.headers}


def _answer(words: str, kinds: Mapping[str, Any]) -> Json:
    content = {kind: ({"schema": _reference(schema)} if schema else {}) for kind, schema in kinds.items()}
    return {"description": words, **({"content": content} if content else {})}


def _reference(schema: Any) -> Any:
    """A shape by its name; marshmallow schemas as apispec resolves them, several as one of them; anything else as it is."""
    if isinstance(schema, tuple):
        return {"anyOf": [_reference(one) for one in schema]}
    return {"$ref": f"#/components/schemas/{schema}"} if isinstance(schema, str) else schema


def _variable(kind: str, given: str, name: str, said: Said) -> Json:
    schema: Json = {"type": "string", "minLength": 1}
    if kind == "int":
        schema = {"type": "integer", "minimum": 0, "maximum": MAX_ID}
    elif kind == "any":
        schema = {"type": "string", "enum": [part.strip() for part in given.split(",")]}
    return {"in": "path", "name": name, "required": True, "schema": said.path.get(name, schema)}


def _what_our_fields_read(converter: OpenAPIConverter, field: fields.Field[Any], **_: Any) -> Json:
    """What the classes of wire/fields.py and wire/forms.py read, which apispec does not know."""
    match field:
        case forms.Line(needed=needed) if needed:
            return {"pattern": SOME_WORDS}
        case Words():
            return {"pattern": NO_NUL}
        case CaseRef():
            return {"type": ["integer", "string", "null"]}
        case forms.FormNumber(least=least, most=most):
            return {"type": "string", "description": f"A number from {least:g} to {most:g}, or nothing."}
        case forms.FormId():
            return {"type": "string", "description": "An id, or nothing."}
    return {}


def _close(schemas: Json) -> None:
    """marshmallow refuses unknown fields; said where the schemas came from there."""
    for name, schema in schemas.items():
        if name not in SHAPES:
            schema["additionalProperties"] = False
