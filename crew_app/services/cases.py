"""A case's life as the office and residents move it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import insert, select

from crew_app.errors import BadInput, Conflict, NotFound
from crew_app.events import (
    CaseAssigned,
    CaseClosed,
    CaseOpened,
    CaseReopened,
    CaseRouted,
    CaseSplit,
    CaseWithdrawn,
    DuplicateParted,
    NoteAdded,
)
from crew_app.extensions import AnySession, table_of
from crew_app.models import Assignment, Case, Note, Report, Service
from crew_app.models.at_hand import CaseAtHand
from crew_app.places import CityMap
from crew_app.queries.cases import city_map, lock_case, open_assignment
from crew_app.services.promises import Promises
from crew_app.services.rules import Router, Sending
from crew_app.transaction import Tx
from crew_app.workflow import Status, check_move

_notes = table_of(Note)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReport:
    """What is needed to open a case. Degrees are WGS 84."""

    service_code: str
    description: str = ""
    address: str = ""
    postcode: str = ""
    latitude: float | None = None
    longitude: float | None = None
    channel: str = "web"
    source: str = "Self Service"
    answers: dict[str, Any] = field(default_factory=dict)
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    api_key_id: int | None = None
    external_id: str | None = None
    sent_as: str | None = None  # a UUID of the sender's own: sent again, it is the same report


def read_city_map(session: AnySession) -> CityMap:
    points = [part.split(",") for part in current_app.config["CITY_STAND_IN_POINTS"].split(";") if part]
    return city_map(session, [(float(lat), float(lon)) for lat, lon in points])


def open_case(tx: Tx, report: NewReport, opened_at: datetime | None = None, person_id: int | None = None) -> Case:
    """Turn a resident's report into a case; `person_id`: who took it down. BadInput if the service is not one of ours.

    A place that cannot be trusted does not refuse the report: the case waits for a person, with the reason.
    """
    service = tx.session.scalar(select(Service).where(Service.code == report.service_code, Service.is_active.is_(True)))
    if service is None:
        raise BadInput("There is no such service.", errors={"service_code": ["not one of the city's services"]})
    opened = opened_at or tx.now
    promises = Promises(tx.session)
    places = read_city_map(tx.session)
    problem = places.problem_with(report.latitude, report.longitude)
    has_place = report.latitude is not None and report.longitude is not None and abs(report.latitude) <= 90
    district_id = places.district_id_at(report.latitude, report.longitude) if has_place and problem is None else None  # type: ignore[arg-type]
    sending = Router(tx.session).send(service.id, service.department_id, district_id, opened, report.answers)
    case = Case(
        number="",
        service=service,
        department_id=sending.department_id,
        district_id=district_id,
        pinned_crew_id=sending.crew_id,
        held_since=tx.now if sending.queue else None,
        held_why=sending.queue,
        status=Status.RECEIVED,
        description=report.description,
        answers=report.answers,
        address=report.address,
        postcode=report.postcode,
        latitude=report.latitude if has_place else None,
        longitude=report.longitude if has_place else None,
        place_problem=problem,
        source=report.source,
        opened_at=opened,
        updated_at=tx.now,
        due_at=promises.due(service, opened),
        opened_by_id=report.sent_as,
    )
    # The number needs the id, and the column is unique: a placeholder no other case can hold meanwhile.
    case.number = f"new-{id(case)}-{tx.now.timestamp()}"
    tx.session.add(case)
    tx.session.flush()
    case.number = f"{opened.astimezone(promises.calendar.zone):%y}-{case.id:06d}"
    tx.session.add(
        Report(
            case_id=case.id,
            channel=report.channel,
            words=report.description,
            name=report.name,
            email=report.email,
            phone=report.phone,
            received_at=tx.now,
            api_key_id=report.api_key_id,
            external_id=report.external_id,
        )
    )
    tx.emit(CaseOpened(case_id=case.id, person_id=person_id, source=report.source))
    tell_routing(tx, case.id, sending)
    return case


def tell_routing(tx: Tx, case_id: int, sending: Sending) -> None:
    if sending.rule_id is not None:
        tx.emit(
            CaseRouted(
                case_id=case_id,
                rule_id=sending.rule_id,
                department_id=sending.department_id,
                crew_id=sending.crew_id,
                queue=sending.queue or None,
            )
        )


def get_locked(tx: Tx, case_id: int) -> Case:
    case = lock_case(tx.session, case_id)
    if case is None:
        raise NotFound("There is no such case.")
    return case


def end_assignment(tx: Tx, case: Case | CaseAtHand, why: str) -> int | None:
    """Take the case out of whoever's hands it is in, and with that out of its lock; returns that crew's id."""
    assignment = open_assignment(case)
    if assignment is None:
        return None
    assignment.ended_at = tx.now
    assignment.ended_why = why
    case.held_since, case.held_why = None, ""
    return assignment.crew_id


def hand_over(
    tx: Tx,
    case: Case,
    crew_id: int,
    metres: float | None,
    explanation: dict[str, Any],
    person_id: int | None = None,
    why: str | None = None,
    from_crew_id: int | None = None,
    position: int | None = None,
) -> None:
    """Put a case that is in nobody's hands into a crew's; a new round begins."""
    check_move(Status(case.status), Status.ASSIGNED)
    case.status, case.round, case.updated_at, case.waiting = Status.ASSIGNED, case.round + 1, tx.now, None
    tx.session.add(
        Assignment(
            case=case,
            crew_id=crew_id,
            round=case.round,
            assigned_at=tx.now,
            assigned_by_id=person_id,
            position=position,
            metres=metres,
            explanation=explanation,
        )
    )
    tx.emit(
        CaseAssigned(case_id=case.id, person_id=person_id, crew_id=crew_id, round=case.round, from_crew_id=from_crew_id, why=why)
    )


def close_by_office(tx: Tx, case_id: int, outcome: str, detail: str | None, note: str, person_id: int) -> Case:
    """The office answers a case by itself."""
    case = get_locked(tx, case_id)
    if case.status == Status.MERGED:
        raise Conflict("This case is merged into another. Close that one, or split this one off first.", code="merged")
    check_move(Status(case.status), Status.CLOSED)
    end_assignment(tx, case, "closed by the office")
    case.status, case.outcome, case.outcome_detail = Status.CLOSED, outcome, detail
    case.closing_note, case.closed_at, case.updated_at, case.waiting = note, tx.now, tx.now, None
    tx.emit(CaseClosed(case_id=case.id, person_id=person_id, outcome=outcome, round=case.round))
    return case


def reopen_case(tx: Tx, case_id: int, why: str, person_id: int | None) -> Case:
    """It is not done after all. A new round: what a phone still holds about the old one needs review.

    What was closed with the case it was merged into is split off: that one's end was not this one's.
    """
    case = get_locked(tx, case_id)
    check_move(Status(case.status), Status.REOPENED)
    case.status, case.round = Status.REOPENED, case.round + 1
    if case.merged_into_id is not None:
        part(tx, case, why, person_id)
    case.outcome = case.outcome_detail = case.closed_at = None
    case.closing_note, case.updated_at = "", tx.now
    tx.emit(CaseReopened(case_id=case.id, person_id=person_id, round=case.round, why=why))
    return case


def part(tx: Tx, case: Case, why: str, person_id: int | None) -> None:
    """End a merge, in the round that has just begun."""
    other_id, case.merged_into_id = case.merged_into_id, None
    assert other_id is not None
    tx.emit(CaseSplit(case_id=case.id, person_id=person_id, from_case_id=other_id, round=case.round, why=why or None))
    tx.emit(DuplicateParted(case_id=other_id, person_id=person_id, other_case_id=case.id))


def withdraw_case(tx: Tx, case_id: int, why: str, person_id: int | None) -> Case:
    case = get_locked(tx, case_id)
    check_move(Status(case.status), Status.WITHDRAWN)
    end_assignment(tx, case, "withdrawn")
    case.status, case.round, case.updated_at, case.waiting = Status.WITHDRAWN, case.round + 1, tx.now, None
    tx.emit(CaseWithdrawn(case_id=case.id, person_id=person_id, round=case.round, why=why))
    return case


def add_note(tx: Tx, case_id: int, text: str, person_id: int | None, is_public: bool = False) -> None:
    tx.session.get_one(Case, case_id).updated_at = tx.now
    write_note(tx, case_id, text, person_id, is_public)


def write_note(
    tx: Tx, case_id: int, text: str, person_id: int | None, is_public: bool = False, operation_id: str | None = None
) -> None:
    """The words alone; whoever has the case in memory marks it as changed."""
    said = {"text": text, "is_public": is_public, "written_at": tx.now}
    row = insert(_notes).values(case_id=case_id, person_id=person_id, operation_id=operation_id, **said)
    note_id = tx.connection.scalars(row.returning(_notes.c.id)).one()
    tx.emit(NoteAdded(case_id=case_id, person_id=person_id, note_id=note_id, is_public=is_public))
