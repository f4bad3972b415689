"""The dispatcher's desk: one page whose script shows the live picture (pwa/src/desk), as `make` built it.

Its files are beside the phone app's, below /crew/desk/ (routes/pwa.py), and on no phone.
"""

from __future__ import annotations

from flask import Blueprint, Response

from crew_app.errors import NotFound
from crew_app.routes.pwa import built, send

bp = Blueprint("desk", __name__)


@bp.get("/")
def show() -> Response:
    """The same for everybody; what is on it comes from /console/live. Without script it leads to the list of cases."""
    if not (built() / "desk" / "desk.html").is_file():
        raise NotFound("The desk is not built yet: run `make setup`. The list of cases is at /console/cases.")
    return send("desk/desk.html")
