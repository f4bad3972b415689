"""What the office can do to one case: the whole table on one screen, and which of it is possible now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_login import current_user
from marshmallow import Schema

from crew_app.errors import BadInput
from crew_app.guards import Action, can, require
from crew_app.models import Case
from crew_app.queries.board import Dossier, dossier
from crew_app.queries.cases import case_by_number
from crew_app.services.assignments import assign_case, hold_case, mark_urgent, release_case, take_back
from crew_app.services.cases import add_note, close_by_office, reopen_case, withdraw_case
from crew_app.services.closures import settle_closure
from crew_app.services.merges import merge_case, split_case
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


def _merge(tx: Tx, case: Case, form: dict[str, Any], by: int) -> Case:
    other = case_by_number(tx.session, form["other"])
    if other is None:
        raise BadInput("There is no such case.", errors={"other": ["No case has this number. It looks like 26-004711."]})
    require(Action.MOVE_WORK, other)
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
    return {name for name, is_possible in now.items() if is_possible and can(current_user, DEEDS[name].action, case)}
