"""The office or dispatch changed a crew's jobs: the crew reads what and why, not just that a job is gone."""

from __future__ import annotations

from sqlalchemy import select

from crew_app.events import (
    CaseAssigned,
    CaseMarkedUrgent,
    CaseMerged,
    CaseReopened,
    CaseUnassigned,
    CaseWithdrawn,
    ClosureSettled,
    Event,
    SuspicionSettled,
)
from crew_app.extensions import db
from crew_app.models import Assignment, Case, MessageKind
from crew_app.queries.cases import open_assignment
from crew_app.services.messages import tell_crew
from crew_app.transaction import transaction


def tell_crew_of_change(event: Event) -> None:
    told = _who_is_told(event)
    if told is not None:
        crew_id, kind = told
        why = event.body().get("why") or ""
        with transaction() as tx:
            tell_crew(tx, crew_id, kind, event.case_id, why, event.person_id)


def _who_is_told(event: Event) -> tuple[int, MessageKind] | None:
    match event:
        case CaseAssigned(from_crew_id=int(crew_id)) if crew_id != event.crew_id and _was_read(event, crew_id):
            return crew_id, MessageKind.TAKEN
        case CaseUnassigned(from_crew_id=crew_id, by_crew=False) if _was_read(event, crew_id):
            return crew_id, MessageKind.TAKEN
        case CaseMerged(from_crew_id=int(crew_id)):
            return crew_id, MessageKind.MERGED
        case CaseWithdrawn():
            last = _last_hands(event.case_id)
            return (last.crew_id, MessageKind.WITHDRAWN) if last is not None and last.round == event.round - 1 else None
        case CaseReopened():
            last = _last_hands(event.case_id)
            return (last.crew_id, MessageKind.REOPENED) if last is not None else None
        case CaseMarkedUrgent(is_urgent=True):
            case = db.session.get_one(Case, event.case_id)
            held = open_assignment(case)
            return (held.crew_id, MessageKind.URGENT) if held is not None else None
        case ClosureSettled(crew_id=int(crew_id)):
            return crew_id, MessageKind.REVIEW_ACCEPTED if event.accepted else MessageKind.REVIEW_DISMISSED
        case SuspicionSettled(decision="accept"):
            return event.crew_id, MessageKind.REVIEW_ACCEPTED
    return None


def _was_read(event: Event, crew_id: int) -> bool:
    """Dispatch moves jobs about while nobody has seen them: only a person's word, or a job the crew knows, is worth a line."""
    if event.person_id is not None:
        return True
    last = db.session.scalar(
        select(Assignment)
        .where(Assignment.case_id == event.case_id, Assignment.crew_id == crew_id, Assignment.ended_at.is_not(None))
        .order_by(Assignment.id.desc())
        .limit(1)
    )
    return last is not None and last.accepted_at is not None


def _last_hands(case_id: int) -> Assignment | None:
    """Who had the case last and does not have it now."""
    return db.session.scalar(
        select(Assignment)
        .where(Assignment.case_id == case_id, Assignment.ended_at.is_not(None))
        .order_by(Assignment.id.desc())
        .limit(1)
    )
