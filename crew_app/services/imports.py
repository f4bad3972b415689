"""Cases from the city's open data: written in batches, told in the event log, without disturbing work in hand.

Who leads: the city's file on what a case is (place, service, promise, remarks); crews and the office on whether it is
done. So a closing from the file closes a case here unless it was reopened or withdrawn here since; an opening from the
file never reopens what a crew or the office closed here.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select

from crew_app.events import CaseClosed, CaseImported, CaseReopened, CaseWithdrawn
from crew_app.extensions import AnySession
from crew_app.models import Case, Department, EventRow, Service
from crew_app.places import CityMap, PlaceProblem
from crew_app.service_level import CityCalendar
from crew_app.services.cases import end_assignment, reopen_case, tell_routing
from crew_app.services.promises import Promises
from crew_app.services.rules import Router, Sending
from crew_app.transaction import Tx
from crew_app.wire.boston import DEPARTMENTS, KNOWN_TARGETS, plain_name
from crew_app.wire.open_data import BadRow, CityRow, Survey
from crew_app.workflow import Status

# A case's column, and the file's columns it comes from: what a file does not have, it does not change.
_SOURCES: dict[str, tuple[str, ...]] = {
    "opened_at": ("open_date",),
    "due_at": ("target_close_date",),
    "department_id": ("assigned_department",),
    "address": ("full_address",),
    "postcode": ("zip_code",),
    "neighborhood": ("neighborhood",),
    "source": ("report_source",),
    "latitude": ("latitude", "longitude"),
    "longitude": ("latitude", "longitude"),
    "place_problem": ("latitude", "longitude"),
    "district_id": ("latitude", "longitude"),
}
_PLACE = ("latitude", "longitude", "place_problem", "district_id")


@dataclass(slots=True)
class Tally:
    """How many rows of each kind; read = new + updated + unchanged + rejected."""

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    closed_before_opened: int = 0
    place_problems: Counter[str] = field(default_factory=Counter)
    new_services: list[str] = field(default_factory=list)
    new_departments: list[str] = field(default_factory=list)

    @property
    def read(self) -> int:
        return self.new + self.updated + self.unchanged + self.rejected

    def add(self, other: Tally) -> None:
        self.new += other.new
        self.updated += other.updated
        self.unchanged += other.unchanged
        self.rejected += other.rejected
        self.closed_before_opened += other.closed_before_opened
        self.place_problems += other.place_problems
        self.new_services += other.new_services
        self.new_departments += other.new_departments


@dataclass(frozen=True, slots=True)
class Reading:
    """What stays the same from the first batch to the last."""

    survey: Survey
    places: CityMap
    calendar: CityCalendar


class Catalogue:
    """Services and departments by the names the file uses; makes what is missing. Lives for one transaction."""

    def __init__(self, tx: Tx, survey: Survey, tally: Tally) -> None:
        self._tx, self._survey, self._tally = tx, survey, tally
        self._services: dict[str, Service] = {}
        for service in tx.session.scalars(select(Service).order_by(Service.id.desc())):
            self._services[plain_name(service.name)] = service
        self._departments: dict[str, int] = {}
        for row in tx.session.execute(select(Department.id, Department.code, Department.name).order_by(Department.id.desc())):
            self._departments[row.name.casefold()] = self._departments[row.code.casefold()] = row.id

    def department_id(self, text: str) -> int:
        """By code or by name."""
        known = self._departments.get(text.casefold())
        if known is not None:
            return known
        code = next((code for code, name in DEPARTMENTS.items() if text.casefold() in (code.casefold(), name.casefold())), None)
        if code is not None and code.casefold() in self._departments:
            return self._departments[code.casefold()]
        department = Department(code=code or _short(text, 32), name=DEPARTMENTS[code] if code else text)
        self._tx.session.add(department)
        self._tx.session.flush()
        self._departments[text.casefold()] = self._departments[department.code.casefold()] = department.id
        self._departments[department.name.casefold()] = department.id
        self._tally.new_departments.append(f"{department.code} ({department.name})")
        return department.id

    def service(self, row: CityRow) -> Service:
        """By name; a new one gets the department and group it has in most rows of the file, and Boston's promise."""
        known = self._services.get(plain_name(row.service))
        if known is not None:
            return known
        department = self._survey.usual_department(row.service) or row.department
        if not department:
            raise BadRow("assigned_department", "is blank, and the service is not known")
        subject, topic = self._survey.usual_group(row.service)
        days, calendar = KNOWN_TARGETS.get(plain_name(row.service), (None, "business"))
        service = Service(
            code=_short(":".join(part for part in (subject, topic, row.service) if part), 200),
            name=row.service,
            group=topic,
            subject=subject,
            department_id=self.department_id(department),
            target_days=days,
            target_calendar=calendar,
            is_public="internal" not in row.service.casefold(),
        )
        self._tx.session.add(service)
        self._tx.session.flush()
        self._services[plain_name(row.service)] = service
        self._tally.new_services.append(row.service)
        return service


def import_rows(tx: Tx, rows: Sequence[CityRow], reading: Reading) -> tuple[Tally, list[tuple[CityRow, BadRow]]]:
    """Write one batch (no number twice in it); returns what became of its rows, and those that cannot be taken."""
    tally = Tally()
    catalogue = Catalogue(tx, reading.survey, tally)
    router, promises = Router(tx.session), Promises(tx.session)
    held = {
        row.number: (row.id, row.import_digest)
        for row in tx.session.execute(
            select(Case.id, Case.number, Case.import_digest).where(Case.number.in_([row.number for row in rows]))
        )
    }
    refused: list[tuple[CityRow, BadRow]] = []
    fresh: list[dict[str, Any]] = []
    sent: dict[str, Sending] = {}
    changed: list[tuple[int, CityRow, dict[str, Any]]] = []
    for row in rows:
        case_id, digest = held.get(row.number, (None, None))
        if digest == row.digest:
            tally.unchanged += 1
            continue
        try:
            values = _values(row, catalogue, reading, promises)
        except BadRow as bad:
            refused.append((row, bad))
            tally.rejected += 1
            continue
        tally.closed_before_opened += row.closed_before_opened
        if values["place_problem"]:
            tally.place_problems[values["place_problem"]] += 1
        if case_id is None:
            fresh.append(_new_case(tx, row, values))
            if not row.is_closed:
                sent[row.number] = _send(tx, fresh[-1], row, router)
        else:
            changed.append((case_id, row, values))
    _insert(tx, fresh, sent)
    tally.new = len(fresh)
    updated = _update_all(tx, changed, reading.survey.layout.places)
    tally.updated += updated
    tally.unchanged += len(changed) - updated
    return tally, refused


def _values(row: CityRow, catalogue: Catalogue, reading: Reading, promises: Promises) -> dict[str, Any]:
    """The columns of a case that the file decides."""
    service = catalogue.service(row)
    problem = reading.places.problem_with(row.latitude, row.longitude)
    district_id = None
    if problem is None and row.latitude is not None and row.longitude is not None:
        district_id = reading.places.district_id_at(row.latitude, row.longitude)
    return {
        "service_id": service.id,
        "department_id": catalogue.department_id(row.department) if row.department else service.department_id,
        "district_id": district_id,
        "address": row.address,
        "postcode": row.postcode,
        "latitude": row.latitude,
        "longitude": row.longitude,
        "place_problem": problem,
        "source": row.source,
        "neighborhood": row.neighborhood,
        "opened_at": row.opened_at,
        "due_at": row.due_at or promises.due(service, row.opened_at),
        "open_data": row.kept,
        "import_digest": row.digest,
    }


def _new_case(tx: Tx, row: CityRow, values: dict[str, Any]) -> dict[str, Any]:
    return values | {
        "number": row.number,
        "status": Status.CLOSED if row.is_closed else Status.RECEIVED,
        "outcome": row.outcome,
        "outcome_detail": row.outcome_detail,
        "closing_note": row.closing_note,
        "closed_at": row.closed_at,
        "updated_at": tx.now,
        "round": 0,
        "description": "",
        "answers": {},
        "held_since": None,
        "held_why": "",
        "pinned_crew_id": None,
    }


def _send(tx: Tx, case: dict[str, Any], row: CityRow, router: Router) -> Sending:
    """Where the city's rules want a new case; whose it is, the file says if it says anything."""
    sending = router.send(case["service_id"], case["department_id"], case["district_id"], row.opened_at, case["answers"])
    if row.department and sending.department_id != case["department_id"]:
        return Sending(case["department_id"])
    case["department_id"], case["pinned_crew_id"] = sending.department_id, sending.crew_id
    if sending.queue:
        case["held_since"], case["held_why"] = tx.now, sending.queue
    return sending


def _insert(tx: Tx, fresh: list[dict[str, Any]], sent: dict[str, Sending]) -> None:
    if not fresh:
        return
    # Nulls written out: otherwise rows with different blanks go in different statements, most of them alone. And ids
    # asked for afterwards: one statement for each row, prepared once, is half the work of one with 30,000 values.
    tx.session.execute(insert(Case).execution_options(render_nulls=True), fresh)
    numbers = [values["number"] for values in fresh]
    for case_id, number in tx.session.execute(select(Case.id, Case.number).where(Case.number.in_(numbers)).order_by(Case.id)):
        tx.emit(CaseImported(case_id=case_id, is_new=True))
        if number in sent:
            tell_routing(tx, case_id, sent[number])


def _update_all(tx: Tx, changed: list[tuple[int, CityRow, dict[str, Any]]], present: Iterable[str]) -> int:
    """Bring cases up to what the file says now; returns how many that changed."""
    if not changed:
        return 0
    ids = sorted(case_id for case_id, _, _ in changed)
    cases = {case.id: case for case in tx.session.scalars(select(Case).where(Case.id.in_(ids)).order_by(Case.id).with_for_update())}
    history = _Local(tx.session, ids)
    updated = 0
    for case_id, row, values in changed:
        case = cases[case_id]
        touched = _bring_up_to_date(case, row, values, frozenset(present), history)
        touched |= _follow_status(tx, case, row, history)
        case.import_digest = row.digest
        if touched:
            case.updated_at = tx.now
            tx.emit(CaseImported(case_id=case.id, is_new=False))
            updated += 1
    return updated


class _Local:
    """What people did here with some cases, as the event log has it."""

    def __init__(self, session: AnySession, ids: list[int]) -> None:
        rows = session.execute(
            select(EventRow.case_id, EventRow.kind, func.max(EventRow.at), func.max(EventRow.person_id))
            .where(
                EventRow.case_id.in_(ids),
                EventRow.kind.in_((CaseClosed.kind, CaseReopened.kind, CaseWithdrawn.kind, "case_placed")),
            )
            .group_by(EventRow.case_id, EventRow.kind)
        )
        self.closed: set[int] = set()  # by a crew or a person of the office
        self.placed: set[int] = set()  # the office set the place by hand
        self.reopened_at: dict[int, datetime] = {}
        for case_id, kind, at, person_id in rows:
            if kind == CaseClosed.kind and person_id is not None:
                self.closed.add(case_id)
            elif kind == "case_placed":
                self.placed.add(case_id)
            elif kind == CaseReopened.kind:
                self.reopened_at[case_id] = at


def _bring_up_to_date(case: Case, row: CityRow, values: dict[str, Any], present: frozenset[str], local: _Local) -> bool:
    """Set the columns the file has; a place found by hand here is kept. Returns whether anything changed."""
    keeps_place = case.id in local.placed or (values["place_problem"] is not None and case.place_problem is None)
    wanted = {
        name: value
        for name, value in values.items()
        if name not in ("open_data", "import_digest")
        and present.issuperset(_SOURCES.get(name, ()))
        and not (keeps_place and name in _PLACE)
    }
    kept = {name: text for name, text in (case.open_data or {}).items() if name not in present}
    wanted["open_data"] = kept | row.kept
    changes = {name: value for name, value in wanted.items() if getattr(case, name) != value}
    for name, value in changes.items():
        setattr(case, name, value)
    return bool(changes)


def _follow_status(tx: Tx, case: Case, row: CityRow, local: _Local) -> bool:
    """Close or reopen as the file says, where it leads. Returns whether anything changed."""
    if not row.is_closed:
        if case.status == Status.CLOSED and case.id not in local.closed:
            reopen_case(tx, case.id, "open again in the city's file", None)
            return True
        return False
    assert row.closed_at is not None
    reopened_at = local.reopened_at.get(case.id)
    if case.status == Status.WITHDRAWN or (reopened_at is not None and row.closed_at <= reopened_at):
        return False
    if case.status == Status.CLOSED and case.id in local.closed:
        return False  # the crew, or the office, said it first
    said = (row.outcome, row.outcome_detail, row.closing_note, row.closed_at)
    if case.status == Status.CLOSED and said == (case.outcome, case.outcome_detail, case.closing_note, case.closed_at):
        return False
    was_open = case.status != Status.CLOSED
    case.outcome, case.outcome_detail, case.closing_note, case.closed_at = said
    if was_open:
        end_assignment(tx, case, "closed in the city's file")
        case.status, case.waiting = Status.CLOSED, None
        tx.emit(CaseClosed(case_id=case.id, outcome=row.outcome or "", round=case.round))
    return True


def _short(text: str, longest: int) -> str:
    """The text, or its beginning and eight letters that tell it from others with the same beginning."""
    return text if len(text) <= longest else f"{text[: longest - 9]}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


PROBLEM_WORDS = {
    PlaceProblem.MISSING: "have no place",
    PlaceProblem.NOT_A_PLACE: "have a place that is none",
    PlaceProblem.ZERO: "stand at 0, 0",
    PlaceProblem.SWAPPED: "have latitude and longitude exchanged",
    PlaceProblem.OUTSIDE: "lie outside the city",
    PlaceProblem.STAND_IN: "stand at the point that means the address was not found",
}
