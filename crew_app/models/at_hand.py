"""Rows in memory, while a push is judged: what an entity says, without what it costs.

Most of what a push of ten closings cost was SQLAlchemy's care for each entity. So a push reads plain rows, is judged on
them, and what changed is written at once (queries/push.py, services/write_down.py). The fields are columns, by their names.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, field, fields
from datetime import datetime
from typing import Any

from crew_app.models.photo import PhotoState


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose phone it is: somebody of a crew. Most pushes need no more of either than the number."""

    person_id: int
    crew_id: int


@dataclass(frozen=True, slots=True)
class DeviceAtHand:
    id: str
    person_id: int
    last_seq: int
    revoked_at: datetime | None
    is_new: bool = False


@dataclass(slots=True)
class OperationAtHand:
    id: str
    device_id: str
    seq: int
    person_id: int
    crew_id: int | None
    case_id: int | None
    kind: str
    digest: str
    body: dict[str, Any]
    verdict: str
    answer: dict[str, Any]
    received_at: datetime


@dataclass(slots=True)
class AssignmentAtHand:
    id: int
    case_id: int
    crew_id: int
    round: int
    assigned_at: datetime
    accepted_at: datetime | None
    ended_at: datetime | None
    ended_why: str | None


@dataclass(slots=True)
class ClosureAtHand:
    id: str
    case_id: int
    crew_id: int
    person_id: int
    round_seen: int
    outcome: str
    outcome_detail: str | None
    note: str
    minutes: int | None
    materials: str
    made_at: datetime
    done_at: datetime
    received_at: datetime
    clock_is_doubtful: bool
    latitude: float | None
    longitude: float | None
    accuracy_m: float | None
    counts: bool
    review_reason: str | None
    photos_announced: int


@dataclass(slots=True, kw_only=True)
class PhotoAtHand:
    id: str
    case_id: int
    closure_id: str | None
    operation_id: str | None
    kind: str
    sha256: str
    size: int
    state: str = PhotoState.AWAITED
    announced_at: datetime
    verified_at: datetime | None = None


@dataclass(slots=True)
class CaseAtHand:
    id: int
    number: str
    round: int
    opened_at: datetime
    opened_by_id: str | None
    address: str
    postcode: str
    latitude: float | None
    longitude: float | None
    status: str
    outcome: str | None
    outcome_detail: str | None
    closing_note: str
    closed_at: datetime | None
    updated_at: datetime
    review_reason: str | None
    waiting: dict[str, Any] | None
    held_since: datetime | None
    held_why: str
    pinned_crew_id: int | None
    # No columns: what belongs to it.
    assignments: list[AssignmentAtHand] = field(default_factory=list)
    closures: list[ClosureAtHand] = field(default_factory=list)


def columns_of(kind: type) -> tuple[str, ...]:
    """The names of the columns that such a row has."""
    return tuple(f.name for f in fields(kind) if f.default_factory is MISSING and f.name != "is_new")
