"""One case's life as it is made up: its rows and what will stand in the event log, before either is written."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crew_app.demo.city import DemoCrew, DemoService
from crew_app.demo.photo_bank import PhotoBank
from crew_app.demo.town import Town
from crew_app.demo.words import closing_words
from crew_app.events import (
    CaseAssigned,
    CaseClosed,
    CaseProgressed,
    CaseReopened,
    ClosureNeedsReview,
    Event,
    NoteAdded,
    PhotoRendered,
    PhotosComplete,
    PhotoVerified,
)
from crew_app.models import Assignment, Case, Closure, Note, Photo, PhotoKind, PhotoState, Report
from crew_app.workflow import Status


@dataclass(slots=True)
class Story:
    """`happenings`: when, and the event as soon as the rows have their ids. Moments never go back."""

    town: Town
    service: DemoService
    case: Case
    report: Report | None = None
    assignments: list[Assignment] = field(default_factory=list)
    closures: list[Closure] = field(default_factory=list)
    photos: list[Photo] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    happenings: list[tuple[datetime, Callable[[], Event]]] = field(default_factory=list)
    duplicate_of: Story | None = None
    crews: list[DemoCrew] = field(default_factory=list)  # who may be given it

    def happen(self, at: datetime, event: Callable[[int], Event]) -> None:
        self.happenings.append((at, lambda: event(self.case.id)))
        self.case.updated_at = at

    def assign(self, crew: DemoCrew, at: datetime, explanation: dict[str, object], metres: float, by: int | None = None) -> None:
        """Into a crew's hands, out of another's if one has it: a new round."""
        crew_id, before, case = self.town.crews[crew.code], self._open_assignment(), self.case
        why = str(explanation.get("why")) if by is not None else None
        if before is not None:
            before.ended_at, before.ended_why = at, "given to another crew"
        case.round, case.status = case.round + 1, Status.ASSIGNED
        self.assignments.append(
            Assignment(
                crew_id=crew_id,
                round=case.round,
                assigned_at=at,
                assigned_by_id=by,
                metres=metres,
                explanation=explanation,
            )
        )
        number, from_id = case.round, before.crew_id if before else None
        self.happen(
            at, lambda i: CaseAssigned(case_id=i, person_id=by, crew_id=crew_id, round=number, from_crew_id=from_id, why=why)
        )

    def progress(self, status: Status, person_id: int, at: datetime) -> None:
        crew_id = self._held_by()
        self.case.status = status
        self.happen(at, lambda i: CaseProgressed(case_id=i, person_id=person_id, crew_id=crew_id, status=status.value))

    def close(
        self, rng: random.Random, outcome: str, person_id: int, done_at: datetime, detail: str | None = None, came_after: timedelta = timedelta(0)
    ) -> Closure:  # fmt: skip
        """The crew that has it closes it; the phone had no signal for `came_after`."""
        closure = self._closure(rng, outcome, detail, self._held_by(), person_id, self.case.round, done_at, done_at + came_after)
        closure.counts = True
        held = self._open_assignment()
        assert held is not None
        held.ended_at, held.ended_why = closure.received_at, "closed"
        case, number = self.case, self.case.round
        case.status, case.waiting = Status.CLOSED, None
        case.outcome, case.outcome_detail, case.closing_note = outcome, detail, closure.note
        case.closed_at = done_at
        self.happen(
            closure.received_at,
            lambda i: CaseClosed(
                case_id=i, person_id=person_id, outcome=outcome, round=number, closure_id=closure.id, crew_id=closure.crew_id
            ),
        )
        return closure

    def close_late(
        self, rng: random.Random, outcome: str, crew_id: int, person_id: int, seen: int, done_at: datetime, received_at: datetime, why: str
    ) -> Closure:  # fmt: skip
        """A closing that the office must look at: `why` is "office_moved" or "closed_twice"."""
        closure = self._closure(rng, outcome, None, crew_id, person_id, seen, done_at, received_at)
        closure.counts, closure.review_reason = why == "closed_twice", why
        self.case.review_reason = why
        self.happen(
            received_at,
            lambda i: ClosureNeedsReview(case_id=i, person_id=person_id, closure_id=closure.id, crew_id=crew_id, reason=why),
        )
        return closure

    def reopen(self, at: datetime, why: str, person_id: int | None) -> None:
        case = self.case
        case.status, case.round = Status.REOPENED, case.round + 1
        case.outcome = case.outcome_detail = case.closed_at = None
        case.closing_note, number = "", case.round
        self.happen(at, lambda i: CaseReopened(case_id=i, person_id=person_id, round=number, why=why))

    def add_note(self, text: str, person_id: int, at: datetime) -> None:
        note = Note(person_id=person_id, text=text, written_at=at)
        self.notes.append(note)
        self.happen(at, lambda i: NoteAdded(case_id=i, person_id=person_id, note_id=note.id, is_public=False))

    def add_photo(
        self, rng: random.Random, bank: PhotoBank, kind: PhotoKind, place: int, at: datetime, closure: Closure | None = None
    ) -> None:
        """A picture of the trouble, or after a closing of what was done; `place` chooses the scene's variation."""
        if self.service.scene is None:
            return
        picture = bank.picture(self.service.scene, place, mended=kind == PhotoKind.AFTER)
        photo = Photo(
            id=make_uuid(rng),
            closure_id=closure.id if closure else None,
            kind=kind,
            sha256=picture.sha256,
            size=picture.size,
            state=PhotoState.RENDERED,
            announced_at=at,
            verified_at=at + timedelta(seconds=rng.randrange(2, 40)),
        )
        bank.want(photo.id, picture)
        self.photos.append(photo)
        if closure:
            closure.photos_announced += 1
        assert photo.verified_at is not None
        self.happenings.append((photo.verified_at, lambda: PhotoVerified(case_id=self.case.id, photo_id=photo.id)))
        rendered = photo.verified_at + timedelta(seconds=2)
        self.happenings.append((rendered, lambda: PhotoRendered(case_id=self.case.id, photo_id=photo.id)))

    def complete_photos(self, closure: Closure) -> None:
        """The last photo of a closing is here."""
        verified = [p.verified_at for p in self.photos if p.closure_id == closure.id and p.verified_at]
        if verified:
            self.happenings.append((max(verified), lambda: PhotosComplete(case_id=self.case.id, closure_id=closure.id)))

    def _closure(
        self, rng: random.Random, outcome: str, detail: str | None, crew_id: int, person_id: int, seen: int, done: datetime, received: datetime
    ) -> Closure:  # fmt: skip
        latitude, longitude = self.case.latitude, self.case.longitude
        closure = Closure(
            id=make_uuid(rng),
            crew_id=crew_id,
            person_id=person_id,
            round_seen=seen,
            outcome=outcome,
            outcome_detail=detail,
            note=closing_words(rng, outcome, self.service.skill),
            made_at=done,
            done_at=done,
            received_at=received,
            clock_is_doubtful=False,
            latitude=None if latitude is None else round(latitude + rng.gauss(0, 0.00008), 6),
            longitude=None if longitude is None else round(longitude + rng.gauss(0, 0.00010), 6),
            accuracy_m=float(rng.randrange(4, 25)),
            photos_announced=0,
        )
        self.closures.append(closure)
        return closure

    def _open_assignment(self) -> Assignment | None:
        return next((a for a in self.assignments if a.ended_at is None), None)

    def _held_by(self) -> int:
        held = self._open_assignment()
        assert held is not None
        return held.crew_id


def make_uuid(rng: random.Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))
