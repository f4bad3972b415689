"""Everything anybody can read, asked as nobody: every open address of the table in tests/authz, in every form it has."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pyarrow.parquet
from flask import Flask
from table import EVERYBODY, ROWS
from werkzeug.test import TestResponse

ALSO = [
    "/open311/v2/requests.xml?extensions=true", "/open311/v2/requests.json?extensions=true", "/open311/v2/requests.json?status=closed",
    "/open311/v2/requests.json?updated_after=2020-01-01", "/open311/v2/services.xml", "/open311/v2/servicerequestupdates.xml",
    "/open311/v2/servicerequestupdates.json", "/open311/v2/bulk.json", "/open311/v2/bulk.xml", "/open311/v2/bulk.csv",
    "/data/cases.csv?columns=legacy", "/data/cases.csv?columns=current", "/data/cases.csv?since=2020-01-01", "/data/cases.geojson",
    "/feeds/cases.atom", "/feeds/cases.json", "/feeds/cases.rss", "/feeds/cases.atom?service=pothole", "/feeds/cases.atom?district=1",
    "/report?service=pothole", "/report?service=zqsecretservice", "/find?number=1", "/no-such-page", "/open311/v2/none.json",
]  # fmt: skip
OF_EACH_CASE = [
    "/cases/{number}", "/open311/v2/requests/{number}.json?extensions=true", "/open311/v2/requests/{number}.xml?extensions=true",
    "/open311/v2/tokens/{number}.json",
]  # fmt: skip
OF_EACH_PHOTO = ["/photos/{photo}/large", "/photos/{photo}/small"]


def addresses(names: dict[str, str], numbers: list[str], photos: list[str]) -> list[str]:
    from_table = []
    for address, cells, request in ROWS:
        method, path = address.split()
        if method == "GET" and cells == EVERYBODY and not request.get("headers"):
            for name, meant in names.items():
                path = path.replace("{" + name + "}", meant)
            from_table.append(path)
    each = [path.format(number=number) for number in numbers for path in OF_EACH_CASE]
    each += [path.format(photo=photo) for photo in photos for path in OF_EACH_PHOTO]
    return list(dict.fromkeys([*from_table, *ALSO, *each]))


def read_all(app: Flask, asked: list[str]) -> Iterator[tuple[str, str]]:
    """(address, everything the answer holds: headers, body, the cells of a Parquet file)"""
    client = app.test_client()
    for address in asked:
        app.extensions["rate_limits"].forget_whole(float("inf"))
        with client.get(address) as answer:
            yield address, _text(answer)


def _text(answer: TestResponse) -> str:
    said: list[Any] = [f"{name}: {value}" for name, value in answer.headers]
    body = answer.data
    if answer.mimetype == "application/vnd.apache.parquet":
        said += [str(row) for row in pyarrow.parquet.read_table(io.BytesIO(body)).to_pylist()]
    else:
        said.append(body.decode("utf-8", "replace"))
    return "\n".join(said)
