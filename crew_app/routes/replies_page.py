"""The words for residents that a closing starts from, for each service and outcome."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from crew_app.errors import BadInput, NotFound
from crew_app.extensions import db
from crew_app.guards import THE_CITY, Action, require
from crew_app.models import ReplyTemplate, Service
from crew_app.queries.replies import all_replies
from crew_app.queries.settings import choices
from crew_app.routes.office_pages import office_pages
from crew_app.services.settings import add_setting, change_setting
from crew_app.transaction import transaction
from crew_app.wire.forms import EmptyForm, read_form
from crew_app.wire.setup_forms import ReplyForm
from crew_app.wire.words import OUTCOME_WORDS

bp = office_pages("replies_page", __name__)


@bp.get("")
def show() -> str:
    return _page()


@bp.post("")
def add() -> Any:
    try:
        form = read_form(ReplyForm(), request.form)
        service = db.session.get(Service, form["service"]) if form["service"] else None
        if form["service"] and service is None:
            raise BadInput("Please look at the form again.", errors={"service": ["Choose one from the list."]})
        require(Action.SET_RULES, service or THE_CITY)
        with transaction() as tx:
            reply = ReplyTemplate(service_id=form["service"], outcome=form["outcome"], text=form["text"], is_removed=False)
            add_setting(tx, reply, current_user.id)
    except BadInput as problem:
        return _page(problem), problem.status
    flash("Kept. It is offered when a case is closed.")
    return redirect(url_for("replies_page.show"), 303)


@bp.post("/<int:reply_id>/remove")
def remove(reply_id: int) -> Any:
    reply = db.session.get(ReplyTemplate, reply_id)
    if reply is None:
        raise NotFound("There is no such reply.")
    require(Action.SET_RULES, reply.service or THE_CITY)
    read_form(EmptyForm(), request.form)
    with transaction() as tx:
        change_setting(tx, tx.session.get_one(ReplyTemplate, reply_id), {"is_removed": True}, current_user.id)
    flash("Removed. You can undo it under Changes.")
    return redirect(url_for("replies_page.show"), 303)


def _page(problem: BadInput | None = None) -> str:
    return render_template(
        "console/replies.html",
        replies=all_replies(db.session),
        services=choices(db.session).services,
        outcomes=OUTCOME_WORDS,
        problem=problem,
        errors=problem.errors if problem else {},
        given=request.form if problem else {},
    )
