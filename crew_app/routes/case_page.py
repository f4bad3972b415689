"""One case, whole: what is known of it, and what the office does to it. Usable without script."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from crew_app.errors import BadInput, Conflict, NotFound, Problem
from crew_app.extensions import db
from crew_app.guards import Action, can, require
from crew_app.models import Case
from crew_app.queries.board import crew_choices, dossier
from crew_app.queries.cases import case_by_number
from crew_app.queries.duplicates import likely_duplicates
from crew_app.routes.case_deeds import DEEDS, possible_deeds
from crew_app.routes.office_pages import office_pages
from crew_app.transaction import system_clock, transaction
from crew_app.wire.forms import read_form
from crew_app.wire.sketch import sketch_place
from crew_app.wire.story import history
from crew_app.wire.words import OUTCOME_WORDS
from crew_app.workflow import OPEN_STATUSES, OUTCOME_NEEDS_DETAIL

bp = office_pages("case_page", __name__)


@bp.get("/<number>")
def show(number: str) -> str:
    return _case_page(_case(number))


@bp.post("/<number>/<name>")
def act(number: str, name: str) -> Any:
    """Do one of DEEDS to a case; what is refused is said beside its form, with what was typed kept."""
    deed = DEEDS.get(name)
    if deed is None:
        raise NotFound("There is no such thing to do to a case.")
    case = _case(number)
    require(deed.action, case)
    try:
        form = read_form(deed.form(), request.form)
        with transaction() as tx:
            deed.do(tx, case, form, current_user.id)
    except (BadInput, Conflict) as problem:
        return _case_page(_case(number), refused=name, problem=problem), problem.status
    flash(deed.said)
    return redirect(url_for("case_page.show", number=number), 303)


def _case(number: str) -> Case:
    case = case_by_number(db.session, number)
    if case is None:
        raise NotFound("There is no case with this number. Look at it again, or search in the list of cases.")
    return case


def _case_page(case: Case, refused: str = "", problem: Problem | None = None) -> str:
    now = system_clock()
    whole = dossier(db.session, case, with_contacts=can(current_user, Action.SEE_CONTACTS, case))
    has_place = case.latitude is not None and case.longitude is not None and case.district is not None
    own, others = crew_choices(db.session, case.department_id, now)
    return render_template(
        "console/case.html",
        case=case,
        whole=whole,
        entries=history(whole.events, whole.notes, whole.closures, whole.people, whole.crews, whole.numbers),
        sketch=sketch_place(case.district.boundary, case.latitude, case.longitude) if has_place else None,  # type: ignore[union-attr, arg-type]
        own_crews=own,
        other_crews=others,
        outcomes=OUTCOME_WORDS,
        needs_detail=OUTCOME_NEEDS_DETAIL,
        possible=possible_deeds(case, whole),
        duplicates=likely_duplicates(db.session, case) if case.status in OPEN_STATUSES else [],
        refused=refused,
        problem=problem,
        given=request.form if refused else {},
    )
