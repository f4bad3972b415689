"""What is reported around here: a list, with script a map beside it, and the cases as a map asks for them."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request

from crew_app.errors import BadInput
from crew_app.extensions import db
from crew_app.languages import t
from crew_app.queries.public import Bounds, public_cases_within, public_marks_within
from crew_app.transaction import system_clock
from crew_app.wire.public_map import marks_body

bp = Blueprint("public_map", __name__)

SHOWN_DAYS = 30  # so long a case that was dealt with stays on the map
LISTED, MARKED = 50, 5_000


@bp.after_request
def keep_briefly(response: Response) -> Response:
    """Many look at the same few minutes."""
    response.headers["Cache-Control"] = "public, max-age=30" if response.status_code == 200 else "no-store"
    return response


@bp.get("/")
def page() -> Any:
    now, bounds = system_clock(), _bounds()
    latest = public_cases_within(db.session, bounds, now - timedelta(days=SHOWN_DAYS), LISTED)
    return render_template("public/map.html", latest=latest, bounds=bounds, days=SHOWN_DAYS, now=now)


@bp.get("/cases.json")
def cases() -> Response:
    """GeoJSON of what anybody may know: number, service, status and place; no words, nobody's name."""
    rows = public_marks_within(db.session, _bounds(), system_clock() - timedelta(days=SHOWN_DAYS), MARKED + 1)
    return jsonify(marks_body(rows[:MARKED], is_all=len(rows) <= MARKED))


def _bounds() -> Bounds | None:
    """`?bbox=west,south,east,north` in degrees, as GeoJSON counts them."""
    given = request.args.get("bbox")
    if given is None:
        return None
    try:
        west, south, east, north = (float(part) for part in given.split(","))
    except ValueError:
        west = south = east = north = math.nan
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise BadInput(
            t("This is no part of the earth."),
            errors={"bbox": [t("Four degrees, west,south,east,north, for example -71.2,42.2,-71.0,42.4.")]},
        )
    return west, south, east, north
