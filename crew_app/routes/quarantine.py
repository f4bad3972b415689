"""Work that a phone sent and that could not be applied; and a phone's unsent work, brought by hand."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from crew_app.errors import BadInput, NotFound
from crew_app.extensions import db
from crew_app.guards import Action, own_department, require
from crew_app.models import Person, QuarantinedWork
from crew_app.queries.board import quarantined_work
from crew_app.routes.office_pages import office_pages
from crew_app.services.carried import keep_carried_photos, take_in
from crew_app.services.review import settle_kept
from crew_app.transaction import transaction
from crew_app.wire import forms
from crew_app.wire.carried import read_carried
from crew_app.wire.forms import read_form

bp = office_pages("quarantine", __name__)

LONGEST_CARRIED_BYTES = 256 * 1024 * 1024  # a day of a phone's photos, in base64


@bp.get("")
def show() -> str:
    return render_template("console/quarantine.html", rows=quarantined_work(db.session, own_department(current_user)))


@bp.post("/load")
def load() -> Any:
    """A file of unsent work, brought by hand from a phone that cannot send it."""
    require(Action.SETTLE_CLOSURES)
    request.max_content_length = LONGEST_CARRIED_BYTES
    given = request.files.get("work")
    if given is None or not given.filename:
        raise BadInput("Choose the file that the phone wrote.", errors={"work": ["no file"]})
    work = read_carried(given.read())
    require(Action.SETTLE_CLOSURES, db.session.get(Person, work.person_id))
    keep_carried_photos(work)
    with transaction() as tx:
        taken = take_in(tx, work)
    flash(f"{taken.answered} deeds and {taken.photos} photos taken in; {taken.quarantined} need a look.")
    return redirect(url_for("quarantine.show"), 303)


@bp.post("/<int:work_id>/settle")
def settle(work_id: int) -> Any:
    work = db.session.get(QuarantinedWork, work_id)
    if work is None:
        raise NotFound("There is no such work in quarantine.")
    require(Action.SETTLE_CLOSURES, work)
    read_form(forms.EmptyForm(), request.form)
    with transaction() as tx:
        settle_kept(tx, work_id, "", current_user.id)
    flash("Settled. It stays kept, but it is off this list.")
    return redirect(url_for("quarantine.show"), 303)
