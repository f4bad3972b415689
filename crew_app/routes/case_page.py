"""One case, whole: what is known of it, and what the office does to it. Usable without script."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from crew_app.errors import BadInput, Conflict, NotFound, Problem
from crew_app.extensions import db
from crew_app.guards import Action, can, require
from crew_app.models import Case
from crew_app.queries.board import crew_choices
from crew_app.queries.cases import active_services, case_by_number
from crew_app.queries.contact_looks import looks_at
from crew_app.queries.dossier import dossier
from crew_app.queries.duplicates import likely_duplicates
from crew_app.queries.replies import replies_for
from crew_app.routes.case_deeds import DEEDS, do_to_cases, possible_deeds
from crew_app.routes.deed_answers import say_left
from crew_app.routes.office_pages import office_pages
from crew_app.services.cases import get_locked
from crew_app.services.contact_looks import record_look
from crew_app.services.erasure import erased_at, forget_reporter
from crew_app.services.follow_ups import open_follow_up
from crew_app.services.office_deeds import Wanted
from crew_app.transaction import Tx, system_clock, transaction
from crew_app.wire.forms import EmptyForm, FollowUpForm, read_form
from crew_app.wire.replies import filled
from crew_app.wire.sketch import sketch_place
from crew_app.wire.story import history
from crew_app.wire.words import OUTCOME_WORDS
from crew_app.workflow import OPEN_STATUSES, OUTCOME_NEEDS_DETAIL

bp = office_pages("case_page", __name__)

ASKED = "Asked for: more than 25 cases ended within a minute, so somebody else must say yes. It waits under Approvals."


@bp.get("/<number>")
def show(number: str) -> str:
    return _case_page(_case(number))


@bp.post("/<number>/contacts")
def show_contacts(number: str) -> str:
    """The page with who reported it, once: that somebody looked is written down first."""
    case = _case(number)
    require(Action.SEE_CONTACTS, case)
    read_form(EmptyForm(), request.form)
    with transaction() as tx:
        record_look(tx, case.id, current_user.id)
    return _case_page(_case(number), with_contacts=True)


@bp.post("/<number>/forget-reporter")
def forget(number: str) -> Any:
    """A resident asked to be forgotten: the case stays, who reported it does not."""
    case = _case(number)
    require(Action.FORGET_REPORTERS, case)
    read_form(EmptyForm(), request.form)
    with transaction() as tx:
        was_known = forget_reporter(tx, case.id, current_user.id)
    flash("Who reported it is forgotten." if was_known else "Nobody was known here.")
    return redirect(url_for("case_page.show", number=number), 303)


@bp.post("/<number>/follow-up")
def follow_up(number: str) -> Any:
    case = _case(number)
    require(Action.SEE_ALL_CASES, case)
    try:
        form = read_form(FollowUpForm(), request.form)
        if form["service"] not in {service.code for service in active_services(db.session)}:
            raise BadInput("Please look at the form again.", errors={"service": ["Choose one from the list."]})
        with transaction() as tx:
            parent = get_locked(tx, case.id)
            opened = open_follow_up(
                tx, parent, form["service"], form["description"], "office", "Employee Generated", current_user.id
            ).number
    except BadInput as problem:
        return _case_page(_case(number), refused="follow-up", problem=problem), problem.status
    flash(f"Opened: {opened}. Its own department does it.")
    return redirect(url_for("case_page.show", number=number), 303)


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
            said = _do(tx, name, case, form)
    except (BadInput, Conflict) as problem:
        return _case_page(_case(number), refused=name, problem=problem), problem.status
    flash(said)
    return redirect(url_for("case_page.show", number=number), 303)


def _do(tx: Tx, name: str, case: Case, form: dict[str, Any]) -> str:
    """Do it, as a unit that can be undone; what to say after it. Conflict if the case is not as it was seen any more."""
    deed, seen = DEEDS[name], form.pop("seen")
    if name == "note":  # changes nothing that could be put back
        deed.do(tx, case, form, current_user.id)
        return deed.said
    if name == "merge":
        case, form = _which_into_which(tx, case, form)
        seen = ""  # two cases were looked at; merge_case asks itself whether both are still open
    round_, _, status = seen.partition(":")
    wanted = Wanted(case.id, int(round_), status) if seen else Wanted(case.id)
    result = do_to_cases(tx, name, [wanted], form, current_user.id)
    for left in result.left:
        words = f"It has changed since you looked. {say_left(tx.session, [left], tx.now)[0]['words']}"
        raise left.problem or Conflict(words, code="changed")
    return ASKED if result.is_asked else deed.said


def _which_into_which(tx: Tx, case: Case, form: dict[str, Any]) -> tuple[Case, dict[str, Any]]:
    """(the case to merge, what else is asked for)."""
    other = case_by_number(tx.session, form["other"])
    if other is None:
        raise BadInput("There is no such case.", errors={"other": ["No case has this number. It looks like 26-004711."]})
    require(Action.MOVE_WORK, other)
    case, into = (other, case) if form["keep"] == "this" else (case, other)
    return case, {"into": into.id, "number": into.number}


def _case(number: str) -> Case:
    case = case_by_number(db.session, number)
    if case is None:
        raise NotFound("There is no case with this number. Look at it again, or search in the list of cases.")
    return case


def _case_page(case: Case, refused: str = "", problem: Problem | None = None, with_contacts: bool = False) -> str:
    now = system_clock()
    whole = dossier(db.session, case, with_contacts=with_contacts)
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
        pinned_to=next((c.crew.code for c in [*own, *others] if c.crew.id == case.pinned_crew_id), "a crew"),
        outcomes=OUTCOME_WORDS,
        needs_detail=OUTCOME_NEEDS_DETAIL,
        replies=[(reply.outcome, filled(reply.text, case)) for reply in replies_for(db.session, case.service_id)],
        services=active_services(db.session),
        possible=possible_deeds(case, whole),
        duplicates=likely_duplicates(db.session, case) if case.status in OPEN_STATUSES else [],
        with_contacts=with_contacts,
        erased_at=erased_at(db.session, case.id),
        looks=looks_at(db.session, case.id) if can(current_user, Action.SEE_WHO_LOOKED, case) else [],
        refused=refused,
        problem=problem,
        given=request.form if refused else {},
    )
