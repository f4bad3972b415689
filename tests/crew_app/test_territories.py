"""Where crews may be sent: drawn areas and districts, and dispatch goes by them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from crew_app.extensions import db
from crew_app.models import Case, Crew, District, Territory
from crew_app.services.territories import Territories
from dispatch.eligibility import refusal
from dispatch.types import CrewOnDuty, Point, Refusal, WaitingCase

WEST = [[-71.11, 42.3], [-71.07, 42.3], [-71.07, 42.4], [-71.11, 42.4], [-71.11, 42.3]]  # around PWD-1 and PWD-2


def area(ring: object = WEST) -> str:
    return json.dumps({"type": "Polygon", "coordinates": [ring]})


def drawn(signed_in, **form: str) -> int:
    assert signed_in("sue").post("/console/territories", data={"name": "West", "boundary": area(), **form}).status_code == 303
    db.session.rollback()
    return db.session.scalars(select(Territory.id).order_by(Territory.id.desc())).first()  # type: ignore[return-value]


def who_has_it() -> str | None:
    db.session.rollback()
    case = db.session.scalars(select(Case).order_by(Case.id.desc())).first()
    assert case is not None
    return case.assignments[0].crew_code if case.assignments else None


def test_a_crew_is_not_sent_beyond_what_is_drawn_for_it(city, report, signed_in, dispatched) -> None:
    drawn(signed_in, of=f"crew:{city.crew_ids['PWD-3']}")
    report(longitude=-71.06)  # beside PWD-3, outside what is drawn for it
    dispatched()
    assert who_has_it() == "PWD-2"


def test_a_departments_area_binds_its_crews_that_have_none_of_their_own(city, report, signed_in, dispatched) -> None:
    drawn(signed_in, of=f"department:{city.works_id}")
    report(longitude=-71.06)
    dispatched()
    assert who_has_it() is None
    page = signed_in("dora").get(f"/console/cases/{db.session.scalars(select(Case.number)).one()}").text
    assert "territor" in page.lower() or "district" in page.lower()
    east = [[lon + 0.05, lat] for lon, lat in WEST]
    drawn(signed_in, of=f"crew:{city.crew_ids['PWD-3']}", boundary=area(east))
    report(longitude=-71.06)
    dispatched()
    assert who_has_it() == "PWD-3"


def test_whole_districts_do_where_nothing_is_drawn(city, signed_in) -> None:
    district = db.session.scalars(select(District)).one()
    made = drawn(signed_in, of=f"crew:{city.crew_ids['PWD-1']}", boundary="", district=str(district.id))
    assert made in Territories(db.session).of_place(42.35, -71.1)
    assert Territories(db.session).of_place(43.0, -71.1) == frozenset()


def test_a_removed_territory_binds_nobody(city, signed_in) -> None:
    made = drawn(signed_in, of=f"crew:{city.crew_ids['PWD-1']}")
    crew = db.session.get_one(Crew, city.crew_ids["PWD-1"])
    assert Territories(db.session).of_crew(crew) == {made}
    signed_in("sue").post(f"/console/territories/{made}/remove")
    db.session.rollback()
    assert Territories(db.session).of_crew(crew) == frozenset()


def test_a_crews_districts_are_ticked(city, signed_in) -> None:
    district, crew_id = db.session.scalars(select(District.id)).one(), city.crew_ids["PWD-1"]
    assert signed_in("sue").post(f"/console/territories/crews/{crew_id}", data={"district": str(district)}).status_code == 303
    db.session.rollback()
    assert db.session.get_one(Crew, crew_id).district_ids == [district]


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"name": ""}, "name"),
        ({"of": "crew:99999"}, "of"),
        ({"of": "somebody"}, "of"),
        ({"boundary": ""}, "boundary"),
        ({"boundary": "{"}, "boundary"),
        ({"boundary": area([[0, 0], [1, 1], [0, 0]])}, "boundary"),
        ({"boundary": area([[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]])}, "boundary"),
        ({"boundary": area([[0, 0], [1e400, 1], [1, 0], [0, 0]])}, "boundary"),
        ({"boundary": "", "district": "99999"}, "boundary"),
        ({"is_removed": "1"}, "is_removed"),
    ],
)
def test_a_territory_that_cannot_be_is_refused_with_its_field(city, signed_in, form: dict[str, str], field: str) -> None:
    good = {"name": "West", "of": f"crew:{city.crew_ids['PWD-1']}", "boundary": area()}
    answer = signed_in("sue").post("/console/territories", data=good | form)
    assert answer.status_code == 400 and f"#territory-{field}" in answer.text


sets = st.frozensets(st.integers(1, 3), max_size=2)


@given(sets, sets, st.none() | st.integers(1, 3), sets)
def test_districts_and_drawn_areas_are_taken_together(districts, areas, case_district, case_areas) -> None:
    crew = CrewOnDuty(1, "A", 1, Point(0, 0), 5, district_ids=districts, territory_ids=areas)
    case = WaitingCase(1, Point(0, 0), 1, 0.0, district_id=case_district, territory_ids=case_areas)
    is_refused = refusal(crew, case, 0) is Refusal.TERRITORY
    if (not districts and not areas) or areas & case_areas or (districts and case_district in districts):
        assert not is_refused
    elif case_district is not None or not districts:
        assert is_refused
