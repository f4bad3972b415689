"""What the office did, the latest first, and the way back: each deed is undone as the unit it was, for 30 days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_login import current_user

from crew_app.errors import BadInput, Conflict, NotFound
from crew_app.extensions import db
from crew_app.guards import THE_CITY, Action, Thing, require
from crew_app.models import UNDO_WITHIN, Crew, DeedState, OfficeDeed, QuarantinedWork
from crew_app.queries.moves import deed_case_ids, deed_cases, deeds_done, events_by_seq, first_cases
from crew_app.routes.case_deeds import require_for_all
from crew_app.routes.deed_answers import deed_answer, say_left
from crew_app.routes.office_pages import office_pages
from crew_app.routes.phone import JsonAnswer
from crew_app.services.office_deeds import Left
from crew_app.services.undo import undo_deed
from crew_app.transaction import system_clock, transaction
from crew_app.wire import forms
from crew_app.wire.deeds import deed_body, result_words, words_of
from crew_app.wire.desk import WhyBody, read_body
from crew_app.wire.forms import read_form

bp = office_pages("deeds", __name__)

AT_ONCE = 50
# Deeds about no case: what it takes to undo them, and to what.
ABOUT: dict[str, tuple[Action, Callable[[dict[str, Any]], Thing]]] = {
    "lend": (Action.MOVE_WORK, lambda form: db.session.get(Crew, form["crew_id"])),
    "surge": (Action.MOVE_WORK, lambda form: THE_CITY),
    "kept": (Action.SETTLE_CLOSURES, lambda form: db.session.get(QuarantinedWork, form["work"])),
}
SHOWN_OF_EACH = 3
SHOWN_OF_ONE = 200


@bp.get("/deeds")
def show() -> str:
    now = system_clock()
    deeds, first, next_id = _page(now, read_form(forms.DeedsForm(), request.args)["before"])
    words = {deed.id: words_of(deed, now) for deed in deeds}
    return render_template("console/deeds.html", deeds=deeds, first=first, next_id=next_id, words=words)


@bp.get("/deeds/<int:deed_id>")
def show_one(deed_id: int) -> str:
    return _deed_page(_deed(deed_id))


@bp.post("/deeds/<int:deed_id>/undo")
def undo(deed_id: int) -> Any:
    deed = _may_undo(deed_id)
    try:
        form = read_form(forms.WhyForm(), request.form)
        with transaction() as tx:
            result = undo_deed(tx, deed_id, current_user.id, form["why"])
            if result.left and not result.done and not result.is_asked:
                raise Conflict(f"Nothing could be put back. {say_left(tx.session, result.left[:1], tx.now)[0]['words']}")
            tx.session.flush()
            done_id, said = (
                result.deed.id if result.deed else deed_id,
                result_words("Undone", result.is_asked, result.done, result.left),
            )
    except (BadInput, Conflict) as problem:
        return _deed_page(deed, problem), problem.status
    flash(said)
    return redirect(url_for("approvals.show") if result.is_asked else url_for("deeds.show_one", deed_id=done_id), 303)


@bp.get("/api/deeds")
def list_deeds() -> Response:
    now = system_clock()
    deeds, first, next_id = _page(now, read_form(forms.DeedsForm(), request.args)["before"])
    listed = [
        {**deed_body(deed, now), "first": [{"case": one.case_id, "number": one.case.number} for one in first[deed.id]]}
        for deed in deeds
    ]
    return JsonAnswer({"deeds": listed, "next": next_id})


@bp.post("/api/deeds/<int:deed_id>/undo")
def undo_in_json(deed_id: int) -> Response:
    _may_undo(deed_id)
    form = read_body(WhyBody(), request.get_data())
    return deed_answer(lambda tx: undo_deed(tx, deed_id, current_user.id, form["why"]))


def _page(now: datetime, before_id: int | None) -> tuple[list[OfficeDeed], dict[int, Any], int | None]:
    """(the deeds, the first cases of each, where the next page begins)."""
    deeds = list(deeds_done(db.session, now - UNDO_WITHIN - timedelta(days=1), before_id, AT_ONCE + 1))
    shown = deeds[:AT_ONCE]
    return (
        shown,
        first_cases(db.session, [deed.id for deed in shown], SHOWN_OF_EACH),
        shown[-1].id if len(deeds) > AT_ONCE else None,
    )


def _deed(deed_id: int) -> OfficeDeed:
    deed = db.session.get(OfficeDeed, deed_id)
    if deed is None:
        raise NotFound("The office has done no such thing.")
    return deed


def _may_undo(deed_id: int) -> OfficeDeed:
    """The deed, if this person may move all of its cases."""
    require(Action.MOVE_WORK)
    deed = _deed(deed_id)
    if deed.kind in ABOUT:
        require(ABOUT[deed.kind][0], ABOUT[deed.kind][1](deed.form))
    require_for_all(Action.MOVE_WORK, deed_case_ids(db.session, deed_id))
    return deed


def _deed_page(deed: OfficeDeed, problem: BadInput | Conflict | None = None) -> str:
    now = system_clock()
    rows = deed_cases(db.session, deed.id, SHOWN_OF_ONE)
    stopped = [row for row in rows if row.left]
    events = events_by_seq(db.session, [row.stopped_by_seq for row in stopped if row.stopped_by_seq])
    left = [Left(row.case_id, row.left or "", events.get(row.stopped_by_seq or 0)) for row in stopped]
    return render_template(
        "console/deed.html",
        deed=deed,
        title=words_of(deed, now),
        rows=[row for row in rows if not row.left],
        left=say_left(db.session, left, now),
        undone_by=db.session.scalar(
            db.select(OfficeDeed.id).where(OfficeDeed.undoes_id == deed.id, OfficeDeed.state == DeedState.DONE)
        ),
        problem=problem,
    )
