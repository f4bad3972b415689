"""A small town for the table: two departments, one person for each column, and things of Public Works in every state."""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from PIL import Image
from sqlalchemy import select
from table import COLUMNS

from crew_app.models import (
    Case,
    CityChange,
    Closure,
    Crew,
    Department,
    Device,
    District,
    Follower,
    Person,
    Photo,
    PhotoKind,
    PhotoState,
    QuarantinedWork,
    ReplyTemplate,
    Role,
    SavedView,
    Service,
    Shift,
    Suspicion,
)
from crew_app.services.api_keys import make_api_key
from crew_app.services.assignments import assign_case, hold_case, mark_urgent, pin_case, release_case
from crew_app.services.cases import NewReport, close_by_office, open_case
from crew_app.services.catalogue import add_level, add_question
from crew_app.services.hours import add_holiday
from crew_app.services.merges import merge_case
from crew_app.services.office_deeds import Wanted, do_deed
from crew_app.services.people import hash_password
from crew_app.services.photos import begin_upload, incoming_path, photo_store
from crew_app.services.rules import add_rule
from crew_app.services.surge import start_surge
from crew_app.services.territories import add_territory
from crew_app.transaction import Tx
from crew_app.wire.rules import RuleForm
from crew_app.wire.temporary_crews import TemporaryCrew

PASSWORD = "correct horse"
# column -> role, crew, department
PEOPLE: dict[str, tuple[Role, str | None, str | None]] = {
    "crew": (Role.CREW, "PWD-1", None),  # the crew whose things the table is about
    "mate": (Role.CREW, "PWD-2", None),  # of the same department
    "parks_crew": (Role.CREW, "PARK-1", None),
    "taker": (Role.CALL_TAKER, None, None),
    "parks_taker": (Role.CALL_TAKER, None, "PARK"),
    "dispatcher": (Role.DISPATCHER, None, None),  # for the whole city
    "works_dispatcher": (Role.DISPATCHER, None, "PWDx"),
    "parks_dispatcher": (Role.DISPATCHER, None, "PARK"),
    "supervisor": (Role.SUPERVISOR, None, None),
    "works_supervisor": (Role.SUPERVISOR, None, "PWDx"),
    "parks_supervisor": (Role.SUPERVISOR, None, "PARK"),
    "admin": (Role.ADMIN, None, None),
    "switched_off": (Role.ADMIN, None, None),
}
assert ["nobody", *PEOPLE] == COLUMNS


def build_town(tx: Tx) -> dict[str, str]:
    """The names that the table's {braces} stand for."""
    departments = {code: Department(code=code, name=name) for code, name in (("PWDx", "Public Works"), ("PARK", "Parks"))}
    tx.session.add_all(departments.values())
    tx.session.flush()
    crews = _add_crews(tx, departments)
    people = _add_people(tx, departments, crews)
    pothole = Service(code="pothole", name="Pothole", department_id=departments["PWDx"].id, target_days=1)
    tx.session.add(pothole)
    ring = [[-71.3, 42.2], [-70.9, 42.2], [-70.9, 42.5], [-71.3, 42.5], [-71.3, 42.2]]
    view = SavedView(person_id=people["dispatcher"].id, name="Late", filters={"due": "late"}, is_shared=True)
    tx.session.add(view)
    tx.session.add(District(code="1", name="All of it", boundary={"type": "Polygon", "coordinates": [ring]}))
    tx.session.flush()
    reply = ReplyTemplate(service_id=pothole.id, text="It is mended.", is_removed=False)
    tx.session.add(reply)
    tx.session.flush()
    return {
        "password": PASSWORD,
        "api_key": make_api_key(tx, "An app")[1],
        "new_uuid": str(uuid.uuid4()),
        "service_id": str(pothole.id),
        **_add_settings(tx, pothole, people["dispatcher"].id),
        "rule_id": str(_add_rule(tx, pothole.id, people["dispatcher"].id)),
        "crew_id": str(crews["PWD-2"].id),
        "crew_1_id": str(crews["PWD-1"].id),
        "parks_id": str(departments["PARK"].id),
        "view_id": str(view.id),
        "reply_id": str(reply.id),
        "follower": _add_follower(tx, pothole.id),
        "new_photo_metadata": _metadata(str(uuid.uuid4())),
        **{f"{name}_person": str(person.id) for name, person in people.items()},
        **_add_cases(tx, crews, people),
        **_add_sent_work(tx, people["crew"]),
    }


def _add_follower(tx: Tx, service_id: int) -> str:
    """The key of somebody who follows a service."""
    token = "f" * 43
    tx.session.add(Follower(email="r@example.org", language="en", token=token, service_id=service_id, asked_at=tx.now))
    return token


def _add_crews(tx: Tx, departments: dict[str, Department]) -> dict[str, Crew]:
    crews = {}
    for code, department in (("PWD-1", "PWDx"), ("PWD-2", "PWDx"), ("PARK-1", "PARK")):
        crews[code] = Crew(code=code, department_id=departments[department].id, depot_latitude=42.35, depot_longitude=-71.1)
        tx.session.add(crews[code])
        tx.session.flush()
        hours = timedelta(hours=8)
        tx.session.add(Shift(crew_id=crews[code].id, starts_at=tx.now - hours, ends_at=tx.now + hours))
    return crews


def _add_people(tx: Tx, departments: dict[str, Department], crews: dict[str, Crew]) -> dict[str, Person]:
    password_hash = hash_password(PASSWORD)  # once: a good hash is slow
    people = {}
    for name, (role, crew, department) in PEOPLE.items():
        people[name] = Person(
            email=f"{name}@city.test",
            name=name,
            password_hash=password_hash,
            role=role,
            crew_id=crews[crew].id if crew else None,
            department_id=departments[department].id if department else None,
            enabled=name != "switched_off",
        )
    tx.session.add_all(people.values())
    tx.session.flush()
    return people


def _add_cases(tx: Tx, crews: dict[str, Crew], people: dict[str, Person]) -> dict[str, str]:
    """One case in each state that a line needs: its number, and its id."""
    names = ("waiting", "in_hand", "urgent", "held", "pinned", "locked", "closed", "root", "merged")
    place = {"latitude": 42.35, "longitude": -71.1}
    cases: dict[str, Case] = {name: open_case(tx, NewReport(service_code="pothole", **place)) for name in names}
    by = people["dispatcher"].id
    assign_case(tx, cases["in_hand"].id, crews["PWD-1"].id, by)
    mark_urgent(tx, cases["urgent"].id, True, "", by)
    hold_case(tx, cases["held"].id, "Wait.", by)
    pin_case(tx, cases["pinned"].id, crews["PWD-1"].id, "", by)
    hold_case(tx, cases["locked"].id, "Wait.", by)
    close_by_office(tx, cases["closed"].id, "fixed", None, "", by)
    merge_case(tx, cases["merged"].id, cases["root"].id, by)
    closure = Closure(
        id=str(uuid.uuid4()),
        case_id=cases["in_hand"].id,
        crew_id=crews["PWD-1"].id,
        person_id=people["crew"].id,
        round_seen=0,
        outcome="fixed",
        made_at=tx.now,
        done_at=tx.now,
        received_at=tx.now,
        counts=False,
        review_reason="another_round",
    )
    tx.session.add(closure)
    odd = Suspicion(code="far", operation_id=str(uuid.uuid4()), case_id=cases["closed"].id, raised_at=tx.now, facts={"metres": 900})
    odd.crew_id, odd.person_id = crews["PWD-1"].id, people["crew"].id
    tx.session.add(odd)
    deeds = _add_deeds(tx, {name: case.id for name, case in cases.items()}, people)
    photos = {kind: _add_photo(tx, cases["in_hand"].id, kind) for kind in (PhotoKind.AFTER, PhotoKind.REPORTED)}
    states = {"hidden": {"is_hidden": True}, "blurred": {"copy": "0" * 8}, "published": {"published_at": tx.now}}
    moderated = {name: _add_photo(tx, cases["in_hand"].id, PhotoKind.REPORTED, **state) for name, state in states.items()}
    tx.session.flush()
    return {
        **{name: case.number for name, case in cases.items()},
        **{f"{name}_id": str(case.id) for name, case in cases.items()},
        **deeds,
        **_add_surge(tx, people["supervisor"].id),
        "odd_operation": odd.operation_id,
        "closure_to_review": closure.id,
        **{f"{name}_photo": photo_id for name, photo_id in moderated.items()},
        "crews_photo": photos[PhotoKind.AFTER],
        "reported_photo": photos[PhotoKind.REPORTED],
    }


def _add_surge(tx: Tx, by: int) -> dict[str, str]:
    tonight = tx.now + timedelta(hours=8)
    row = TemporaryCrew(row=2, code="T-1", name="", department="PWDx")
    deed = start_surge(tx, "Storm", tonight, [row], {}, by)
    local = tonight.astimezone(ZoneInfo("America/New_York"))
    return {
        "surge_id": str(deed.form["surge"]),
        "tonight": f"{local:%Y-%m-%dT%H:%M}",
        "tonight_s": str(int(tonight.timestamp())),
    }


def _add_deeds(tx: Tx, cases: dict[str, int], people: dict[str, Person]) -> dict[str, str]:
    """One that was done; and one that somebody asked for who is none of those that may say yes to it."""
    by = people["supervisor"].id
    done = do_deed(tx, "release", [Wanted(cases["locked"])], by, {}, lambda tx, case: release_case(tx, case.id, by)).deed
    closing = {"outcome": "fixed", "detail": "", "note": ""}
    wanted = [Wanted(cases["urgent"]), Wanted(cases["waiting"])]
    asked = do_deed(tx, "close", wanted, people["taker"].id, closing, lambda tx, case: None, "All done.").deed
    assert done is not None and asked is not None
    tx.session.flush()
    return {"deed_id": str(done.id), "asked_id": str(asked.id)}


def _add_photo(tx: Tx, case_id: int, kind: PhotoKind, **state: Any) -> str:
    photo_id = str(uuid.uuid4())
    source = incoming_path(photo_id)
    Image.new("RGB", (64, 48), "teal").save(source, "JPEG")
    for size in ("large", "small"):
        photo_store().put(f"{photo_id}/{size}", source)
    digest = hashlib.sha256(b"a picture").hexdigest()
    tx.session.add(
        Photo(
            id=photo_id, case_id=case_id, kind=kind, sha256=digest, size=9, state=PhotoState.RENDERED, announced_at=tx.now, **state
        )
    )
    return photo_id


def _add_rule(tx: Tx, service_id: int, by: int) -> int:
    form = RuleForm()
    return add_rule(tx, form.columns(form.load({"service": str(service_id), "queue": "Wait"})), by).id


def _add_settings(tx: Tx, service: Service, by: int) -> dict[str, str]:
    """A holiday, a promise to come, a question that is asked, a territory, and the last change of them."""
    holiday = add_holiday(tx, date(2999, 12, 25), "Christmas", by)
    level = add_level(tx, service, 3, "business", date(2999, 1, 1), date(2999, 1, 1), by)
    add_question(tx, service, {"description": "Asked", "datatype": "string", "required": False, "values": []}, by)
    area = {"type": "Polygon", "coordinates": [[[-71, 42], [-70, 42], [-70, 43], [-71, 42]]]}
    whose = {"crew_id": None, "department_id": service.department_id, "district_ids": []}
    territory = add_territory(tx, {"name": "East", "boundary": area, **whose}, by)
    change = tx.session.scalars(select(CityChange).order_by(CityChange.id.desc())).first()
    assert change is not None
    return {
        "holiday_id": str(holiday.id),
        "level_id": str(level.id),
        "shift_id": str(_later_shift(tx, service).id),
        "territory_id": str(territory.id),
        "change_id": str(change.id),
    }


def _later_shift(tx: Tx, service: Service) -> Shift:
    crew = tx.session.scalars(select(Crew).where(Crew.department_id == service.department_id)).first()
    assert crew is not None
    shift = Shift(crew_id=crew.id, starts_at=tx.now + timedelta(days=400), ends_at=tx.now + timedelta(days=401))
    tx.session.add(shift)
    tx.session.flush()
    return shift


def _add_sent_work(tx: Tx, person: Person) -> dict[str, str]:
    """What the crew's phone sent: an upload on its way, and something nobody can read."""
    upload = begin_upload(tx, person.id, str(uuid.uuid4()), hashlib.sha256(b"abcdef").hexdigest(), 6)
    device = Device(id=str(uuid.uuid4()), person_id=person.id, created_at=tx.now, last_seen_at=tx.now)
    unreadable = QuarantinedWork(received_at=tx.now, person_id=person.id, reason="unreadable", digest="0" * 64, raw="{}")
    tx.session.add_all([unreadable, device])
    tx.session.flush()
    carried = {
        "crew311": "unsent work",
        "version": 1,
        "person": {"id": person.id},
        "device": str(uuid.uuid4()),
        "entries": [],
    }
    return {"upload": upload.id, "device_id": device.id, "quarantined_id": str(unreadable.id), "carried_work": json.dumps(carried)}


def _metadata(photo_id: str) -> str:
    values = {"photo": photo_id, "sha256": hashlib.sha256(b"abcdef").hexdigest()}
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in values.items())
