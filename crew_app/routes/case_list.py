"""The list of cases: searched, filtered, page by page. All of it is in the address. Usable without script."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for

from crew_app.extensions import db
from crew_app.queries.board import COUNTED_UP_TO, BoardFilter, board_choices, board_counts, board_page
from crew_app.routes.office_pages import office_pages
from crew_app.transaction import system_clock
from crew_app.wire import forms
from crew_app.wire.forms import read_form

bp = office_pages("case_list", __name__)


@bp.get("/")
def first() -> Any:
    return redirect(url_for("case_list.show"))


@bp.get("/cases")
def show() -> str:
    now = system_clock()
    given = read_form(forms.BoardForm(), request.args)
    wanted = BoardFilter(**{name: value for name, value in given.items() if value is not None})

    def address(**changes: Any) -> str:
        """This list with some filters changed; the page begins anew unless it is what changes."""
        kept = {name: value for name, value in given.items() if value and name != "page"}
        return url_for("case_list.show", **{name: value for name, value in (kept | changes).items() if value})

    page, counts = board_page(db.session, wanted, now), board_counts(db.session, now)
    choices = board_choices(db.session)
    return render_template(
        "console/cases.html", wanted=wanted, page=page, counts=counts, choices=choices, address=address, counted_up_to=COUNTED_UP_TO
    )
