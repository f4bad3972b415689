"""What the sync rule speaks of. Frozen; times are aware datetimes in UTC; ids are what their makers made them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What a crew can do from its phone: to a case, or about its own day."""

    CLOSE = "close"
    ACCEPT = "accept"
    DECLINE = "decline"
    HAND_BACK = "hand_back"
    EN_ROUTE = "en_route"
    ON_SITE = "on_site"
    NOTE = "note"
    PHOTOS = "photos"
    FOLLOW_UP = "follow_up"  # a new case for another department, linked to this one
    OPEN = "open"  # a new case, found in the field
    START_SHIFT = "start_shift"
    BEGIN_BREAK = "begin_break"
    END_BREAK = "end_break"
    END_SHIFT = "end_shift"
    READ = "read"  # messages of the office


# These are about no case the city knows.
WITHOUT_CASE = (Kind.OPEN, Kind.START_SHIFT, Kind.BEGIN_BREAK, Kind.END_BREAK, Kind.END_SHIFT, Kind.READ)


class Verdict(StrEnum):
    """What became of an operation. A phone must know what to do with each (docs/sync-protocol.md)."""

    COUNTED = "counted"  # it has its effect
    SUPERSEDED = "superseded"  # kept; the case had already moved on, nothing is wrong
    NEEDS_REVIEW = "needs_review"  # kept with its photos; a person in the office decides
    QUARANTINED = "quarantined"  # kept whole but not applied; a person must look


class Review(StrEnum):
    """Why the office has to look at a closure."""

    OFFICE_MOVED = "office_moved"  # reassigned, reopened or withdrawn while the crew was at it
    NOT_THEIRS = "not_theirs"  # the crew never had this case
    CLOSED_TWICE = "closed_twice"  # two crews, or two outcomes, in one round


class Refusal(StrEnum):
    """Why an operation is quarantined."""

    UNREADABLE = "unreadable"
    ID_REUSED = "id_reused"  # the same id with other content
    SEQ_REUSED = "seq_reused"  # the same number with another id
    UNKNOWN_CASE = "unknown_case"
    DEVICE_REVOKED = "device_revoked"


@dataclass(frozen=True, slots=True)
class PhotoRef:
    """A photo that a closure announces: its id, the SHA-256 of its bytes (64 hex digits), its size in bytes."""

    id: str
    sha256: str
    size: int
    kind: str


@dataclass(frozen=True, slots=True)
class Closure:
    """What the rule needs to know of a closure, received before or just now."""

    id: str
    crew_id: int
    round_seen: int
    outcome: str
    done_at: datetime


@dataclass(frozen=True, slots=True)
class Operation:
    """An immutable intent. `closure` is set for Kind.CLOSE only."""

    id: str
    kind: Kind
    crew_id: int
    round_seen: int
    digest: str
    closure: Closure | None = None


@dataclass(frozen=True, slots=True)
class CaseView:
    """The case as the server knows it now. `closures` are those that count in this round, in any order."""

    round: int
    status: str
    crew_id: int | None  # who has it in this round; after a closure, who had it
    closures: tuple[Closure, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is to be done with one operation.

    `status`: the case's new status, or None to leave it. `leading`: the id of the closure whose outcome and time the
    case now shows, or None if the operation is not a closure that counts.
    """

    verdict: Verdict
    status: str | None = None
    leading: str | None = None
    review: Review | None = None
