"""The city of the bench: 10,000 open cases of Boston's half-year of 2011, moved to this morning, and 200 crews with work."""

from __future__ import annotations

import csv
import gzip
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, update

from crew_app.models import Assignment, Case, Crew, Department, District, Person, Role, Service, Shift
from crew_app.places import CityMap
from crew_app.services.assignments import assign_case, mark_urgent, take_back
from crew_app.services.people import add_person
from crew_app.transaction import Tx, transaction

CASES, CREWS, JOBS_EACH = 10_000, 200, 15
PASSWORD = "correct horse"
ZONE = ZoneInfo("America/New_York")
STAND_IN = [(42.3594, -71.0587)]


def fill(data: Path) -> None:
    """Into an empty database, past the services: ten thousand reports would take minutes."""
    dice, now = random.Random(311), datetime.now(UTC)
    features = json.loads((data / "boston_pwd_districts_derived.geojson").read_text())["features"]
    with transaction() as tx:
        codes = [feature["properties"]["pwd_district"] for feature in features]
        districts = [
            District(code=code, name=code, boundary=feature["geometry"]) for code, feature in zip(codes, features, strict=True)
        ]
        tx.session.add_all(districts)
        tx.session.flush()
        city = CityMap(((it.id, it.boundary) for it in districts), STAND_IN)
        rows = list(_open_rows(data / "boston_311_2011_h2.csv.gz", city))
        departments = {code: Department(code=code, name=code) for code in sorted({row["department"] for row in rows})}
        tx.session.add_all(departments.values())
        tx.session.flush()
        services = {row["type"]: departments[row["department"]].id for row in rows}
        made = {name: Service(code=f"s{n}", name=name, department_id=owner) for n, (name, owner) in enumerate(services.items())}
        tx.session.add_all(made.values())
        tx.session.flush()
        moved = now - max(row["opened"] for row in rows)
        cases = [_case(row, n, made[row["type"]], city, moved, now) for n, row in enumerate(rows, 1)]
        tx.session.execute(insert(Case), cases)
        _people_the_field(tx, rows, list(departments.values()), dice, now)
        add_person(tx, "dora@city.test", "Dora Lee", PASSWORD, Role.DISPATCHER)


def _open_rows(file: Path, city: CityMap) -> Iterator[dict[str, Any]]:
    """The last ones of the file that have a place in the city."""
    with gzip.open(file, "rt", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["latitude"].strip() and row["department"].strip()]
    found = 0
    for row in reversed(rows):
        latitude, longitude = float(row["latitude"]), float(row["longitude"])
        if city.problem_with(latitude, longitude) is not None:
            continue
        opened = datetime.fromisoformat(row["open_dt"]).replace(tzinfo=ZONE)
        due = datetime.fromisoformat(row["target_dt"]).replace(tzinfo=ZONE) if row["target_dt"].strip() else None
        yield {**row, "lat": latitude, "lon": longitude, "opened": opened, "due": due}
        found += 1
        if found == CASES:
            return


def _case(row: dict[str, Any], number: int, service: Service, city: CityMap, moved: timedelta, now: datetime) -> dict[str, Any]:
    return {
        "number": f"26-{number:06}",
        "service_id": service.id,
        "department_id": service.department_id,
        "district_id": city.district_id_at(row["lat"], row["lon"]),
        "status": "received",
        "round": 0,
        "latitude": row["lat"],
        "longitude": row["lon"],
        "address": " ".join(row["location"].split()),
        "opened_at": row["opened"] + moved,
        "due_at": row["due"] + moved if row["due"] else None,
        "updated_at": now,
    }


def _people_the_field(
    tx: Tx, rows: list[dict[str, Any]], departments: list[Department], dice: random.Random, now: datetime
) -> None:
    """Crews where cases are, each with its list."""
    for n in range(CREWS):
        at = dice.choice(rows)
        seen = now - timedelta(seconds=dice.randrange(3_000))
        place = {"depot_latitude": at["lat"], "depot_longitude": at["lon"], "last_latitude": at["lat"], "last_longitude": at["lon"]}
        department = departments[n % len(departments)]
        code = f"{department.code[:3]}-{n + 1}"
        crew = Crew(
            code=code, name=f"Crew {n + 1}", department_id=department.id, last_placed_at=seen, last_contact_at=seen, **place
        )
        tx.session.add(crew)
    tx.session.flush()
    crews = tx.session.scalars(select(Crew.id)).all()
    tx.session.add_all(Shift(crew_id=crew, starts_at=now - timedelta(hours=2), ends_at=now + timedelta(hours=7)) for crew in crews)
    ids = dice.sample(list(tx.session.scalars(select(Case.id))), CREWS * JOBS_EACH)
    held = [(case_id, crews[place % CREWS]) for place, case_id in enumerate(ids)]
    work = [{"case_id": case_id, "crew_id": crew, "round": 1, "assigned_at": now, "explanation": {}} for case_id, crew in held]
    tx.session.execute(insert(Assignment), work)
    tx.session.execute(update(Case).where(Case.id.in_(ids)).values(status="assigned", round=1))


class Life:
    """What goes on in the city meanwhile: work is given, taken back, called urgent; crews are heard of."""

    def __init__(self) -> None:
        self.dice = random.Random(12)
        with transaction() as tx:
            self.cases = list(tx.session.scalars(select(Case.id)))
            self.crews = list(tx.session.scalars(select(Crew.id)))
            self.dora = tx.session.scalars(select(Person.id)).one()

    def second(self, n: int) -> None:
        """One event; every fifth second, news of a few crews."""
        case_id, crew_id = self.dice.choice(self.cases), self.dice.choice(self.crews)
        with transaction() as tx:
            case = tx.session.get_one(Case, case_id)
            if case.status == "assigned" and self.dice.random() < 0.5:
                take_back(tx, case_id, "", self.dora)
            elif self.dice.random() < 0.2:
                mark_urgent(tx, case_id, not case.is_urgent, "", self.dora)
            else:
                assign_case(tx, case_id, crew_id, self.dora)
            if n % 5 == 0:
                for moved in self.dice.sample(self.crews, 10):
                    crew = tx.session.get_one(Crew, moved)
                    crew.last_contact_at = crew.last_placed_at = tx.now
