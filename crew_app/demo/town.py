"""The city before anything happens in it: written first, then known to the rest of the demo by plain values."""

from __future__ import annotations

import random
from dataclasses import dataclass

from crew_app.demo.city import CREWS, DEPARTMENTS, PHONE_CREW, SERVICES, DemoCrew, DemoService
from crew_app.demo.districts import DISTRICTS, boundary_of
from crew_app.demo.people import DEMO_PASSWORD, DEMO_SIGN_INS, make_name
from crew_app.demo.shifts import list_shifts
from crew_app.models import Crew, Department, District, Person, Role, Service, Shift
from crew_app.places import CityMap
from crew_app.service_level import CityCalendar
from crew_app.services.cases import read_city_map
from crew_app.services.people import hash_password
from crew_app.services.promises import city_calendar
from crew_app.transaction import Tx


@dataclass(frozen=True, slots=True)
class Town:
    """Ids by what people call things: service by name, crew by code."""

    departments: dict[str, int]
    services: dict[str, int]
    crews: dict[str, int]
    crew_people: dict[str, tuple[int, ...]]
    dispatcher_id: int
    phone_district_id: int  # where the crew whose phone is shown works
    map: CityMap
    calendar: CityCalendar

    def crews_for(self, service: DemoService) -> list[DemoCrew]:
        return [c for c in CREWS if c.department == service.department and service.skill in c.skills]


def build_town(tx: Tx, rng: random.Random) -> Town:
    """Departments, services, districts, crews with their shifts, and everybody who signs in."""
    calendar = city_calendar(tx.session)
    departments = {code: Department(code=code, name=name) for code, name in DEPARTMENTS.items()}
    districts = {d.code: District(code=d.code, name=d.name, boundary=boundary_of(d)) for d in DISTRICTS}
    tx.session.add_all([*departments.values(), *districts.values()])
    tx.session.flush()
    services = {s.name: _service(s, departments[s.department].id) for s in SERVICES}
    crews = {c.code: _crew(c, departments[c.department].id, [districts[d].id for d in c.districts]) for c in CREWS}
    tx.session.add_all([*services.values(), *crews.values()])
    tx.session.flush()
    people = _people(rng, {c.code: crews[c.code].id for c in CREWS})
    tx.session.add_all(people)
    for crew in CREWS:
        for start, end in list_shifts(crew.platoon, tx.now, calendar.zone):
            tx.session.add(Shift(crew_id=crews[crew.code].id, starts_at=start, ends_at=end))
    for sign_in in DEMO_SIGN_INS:
        if sign_in.crew:
            crews[sign_in.crew].last_contact_at = tx.now  # a phone crew; the others are reached by radio
    tx.session.flush()
    by_email = {person.email: person.id for person in people}
    return Town(
        departments={code: row.id for code, row in departments.items()},
        services={name: row.id for name, row in services.items()},
        crews={code: row.id for code, row in crews.items()},
        crew_people={code: tuple(p.id for p in people if p.crew_id == row.id) for code, row in crews.items()},
        dispatcher_id=by_email["dispatcher@demo.city"],
        phone_district_id=crews[PHONE_CREW].district_ids[0],
        map=read_city_map(tx.session),
        calendar=calendar,
    )


def _service(service: DemoService, department_id: int) -> Service:
    return Service(
        code=service.code,
        name=service.name,
        group=service.group,
        subject=service.subject,
        department_id=department_id,
        skills=[service.skill],
        target_days=service.days,
        target_calendar=service.calendar,
        questions=[{**question, "order": order} for order, question in enumerate(service.questions, 1)],
        is_public=service.is_public,
    )


def _crew(crew: DemoCrew, department_id: int, district_ids: list[int]) -> Crew:
    return Crew(
        code=crew.code,
        name=crew.name,
        department_id=department_id,
        skills=list(crew.skills),
        capacity=crew.capacity,
        district_ids=district_ids,
        depot_latitude=crew.yard[0],
        depot_longitude=crew.yard[1],
    )


def _people(rng: random.Random, crew_ids: dict[str, int]) -> list[Person]:
    """The demo's sign-ins, and two people in every crew."""
    password_hash = hash_password(DEMO_PASSWORD)  # once: a good hash is slow on purpose
    people = [
        Person(
            email=s.email,
            name=s.name,
            password_hash=password_hash,
            role=s.role,
            crew_id=crew_ids[s.crew] if s.crew else None,
            enabled=True,
        )
        for s in DEMO_SIGN_INS
    ]
    for code, crew_id in crew_ids.items():
        for number in (1, 2):
            email = f"{code.lower()}.{number}@demo.city"
            people.append(
                Person(email=email, name=make_name(rng), password_hash=password_hash, role=Role.CREW, crew_id=crew_id, enabled=True)
            )
    return people
