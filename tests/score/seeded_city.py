"""A city to be hard on: so many crews with one person each, and a hand full of jobs for everyone."""

from __future__ import annotations

import os
import random
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from flask_migrate import upgrade
from sqlalchemy import insert

from config import Config
from crew_app.extensions import db
from crew_app.factory import create_app
from crew_app.models import Assignment, Case, Crew, Department, District, Person, Role, Service, Shift
from crew_app.services.people import hash_password
from crew_app.transaction import transaction

PASSWORD = "correct horse"


@dataclass(frozen=True, slots=True)
class CitySpec:
    crews: int
    cases_each: int
    seed: int = 311


def email_of(number: int) -> str:
    """The sign-in of the person in the crew with this number (from 1)."""
    return f"crew{number}@city.test"


def seed_city(folder: Path, spec: CitySpec, database_url: str | None = None) -> None:
    """Make the city in `folder`. Written by the app's own models, in one transaction."""
    environment = {**os.environ, "INSTANCE": str(folder), "DATABASE_URL": database_url or ""}
    if not database_url:
        del environment["DATABASE_URL"]
    app = create_app(Config(environment))
    with app.app_context():
        upgrade()
        with transaction() as tx:
            _write(tx, spec)
        db.session.remove()
        if db.engine.dialect.name == "sqlite":
            with db.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.engine.dispose()


def _write(tx, spec: CitySpec) -> None:
    works = Department(code="PWDx", name="Public Works")
    tx.session.add(works)
    tx.session.flush()
    service = Service(code="pothole", name="Pothole", group="Streets", department_id=works.id, target_days=1)
    ring = [[-71.3, 42.2], [-70.9, 42.2], [-70.9, 42.5], [-71.3, 42.5], [-71.3, 42.2]]
    tx.session.add_all([service, District(code="1", name="All of it", boundary={"type": "Polygon", "coordinates": [ring]})])
    tx.session.flush()
    password_hash = hash_password(PASSWORD)  # once: a good hash is slow
    chance = random.Random(spec.seed)
    for number in range(1, spec.crews + 1):
        crew = Crew(
            code=f"PWD-{number}", name=f"Highway {number}", department_id=works.id, depot_latitude=42.35, depot_longitude=-71.06
        )
        tx.session.add(crew)
        tx.session.flush()
        tx.session.add(Shift(crew_id=crew.id, starts_at=tx.now - timedelta(hours=1), ends_at=tx.now + timedelta(hours=9)))
        tx.session.add(
            Person(
                email=email_of(number),
                name=f"Crew {number}",
                password_hash=password_hash,
                role=Role.CREW,
                crew_id=crew.id,
                enabled=True,
            )
        )
        _give_jobs(tx, spec, chance, works.id, service.id, crew.id, number)


def _give_jobs(tx, spec: CitySpec, chance: random.Random, works_id: int, service_id: int, crew_id: int, number: int) -> None:
    opened_at = datetime.now(UTC) - timedelta(hours=3)
    ids = range((number - 1) * spec.cases_each + 1, number * spec.cases_each + 1)
    cases = [
        {
            "id": case_id,
            "number": f"26-{case_id:06d}",
            "service_id": service_id,
            "department_id": works_id,
            "status": "assigned",
            "round": 1,
            "description": "A hole as deep as a hand.",
            "address": f"{case_id} Main St",
            "latitude": 42.35 + chance.uniform(-0.02, 0.02),
            "longitude": -71.06 + chance.uniform(-0.02, 0.02),
            "opened_at": opened_at,
            "updated_at": opened_at,
        }
        for case_id in ids
    ]
    assignments = [{"case_id": case_id, "crew_id": crew_id, "round": 1, "assigned_at": opened_at} for case_id in ids]
    tx.session.execute(insert(Case), cases)
    tx.session.execute(insert(Assignment), assignments)
