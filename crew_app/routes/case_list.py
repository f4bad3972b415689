"""The list of cases: searched, filtered, page by page, kept as a view, taken away as CSV. Usable without script."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_login import current_user

from crew_app.extensions import db
from crew_app.guards import Action, own_department, require
from crew_app.queries.board import COUNTED_UP_TO, BoardFilter, board_choices, board_counts, board_page, board_rows
from crew_app.queries.cases import case_by_number
from crew_app.queries.saved_views import views_of
from crew_app.routes.office_pages import office_pages
from crew_app.services.contact_looks import record_search
from crew_app.services.saved_views import forget_view, save_view
from crew_app.transaction import system_clock, transaction
from crew_app.wire import forms
from crew_app.wire.forms import read_form
from crew_app.wire.spreadsheet import cases_as_csv
from crew_app.wire.times import in_city

bp = office_pages("case_list", __name__)


@bp.get("/cases")
def show() -> Any:
    """The list; or the case itself, if what is searched for is a whole number, whatever the other filters say."""
    now, filters = system_clock(), _read_filters()
    if filters.get("q") and (case := case_by_number(db.session, filters["q"])):
        return redirect(url_for("case_page.show", number=case.number))
    wanted = BoardFilter(**filters)
    kept = {name: value for name, value in filters.items() if name != "page"}

    def address(endpoint: str = "case_list.show", **changes: Any) -> str:
        """This list with some filters changed; the page begins anew unless it is what changes."""
        return url_for(endpoint, **{name: value for name, value in (kept | changes).items() if value})

    return render_template(
        "console/cases.html",
        wanted=wanted,
        kept=kept,
        page=board_page(db.session, wanted, now),
        counts=board_counts(db.session, now),
        choices=board_choices(db.session),
        views=views_of(db.session, current_user.id),
        address=address,
        counted_up_to=COUNTED_UP_TO,
    )


@bp.get("/cases.csv")
def take_away() -> Response:
    """What is on screen, all pages of it."""
    now = system_clock()
    rows = board_rows(db.session, BoardFilter(**_read_filters()), now)
    response = Response("".join(cases_as_csv(rows)), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="cases-{in_city(now):%Y-%m-%d-%H%M}.csv"'
    return response


@bp.post("/views")
def keep_view() -> Any:
    form = read_form(forms.SaveViewForm(), request.form)
    name, is_shared = form.pop("name"), form.pop("is_shared")
    if is_shared:
        require(Action.SHARE_VIEWS)
    filters = {key: value for key, value in form.items() if value}
    with transaction() as tx:
        save_view(tx, current_user.id, name, filters, is_shared)
    flash(f"The view “{name}” is kept.")
    return redirect(url_for("case_list.show", **filters), 303)


@bp.post("/views/<int:view_id>/forget")
def drop_view(view_id: int) -> Any:
    read_form(forms.EmptyForm(), request.form)
    with transaction() as tx:
        forget_view(tx, view_id, current_user.id)
    flash("The view is gone. The cases are not.")
    return redirect(url_for("case_list.show"), 303)


def _read_filters() -> dict[str, Any]:
    """The filters of the address that are set.

    Who asks by whom a case was reported must be allowed to, is written down, and is told of their own department's cases.
    """
    given = read_form(forms.BoardForm(), request.args)
    if given["reporter"]:
        require(Action.SEE_CONTACTS)
        with transaction() as tx:
            record_search(tx, given["reporter"], current_user.id)
        given["department"] = own_department(current_user) or given.get("department")
    return {name: value for name, value in given.items() if value}
