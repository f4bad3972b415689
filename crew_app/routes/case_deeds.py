"""What the office can do to cases: the whole table on one screen, how it is done, and which of it is possible now."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from flask_login import current_user
from marshmallow import Schema

from crew_app.errors import BadInput
from crew_app.extensions import db
from crew_app.guards import Action, can, own_department, require
from crew_app.models import Case
from crew_app.queries.cases import root_id
from crew_app.queries.dossier import Dossier, dossier
from crew_app.queries.moves import case_of_another
from crew_app.services.assignments import (
    active_crew,
    assign_case,
    hold_case,
    lock_job,
    mark_urgent,
    pin_case,
    release_case,
    take_back,
    unpin_case,
)
from crew_app.services.cases import add_note, close_by_office, reopen_case, withdraw_case
from crew_app.services.closures import settle_closure
from crew_app.services.merges import merge_case, split_case
from crew_app.services.office_deeds import Result, Wanted, do_deed
from crew_app.services.places import set_place
from crew_app.transaction import Tx
from crew_app.wire import forms
from crew_app.workflow import OPEN_STATUSES, WAITING_STATUSES, Status, may_move


@dataclass(frozen=True, slots=True)
class Deed:
    """What the office can do to a case: its form, who may, the one service it calls, what is said after it."""

    form: type[Schema]
    action: Action
    do: Callable[[Tx, Case, dict[str, Any], int], Any]
    said: str


def _closure_of(tx: Tx, case: Case, closure_id: str) -> str:
    """The id, if that closing is this case's: an address names the case that is meant."""
    if closure_id not in {c.id for c in dossier(tx.session, case, with_contacts=False).closures}:
        raise BadInput("There is no such closing.", errors={"closure": ["Not a closing of this case."]})
    return closure_id


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
    "pin": Deed(
        forms.AssignForm,
        Action.MOVE_WORK,
        lambda tx, case, form, by: pin_case(tx, case.id, form["crew"], form["why"], by),
        "Pinned. Only this crew is to do it.",
    ),
    "unpin": Deed(
        forms.ButtonForm,
        Action.MOVE_WORK,
        lambda tx, case, form, by: unpin_case(tx, case.id, by),
        "Not pinned any more. Dispatch decides which crew does it.",
    ),
    "lock": Deed(
        forms.WhyForm,
        Action.MOVE_WORK,
        lambda tx, case, form, by: lock_job(tx, case.id, form["why"], by),
        "Locked. It stays with its crew, at its place in the round.",
    ),
    "urgent": Deed(
        forms.WhyForm,
        Action.MOVE_WORK,
        lambda tx, case, form, by: mark_urgent(tx, case.id, True, form["why"], by),
        "Urgent. It goes to the crew that can be there first.",
    ),
    "not-urgent": Deed(
        forms.ButtonForm,
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
        forms.ButtonForm,
        Action.MOVE_WORK,
        lambda tx, case, form, by: release_case(tx, case.id, by),
        "Released. Dispatch decides about it again.",
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
        lambda tx, case, form, by: merge_case(tx, case.id, form["into"], by),
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
        lambda tx, case, form, by: settle_closure(
            tx, _closure_of(tx, case, form["closure"]), form["decision"] == "accept", by, form["why"]
        ),
        "Settled. The crew sees the decision.",
    ),
}


def require_for_all(action: Action, case_ids: Collection[int]) -> None:
    """May this person do it to every one of these cases? Refused as for the first that is another department's."""
    require(action)
    own = own_department(current_user)
    if own is not None and (foreign := case_of_another(db.session, case_ids, own)) is not None:
        require(action, foreign)


def do_to_cases(tx: Tx, name: str, wanted: Sequence[Wanted], form: dict[str, Any], person_id: int) -> Result:
    """Do one of DEEDS to each of these cases, as one unit that can be undone. `form`: as its schema has read it."""
    return do_deed(
        tx,
        name,
        wanted,
        person_id,
        _kept(tx, form),
        lambda tx, case: DEEDS[name].do(tx, case, form, person_id),
        form.get("why", ""),
        {root_id(tx.session, form["into"]) or form["into"]} if name == "merge" else (),  # what was urgent makes that one urgent
    )


def _kept(tx: Tx, form: dict[str, Any]) -> dict[str, Any]:
    """What is worth remembering of a form: what its words need, and a second person's yes carries out."""
    kept = {name: form[name] for name in ("outcome", "detail", "note", "number") if name in form}
    return kept | ({"crew": form["crew"], "code": active_crew(tx, form["crew"]).code} if "crew" in form else {})


def possible_deeds(case: Case, whole: Dossier) -> set[str]:
    """Which of DEEDS this person can do to the case as it is now: the page shows no button that would be refused."""

    def may_become(new: Status) -> bool:
        return may_move(Status(case.status), new)

    now = {
        "assign": may_become(Status.ASSIGNED),
        "take-back": whole.open_assignment is not None and may_become(Status.RECEIVED),
        "urgent": case.status in OPEN_STATUSES and not case.is_urgent,
        "not-urgent": case.status in OPEN_STATUSES and case.is_urgent,
        "hold": case.status in WAITING_STATUSES and case.held_since is None,
        "release": case.held_since is not None and case.status in OPEN_STATUSES,
        "lock": whole.open_assignment is not None and case.held_since is None,
        "pin": case.status in OPEN_STATUSES and case.pinned_crew_id is None,
        "unpin": case.status in OPEN_STATUSES and case.pinned_crew_id is not None,
        "reopen": may_become(Status.REOPENED) and case.merged_into_id is None,
        "withdraw": may_become(Status.WITHDRAWN),
        "close": may_become(Status.CLOSED) and case.status != Status.MERGED,
        "merge": may_become(Status.MERGED) and case.status in OPEN_STATUSES,
        "split": case.merged_into_id is not None,
        "place": case.status in OPEN_STATUSES,
        "note": True,
        "settle": bool(whole.to_review),
    }
    return {name for name, is_possible in now.items() if is_possible and can(current_user, DEEDS[name].action, case)}
