"""The crews at work, each with what it holds."""

from __future__ import annotations

from flask import render_template

from crew_app.extensions import db
from crew_app.queries.board import crews_at_work
from crew_app.routes.office_pages import office_pages
from crew_app.services.planning import crews_ready
from crew_app.transaction import system_clock

bp = office_pages("crews_page", __name__)


@bp.get("")
def show() -> str:
    now = system_clock()
    out_of_contact = {crew.id for crew in crews_ready(db.session, now) if not crew.in_contact}
    return render_template("console/crews.html", at_work=crews_at_work(db.session, now), out_of_contact=out_of_contact)
