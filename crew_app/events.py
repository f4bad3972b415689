"""What can happen to a case. Written to `event_log` in the same transaction as the change; told afterwards.

An event names ids, never people's words: what a reader may see is decided when it is read.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    kind: ClassVar[str]
    case_id: int
    person_id: int | None = None  # who did it; None: the system

    def body(self) -> dict[str, Any]:
        """What is stored beside kind, case and person."""
        said = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in said.items() if name not in ("case_id", "person_id") and value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOpened(Event):
    kind = "case_opened"
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRouted(Event):
    """One of the city's rules sent it somewhere when it was taken in."""

    kind = "case_routed"
    rule_id: int
    department_id: int
    crew_id: int | None = None
    queue: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAssigned(Event):
    kind = "case_assigned"
    crew_id: int
    round: int
    from_crew_id: int | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseUnassigned(Event):
    kind = "case_unassigned"
    from_crew_id: int
    round: int
    why: str | None = None
    by_crew: bool = False  # handed back or declined, not taken away


@dataclass(frozen=True, slots=True, kw_only=True)
class JobsReordered(Event):
    """A crew's next stops come in another order; the case is the first of them."""

    kind = "jobs_reordered"
    crew_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseMarkedUrgent(Event):
    kind = "case_marked_urgent"
    is_urgent: bool
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseHeld(Event):
    """The office keeps it back from dispatch; or, in that crew's hands, locks it in its place on the round."""

    kind = "case_held"
    crew_id: int | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReleased(Event):
    kind = "case_released"
    crew_id: int | None = None  # who has it in hand


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePinned(Event):
    """The office wants this crew and no other; None: dispatch decides again."""

    kind = "case_pinned"
    crew_id: int | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAccepted(Event):
    """The crew has read it."""

    kind = "case_accepted"
    crew_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseProgressed(Event):
    """A crew set out or arrived."""

    kind = "case_progressed"
    crew_id: int
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseClosed(Event):
    kind = "case_closed"
    outcome: str
    round: int
    closure_id: str | None = None
    crew_id: int | None = None
    with_case_id: int | None = None  # closed because that case is, into which it was merged
    approved_by_id: int | None = None  # the second person who said yes


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosureAdded(Event):
    """One more closing of a case that is closed already; what residents read stays as it is."""

    kind = "closure_added"
    closure_id: str
    crew_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosureNeedsReview(Event):
    kind = "closure_needs_review"
    closure_id: str
    crew_id: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosureSettled(Event):
    """The office looked at a closure that needed review."""

    kind = "closure_settled"
    closure_id: str
    accepted: bool
    crew_id: int | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReopened(Event):
    kind = "case_reopened"
    round: int
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseWithdrawn(Event):
    kind = "case_withdrawn"
    round: int
    why: str | None = None
    approved_by_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseMerged(Event):
    """It is the same trouble as another case, and shares its fate from now on."""

    kind = "case_merged"
    into_case_id: int
    round: int
    from_crew_id: int | None = None  # who had it in hand


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSplit(Event):
    """It is another trouble after all: it waits on its own again."""

    kind = "case_split"
    from_case_id: int
    round: int
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateJoined(Event):
    """Another case was merged into this one."""

    kind = "duplicate_joined"
    other_case_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateParted(Event):
    """A case that was merged into this one was split off."""

    kind = "duplicate_parted"
    other_case_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteAdded(Event):
    kind = "note_added"
    note_id: int
    is_public: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoVerified(Event):
    """All bytes of one photo are here and their SHA-256 is the announced one."""

    kind = "photo_verified"
    photo_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotosComplete(Event):
    """The last photo a closure announced is verified."""

    kind = "photos_complete"
    closure_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoRendered(Event):
    """A clean copy, safe to show, has been made."""

    kind = "photo_rendered"
    photo_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoModerated(Event):
    """The office hid it, blurred a part of it, let everybody see it; or took that back (services/photo_moderation.py)."""

    kind = "photo_moderated"
    photo_id: str
    deed: str
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpOpened(Event):
    """What is left to do here is another case."""

    kind = "follow_up_opened"
    other_case_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePlaced(Event):
    """The office set a case's place."""

    kind = "case_placed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspicionRaised(Event):
    """Something about a crew's deed looks odd (crew_app/suspicions.py); somebody must look."""

    kind = "suspicion_raised"
    crew_id: int
    code: str
    operation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspicionSettled(Event):
    kind = "suspicion_settled"
    crew_id: int
    operation_id: str
    decision: str
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseImported(Event):
    kind = "case_imported"
    is_new: bool


EVENTS: dict[str, type[Event]] = {
    event.kind: event
    for event in (
        CaseOpened, CaseRouted, CaseAssigned, CaseAccepted, CaseUnassigned, CaseProgressed, CaseClosed, ClosureAdded, ClosureNeedsReview,
        ClosureSettled, CaseReopened, CaseWithdrawn, NoteAdded, PhotoVerified, PhotosComplete, PhotoRendered, PhotoModerated, FollowUpOpened, CasePlaced, CaseImported,
        JobsReordered, CaseMarkedUrgent, CaseHeld, CaseReleased, CasePinned, CaseMerged, CaseSplit, DuplicateJoined, DuplicateParted,
        SuspicionRaised, SuspicionSettled,
    )
}  # fmt: skip


def event_from_row(kind: str, case_id: int, person_id: int | None, body: dict[str, Any]) -> Event:
    return EVENTS[kind](case_id=case_id, person_id=person_id, **body)
