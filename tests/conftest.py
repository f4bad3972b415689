"""Fixtures: an app with a small city, on SQLite and a folder of photos by default; on PostgreSQL with
CREW311_TEST_DATABASE=postgresql, with photos in an S3 server with CREW311_TEST_PHOTOS=s3."""

from __future__ import annotations

import os
import subprocess
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from flask_migrate import upgrade

from config import TestConfig
from crew_app.extensions import db
from crew_app.factory import create_app
from crew_app.models import Crew, Department, District, Person, Role, Service, Shift
from crew_app.relay import deliver_pending
from crew_app.services.cases import NewReport, open_case
from crew_app.services.people import hash_password
from crew_app.transaction import transaction
from tests.compiled_once import share_compiled
from tests.cookies import sign_in
from tests.postgres import Emptied, new_database, running_server

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

ENGINE = os.environ.get("CREW311_TEST_DATABASE", "sqlite")
PHOTOS = os.environ.get("CREW311_TEST_PHOTOS", "disk")
REAL_DATA = Path(os.environ.get("CREW311_REAL_DATA", Path(__file__).parents[2] / "shared" / "data"))
PASSWORD = "correct horse"
PASSWORD_HASH = hash_password(PASSWORD)  # once: a good hash is slow


def pytest_report_header() -> list[str]:
    there = "present" if REAL_DATA.is_dir() else "absent: tests marked `real` are skipped"
    return [f"database: {ENGINE}, photos: {PHOTOS}", f"real data ({REAL_DATA.name}): {there}"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if PHOTOS == "s3":
        for item in items:
            if item.get_closest_marker("disk_photos"):
                item.add_marker(pytest.mark.skip(reason="it is about two names of one file, which S3 does not have"))
    if not REAL_DATA.is_dir():
        for item in items:
            if item.get_closest_marker("real"):
                item.add_marker(pytest.mark.skip(reason=f"real data is not at {REAL_DATA}; set CREW311_REAL_DATA"))


@pytest.fixture(scope="session")
def real_data() -> Path:
    return REAL_DATA


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL of the tests' own."""
    with running_server() as address:
        yield address


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The address of an S3 server (moto's) on this machine."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.stop()


@pytest.fixture
def s3_bucket(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an empty bucket; its server's address and keys are in the environment."""
    name = f"city-{uuid.uuid4()}"
    urllib.request.urlopen(urllib.request.Request(f"{s3_server}/{name}", method="PUT"), timeout=10).close()
    keys = {"AWS_ENDPOINT_URL": s3_server, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}
    for key, value in keys.items():
        monkeypatch.setenv(key, value)
    return f"s3://{name}/photos"


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the Chromium to test with."""
    finder = Path(__file__).parent / "browser" / "find-chromium"
    found = subprocess.run([finder], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    return found.stdout.strip()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """The one driver of browsers in this process: a second one cannot start beside it. Loaded by whoever asks first."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def postgres_database(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Emptied:
    """One migrated database for all tests of this process, one after the other."""
    url = new_database(postgres_server, "crew311")
    app = create_app(TestConfig(tmp_path_factory.mktemp("template"), DATABASE_URL=url))
    with app.app_context():
        upgrade()
        db.session.remove()
        db.engine.dispose()
    return Emptied(url)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty, migrated database."""
    if ENGINE == "sqlite":
        return f"sqlite:///{tmp_path / 'crew311.sqlite'}"
    database: Emptied = request.getfixturevalue("postgres_database")
    return database.as_new()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty database file to copy."""
    folder = tmp_path_factory.mktemp("template")
    app = create_app(TestConfig(folder, DATABASE_URL=f"sqlite:///{folder / 'crew311.sqlite'}"))
    with app.app_context():
        upgrade()
        db.session.remove()
        with db.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.engine.dispose()
    return folder / "crew311.sqlite"


@pytest.fixture
def app(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The whole application on an empty city."""
    if ENGINE == "sqlite":
        (tmp_path / "crew311.sqlite").write_bytes(request.getfixturevalue("sqlite_template").read_bytes())
    photos = {"PHOTO_STORE": request.getfixturevalue("s3_bucket")} if PHOTOS == "s3" else {}
    app = create_app(TestConfig(tmp_path, DATABASE_URL=database_url, **photos))
    # All requests of a test share its application context, and Flask-Login keeps the person there.
    app.before_request_funcs.setdefault(None, []).insert(0, forget_who_asked_before)
    with app.app_context():
        share_compiled(app, db.engine)
        yield app
        db.session.remove()
        db.engine.dispose()
    app.extensions.pop("photo_store")  # and with it its connections to S3


def forget_who_asked_before() -> None:
    g.pop("_login_user", None)
    g.pop("sign_in", None)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Nobody in particular."""
    return app.test_client()


@dataclass(frozen=True, slots=True)
class City:
    """A small city: one department's crews in a row from west to east, one other department, one of each role."""

    works_id: int
    parks_id: int
    pothole: str
    tree: str
    crew_ids: dict[str, int]  # PWD-1 (west) ... PWD-3 (east), PARK-1
    person_ids: dict[str, int]  # rosa (PWD-1), sam (PWD-2), dora (dispatcher), cal (call taker), sue (supervisor), ada (admin)


LATITUDE = 42.35
LONGITUDES = {"PWD-1": -71.10, "PWD-2": -71.08, "PWD-3": -71.06, "PARK-1": -71.08}


@pytest.fixture
def city(app: Flask) -> City:
    now = datetime.now(UTC)
    with transaction() as tx:
        works, parks = Department(code="PWDx", name="Public Works"), Department(code="PARK", name="Parks")
        tx.session.add_all([works, parks])
        tx.session.flush()
        tx.session.add_all(
            [
                Service(code="pothole", name="Pothole", department_id=works.id, target_days=1),
                Service(code="tree", name="Tree", department_id=parks.id, target_days=5, target_calendar="calendar"),
                District(code="1", name="All of it", boundary=_square(42.2, -71.3, 42.5, -70.9)),
            ]
        )
        crew_ids = {}
        for code, longitude in LONGITUDES.items():
            crew = Crew(
                code=code,
                name=code,
                department_id=parks.id if code == "PARK-1" else works.id,
                depot_latitude=LATITUDE,
                depot_longitude=longitude,
                capacity=5,
            )
            tx.session.add(crew)
            tx.session.flush()
            tx.session.add(Shift(crew_id=crew.id, starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=8)))
            crew_ids[code] = crew.id
        people = {
            "rosa": (Role.CREW, "PWD-1"),
            "sam": (Role.CREW, "PWD-2"),
            "dora": (Role.DISPATCHER, None),
            "cal": (Role.CALL_TAKER, None),
            "sue": (Role.SUPERVISOR, None),
            "ada": (Role.ADMIN, None),
        }
        person_ids = {}
        for name, (role, crew_code) in people.items():
            person = Person(
                email=f"{name}@city.test",
                name=name.title(),
                password_hash=PASSWORD_HASH,
                role=role,
                crew_id=crew_ids.get(crew_code or ""),
                enabled=True,
            )
            tx.session.add(person)
            tx.session.flush()
            person_ids[name] = person.id
        ids = works.id, parks.id
    return City(*ids, "pothole", "tree", crew_ids, person_ids)


def _square(south: float, west: float, north: float, east: float) -> dict[str, object]:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


@pytest.fixture
def dispatched(app: Flask) -> Iterator[object]:
    """Call it to let the relay tell what happened (dispatch, photos), as the worker would."""
    yield deliver_pending


@pytest.fixture
def signed_in(app: Flask, city: City):
    """signed_in("rosa") -> a client whose session is hers."""

    def sign_in_as(name: str) -> FlaskClient:
        return sign_in(app.test_client(), city.person_ids[name])

    return sign_in_as


@pytest.fixture
def report(city) -> Callable[..., int]:
    """report() -> the id of a new pothole case; report(longitude=...) elsewhere."""

    def make(latitude: float | None = 42.35, longitude: float | None = -71.1, **other) -> int:
        with transaction() as tx:
            wanted = {"service_code": city.pothole, "latitude": latitude, "longitude": longitude, **other}
            return open_case(tx, NewReport(**wanted)).id

    return make
