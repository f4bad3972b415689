"""One case, whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, or_, select
from sqlalchemy.orm import defer, joinedload

from crew_app.extensions import AnySession
from crew_app.models import Assignment, Case, Closure, Crew, EventRow, Note, Person, Photo, Report
from crew_app.queries.cases import assignments_of, family_ids, notes_of, photos_of, root_id, timeline

# What names another case in the body of an event.
CASES_IN_EVENTS = ("into_case_id", "from_case_id", "other_case_id", "with_case_id")


@dataclass(slots=True)
class Dossier:
    """One case with everything that belongs to it, and the people and crews its history names."""

    case: Case
    events: Sequence[EventRow]
    notes: Sequence[Note]
    closures: Sequence[Closure]
    photos: Sequence[Photo]
    assignments: Sequence[Assignment]
    reporters: int = 0  # who left a way to reach them
    reports: Sequence[Report] = ()  # of what was merged into it, too: whoever deals with it answers all of them
    people: dict[int, Person] = field(default_factory=dict)
    crews: dict[int, Crew] = field(default_factory=dict)
    numbers: dict[int, str] = field(default_factory=dict)
    root: Case | None = None  # the case that is dealt with for this one, if it is merged
    duplicates: Sequence[Case] = ()  # merged into it, however deep
    follow_up_of: Case | None = None
    follow_ups: Sequence[Case] = ()

    @property
    def photos_by_closure(self) -> dict[str | None, list[Photo]]:
        found: dict[str | None, list[Photo]] = defaultdict(list)
        for photo in self.photos:
            found[photo.closure_id].append(photo)
        return found

    @property
    def open_assignment(self) -> Assignment | None:
        return next((a for a in self.assignments if a.ended_at is None), None)

    @property
    def to_review(self) -> list[Closure]:
        return [c for c in self.closures if c.review_reason and c.settled_at is None]


def dossier(session: AnySession, case: Case, *, with_contacts: bool) -> Dossier:
    """Everything about a case. `with_contacts`: who reported it, too; whoever asks has written down for whom."""
    family = family_ids(session, case.id)
    closures = session.scalars(
        select(Closure)
        .options(joinedload(Closure.crew), joinedload(Closure.person))
        .where(Closure.case_id == case.id)
        .order_by(Closure.received_at, Closure.id)
    ).all()
    whole = Dossier(
        case,
        timeline(session, case.id),
        notes_of(session, case.id),
        closures,
        photos_of(session, family),
        assignments_of(session, case.id),
    )
    can_be_reached = or_(Report.name.is_not(None), Report.email.is_not(None), Report.phone.is_not(None))
    reports = Report.case_id.in_(family), can_be_reached
    whole.reporters = session.scalar(select(func.count()).select_from(Report).where(*reports)) or 0
    if with_contacts:
        whole.reports = session.scalars(select(Report).where(*reports).order_by(Report.received_at, Report.id)).all()
    people = (
        {e.person_id for e in whole.events} | {n.person_id for n in whole.notes} | {a.assigned_by_id for a in whole.assignments}
    )
    people |= {c.settled_by_id for c in closures} | {e.body.get("approved_by_id") for e in whole.events}
    whole.people = {p.id: p for p in session.scalars(select(Person).where(Person.id.in_(people - {None})))}
    crews = {e.body.get(key) for e in whole.events for key in ("crew_id", "from_crew_id")}
    whole.crews = {c.id: c for c in session.scalars(select(Crew).where(Crew.id.in_(crews - {None})))}
    _add_relatives(session, whole, family)
    return whole


def _add_relatives(session: AnySession, whole: Dossier, family: Sequence[int]) -> None:
    """The cases that belong to it, and the numbers of all that its history names."""
    case = whole.case
    root = root_id(session, case.id)
    named = {e.body.get(key) for e in whole.events for key in CASES_IN_EVENTS} - {None}
    rows = session.scalars(
        select(Case)
        .options(defer(Case.open_data), joinedload(Case.service), joinedload(Case.department))
        .where(or_(Case.id.in_({*family, *named, root, case.parent_id} - {None}), Case.parent_id == case.id))
        .order_by(Case.opened_at, Case.id)
    )
    by_id = {relative.id: relative for relative in rows}
    whole.numbers = {relative.id: relative.number for relative in by_id.values()}
    whole.root = by_id[root] if root is not None and root != case.id else None
    whole.duplicates = [by_id[i] for i in family[1:]]
    whole.follow_up_of = by_id.get(case.parent_id or 0)
    whole.follow_ups = [relative for relative in by_id.values() if relative.parent_id == case.id]
