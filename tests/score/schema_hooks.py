"""What schemathesis cannot guess: half of the time the things it asks for are there, and the key is the right one."""

from __future__ import annotations

import os
import zlib
from typing import Any

import schemathesis

THERE = {
    "number": "26-000001", "token": "26-000002", "code": "pothole", "case_id": 1, "crew_id": 1, "case": 1, "crew": 2, "to": 2,
    "service_code": "pothole", "service": "pothole", "service_request_id": "26-000003", "department": 1,
}  # fmt: skip


def put_what_is_there(given: Any) -> Any:
    if not isinstance(given, dict):
        return given
    filled = {name: THERE[name] if name in THERE and _is_heads(name, value) else value for name, value in given.items()}
    if "api_key" in filled and _is_heads("key", given.get("description")):
        filled["api_key"] = os.environ["CREW311_KEY"]
    return filled


def _is_heads(name: str, value: Any) -> bool:
    return zlib.crc32(repr((name, value)).encode()) % 2 == 0


@schemathesis.hook
def map_path_parameters(context: Any, path_parameters: Any) -> Any:
    return put_what_is_there(path_parameters)


@schemathesis.hook
def map_query(context: Any, query: Any) -> Any:
    return put_what_is_there(query)


@schemathesis.hook
def map_body(context: Any, body: Any) -> Any:
    return put_what_is_there(body)


@schemathesis.serializer("application/offset+octet-stream")
def as_bytes(context: Any, value: Any) -> Any:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
