"""What was changed of how the city works, by whom and when; each change can be taken back."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from crew_app.errors import Conflict, NotFound
from crew_app.extensions import db
from crew_app.guards import THE_CITY, Action, Thing, can, require
from crew_app.models import CityChange, Service, ServiceLevel, Shift
from crew_app.queries.settings import changes, undone
from crew_app.routes.office_pages import office_pages
from crew_app.services.settings import thing_of, undo_change
from crew_app.transaction import transaction
from crew_app.wire.changes import change_words
from crew_app.wire.forms import EmptyForm, read_form

bp = office_pages("changes_page", __name__)

# Who may take back what: whoever may change it.
ACTIONS: dict[str, Action] = {"person": Action.MANAGE_PEOPLE, "device": Action.KEEP_PHONES}


@bp.get("")
def show() -> str:
    require(Action.SET_RULES)
    rows = [change for change in changes(db.session) if _may_undo(change)]
    return render_template(
        "console/changes.html",
        changes=[(row, change_words(row, thing_of(db.session, row))) for row in rows],
        undone=undone(db.session, [row.id for row in rows]),
    )


@bp.post("/<int:change_id>/undo")
def undo(change_id: int) -> Any:
    change = db.session.get(CityChange, change_id)
    if change is None:
        raise NotFound("There is no such change.")
    require(_action(change), _thing(change))
    read_form(EmptyForm(), request.form)
    try:
        with transaction() as tx:
            undo_change(tx, change_id, current_user.id)
        flash("Taken back.")
    except Conflict as problem:
        flash(problem.detail)
    return redirect(url_for("changes_page.show"), 303)


def _may_undo(change: CityChange) -> bool:
    return can(current_user, _action(change), _thing(change))


def _action(change: CityChange) -> Action:
    return ACTIONS.get(change.kind, Action.SET_RULES)


def _thing(change: CityChange) -> Thing:
    """What decides whose it is."""
    thing: Any = thing_of(db.session, change)
    if change.kind in ("hours", "holiday"):
        return THE_CITY
    if isinstance(thing, Shift):
        return thing.crew
    return db.session.get(Service, thing.service_id) if isinstance(thing, ServiceLevel) else thing
