"""Pictures of cases: clean copies only, never what came in."""

from __future__ import annotations

from flask import Blueprint, redirect, request, send_file
from flask.typing import ResponseValue
from flask_login import current_user

from crew_app.errors import NotFound
from crew_app.extensions import db
from crew_app.models import Photo, PhotoKind
from crew_app.services.photos import photo_store

bp = Blueprint("photos", __name__)


@bp.get("/<photo_id>/<any(large,small):size>")
def show(photo_id: str, size: str) -> ResponseValue:
    """A crew's photos are public; a resident's are for the city's people until somebody has looked at them."""
    photo = db.session.get(Photo, photo_id)
    may_see = photo is not None and photo.is_showable and (current_user.is_authenticated or photo.kind != PhotoKind.REPORTED)
    if not may_see:
        raise NotFound("There is no such photo.")
    # A page's picture only: what a phone fetches to keep for later goes through us, whose answers its worker may read.
    if request.headers.get("Sec-Fetch-Dest") == "image" and (link := photo_store().link(f"{photo_id}/{size}")):
        return redirect(link)
    try:
        file = photo_store().open(f"{photo_id}/{size}")
    except FileNotFoundError:
        raise NotFound("There is no such photo.") from None
    response = send_file(file, mimetype="image/jpeg", etag=f"{photo_id}-{size}")
    response.headers["Cache-Control"] = "private, max-age=86400"
    return response
