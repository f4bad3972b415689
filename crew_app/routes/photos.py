"""Pictures of cases: clean copies only, never what came in."""

from __future__ import annotations

from flask import Blueprint, redirect, request, send_file
from flask.typing import ResponseValue
from flask_login import current_user

from crew_app.errors import NotFound
from crew_app.extensions import db
from crew_app.models import Photo
from crew_app.services.photos import photo_store

bp = Blueprint("photos", __name__)


@bp.get("/<photo_id>/<any(large,small):size>")
def show(photo_id: str, size: str) -> ResponseValue:
    """A crew's photos are public; a resident's are for the city's people until the office publishes them."""
    photo = db.session.get(Photo, photo_id)
    if photo is None or not (photo.is_public or (photo.is_showable and current_user.is_authenticated)):
        raise NotFound("There is no such photo.")
    name = f"{photo_id}/{size}-{photo.copy}" if photo.copy else f"{photo_id}/{size}"
    # A page's picture only: what a phone fetches to keep for later goes through us, whose answers its worker may read.
    if request.headers.get("Sec-Fetch-Dest") == "image" and (link := photo_store().link(name)):
        return redirect(link)
    try:
        file = photo_store().open(name)
    except FileNotFoundError:
        raise NotFound("There is no such photo.") from None
    response = send_file(file, mimetype="image/jpeg", etag=name.replace("/", "-"))
    # Asked again each time, and mostly answered by 304: what is hidden or blurred must be so at once.
    response.headers["Cache-Control"] = "private, no-cache"
    return response
