"""The city's people: a role comes from above only, and whoever is switched off is out."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from crew_app.extensions import db
from crew_app.guards import RANK
from crew_app.models import CityChange, Person, Role
from crew_app.services.people import person_who_signs_in
from crew_app.transaction import transaction


def form(**changes: object) -> dict[str, object]:
    return {"name": "New One", "email": "new@city.test", "role": "dispatcher"} | changes


def named(name: str) -> Person:
    db.session.rollback()
    return db.session.scalars(select(Person).where(Person.name == name)).one()


def test_somebody_new_signs_in_with_the_words_shown_once(city, signed_in) -> None:
    page = signed_in("ada").post("/console/people", data=form(email="New@City.test")).text
    words = re.search(r"<code>([0-9a-f-]{14})</code>", page)
    assert words
    assert person_who_signs_in(db.session, "new@city.test", words[1]) is not None
    assert words[1] not in signed_in("ada").get(f"/console/people/{named('New One').id}").text


def test_no_record_holds_a_password(city, signed_in) -> None:
    ada = signed_in("ada")
    ada.post("/console/people", data=form())
    ada.post(f"/console/people/{named('New One').id}/password")
    for change in db.session.scalars(select(CityChange)):
        assert "password" not in str(change.after) and "argon2" not in f"{change.before}{change.after}"


def test_whoever_is_switched_off_is_out_at_once_and_can_be_let_in_again(city, signed_in) -> None:
    dora, ada = signed_in("dora"), signed_in("ada")
    assert dora.get("/console/crews").status_code == 200
    ada.post(f"/console/people/{city.person_ids['dora']}/off")
    assert dora.get("/console/crews").status_code == 302
    ada.post(f"/console/people/{city.person_ids['dora']}/on")
    assert dora.get("/console/crews").status_code == 302  # what was signed in stays out
    assert signed_in("dora").get("/console/crews").status_code == 200


@pytest.mark.parametrize("role", ["supervisor", "admin"])
def test_a_supervisor_gives_no_role_that_is_not_below_their_own(city, signed_in, role: str) -> None:
    assert signed_in("sue").post("/console/people", data=form(role=role)).status_code == 403
    dora = city.person_ids["dora"]
    assert signed_in("sue").post(f"/console/people/{dora}", data=form(role=role)).status_code == 403


@pytest.mark.parametrize("name", ["sue", "ada"])
def test_nobody_changes_themselves_or_somebody_above(city, signed_in, name: str) -> None:
    person = city.person_ids[name]
    for address in (f"/{person}", f"/{person}/off", f"/{person}/password"):
        assert signed_in("sue").post(f"/console/people{address}", data=form()).status_code == 403
    assert signed_in("ada").post(f"/console/people/{city.person_ids['ada']}/off").status_code == 403


def test_a_departments_supervisor_knows_its_own_people_only(city, signed_in) -> None:
    with transaction() as tx:
        tx.session.get_one(Person, city.person_ids["sue"]).department_id = city.works_id
    sue = signed_in("sue")
    page = sue.get("/console/people").text
    assert "Rosa" in page and "Dora" not in page
    assert sue.get(f"/console/people/{city.person_ids['dora']}").status_code == 404
    assert sue.post("/console/people", data=form(department=city.parks_id)).status_code == 403
    assert sue.post("/console/people", data=form()).status_code == 403  # nor for the whole city
    assert sue.post("/console/people", data=form(department=city.works_id)).status_code == 200


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"email": "new"}, "email"),
        ({"email": "DORA@city.test"}, "email"),
        ({"role": "king"}, "role"),
        ({"role": "crew"}, "crew"),
        ({"crew": "99999"}, "crew"),
        ({"department": "99999"}, "department"),
        ({"enabled": "1"}, "enabled"),
        ({"password_hash": "x"}, "password_hash"),
    ],
)
def test_somebody_who_cannot_be_is_refused_with_the_field(city, signed_in, changes: dict[str, str], field: str) -> None:
    answer = signed_in("ada").post("/console/people", data=form(**changes))
    assert answer.status_code == 400 and f"#person-{field}" in answer.text


def test_a_change_of_role_is_written_down_and_can_be_taken_back(city, signed_in) -> None:
    cal = city.person_ids["cal"]
    ada = signed_in("ada")
    ada.post(f"/console/people/{cal}", data={"name": "Cal", "email": "cal@city.test", "role": "dispatcher"})
    page = ada.get("/console/changes").text
    assert "from Call taker to Dispatcher" in page
    change = db.session.scalars(select(CityChange)).one()
    assert signed_in("dora").post(f"/console/changes/{change.id}/undo").status_code == 403
    ada.post(f"/console/changes/{change.id}/undo")
    assert named("Cal").role == Role.CALL_TAKER


steps = st.lists(
    st.tuples(
        st.sampled_from(["add", "change", "on", "off", "password", "undo"]),
        st.integers(0, 9),
        st.sampled_from([role.value for role in Role]),
    ),
    min_size=1,
    max_size=12,
)


@given(steps)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_supervisor_does_nobody_comes_to_stand_beside_or_above_them(city, signed_in, taken) -> None:
    sue = signed_in("sue")
    mighty = {person.id for person in db.session.scalars(select(Person)) if RANK.index(Role(person.role)) >= 3 and person.enabled}
    for n, (what, which, role) in enumerate(taken):
        ids = list(db.session.scalars(select(Person.id).order_by(Person.id)))
        person = ids[which % len(ids)]
        data = {"name": "X", "email": f"x{n}-{len(ids)}@city.test", "role": role, "crew": str(city.crew_ids["PWD-1"])}
        if what == "undo":
            changes = list(db.session.scalars(select(CityChange.id)))
            answer = sue.post(f"/console/changes/{changes[which % len(changes)] if changes else 1}/undo")
        else:
            address = "" if what == "add" else f"/{person}" if what == "change" else f"/{person}/{what}"
            answer = sue.post(f"/console/people{address}", data=data if what in ("add", "change") else {})
        assert answer.status_code < 500
        db.session.rollback()
    assert mighty == {p.id for p in db.session.scalars(select(Person)) if RANK.index(Role(p.role)) >= 3 and p.enabled}
