"""The dispatcher's pages: all cases, one case, crews at work, work in quarantine. Usable without script."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_login import current_user
from marshmallow import Schema

from crew_app.errors import BadInput, Conflict, NotFound, Problem
from crew_app.extensions import db
from crew_app.guards import Action, can, require
from crew_app.models import Case
from crew_app.queries.board import (
    COUNTED_UP_TO,
    BoardFilter,
    Dossier,
    board_choices,
    board_counts,
    board_page,
    crew_choices,
    crews_at_work,
    dossier,
    quarantined_work,
)
from crew_app.queries.cases import case_by_number
from crew_app.queries.duplicates import likely_duplicates
from crew_app.services.assignments import assign_case, hold_case, mark_urgent, release_case, take_back
from crew_app.services.carried import keep_carried_photos, take_in
from crew_app.services.cases import add_note, close_by_office, reopen_case, withdraw_case
from crew_app.services.closures import settle_closure
from crew_app.services.merges import merge_case, split_case
from crew_app.services.places import set_place
from crew_app.services.planning import crews_ready
from crew_app.services.quarantine import settle_quarantined
from crew_app.transaction import Tx, system_clock, transaction
from crew_app.wire import forms
from crew_app.wire.carried import read_carried
from crew_app.wire.explanations import why_this_crew, why_waiting
from crew_app.wire.forms import read_form
from crew_app.wire.sketch import sketch_place
from crew_app.wire.story import history
from crew_app.wire.words import OUTCOME_WORDS
from crew_app.workflow import OPEN_STATUSES, OUTCOME_NEEDS_DETAIL, WAITING_STATUSES, Status, may_move

bp = Blueprint("console", __name__)

LONGEST_CARRIED_BYTES = 256 * 1024 * 1024  # a day of a phone's photos, in base64


@dataclass(frozen=True, slots=True)
class Deed:
    """What the office can do to a case: its form, who may, the one service it calls, what is said after it."""

    form: type[Schema]
    action: Action
    do: Callable[[Tx, Case, dict[str, Any], int], Any]
    said: str


def _merge(tx: Tx, case: Case, form: dict[str, Any], by: int) -> Case:
    other = case_by_number(tx.session, form["other"])
    if other is None:
        raise BadInput("There is no such case.", errors={"other": ["No case has this number. It looks like 26-004711."]})
    case, into = (other, case) if form["keep"] == "this" else (case, other)
    return merge_case(tx, case.id, into.id, by)


DEEDS: dict[str, Deed] = {
    "assign": Deed(
        forms.AssignForm,
        Action.MOVE_WORK,
        lambda tx, case, form, by: assign_case(tx, case.id, form["crew"], by, form["why"]),
        "The crew has it. Its phone shows it at the next contact.",
    ),
    "take-back": Deed(
        forms.WhyForm,
        Action.MOVE_WORK,
        lambda tx, case, form, by: take_back(tx, case.id, form["why"], by),
        "Taken back. It waits for a crew again.",
    ),
    "urgent": Deed(
        forms.WhyForm,
        Action.MOVE_WORK,
        lambda tx, case, form, by: mark_urgent(tx, case.id, True, form["why"], by),
        "Urgent. It goes to the crew that can be there first.",
    ),
    "not-urgent": Deed(
        forms.EmptyForm,
        Action.MOVE_WORK,
        lambda tx, case, form, by: mark_urgent(tx, case.id, False, "", by),
        "Not urgent any more.",
    ),
    "hold": Deed(
        forms.ReasonForm,
        Action.MOVE_WORK,
        lambda tx, case, form, by: hold_case(tx, case.id, form["why"][:200], by),
        "Held back. No crew is sent until you release it.",
    ),
    "release": Deed(
        forms.EmptyForm,
        Action.MOVE_WORK,
        lambda tx, case, form, by: release_case(tx, case.id, by),
        "Released. It waits for a crew again.",
    ),
    "reopen": Deed(
        forms.ReasonForm,
        Action.MOVE_WORK,
        lambda tx, case, form, by: reopen_case(tx, case.id, form["why"], by),
        "Reopened. It waits for a crew.",
    ),
    "withdraw": Deed(
        forms.ReasonForm,
        Action.MOVE_WORK,
        lambda tx, case, form, by: withdraw_case(tx, case.id, form["why"], by),
        "Withdrawn. No crew is sent. You can reopen it.",
    ),
    "close": Deed(
        forms.CloseForm,
        Action.MOVE_WORK,
        lambda tx, case, form, by: close_by_office(tx, case.id, form["outcome"], form["detail"] or None, form["note"], by),
        "Closed. Residents see the outcome on the case's page.",
    ),
    "place": Deed(
        forms.PlaceForm,
        Action.MOVE_WORK,
        lambda tx, case, form, by: set_place(tx, case.id, form["lat"], form["lon"], form["address"], by),
        "The place is set. A crew can be sent now.",
    ),
    "note": Deed(
        forms.NoteForm,
        Action.SEE_ALL_CASES,
        lambda tx, case, form, by: add_note(tx, case.id, form["text"], by, form["is_public"]),
        "The note is added.",
    ),
    "merge": Deed(
        forms.MergeForm,
        Action.MOVE_WORK,
        _merge,
        "Merged: one is dealt with, and both end together. A split undoes it.",
    ),
    "split": Deed(
        forms.WhyForm,
        Action.MOVE_WORK,
        lambda tx, case, form, by: split_case(tx, case.id, form["why"], by),
        "Split off. It waits on its own again.",
    ),
    "settle": Deed(
        forms.SettleForm,
        Action.SETTLE_CLOSURES,
        lambda tx, case, form, by: settle_closure(tx, _closure_of(tx, case, form["closure"]), form["decision"] == "accept", by),
        "Settled. The crew sees the decision.",
    ),
}


@bp.after_request
def forbid_keeping(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.context_processor
def common_words() -> dict[str, Any]:
    def may(action: str) -> bool:
        return can(current_user, Action(action))

    return {"now": system_clock(), "may": may, "why_waiting": why_waiting, "why_this_crew": why_this_crew}


@bp.get("/")
def cases() -> str:
    now = system_clock()
    given = read_form(forms.BoardForm(), request.args)
    wanted = BoardFilter(**{name: value for name, value in given.items() if value is not None})

    def address(**changes: Any) -> str:
        """This list with some filters changed; the page begins anew unless it is what changes."""
        kept = {name: value for name, value in given.items() if value and name != "page"}
        return url_for("console.cases", **{name: value for name, value in (kept | changes).items() if value})

    page, counts = board_page(db.session, wanted, now), board_counts(db.session, now)
    choices = board_choices(db.session)
    return render_template(
        "console/cases.html", wanted=wanted, page=page, counts=counts, choices=choices, address=address, counted_up_to=COUNTED_UP_TO
    )


@bp.get("/cases/<number>")
def case(number: str) -> str:
    return _case_page(_case(number))


@bp.post("/cases/<number>/<name>")
def act(number: str, name: str) -> Any:
    """Do one of DEEDS to a case; what is refused is said beside its form, with what was typed kept."""
    deed = DEEDS.get(name)
    if deed is None:
        raise NotFound("There is no such thing to do to a case.")
    require(deed.action)
    case = _case(number)
    try:
        form = read_form(deed.form(), request.form)
        with transaction() as tx:
            deed.do(tx, case, form, current_user.id)
    except (BadInput, Conflict) as problem:
        return _case_page(_case(number), refused=name, problem=problem), problem.status
    flash(deed.said)
    return redirect(url_for("console.case", number=number), 303)


@bp.get("/crews")
def crews() -> str:
    now = system_clock()
    out_of_contact = {crew.id for crew in crews_ready(db.session, now) if not crew.in_contact}
    return render_template("console/crews.html", at_work=crews_at_work(db.session, now), out_of_contact=out_of_contact)


@bp.get("/quarantine")
def quarantine() -> str:
    return render_template("console/quarantine.html", rows=quarantined_work(db.session))


@bp.post("/quarantine/load")
def load_carried() -> Any:
    """A file of unsent work, brought by hand from a phone that cannot send it."""
    require(Action.SETTLE_CLOSURES)
    request.max_content_length = LONGEST_CARRIED_BYTES
    given = request.files.get("work")
    if given is None or not given.filename:
        raise BadInput("Choose the file that the phone wrote.", errors={"work": ["no file"]})
    work = read_carried(given.read())
    keep_carried_photos(work)
    with transaction() as tx:
        taken = take_in(tx, work)
    flash(f"{taken.answered} deeds and {taken.photos} photos taken in; {taken.quarantined} need a look.")
    return redirect(url_for("console.quarantine"), 303)


@bp.post("/quarantine/<int:work_id>/settle")
def settle_quarantine(work_id: int) -> Any:
    require(Action.SETTLE_CLOSURES)
    read_form(forms.EmptyForm(), request.form)
    with transaction() as tx:
        settle_quarantined(tx, work_id)
    flash("Settled. It stays kept, but it is off this list.")
    return redirect(url_for("console.quarantine"), 303)


def _case(number: str) -> Case:
    case = case_by_number(db.session, number)
    if case is None:
        raise NotFound("There is no case with this number. Look at it again, or search in the list of cases.")
    return case


def _closure_of(tx: Tx, case: Case, closure_id: str) -> str:
    """The id, if that closing is this case's: an address names the case that is meant."""
    if closure_id not in {c.id for c in dossier(tx.session, case, with_contacts=False).closures}:
        raise BadInput("There is no such closing.", errors={"closure": ["Not a closing of this case."]})
    return closure_id


def _case_page(case: Case, refused: str = "", problem: Problem | None = None) -> str:
    now = system_clock()
    whole = dossier(db.session, case, with_contacts=can(current_user, Action.SEE_CONTACTS))
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
        possible=_possible(case, whole),
        duplicates=likely_duplicates(db.session, case) if case.status in OPEN_STATUSES else [],
        refused=refused,
        problem=problem,
        given=request.form if refused else {},
    )


def _possible(case: Case, whole: Dossier) -> set[str]:
    """Which of DEEDS this person can do to the case as it is now: the page shows no button that would be refused."""

    def may_become(new: Status) -> bool:
        return may_move(Status(case.status), new)

    now = {
        "assign": may_become(Status.ASSIGNED),
        "take-back": whole.open_assignment is not None and may_become(Status.RECEIVED),
        "urgent": case.status in OPEN_STATUSES and not case.is_urgent,
        "not-urgent": case.status in OPEN_STATUSES and case.is_urgent,
        "hold": case.status in WAITING_STATUSES and case.held_since is None,
        "release": case.held_since is not None and case.status in WAITING_STATUSES,
        "reopen": may_become(Status.REOPENED) and case.merged_into_id is None,
        "withdraw": may_become(Status.WITHDRAWN),
        "close": may_become(Status.CLOSED) and case.status != Status.MERGED,
        "merge": may_become(Status.MERGED) and case.status in OPEN_STATUSES,
        "split": case.merged_into_id is not None,
        "place": case.status in OPEN_STATUSES,
        "note": True,
        "settle": bool(whole.to_review),
    }
    return {name for name, is_possible in now.items() if is_possible and can(current_user, DEEDS[name].action)}
