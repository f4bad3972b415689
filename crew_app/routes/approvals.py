"""What one person asked for and may not do alone: a second one says yes or no, having seen what it is about."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_login import current_user

from crew_app.errors import BadInput, Conflict, NotFound
from crew_app.extensions import db
from crew_app.guards import Action, require
from crew_app.models import ASKED_FOR, OfficeDeed
from crew_app.queries.moves import deed_case_ids, deeds_asked, deeds_decided, first_cases, make_up_of
from crew_app.routes.case_deeds import require_for_all
from crew_app.routes.deed_answers import deed_answer
from crew_app.routes.office_pages import office_pages
from crew_app.routes.phone import JsonAnswer
from crew_app.services.approvals import decide
from crew_app.transaction import system_clock, transaction
from crew_app.wire import forms
from crew_app.wire.deeds import deed_body, result_words, words_of
from crew_app.wire.desk import ApprovalBody, read_body
from crew_app.wire.forms import read_form
from crew_app.wire.words import status_words

bp = office_pages("approvals", __name__)

SHOWN_OF_EACH = 8
DECIDED_SHOWN = 20


@bp.get("/approvals")
def show() -> str:
    return _approvals_page()


def _approvals_page(problem: BadInput | Conflict | None = None) -> str:
    now = system_clock()
    asked, decided = deeds_asked(db.session, now - ASKED_FOR), deeds_decided(db.session, now - ASKED_FOR, DECIDED_SHOWN)
    return render_template(
        "console/approvals.html",
        asked=[(deed, words_of(deed, now), *make_up_of(db.session, deed.id)) for deed in asked],
        first=first_cases(db.session, [deed.id for deed in asked], SHOWN_OF_EACH),
        decided=[(deed, words_of(deed, now)) for deed in decided],
        problem=problem,
    )


@bp.post("/approvals/<int:deed_id>")
def say(deed_id: int) -> Any:
    _may_decide(deed_id)
    try:
        form = read_form(forms.ApprovalForm(), request.form)
        is_yes = form["decision"] == "yes"
        with transaction() as tx:
            result = decide(tx, deed_id, current_user.id, is_yes, form["why"], form["cases"])
    except (BadInput, Conflict) as problem:
        return _approvals_page(problem), problem.status
    flash(result_words("Done", False, result.done, result.left) if is_yes else "You said no. Nothing was done.")
    return redirect(url_for("deeds.show_one", deed_id=deed_id) if is_yes else url_for("approvals.show"), 303)


@bp.get("/api/approvals")
def list_asked() -> Response:
    now = system_clock()
    return JsonAnswer({"asked": [_asked_body(deed, now) for deed in deeds_asked(db.session, now - ASKED_FOR)]})


@bp.post("/api/approvals/<int:deed_id>")
def say_in_json(deed_id: int) -> Response:
    _may_decide(deed_id)
    form = read_body(ApprovalBody(), request.get_data())
    return deed_answer(lambda tx: decide(tx, deed_id, current_user.id, form["decision"] == "yes", form["why"], form["cases"]))


def _may_decide(deed_id: int) -> None:
    """A second person answers for the cases as if they moved them."""
    require(Action.MOVE_WORK)
    if db.session.get(OfficeDeed, deed_id) is None:
        raise NotFound("Nobody has asked for this.")
    require_for_all(Action.MOVE_WORK, deed_case_ids(db.session, deed_id))


def _asked_body(deed: OfficeDeed, now: Any) -> dict[str, Any]:
    services, statuses = make_up_of(db.session, deed.id)
    return {
        **deed_body(deed, now),
        "mine": deed.person_id == current_user.id,
        "expires": int(deed.asked_until.timestamp()),
        "services": services,
        "statuses": [(status_words(status), count) for status, count in statuses],
    }
