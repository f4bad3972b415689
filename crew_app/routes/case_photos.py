"""One photo of a case, and what the office does about it. Usable without script."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, render_template, request, send_file, url_for
from flask_login import current_user

from crew_app.errors import BadInput, NotFound
from crew_app.extensions import db
from crew_app.guards import Action, require
from crew_app.models import Case, Photo
from crew_app.queries.cases import case_by_number
from crew_app.routes.office_pages import office_pages
from crew_app.services.photo_moderation import hide_photo, make_blurred_copies, publish_photo, redact_photo, restore_photo
from crew_app.services.photos import photo_store
from crew_app.transaction import transaction
from crew_app.wire import forms
from crew_app.wire.forms import read_form

bp = office_pages("case_photos", __name__)

SAID = {
    "show": "It is shown again.",
    "restore": "It is shown whole again.",
    "publish": "Everybody can see it now.",
    "withhold": "Only the city’s people see it now.",
}


@bp.get("/<number>/photos/<photo_id>")
def show(number: str, photo_id: str) -> str:
    return _page(*_photo(number, photo_id))


@bp.get("/<number>/photos/<photo_id>/whole")
def whole(number: str, photo_id: str) -> Response:
    """The clean copy behind what is blurred or hidden, for those who decide about it."""
    case, photo = _photo(number, photo_id)
    require(Action.MODERATE_PHOTOS, case)
    try:
        return send_file(photo_store().open(f"{photo.id}/large"), mimetype="image/jpeg")
    except FileNotFoundError:
        raise NotFound("There is no such photo.") from None


@bp.post("/<number>/photos/<photo_id>/redact")
def redact(number: str, photo_id: str) -> Any:
    case, photo = _photo(number, photo_id)
    require(Action.MODERATE_PHOTOS, case)
    try:
        areas = read_form(forms.RedactForm(), request.form)["areas"]
    except BadInput as problem:
        return _page(case, photo, problem), 400
    mark = make_blurred_copies(photo.id, areas)
    with transaction() as tx:
        redact_photo(tx, photo_id, areas, mark, current_user.id)
    flash("Blurred. Everybody sees it so, crews as well.")
    return redirect(url_for("case_photos.show", number=number, photo_id=photo_id), 303)


@bp.post("/<number>/photos/<photo_id>/hide")
def hide(number: str, photo_id: str) -> Any:
    case, photo = _photo(number, photo_id)
    require(Action.MODERATE_PHOTOS, case)
    try:
        why = read_form(forms.HidePhotoForm(), request.form)["why"]
    except BadInput as problem:
        return _page(case, photo, problem), 400
    with transaction() as tx:
        hide_photo(tx, photo_id, True, why, current_user.id)
    flash("Hidden. Nobody is shown it until you show it again.")
    return redirect(url_for("case_photos.show", number=number, photo_id=photo_id), 303)


@bp.post("/<number>/photos/<photo_id>/<any(show,restore,publish,withhold):deed>")
def change(number: str, photo_id: str, deed: str) -> Any:
    """What needs no more than a button."""
    case, photo = _photo(number, photo_id)
    require(Action.MODERATE_PHOTOS, case)
    read_form(forms.EmptyForm(), request.form)
    with transaction() as tx:
        if deed == "show":
            hide_photo(tx, photo.id, False, "", current_user.id)
        elif deed == "restore":
            restore_photo(tx, photo.id, current_user.id)
        else:
            publish_photo(tx, photo.id, deed == "publish", current_user.id)
    flash(SAID[deed])
    return redirect(url_for("case_photos.show", number=number, photo_id=photo_id), 303)


def _photo(number: str, photo_id: str) -> tuple[Case, Photo]:
    """The case and its own photo: an address names the case that is meant."""
    case, photo = case_by_number(db.session, number), db.session.get(Photo, photo_id)
    if case is None or photo is None or photo.case_id != case.id:
        raise NotFound("This case has no such photo.")
    return case, photo


def _page(case: Case, photo: Photo, problem: BadInput | None = None) -> str:
    lines = "\n".join(" ".join(f"{part:g}" for part in area) for area in photo.blurred or [])
    given = request.form if problem else {"areas": lines}
    return render_template("console/photo.html", case=case, it=photo, given=given, problem=problem)
