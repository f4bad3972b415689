"""When the crews work in the coming days."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from crew_app.errors import BadInput, Conflict, NotFound
from crew_app.extensions import db
from crew_app.guards import Action, can, require
from crew_app.models import Crew, Shift
from crew_app.queries.settings import choices, shifts_between
from crew_app.routes.office_pages import office_pages
from crew_app.services.shift_plans import plan_shifts, take_out_shift
from crew_app.transaction import system_clock, transaction
from crew_app.wire.forms import EmptyForm, read_form
from crew_app.wire.rules import WEEKDAYS
from crew_app.wire.setup_forms import ShiftsForm

bp = office_pages("shifts_page", __name__)

SHOWN = timedelta(days=7)


@bp.get("")
def show() -> str:
    return _page()


@bp.post("")
def plan() -> Any:
    require(Action.SET_RULES)
    try:
        form = read_form(ShiftsForm(), request.form)
        crew = db.session.get(Crew, form["crew"]) if form["crew"] else None
        if crew is None:
            raise BadInput("Please look at the form again.", errors={"crew": ["Choose a crew."]})
        require(Action.SET_RULES, crew)
        with transaction() as tx:
            planned = plan_shifts(tx, crew, form, current_user.id)
    except BadInput as problem:
        return _page(problem), problem.status
    flash(f"{planned} shift{'' if planned == 1 else 's'} planned for {crew.code}.")
    return redirect(url_for("shifts_page.show"), 303)


@bp.post("/<int:shift_id>/remove")
def remove(shift_id: int) -> Any:
    shift = db.session.get(Shift, shift_id)
    if shift is None:
        raise NotFound("There is no such shift.")
    require(Action.SET_RULES, shift.crew)
    read_form(EmptyForm(), request.form)
    try:
        with transaction() as tx:
            take_out_shift(tx, tx.session.get_one(Shift, shift_id, with_for_update={"of": Shift}), current_user.id)
        flash("Taken out. You can undo it under Changes.")
    except Conflict as problem:
        flash(problem.detail)
    return redirect(url_for("shifts_page.show"), 303)


def _page(problem: BadInput | None = None) -> str:
    now = system_clock()
    return render_template(
        "console/shifts.html",
        shifts=shifts_between(db.session, now, now + SHOWN),
        crews=[crew for crew in choices(db.session).crews if can(current_user, Action.SET_RULES, crew)],
        weekdays=WEEKDAYS,
        problem=problem,
        given=request.form if problem else None,
    )
