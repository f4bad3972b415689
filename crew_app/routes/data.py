"""Open data: every public case, whole or what changed since a moment, in the forms programs and spreadsheets read."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request, send_file, stream_with_context

from crew_app.adapters.geoparquet import write_geoparquet
from crew_app.errors import BadInput
from crew_app.extensions import db
from crew_app.services.open_data import published_batches
from crew_app.transaction import system_clock
from crew_app.wire.moments import read_moment
from crew_app.wire.open_data import NEW
from crew_app.wire.open_data_written import (
    GENERATIONS,
    HEADS,
    csv_lines,
    dictionary_body,
    geojson_feature,
    point_wkb,
    typed_properties,
)
from crew_app.wire.times import city_zone

bp = Blueprint("data", __name__)

# Whoever comes again says so from a minute before this answer began: a change that was being written is in the next one.
OVERLAP = timedelta(minutes=1)
MOMENTS = ("open_date", "close_date", "target_close_date")


@bp.after_request
def let_others_read(response: Response) -> Response:
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = "X-Next-Since"
    response.headers["Cache-Control"] = "no-cache"
    return response


@bp.get("/")
def page() -> str:
    return render_template("public/data.html", columns=dictionary_body(), now=system_clock())


@bp.get("/dictionary.json")
def dictionary() -> Response:
    return jsonify(dictionary_body())


@bp.get("/cases.csv")
def cases_csv() -> Response:
    """`columns`: legacy, current or new."""
    asked = request.args.get("columns") or "new"
    if asked not in GENERATIONS:
        raise BadInput("There are no such columns.", errors={"columns": [f"one of {', '.join(GENERATIONS)}"]})
    lines = csv_lines(_cases(_since()), GENERATIONS[asked], city_zone())
    return _download(lines, "text/csv; charset=utf-8", f"cases-{asked}.csv")


@bp.get("/cases.geojson")
def cases_geojson() -> Response:
    def pieces(cases: Iterator[Mapping[str, Any]]) -> Iterator[str]:
        yield '{"type":"FeatureCollection","features":['
        for number, case in enumerate(cases):
            yield (",\n" if number else "\n") + json.dumps(geojson_feature(case), ensure_ascii=False)
        yield "\n]}"

    return _download(pieces(_cases(_since())), "application/geo+json", "cases.geojson")


@bp.get("/cases.parquet")
def cases_parquet() -> Response:
    """Written to a file first: the index of a Parquet file stands at its end, and readers jump about in it."""
    words = [name for name in HEADS[NEW] if name not in (*MOMENTS, "longitude", "latitude")]
    began = system_clock()
    with tempfile.TemporaryDirectory(prefix="crew311-") as folder:
        path = Path(folder) / "cases.parquet"
        batches = ([_parquet_row(case) for case in batch] for batch in published_batches(db.session, began, _since()))
        write_geoparquet(path, batches, MOMENTS, words)
        response = send_file(path, mimetype="application/vnd.apache.parquet", download_name="cases.parquet", as_attachment=True)
    return _with_next_since(response, began)


def _parquet_row(case: Mapping[str, Any]) -> dict[str, Any]:
    place = point_wkb(case["longitude"], case["latitude"]) if case["latitude"] is not None else None
    return typed_properties(case) | {"geometry": place}


def _cases(since: datetime | None) -> Iterator[dict[str, Any]]:
    for batch in published_batches(db.session, system_clock(), since):
        yield from batch


def _since() -> datetime | None:
    text = request.args.get("since", "").strip()
    if not text:
        return None
    moment = read_moment(text, city_zone())
    if moment is None:
        raise BadInput("This is not a time.", errors={"since": ["a time like 2026-11-30T12:00:00Z"]})
    return moment


def _download(pieces: Iterator[str], content_type: str, name: str) -> Response:
    response = Response(stream_with_context(pieces), content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return _with_next_since(response, system_clock())


def _with_next_since(response: Response, began: datetime) -> Response:
    response.headers["X-Next-Since"] = f"{began - OVERLAP:%Y-%m-%dT%H:%M:%SZ}"
    return response
