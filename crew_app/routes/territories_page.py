"""Where crews may be sent: areas drawn on the map or made of districts, for one crew or for all of a department."""

from __future__ import annotations

import json
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from crew_app.errors import BadInput, NotFound
from crew_app.extensions import db
from crew_app.guards import THE_CITY, Action, can, require
from crew_app.models import Crew, Department, Territory
from crew_app.queries.settings import choices, history_of, territories
from crew_app.routes.office_pages import office_pages
from crew_app.services.territories import add_territory, change_territory, get_territory, remove_territory, set_districts
from crew_app.transaction import transaction
from crew_app.wire.changes import change_words
from crew_app.wire.forms import EmptyForm, read_form
from crew_app.wire.territories import DistrictsForm, TerritoryForm

bp = office_pages("territories_page", __name__)


@bp.get("")
def show() -> str:
    return render_template("console/territories.html", territories=territories(db.session), choices=choices(db.session))


@bp.get("/new")
def new() -> str:
    return _page(None)


@bp.post("")
def add() -> Any:
    require(Action.SET_RULES)
    try:
        values = _read()
        with transaction() as tx:
            add_territory(tx, values, current_user.id)
    except BadInput as problem:
        return _page(None, problem), problem.status
    flash("Kept. Dispatch goes by it from its next plan on.")
    return redirect(url_for("territories_page.show"), 303)


@bp.get("/<int:territory_id>")
def territory(territory_id: int) -> str:
    return _page(get_territory(db.session, territory_id))


@bp.post("/<int:territory_id>")
def change(territory_id: int) -> Any:
    require(Action.SET_RULES, get_territory(db.session, territory_id))
    try:
        values = _read()
        with transaction() as tx:
            change_territory(tx, territory_id, values, current_user.id)
    except BadInput as problem:
        return _page(get_territory(db.session, territory_id), problem), problem.status
    flash("Kept. Dispatch goes by it from its next plan on.")
    return redirect(url_for("territories_page.show"), 303)


@bp.post("/<int:territory_id>/remove")
def remove(territory_id: int) -> Any:
    require(Action.SET_RULES, get_territory(db.session, territory_id))
    read_form(EmptyForm(), request.form)
    with transaction() as tx:
        remove_territory(tx, territory_id, current_user.id)
    flash("Removed. You can undo it under Changes.")
    return redirect(url_for("territories_page.show"), 303)


@bp.post("/crews/<int:crew_id>")
def districts(crew_id: int) -> Any:
    crew = db.session.get(Crew, crew_id)
    if crew is None:
        raise NotFound("There is no such crew.")
    require(Action.SET_RULES, crew)
    form = read_form(DistrictsForm(), request.form)
    with transaction() as tx:
        set_districts(tx, tx.session.get_one(Crew, crew_id), [i for i in form["district"] if i], current_user.id)
    flash(f"Kept for {crew.code}.")
    return redirect(url_for("territories_page.show"), 303)


def _read() -> dict[str, Any]:
    """The columns that were sent; nobody draws for another department."""
    values = TerritoryForm.columns(read_form(TerritoryForm(), request.form))
    crew = db.session.get(Crew, values["crew_id"]) if values["crew_id"] else None
    department = db.session.get(Department, values["department_id"]) if values["department_id"] else None
    if crew is None and department is None:
        raise BadInput("Please look at the form again.", errors={"of": ["Choose one from the list."]})
    require(Action.SET_RULES, crew or department)
    return values


def _page(territory: Territory | None, problem: BadInput | None = None) -> str:
    chosen = choices(db.session)
    return render_template(
        "console/territory.html",
        territory=territory,
        boundary=json.dumps(territory.boundary) if territory and territory.boundary["type"] == "Polygon" else "",
        departments=[it for it in chosen.departments if can(current_user, Action.SET_RULES, it)],
        crews=[it for it in chosen.crews if can(current_user, Action.SET_RULES, it)],
        districts=chosen.districts,
        may_change=can(current_user, Action.SET_RULES, territory or (None if chosen.departments else THE_CITY)),
        problem=problem,
        given=request.form if problem else None,
        changes=history_of(db.session, "territory", str(territory.id)) if territory else [],
        change_words=change_words,
    )
