"""What each kind of operation does, once the sync rule has decided. DEEDS is the whole list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from crew_app.errors import BadInput
from crew_app.events import CaseAccepted, CaseProgressed
from crew_app.models import Case, Crew, Service
from crew_app.models.at_hand import AssignmentAtHand, CaseAtHand, Sender
from crew_app.queries.push import AtHand, case_at_hand
from crew_app.services import shifts
from crew_app.services.assignments import hand_back, keep_found_case
from crew_app.services.cases import NewReport, open_case, write_note
from crew_app.services.closures import announce_photos, record_closure
from crew_app.services.messages import mark_read
from crew_app.transaction import Tx
from sync.clocks import DoneAt
from sync.types import Kind, Outcome, Verdict

FOUND_BY_CREW = "City Worker App"  # what Boston's open data calls a case opened in the field


@dataclass(frozen=True, slots=True)
class Deed:
    """An operation about to be written down. `case` is None for what is about no case yet (sync.types.WITHOUT_CASE)."""

    operation_id: str
    sender: Sender
    at_hand: AtHand
    case: CaseAtHand | None
    assignment: AssignmentAtHand | None  # of the case's present round
    payload: dict[str, Any]
    operation: dict[str, Any]
    done: DoneAt
    outcome: Outcome

    @property
    def on(self) -> CaseAtHand:
        assert self.case is not None
        return self.case

    @property
    def counts(self) -> bool:
        return self.outcome.verdict is Verdict.COUNTED


def close(tx: Tx, deed: Deed) -> CaseAtHand:
    record_closure(tx, deed.at_hand, deed.on, deed.sender, deed.operation, deed.done, deed.outcome)
    return deed.on


def accept(tx: Tx, deed: Deed) -> CaseAtHand:
    if deed.counts and deed.assignment and deed.assignment.accepted_at is None:
        deed.assignment.accepted_at = tx.now
        tx.emit(CaseAccepted(case_id=deed.on.id, person_id=deed.sender.person_id, crew_id=deed.sender.crew_id))
    return deed.on


def give_back(tx: Tx, deed: Deed) -> CaseAtHand:
    if deed.counts:
        hand_back(tx, deed.on, deed.sender.crew_id, deed.sender.person_id, deed.payload["reason"], deed.payload["words"])
    return deed.on


def progress(tx: Tx, deed: Deed) -> CaseAtHand:
    """The crew sets out or arrives; where it is now helps dispatch, whatever became of the case."""
    if place := deed.payload["place"]:
        crew = _crew(tx, deed)
        crew.last_latitude, crew.last_longitude, crew.last_placed_at = place["lat"], place["lon"], tx.now
    if deed.counts and deed.outcome.status:
        deed.on.status, deed.on.updated_at = deed.outcome.status, tx.now
        tx.emit(
            CaseProgressed(
                case_id=deed.on.id, person_id=deed.sender.person_id, crew_id=deed.sender.crew_id, status=deed.outcome.status
            )
        )
    return deed.on


def note(tx: Tx, deed: Deed) -> CaseAtHand:
    write_note(tx, deed.on.id, deed.payload["text"], deed.sender.person_id, operation_id=deed.operation_id)
    deed.on.updated_at = tx.now
    return deed.on


def photos(tx: Tx, deed: Deed) -> CaseAtHand:
    announce_photos(tx, deed.at_hand, deed.on.id, deed.operation_id, deed.payload["photos"])
    deed.on.updated_at = tx.now
    return deed.on


def follow_up(tx: Tx, deed: Deed) -> CaseAtHand:
    """A new case at the same place for another service; dispatch finds its crew."""
    parent = deed.on
    report = NewReport(
        service_code=_known_service(tx, deed),
        description=deed.payload["description"],
        address=parent.address,
        postcode=parent.postcode,
        latitude=parent.latitude,
        longitude=parent.longitude,
        channel="crew",
        source=FOUND_BY_CREW,
    )
    case = open_case(tx, report)
    case.parent_id = parent.id
    return _opened(tx, deed, case)


def open_found(tx: Tx, deed: Deed) -> CaseAtHand:
    """A case the crew found in the field. Opened when it was found, so that its service level is honest."""
    payload = deed.payload
    report = NewReport(
        service_code=_known_service(tx, deed),
        description=payload["description"],
        address=payload["address"],
        latitude=payload["place"]["lat"],
        longitude=payload["place"]["lon"],
        channel="crew",
        source=FOUND_BY_CREW,
    )
    case = open_case(tx, report, opened_at=deed.done.at)
    if payload["keep"]:
        keep_found_case(tx, case, deed.sender.crew_id, deed.sender.person_id)
    return _opened(tx, deed, case)


def _opened(tx: Tx, deed: Deed, case: Case) -> CaseAtHand:
    """What comes after it in the same push may be about it."""
    case.opened_by_id = deed.operation_id
    tx.session.flush()
    opened = case_at_hand(case)
    deed.at_hand.hold(opened)
    announce_photos(tx, deed.at_hand, opened.id, deed.operation_id, deed.payload["photos"])
    return opened


def start_shift(tx: Tx, deed: Deed) -> None:
    said = deed.payload
    shifts.start_shift(tx, _crew(tx, deed), deed.done.at, said["members"], said["vehicle"], said["skills"])


def begin_break(tx: Tx, deed: Deed) -> None:
    shifts.begin_break(tx, _crew(tx, deed), deed.done.at)


def end_break(tx: Tx, deed: Deed) -> None:
    shifts.end_break(tx, _crew(tx, deed), deed.done.at)


def end_shift(tx: Tx, deed: Deed) -> None:
    shifts.end_shift(tx, _crew(tx, deed), deed.done.at)


def read(tx: Tx, deed: Deed) -> None:
    mark_read(tx, deed.sender.crew_id, deed.payload["messages"], deed.sender.person_id)


def _crew(tx: Tx, deed: Deed) -> Crew:
    return tx.session.get_one(Crew, deed.sender.crew_id)


def _known_service(tx: Tx, deed: Deed) -> str:
    code: str = deed.payload["service"]
    if tx.session.scalar(select(Service.id).where(Service.code == code, Service.is_active.is_(True))) is None:
        raise BadInput("There is no such service.", errors={"payload": {"service": ["not one of the city's services"]}})
    return code


DEEDS: dict[Kind, Callable[[Tx, Deed], CaseAtHand | None]] = {
    Kind.CLOSE: close,
    Kind.ACCEPT: accept,
    Kind.DECLINE: give_back,
    Kind.HAND_BACK: give_back,
    Kind.EN_ROUTE: progress,
    Kind.ON_SITE: progress,
    Kind.NOTE: note,
    Kind.PHOTOS: photos,
    Kind.FOLLOW_UP: follow_up,
    Kind.OPEN: open_found,
    Kind.START_SHIFT: start_shift,
    Kind.BEGIN_BREAK: begin_break,
    Kind.END_BREAK: end_break,
    Kind.END_SHIFT: end_shift,
    Kind.READ: read,
}
