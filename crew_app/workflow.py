"""The life of a case: its statuses, and the one table of moves between them."""

from __future__ import annotations

from enum import StrEnum

from crew_app.errors import Conflict


class Status(StrEnum):
    RECEIVED = "received"
    ASSIGNED = "assigned"
    EN_ROUTE = "en_route"
    ON_SITE = "on_site"
    CLOSED = "closed"
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"  # another case is about the same trouble, and this one shares its fate (services/merges.py)


OPEN_STATUSES = (Status.RECEIVED, Status.ASSIGNED, Status.EN_ROUTE, Status.ON_SITE, Status.REOPENED)
WAITING_STATUSES = (Status.RECEIVED, Status.REOPENED)
IN_HAND_STATUSES = (Status.ASSIGNED, Status.EN_ROUTE, Status.ON_SITE)

S = Status
ALLOWED_MOVES: dict[tuple[Status, Status], str] = {
    (S.RECEIVED, S.ASSIGNED): "dispatch or a dispatcher gives it to a crew",
    (S.RECEIVED, S.CLOSED): "the office answers it by itself, or a crew fixed it before it was given to one",
    (S.RECEIVED, S.WITHDRAWN): "reported by mistake",
    (S.ASSIGNED, S.ASSIGNED): "moved from one crew to another",
    (S.ASSIGNED, S.RECEIVED): "taken back from a crew, or handed back by it; it waits again",
    (S.ASSIGNED, S.EN_ROUTE): "the crew sets out",
    (S.ASSIGNED, S.ON_SITE): "the crew was already there, or had no hand free to say it set out",
    (S.ASSIGNED, S.CLOSED): "closed on the spot without saying so on the way",
    (S.ASSIGNED, S.WITHDRAWN): "reported by mistake, seen after it was assigned",
    (S.EN_ROUTE, S.ON_SITE): "the crew arrives",
    (S.EN_ROUTE, S.ASSIGNED): "something more urgent came up, or another crew gets it",
    (S.EN_ROUTE, S.RECEIVED): "taken back on the way; it waits again",
    (S.EN_ROUTE, S.CLOSED): "seen from the van that nothing is left to do",
    (S.EN_ROUTE, S.WITHDRAWN): "reported by mistake, seen while a crew was on its way",
    (S.ON_SITE, S.CLOSED): "the crew did its work",
    (S.ON_SITE, S.ASSIGNED): "left without finishing, or another crew is needed",
    (S.ON_SITE, S.RECEIVED): "handed back on the spot; it waits again",
    (S.ON_SITE, S.WITHDRAWN): "reported by mistake, seen on the spot",
    (S.CLOSED, S.REOPENED): "a resident or the office says it is not done",
    (S.REOPENED, S.ASSIGNED): "given to a crew again",
    (S.REOPENED, S.CLOSED): "the office answers it by itself",
    (S.REOPENED, S.WITHDRAWN): "reopened by mistake",
    (S.WITHDRAWN, S.REOPENED): "withdrawn by mistake",
    (S.RECEIVED, S.MERGED): "another case is about the same trouble",
    (S.REOPENED, S.MERGED): "the same, seen after it was reopened",
    (S.ASSIGNED, S.MERGED): "the same, seen after it was given to a crew",
    (S.EN_ROUTE, S.MERGED): "the same, seen while a crew was on its way",
    (S.ON_SITE, S.MERGED): "the same, seen on the spot",
    (S.MERGED, S.RECEIVED): "split off again: it is another trouble, or the other case was withdrawn",
    (S.MERGED, S.CLOSED): "the case it was merged into is closed",
    (S.CLOSED, S.MERGED): "the case it was merged into is reopened",
}


class ClosingOutcome(StrEnum):
    """Why a case was closed: a short list that a resident understands. Three of them need a detail."""

    FIXED = "fixed"
    MADE_SAFE = "made_safe"
    NOT_FOUND = "not_found"
    NO_ACCESS = "no_access"
    NOT_OURS = "not_ours"
    DUPLICATE = "duplicate"
    SCHEDULED = "scheduled"


OUTCOME_NEEDS_DETAIL: dict[ClosingOutcome, str] = {
    ClosingOutcome.NOT_OURS: "whose it is",
    ClosingOutcome.DUPLICATE: "the number of the other case",
    ClosingOutcome.SCHEDULED: "the day it is planned for",
}


HAND_BACK_REASONS: dict[str, str] = {
    "wrong_trade": "it is not our trade",
    "too_far": "it is too far",
    "no_equipment": "the equipment is missing",
    "unsafe": "it is not safe",
    "no_time": "there is no time left in the shift",
    "other": "for another reason",
}


def may_move(old: Status, new: Status) -> bool:
    return (old, new) in ALLOWED_MOVES


def check_move(old: Status, new: Status) -> None:
    """Raise Conflict if a case in `old` cannot become `new`."""
    if not may_move(old, new):
        raise Conflict(f"A case that is {old.replace('_', ' ')} cannot become {new.replace('_', ' ')}.", code="move-not-allowed")
