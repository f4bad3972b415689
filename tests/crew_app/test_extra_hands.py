"""More hands for a while: temporary crews from a list with their own end, and a crew lent to another department."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from crew_app.errors import BadInput
from crew_app.extensions import db
from crew_app.models import Case, Crew, OfficeDeed, Person, Shift
from crew_app.queries.cases import open_assignment
from crew_app.services.assignments import assign_case
from crew_app.services.people import person_who_signs_in
from crew_app.services.planning import crews_ready
from crew_app.services.surge import end_surges
from crew_app.transaction import system_clock, transaction
from crew_app.wire.temporary_crews import read_temporary_crews

LIST = """crew,name,department,skills,capacity,latitude,longitude,person,email
T-1,Plough one,Public Works,plough salt,6,42.351,-71.09,Tim Example,tim@city.test
T-2,,PWDx,,,,,,
"""


@pytest.fixture
def dora(signed_in) -> FlaskClient:
    return signed_in("dora")


def tonight() -> int:
    return int((system_clock() + timedelta(hours=6)).timestamp())


def start(client: FlaskClient, content: str = LIST, **other: Any) -> Any:
    return client.post("/console/api/surges", json={"name": "Snow storm", "until": tonight(), "csv": content, **other})


def crew(code: str) -> Crew:
    db.session.rollback()
    return db.session.scalars(select(Crew).where(Crew.code == code)).one()


def ready() -> set[str]:
    db.session.rollback()
    return {one.code for one in crews_ready(db.session, system_clock())}


def hand(case_id: int, city, code: str) -> None:
    with transaction() as tx:
        assign_case(tx, case_id, crew(code).id, city.person_ids["dora"])


def holder(case_id: int) -> str | None:
    db.session.rollback()
    held = open_assignment(db.session.get_one(Case, case_id))
    return held.crew.code if held else None


# ---- surge -----------------------------------------------------------------------------------------------------------


def test_temporary_crews_are_on_duty_at_once_and_their_people_can_sign_in(dora, city) -> None:
    answer = start(dora)
    assert answer.status_code == 200, answer.json
    assert {"T-1", "T-2"} <= ready()
    one, two = crew("T-1"), crew("T-2")
    assert (one.skills, one.capacity, one.depot_latitude) == (["plough", "salt"], 6, 42.351)
    assert (two.department_id, two.depot_latitude) == (city.works_id, 42.35), "it starts where the department's crews do"
    (sign_in,) = answer.json["sign_ins"]
    assert (sign_in["row"], sign_in["crew"], sign_in["email"]) == (2, "T-1", "tim@city.test")
    person = person_who_signs_in(db.session, "tim@city.test", sign_in["password"])
    assert person is not None
    assert (person.name, person.crew_id, person.role) == ("Tim Example", one.id, "crew")
    assert sign_in["password"] not in dora.get("/console/api/surges").text
    assert dora.get("/console/api/deeds").json["deeds"][0]["words"].startswith("Snow storm: 2 temporary crews until ")


def test_at_its_end_crews_go_home_and_what_they_had_not_begun_waits(dora, city, report) -> None:
    surge_id = start(dora).json["surge"]
    begun, not_begun = report(), report()
    hand(begun, city, "T-1")
    hand(not_begun, city, "T-1")
    with transaction() as tx:
        tx.session.get_one(Case, begun).status = "on_site"
    later = system_clock() + timedelta(hours=6, minutes=10)
    with transaction(later) as tx:
        end_surges(tx)
    assert ready().isdisjoint({"T-1", "T-2"})
    assert (holder(not_begun), holder(begun)) == (None, "T-1"), "what it is at, it may finish"
    with transaction(later + timedelta(hours=1)) as tx:
        end_surges(tx)
    assert holder(begun) is None
    assert person_enabled("tim@city.test"), "its phone may have closings to send"
    with transaction(later + timedelta(days=7)) as tx:
        end_surges(tx)
    assert not person_enabled("tim@city.test")
    assert dora.post(f"/console/api/surges/{surge_id}/end", json={}).status_code in (200, 409)


def person_enabled(email: str) -> bool:
    db.session.rollback()
    return db.session.scalars(select(Person.enabled).where(Person.email == email)).one()


def test_it_can_be_ended_early_once_and_crews_come_back_another_time(dora, city) -> None:
    surge_id = start(dora).json["surge"]
    assert dora.post(f"/console/api/surges/{surge_id}/end", json={}).status_code == 200
    assert "T-1" not in ready()
    again = dora.post(f"/console/api/surges/{surge_id}/end", json={})
    assert (again.status_code, again.json["type"]) == (409, "urn:crew311:already-undone")
    assert start(dora, LIST.replace("Plough one", "Plough 1")).status_code == 200
    assert (crew("T-1").name, "T-1" in ready()) == ("Plough 1", True)


@pytest.mark.parametrize(
    ("content", "row", "field"),
    [
        ("crew,department\nT-1,Nowhere\n", "row 2", "department"),
        ("crew,department\nPWD-1,PWDx\n", "row 2", "crew"),
        ("crew,department\nT-1,PWDx\nT-1,PWDx\n", "row 3", "crew"),
        ("crew,department\n,PWDx\n", "row 2", "crew"),
        ("crew,department,capacity\nT-1,PWDx,many\n", "row 2", "capacity"),
        ("crew,department,latitude,longitude\nT-1,PWDx,42.35,\n", "row 2", "longitude"),
        ("crew,department,latitude,longitude\nT-1,PWDx,95,-71\n", "row 2", "latitude"),
        ("crew,department,person\nT-1,PWDx,Tim\n", "row 2", "email"),
        ("crew,department,email\nT-1,PWDx,rosa@city.test\n", "row 2", "email"),
        ("crew,department,email\nT-1,PWDx,nobody\n", "row 2", "email"),
        ("crew,departement\nT-1,PWDx\n", "row 1", "departement"),
        ("crew,department\nT-1,PWDx,more\n", "row 2", "row"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_list_is_named_by_row_and_field_and_nothing_starts(dora, city, content: str, row: str, field: str) -> None:
    before = ready()
    answer = start(dora, content)
    assert answer.status_code == 400
    assert field in answer.json["errors"]["csv"][row], answer.json
    assert ready() == before
    until = (system_clock() + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M")
    page = dora.post("/console/extra-hands/surge", data={"name": "Storm", "until": until, "csv": content})
    assert page.status_code == 400
    assert f"{row}, {field}" in page.text
    assert db.session.scalars(select(OfficeDeed)).all() == []


@pytest.mark.parametrize(
    "content", ["", "crew,department\n", b"\xff\xfe", "crew,department\n" + "T,PWDx\n" * 201, 'crew,department\n"T-1,PWDx\n']
)
def test_what_is_no_list_is_refused_whole(content: str | bytes) -> None:
    with pytest.raises(BadInput) as refusal:
        read_temporary_crews(content)
    assert "csv" in refusal.value.errors


def test_a_list_as_spreadsheets_save_it_is_read() -> None:
    (one,) = read_temporary_crews("\ufeffCrew;Department;Skills\r\nT-1;Public Works;plough salt\r\n;;\r\n".encode())
    assert (one.row, one.code, one.department, one.skills) == (2, "T-1", "Public Works", ("plough", "salt"))


@pytest.mark.parametrize("until", [0, int(datetime(2090, 1, 1, tzinfo=UTC).timestamp())])
def test_an_end_in_the_past_or_next_year_is_refused(dora, city, until: int) -> None:
    answer = start(dora, until=until)
    assert (answer.status_code, list(answer.json["errors"])) == (400, ["until"])


def test_the_page_takes_a_file_and_shows_the_passwords_once(dora, city) -> None:
    until = (system_clock() + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M")
    form = {"name": "Snow storm", "until": until, "file": (io.BytesIO(LIST.encode()), "crews.csv")}
    page = dora.post("/console/extra-hands/surge", data=form)
    assert page.status_code == 200
    assert "Passwords, shown this once" in page.text
    assert "tim@city.test" in page.text
    later = dora.get("/console/extra-hands").text
    assert "Passwords" not in later
    assert "T-1, T-2" in later


# ---- lend ------------------------------------------------------------------------------------------------------------


def lend(client: FlaskClient, city, code: str = "PWD-1", **other: Any) -> Any:
    body = {"department": city.parks_id, "until": tonight(), "why": "a fallen tree", **other}
    return client.post(f"/console/api/crews/{city.crew_ids[code]}/lend", json=body)


def test_a_lent_crew_gets_the_other_departments_cases_until_the_loan_ends(dora, city, report, dispatched) -> None:
    tree = report(longitude=-71.1, service_code="tree")
    with transaction() as tx:
        tx.session.execute(db.update(Shift).where(Shift.crew_id == city.crew_ids["PARK-1"]).values(ends_at=tx.now))
    dispatched()
    assert holder(tree) is None
    deed = lend(dora, city).json["deed"]
    assert deed["words"].startswith("PWD-1 lent to Parks until ")
    (loan,) = dora.get("/console/api/loans").json["loans"]
    assert (loan["crew"], loan["department"]) == (city.crew_ids["PWD-1"], city.parks_id)
    other = report(longitude=-71.1, service_code="tree")
    dispatched()
    assert {holder(tree), holder(other)} == {"PWD-1"}
    assert dora.post(f"/console/api/deeds/{deed['id']}/undo", json={}).status_code == 200
    assert dora.get("/console/api/loans").json["loans"] == []
    third = report(longitude=-71.1, service_code="tree")
    dispatched()
    assert holder(third) is None


def test_a_loan_that_makes_no_sense_is_refused_by_name(dora, city) -> None:
    assert list(lend(dora, city, department=city.works_id).json["errors"]) == ["department"]
    assert list(lend(dora, city, department=4711).json["errors"]) == ["department"]
    assert list(lend(dora, city, until=0).json["errors"]) == ["until"]
    assert lend(dora, city).status_code == 200
    assert list(lend(dora, city, until=tonight() + 60).json["errors"]) == ["department"], "it is lent there already"


def test_the_page_lends_without_script(dora, city) -> None:
    form = {"crew": city.crew_ids["PWD-1"], "department": city.parks_id, "until": "2099-01-01T10:00", "why": ""}
    page = dora.post("/console/extra-hands/lend", data=form, follow_redirects=True).text
    assert "<strong>PWD-1</strong> to Parks until" in page
    assert dora.post("/console/extra-hands/lend", data={**form, "until": "soon"}).status_code == 400
