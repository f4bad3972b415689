"""Surge: an emergency with crews of its own, from a list, until a moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update

from crew_app.errors import BadInput, Conflict, NotFound
from crew_app.models import Crew, Department, OfficeDeed, Person, Role, Shift, Surge
from crew_app.queries.moves import case_states, jobs_in_hand, surge_crews, surge_people
from crew_app.services.assignments import take_back
from crew_app.services.office_deeds import write_down
from crew_app.transaction import Tx
from crew_app.wire.temporary_crews import TemporaryCrew, refuse
from crew_app.workflow import Status

LONGEST = timedelta(days=30)
# What a crew is at when the emergency ends, it may finish; after so long it goes back to dispatch, too.
UNDER_WAY_KEPT = timedelta(hours=1)
# So long may its people still sign in: their phones may have closings to send.
PEOPLE_KEPT = timedelta(days=7)
WHY = "The emergency is over."


def start_surge(
    tx: Tx, name: str, ends_at: datetime, crews: Sequence[TemporaryCrew], password_hashes: Mapping[str, str], person_id: int
) -> OfficeDeed:
    """Put all crews of the list on duty until `ends_at` (aware), or none. `password_hashes`: e-mail -> hash.

    A crew of an earlier emergency comes back under its code, with its people. BadInput names row and field.
    """
    if not tx.now < ends_at <= tx.now + LONGEST:
        raise BadInput("Say until when.", errors={"until": [f"From now on, and within {LONGEST.days} days."]})
    surge = Surge(name=name, begins_at=tx.now, ends_at=ends_at)
    tx.session.add(surge)
    tx.session.flush()
    for crew in _crews(tx, surge, crews):
        tx.session.add(Shift(crew=crew, starts_at=tx.now, ends_at=ends_at))
    tx.session.flush()
    _people(tx, crews, password_hashes)
    form = {"surge": surge.id, "name": name, "crews": len(crews), "until": ends_at.isoformat()}
    deed = OfficeDeed(kind="surge", person_id=person_id, asked_at=tx.now, why=name, form=form)
    write_down(tx, deed, {}, ())
    return deed


def _crews(tx: Tx, surge: Surge, rows: Sequence[TemporaryCrew]) -> list[Crew]:
    departments = {name.lower(): d for d in tx.session.scalars(select(Department)) for name in (d.code, d.name)}
    known = {c.code: c for c in tx.session.scalars(select(Crew).where(Crew.code.in_([row.code for row in rows])))}
    errors: dict[str, dict[str, list[str]]] = {}
    crews = []
    for row in rows:
        department, before = departments.get(row.department.lower()), known.get(row.code)
        if department is None:
            errors.setdefault(f"row {row.row}", {})["department"] = [f"There is no department {row.department}."]
            continue
        if before is not None and (before.surge_id is None or before.is_active):
            errors.setdefault(f"row {row.row}", {})["crew"] = [f"{row.code} works already. Give this crew another code."]
            continue
        place = row.place or _depot_of(tx, department)
        if place is None:
            errors.setdefault(f"row {row.row}", {})["latitude"] = ["Say where it starts: its department has no other crew."]
            continue
        crew = before or Crew(code=row.code)
        crew.name, crew.department, crew.surge_id, crew.is_active = row.name or row.code, department, surge.id, True
        crew.skills, crew.capacity, (crew.depot_latitude, crew.depot_longitude) = list(row.skills), row.capacity, place
        crews.append(crew)
    if errors:
        raise refuse(errors)
    tx.session.add_all(crews)
    return crews


def _depot_of(tx: Tx, department: Department) -> tuple[float, float] | None:
    own = select(Crew.depot_latitude, Crew.depot_longitude).where(
        Crew.department_id == department.id, Crew.is_active.is_(True), Crew.surge_id.is_(None)
    )
    row = tx.session.execute(own.order_by(Crew.code).limit(1)).first()
    return (row[0], row[1]) if row else None


def _people(tx: Tx, rows: Sequence[TemporaryCrew], password_hashes: Mapping[str, str]) -> None:
    """Whoever is to sign in: new, or back from an earlier emergency; with the new password either way."""
    wanted = {row.email: row for row in rows if row.email}
    crew_ids = {c.code: c.id for c in tx.session.scalars(select(Crew).where(Crew.code.in_([row.code for row in rows])))}
    known = {p.email: p for p in tx.session.scalars(select(Person).where(Person.email.in_(wanted)))}
    errors: dict[str, dict[str, list[str]]] = {}
    for email, row in wanted.items():
        before = known.get(email)
        if before is not None and (before.role != Role.CREW or before.crew is None or before.crew.surge_id is None):
            errors[f"row {row.row}"] = {"email": [f"{email} is somebody's who works for the city already."]}
            continue
        person = before or Person(email=email, role=Role.CREW)
        person.name, person.crew_id, person.enabled = row.person or row.name or row.code, crew_ids[row.code], True
        person.password_hash = password_hashes[email]
        tx.session.add(person)
    if errors:
        raise refuse(errors)


def end_surge(tx: Tx, surge_id: int) -> None:
    """End it now. Conflict if it is over."""
    surge = tx.session.get(Surge, surge_id, with_for_update=True)
    if surge is None:
        raise NotFound("There is no such emergency.")
    if surge.ends_at <= tx.now:
        raise Conflict("This has ended already.", code="ended")
    surge.ends_at = tx.now
    _send_home(tx, surge)


def end_surges(tx: Tx) -> None:
    """What is due: crews go off duty and their jobs back to dispatch; a week later their people cannot sign in."""
    for surge in surges_to_end(tx):
        if surge.crews_ended_at is None:
            _send_home(tx, surge)
        if tx.now >= surge.ends_at + PEOPLE_KEPT:
            for person in surge_people(tx.session, surge.id):
                person.enabled = False
            surge.people_ended_at = tx.now


def surges_to_end(tx: Tx) -> Sequence[Surge]:
    return tx.session.scalars(
        select(Surge).where(Surge.people_ended_at.is_(None), Surge.ends_at <= tx.now).order_by(Surge.id).with_for_update()
    ).all()


def _send_home(tx: Tx, surge: Surge) -> None:
    """Off duty; what a crew has not begun goes back at once, what it is at when the hour is over."""
    crews = surge_crews(tx.session, surge.id)
    ids = [crew.id for crew in crews]
    shifts = update(Shift).where(Shift.crew_id.in_(ids), Shift.ends_at > surge.ends_at)
    tx.session.execute(shifts.values(ends_at=surge.ends_at))
    is_late = tx.now >= surge.ends_at + UNDER_WAY_KEPT
    for crew in crews:
        crew.is_active = False
        held = jobs_in_hand(tx.session, crew.id)
        for case_id, state in case_states(tx.session, held).items():
            if is_late or state.status == Status.ASSIGNED:
                take_back(tx, case_id, WHY, None)
    if is_late:
        surge.crews_ended_at = tx.now
