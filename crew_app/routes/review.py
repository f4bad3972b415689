"""Needs review: both versions side by side, one decision, and the crew is told in its app."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_login import current_user

from crew_app.errors import BadInput, Conflict, NotFound
from crew_app.extensions import db
from crew_app.guards import Action, can, own_department, require
from crew_app.models import Closure, QuarantinedWork
from crew_app.queries.review import KINDS, ReviewItem, complete_items, review_counts, review_items
from crew_app.queries.suspicions import suspicions_about
from crew_app.routes.case_deeds import do_to_cases
from crew_app.routes.deed_answers import deed_answer
from crew_app.routes.office_pages import office_pages
from crew_app.routes.phone import JsonAnswer
from crew_app.services.office_deeds import Result, Wanted
from crew_app.services.review import decide_doubt, settle_kept
from crew_app.transaction import Tx, system_clock, transaction
from crew_app.wire import forms
from crew_app.wire.desk import ReviewBody, read_body
from crew_app.wire.forms import read_form
from crew_app.wire.review import DECISIONS, closing_line, decisions_for, item_body, title_of

bp = office_pages("review", __name__)

ON_A_PAGE = 20
SAID = {
    "accept": "It stands. The crew is told.",
    "dismiss": "Dismissed: the case stays as it is. The crew is told.",
    "reopen": "Reopened: it waits for a crew. The crew is told.",
    "settle": "Settled. The crew is told; what it sent stays kept.",
}


@bp.get("/review")
def show() -> str:
    wanted = read_form(forms.ReviewFilterForm(), request.args)
    return _review_page(wanted["kind"], wanted["page"] or 1)


def _review_page(kind: str = "", page: int = 1, problem: BadInput | Conflict | None = None) -> str:
    now, own = system_clock(), own_department(current_user)
    items = review_items(db.session, [kind] if kind else KINDS, own)
    pages = max(1, -(-len(items) // ON_A_PAGE))
    page = min(page, pages)
    shown = items[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]
    complete_items(db.session, shown)
    return render_template(
        "console/review.html",
        items=[(item, title_of(item), decisions_for(item) if _may_decide(item) else ()) for item in shown],
        counts=review_counts(db.session, own),
        kind=kind,
        page=page,
        pages=pages,
        problem=problem,
        closing_line=lambda closure: closing_line(closure, now),
    )


@bp.post("/review/<any(closing,doubt,kept):kind>/<item_id>")
def decide(kind: str, item_id: str) -> Any:
    _require(kind, item_id)
    try:
        form = read_form(forms.ReviewForm(), request.form)
        with transaction() as tx:
            for left in _decide(tx, kind, item_id, form["decision"], form["why"]).left:
                raise left.problem or Conflict("It has changed in the meantime. Look again.")
    except (BadInput, Conflict) as problem:
        return _review_page(kind, problem=problem), problem.status
    flash(SAID[form["decision"]])
    return redirect(url_for("review.show"), 303)


@bp.get("/api/review")
def list_items() -> Response:
    now, own = system_clock(), own_department(current_user)
    wanted = read_form(forms.ReviewFilterForm(), request.args)
    items = review_items(db.session, [wanted["kind"]] if wanted["kind"] else KINDS, own)
    page = wanted["page"] or 1
    shown = items[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]
    complete_items(db.session, shown)
    more = page + 1 if len(items) > page * ON_A_PAGE else None
    return JsonAnswer({"items": [item_body(item, now) for item in shown], "counts": review_counts(db.session, own), "next": more})


@bp.post("/api/review/<any(closing,doubt,kept):kind>/<item_id>")
def decide_in_json(kind: str, item_id: str) -> Response:
    _require(kind, item_id)
    form = read_body(ReviewBody(), request.get_data())
    return deed_answer(lambda tx: _decide(tx, kind, item_id, form["decision"], form["why"]))


def _decide(tx: Tx, kind: str, item_id: str, decision: str, why: str) -> Result:
    if decision not in DECISIONS[kind]:
        raise BadInput("This cannot be decided so.", errors={"decision": [f"One of: {', '.join(DECISIONS[kind])}."]})
    by = current_user.id
    if kind == "closing":
        case_id = tx.session.get_one(Closure, item_id).case_id
        return do_to_cases(tx, "settle", [Wanted(case_id)], {"closure": item_id, "decision": decision, "why": why}, by)
    if kind == "doubt":
        return decide_doubt(tx, item_id, decision, why, by)
    return Result(settle_kept(tx, int(item_id), why, by), (), ())


def _thing(kind: str, item_id: str) -> Any:
    """Whose it is decides who may; None: there is no such thing."""
    if kind == "kept":
        return db.session.get(QuarantinedWork, int(item_id)) if item_id.isdecimal() and len(item_id) < 10 else None
    if kind == "closing":
        closure = db.session.get(Closure, item_id)
        return closure.case if closure and closure.review_reason else None
    return next((one.case for one in suspicions_about(db.session, item_id)), None)


def _require(kind: str, item_id: str) -> None:
    require(Action.SETTLE_CLOSURES)
    thing = _thing(kind, item_id)
    if thing is None:
        raise NotFound("There is nothing of this kind to decide.")
    require(Action.SETTLE_CLOSURES, thing)


def _may_decide(item: ReviewItem) -> bool:
    return can(current_user, Action.SETTLE_CLOSURES, item.work or item.case)
