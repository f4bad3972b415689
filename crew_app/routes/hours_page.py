"""When the city works, and its holidays: what the business clock of every promise goes by."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from crew_app.errors import BadInput
from crew_app.extensions import db
from crew_app.guards import THE_CITY, Action, require
from crew_app.queries.settings import holidays_from, week
from crew_app.routes.office_pages import office_pages
from crew_app.services.hours import add_holiday, remove_holiday, set_hours
from crew_app.transaction import system_clock, transaction
from crew_app.wire.forms import EmptyForm, read_form
from crew_app.wire.rules import WEEKDAYS
from crew_app.wire.setup_forms import HolidayForm, HoursForm
from crew_app.wire.times import in_city

bp = office_pages("hours_page", __name__)


@bp.get("")
def show() -> str:
    return _page()


@bp.post("")
def change() -> Any:
    require(Action.SET_RULES, THE_CITY)
    try:
        form = read_form(HoursForm(), request.form)
        with transaction() as tx:
            set_hours(tx, HoursForm.week(form), current_user.id)
    except BadInput as problem:
        return _page("hours", problem), problem.status
    flash("Kept. Cases taken in from now on are promised by these hours.")
    return redirect(url_for("hours_page.show"), 303)


@bp.post("/holidays")
def add() -> Any:
    require(Action.SET_RULES, THE_CITY)
    try:
        form = read_form(HolidayForm(), request.form)
        with transaction() as tx:
            add_holiday(tx, form["day"], form["name"], current_user.id)
    except BadInput as problem:
        return _page("holiday", problem), problem.status
    flash(f"{form['name']} is a holiday.")
    return redirect(url_for("hours_page.show"), 303)


@bp.post("/holidays/<int:holiday_id>/remove")
def remove(holiday_id: int) -> Any:
    require(Action.SET_RULES, THE_CITY)
    read_form(EmptyForm(), request.form)
    with transaction() as tx:
        name = remove_holiday(tx, holiday_id, current_user.id).name
    flash(f"{name} is no holiday any more. You can undo it under Changes.")
    return redirect(url_for("hours_page.show"), 303)


def _page(refused: str = "", problem: BadInput | None = None) -> str:
    return render_template(
        "console/hours.html",
        week=week(db.session),
        weekdays=WEEKDAYS,
        holidays=holidays_from(db.session, in_city(system_clock()).date()),
        refused=refused,
        problem=problem,
        given=request.form if problem else {},
    )
