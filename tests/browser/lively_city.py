"""A city in which each page of the office has something to show: cases in every state, people of each role."""

from __future__ import annotations

import sys
import uuid
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from PIL import Image
from sqlalchemy import select

sys.path.insert(0, str(Path(__file__).parent))

from conftest import HERE, PASSWORD, Server

from crew_app.extensions import db
from crew_app.models import Case, Crew, Department, Person, ReplyTemplate, Role, RoutingRule, Territory
from crew_app.services.assignments import assign_case, hold_case, mark_urgent
from crew_app.services.cases import NewReport, add_note, close_by_office, open_case, withdraw_case
from crew_app.services.merges import merge_case
from crew_app.services.office_deeds import Wanted, do_deed
from crew_app.services.operations import keep_in_quarantine
from crew_app.services.people import add_person
from crew_app.services.report_photos import add_reported_photo, keep_photo
from crew_app.transaction import Tx, transaction
from tests.cookies import sign_in

# Beside Rosa, who is a crew, and Dora, a dispatcher, whom the server's own small city has.
OFFICE = {"cal": Role.CALL_TAKER, "sue": Role.SUPERVISOR, "ada": Role.ADMIN}
PLACES = {
    "waiting": "12 Main St",
    "twin": "14 Main St",
    "with_crew": "80 Harbor Rd",
    "closed": "3 Elm St",
    "withdrawn": "9 Park Ave",
    "merged": "80 Harbor Rd, rear",
    "held": "INTERSECTION of Main St & Elm St",
    "to_review": "21 Mill Ln",
}


def fill(server: Server) -> dict[str, str]:
    """What each case is -> its number; "photo" -> the id of one. Before the server starts: its worker would give the waiting ones away."""
    with server.app.app_context():
        with transaction() as tx:
            for name, role in OFFICE.items():
                add_person(tx, f"{name}@city.test", name.title(), PASSWORD, role)
            dora = tx.session.scalar(select(Person.id).where(Person.email == "dora@city.test")) or 0
            rosas_crew = tx.session.scalar(select(Crew.id)) or 0
            cases = {name: _report(tx, address, north) for north, (name, address) in enumerate(PLACES.items())}
            photo_id = _move(tx, {name: case.id for name, case in cases.items()}, dora, rosas_crew)
            late = cases["to_review"]
            seen, late_id, numbers = late.round, late.id, {name: case.number for name, case in cases.items()}
            numbers["deed"] = str(_do_and_ask(tx, [cases["waiting"].id, cases["twin"].id], dora))
        _close_too_late(server, late_id, seen)
        db.session.remove()
    return numbers | {"photo": photo_id}


def _report(tx: Tx, address: str, north: int) -> Case:
    latitude = HERE["latitude"] + north * 0.00015  # some 17 m: each is near enough to the next to be its duplicate
    return open_case(
        tx,
        NewReport(
            service_code="pothole",
            description=f"Deep and wide, at {address}.",
            address=address,
            latitude=latitude,
            longitude=HERE["longitude"],
            name="Ruth Example",
            email="ruth@example.org",
            phone="617-555-0100",
        ),
    )


def _move(tx: Tx, cases: dict[str, int], dora: int, crew: int) -> str:
    for name in ("with_crew", "merged", "to_review"):
        assign_case(tx, cases[name], crew, dora, "nearest")
    mark_urgent(tx, cases["with_crew"], True, "A bus stop", dora)
    add_note(tx, cases["with_crew"], "Called the resident.", dora)
    add_note(tx, cases["with_crew"], "A crew comes today.", dora, is_public=True)
    close_by_office(tx, cases["closed"], "not_ours", "The state", "It is the state's road.", dora)
    withdraw_case(tx, cases["withdrawn"], "sent twice", dora)
    merge_case(tx, cases["merged"], cases["with_crew"], dora)
    hold_case(tx, cases["held"], "the street is closed", dora)
    works = tx.session.scalars(select(Department)).one()
    tx.session.add(RoutingRule(position=1, is_on=True, weekdays=[5, 6], department_id=works.id, queue="The weekend’s"))
    tx.session.add(ReplyTemplate(outcome="fixed", text="Thank you: {address} is mended.", is_removed=False))
    ring = [[-71.1, 42.3], [-71.0, 42.3], [-71.0, 42.4], [-71.1, 42.4], [-71.1, 42.3]]
    area = {"type": "Polygon", "coordinates": [ring]}
    tx.session.add(Territory(name="The harbor", department_id=works.id, boundary=area, is_removed=False))
    keep_in_quarantine(tx, dora, None, None, "malformed", {"kind": ["unknown"]}, "0" * 64, '{"kind": "fly"}')
    picture = BytesIO()
    Image.radial_gradient("L").resize((800, 600)).convert("RGB").save(picture, "JPEG")
    picture.seek(0)
    return add_reported_photo(tx, cases["with_crew"], keep_photo(picture)).id


def _do_and_ask(tx: Tx, ids: list[int], dora: int) -> int:
    """Something the office did to the first case; and something it asks to do to all, which needs a second person."""
    deed = do_deed(
        tx, "urgent", [Wanted(ids[0])], dora, {}, lambda tx, case: mark_urgent(tx, case.id, True, "", dora), "A bus stop"
    ).deed
    closing = {"outcome": "fixed", "detail": "", "note": "The storm is over."}
    do_deed(tx, "close", [Wanted(i) for i in ids], dora, closing, lambda tx, case: None, "The storm is over")
    assert deed is not None
    return deed.id


def _close_too_late(server: Server, case_id: int, round_seen: int) -> None:
    """The office takes the case away while Rosa's phone is out of signal; then her closing comes."""
    with transaction() as tx:
        close_by_office(
            tx, case_id, "not_ours", "The state", "", tx.session.scalar(select(Person.id).order_by(Person.id.desc())) or 0
        )
    rosa = sign_in(server.app.test_client(), db.session.scalar(select(Person.id).where(Person.email == "rosa@city.test")) or 0)
    operation = {
        "id": str(uuid.uuid4()),
        "seq": 1,
        "kind": "close",
        "case": case_id,
        "round": round_seen - 1,
        "made_at": datetime.now(UTC).isoformat(),
        "age_ms": 1000,
        "payload": {"outcome": "fixed", "detail": None, "note": "Filled it.", "photos": [], "place": None},
    }
    push = {"v": 1, "device": str(uuid.uuid4()), "operations": [operation]}
    answer = rosa.post("/sync/v1/push", json=push, headers={"X-Crew311": "1"})
    assert answer.status_code == 200, answer.text
