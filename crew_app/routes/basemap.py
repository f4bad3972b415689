"""What every map begins with: the city's streets, by ranges of one file, and its districts."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request, send_file, url_for

from crew_app.adapters.basemap import CREDIT, Basemap, find_basemap
from crew_app.errors import NotFound
from crew_app.extensions import db
from crew_app.queries.picture import districts_with_boundary
from crew_app.wire.outlines import outlines_body

bp = Blueprint("basemap", __name__)

FOREVER = "public, max-age=31536000, immutable"  # an address that names its version
ASK_FIRST = "no-cache"


@bp.get("/basemap.json")
def about() -> Response:
    """The map's address, which changes when the map does; null where the city has none."""
    basemap = find_basemap(current_app.config["INSTANCE"])
    answer = jsonify(_words(basemap) if basemap else {"url": None})
    answer.headers["Cache-Control"] = ASK_FIRST
    answer.set_etag(basemap.version if basemap else "none")
    answer.make_conditional(request)
    return answer


@bp.get("/basemap.pmtiles")
def tiles() -> Response:
    """With `?v=`, that version or none: pieces of two versions make no map."""
    basemap = find_basemap(current_app.config["INSTANCE"])
    if basemap is None:
        raise NotFound("The city has no basemap yet: flask basemap makes one.")
    wanted = request.args.get("v")
    if wanted not in (None, basemap.version):
        raise NotFound("There is another basemap now; /basemap.json says where.")
    response = send_file(
        basemap.file, mimetype="application/vnd.pmtiles", conditional=True, etag=basemap.version, last_modified=None
    )
    response.headers["Cache-Control"] = FOREVER if wanted else ASK_FIRST
    return response


@bp.get("/districts.json")
def districts() -> Response:
    """GeoJSON, for whoever draws the city."""
    answer = jsonify(outlines_body(districts_with_boundary(db.session)))
    answer.headers["Cache-Control"] = ASK_FIRST
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def _words(basemap: Basemap) -> dict[str, Any]:
    return {
        "url": url_for("basemap.tiles", v=basemap.version),
        "bytes": basemap.size,
        "bounds": basemap.bounds,
        "credit": CREDIT,
    }
