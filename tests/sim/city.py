"""The city's half of the simulator: the real Flask app on a throw-away database, moved by orders that come over a pipe.

Nothing here decides: what arrives, in which order, what is lost and when the server dies is said by `world.mjs`.
"""

from __future__ import annotations

import hashlib
import math
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select

import crew_app.routes.phone as phone_routes
import crew_app.routes.uploads as upload_routes
import crew_app.services.photos as photo_services
import crew_app.services.pull as pull_services
import crew_app.services.sign_ins as sign_in_services
import crew_app.subscribers.photos as photo_subscriber
import crew_app.transaction as transactions
from config import TestConfig
from crew_app.adapters.image_cleaner import UnreadableImage
from crew_app.adapters.photo_store import DiskPhotoStore
from crew_app.errors import Problem
from crew_app.extensions import AnySession, db
from crew_app.factory import create_app
from crew_app.models import Assignment, Case, Closure, Crew, Department, Device, Door, Person, Role, Service, Shift, SignIn
from crew_app.relay import deliver_pending
from crew_app.services.assignments import assign_case, take_back
from crew_app.services.cases import NewReport, add_note, close_by_office, open_case, reopen_case, withdraw_case
from crew_app.services.closures import settle_closure
from crew_app.services.planning import dispatch_within
from crew_app.services.sign_ins import begin_sign_in, digest_of
from crew_app.transaction import transaction

BEGIN = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
CASES = 5
# Of jobs and operations in one answer: in most worlds all, in some so few that a small world has many pages.
PAGES = (500, 500, 500, 2)
CREWS = {"PWD-1": -71.10, "PWD-2": -71.08}
PEOPLE = (("rosa", Role.CREW, "PWD-1"), ("sam", Role.CREW, "PWD-2"), ("tess", Role.CREW, "PWD-1"), ("uma", Role.CREW, "PWD-2"))
DORA = len(PEOPLE) + 1


class ServerDied(BaseException):
    """kill -9, as far as one process can play it: whatever was not committed is gone, whatever was is there."""


class SimClock:
    """The server's clock. It is right, and no two questions get the same answer."""

    def __init__(self) -> None:
        self.moment = BEGIN

    def set_ms(self, since_begin_ms: float) -> None:
        self.moment = max(self.moment, BEGIN + timedelta(milliseconds=since_begin_ms))

    def now(self, _zone: Any = None) -> datetime:
        self.moment += timedelta(milliseconds=1)
        return self.moment


class Crash:
    """Dies at the n-th of the places where a real server could."""

    def __init__(self) -> None:
        self.left = 0
        self.where = ""

    def point(self, where: str) -> None:
        if self.left > 0:
            self.left -= 1
            if self.left == 0:
                self.where = where
                raise ServerDied(where)


def make_template(folder: Path) -> None:
    """A migrated database with a small city in it, to copy for each world."""
    app = create_app(TestConfig(folder, DATABASE_URL=f"sqlite:///{folder / 'crew311.sqlite'}"))
    with app.app_context():
        upgrade()
        with transaction(BEGIN - timedelta(hours=1)) as tx:
            works = Department(code="PWDx", name="Public Works")
            tx.session.add(works)
            tx.session.flush()
            tx.session.add(Service(code="pothole", name="Pothole", department_id=works.id, target_days=1))
            crews = {}
            for code, longitude in CREWS.items():
                crew = crews[code] = Crew(
                    code=code, name=code, department_id=works.id, depot_latitude=42.35, depot_longitude=longitude, capacity=4
                )
                tx.session.add(crew)
                tx.session.flush()
                tx.session.add(Shift(crew_id=crew.id, starts_at=BEGIN - timedelta(hours=2), ends_at=BEGIN + timedelta(hours=40)))
            for name, role, crew_code in (*PEOPLE, ("dora", Role.DISPATCHER, None)):
                crew_id = crews[crew_code].id if crew_code else None
                person = Person(
                    email=f"{name}@city.test", name=name.title(), password_hash="-", role=role, crew_id=crew_id, enabled=True
                )
                tx.session.add(person)
                tx.session.flush()
                tx.session.add(signed_in(person.id))
            for n in range(CASES):
                open_case(
                    tx, NewReport(service_code="pothole", latitude=42.35, longitude=-71.11 + n * 0.01, address=f"{n} Main St")
                )
        with transaction(BEGIN - timedelta(minutes=30)) as tx:
            for case_id in range(1, CASES):  # the last one waits
                assign_case(tx, case_id, crews[list(CREWS)[case_id % 2 - 1]].id, DORA)
        db.session.remove()
        with db.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.engine.dispose()


def word_of(person_id: int) -> str:
    """What stands in this person's cookie, in every world the same."""
    return f"person {person_id}"


def signed_in(person_id: int) -> SignIn:
    """At the office: that door opens everything a role may, the phone's too."""
    digest = digest_of(word_of(person_id))
    return SignIn(digest=digest, person_id=person_id, door="office", proof="password", browser="", began_at=BEGIN, seen_at=BEGIN)


class SimCity:
    """One server, used for many worlds, one after the other."""

    def __init__(self, folder: Path, template: Path) -> None:
        self.folder = folder
        self.template = template / "crew311.sqlite"
        self.database = folder / "crew311.sqlite"
        self.photos = folder / "photos"
        self.clock = SimClock()
        self.crash = Crash()
        self.random = random.Random(0)
        self.trouble: list[str] = []
        self.backups = 0
        self._aside: sqlite3.Connection | None = None
        self._plant_the_world_around_it()
        self.app = self._new_app()
        self.tables = [
            name
            for name, sql in self.aside().execute("SELECT name, sql FROM template.sqlite_master WHERE type = 'table'")
            if sql and name != "alembic_version"
        ]
        # The checker's own, and nobody else's: who signs in over one ends it.
        self.cookies = {person: self._cookie(word_of(person)) for person in range(1, DORA + 1)}

    # ---- the world around the app: time, chance, sudden death ---------------------------------------------------------

    def _plant_the_world_around_it(self) -> None:
        transactions.datetime = self.clock
        photo_services.secrets = sign_in_services.secrets = self
        phone_routes.person_who_signs_in = lambda session, email, _password: _by_email(session, email)
        photo_subscriber.clean_image = _no_picture
        upload_routes.PIECE_BYTES = 512
        real_write, real_put, real_commit = photo_services.write_durably, DiskPhotoStore.put, db.session.commit
        crash = self.crash

        def write_durably(descriptor: int, offset: int, chunk: bytes) -> None:
            crash.point("before the write")
            try:
                crash.point("half-way through the write")
            except ServerDied:
                real_write(descriptor, offset, chunk[: len(chunk) // 2])
                raise
            real_write(descriptor, offset, chunk)
            crash.point("after the write")

        def put(store: DiskPhotoStore, name: str, source: Path) -> None:
            crash.point("before the photo rests")
            real_put(store, name, source)
            crash.point("after the photo rests")

        def commit() -> None:
            crash.point("before the commit")
            real_commit()
            crash.point("after the commit")

        upload_routes.write_durably = write_durably
        DiskPhotoStore.put = put  # type: ignore[method-assign]
        db.session.commit = commit  # type: ignore[method-assign]

    def token_hex(self, size: int) -> str:
        """In the place of `secrets`, in services/photos.py."""
        return self.random.randbytes(size).hex()

    def token_urlsafe(self, size: int) -> str:
        """And in services/sign_ins.py."""
        return self.random.randbytes(size).hex()

    def _new_app(self) -> Flask:
        if not self.database.exists():
            shutil.copyfile(self.template, self.database)
        app = create_app(TestConfig(self.folder, DATABASE_URL=f"sqlite:///{self.database}"))
        app.logger.disabled = True
        return app

    def _cookie(self, word: str) -> str:
        signer = self.app.session_interface.get_signing_serializer(self.app)  # type: ignore[attr-defined]
        return "session=" + signer.dumps({"_user_id": word, "_permanent": True})

    # ---- orders -------------------------------------------------------------------------------------------------------

    def begin(self, seed: int) -> dict[str, Any]:
        """A new world: the template again, no photos.

        Row by row into the same file: a new file would cost the app a new connection with every statement prepared anew.
        """
        self.random = random.Random(seed)
        self.clock.moment = BEGIN
        self.crash.left = 0
        self.trouble = []
        self.backups = 0
        pull_services.PAGE_JOBS = pull_services.PAGE_OPERATIONS = self.random.choice(PAGES)
        aside = self.aside()
        aside.execute("BEGIN IMMEDIATE")
        for table in self.tables:
            aside.execute(f"DELETE FROM main.{table}")
            aside.execute(f"INSERT INTO main.{table} SELECT * FROM template.{table}")
        aside.execute("COMMIT")
        # How often somebody asked is counted in a file of its own: nobody of this world asked yet.
        self.app.extensions["rate_limits"].forget_whole(math.inf)
        shutil.rmtree(self.photos, ignore_errors=True)
        self.photos.mkdir()
        self._new_life()
        return {"cases": CASES, "people": [name for name, _, _ in PEOPLE], "begin_ms": BEGIN.timestamp() * 1000}

    def http(
        self, now: float, method: str, url: str, headers: dict[str, str], body: bytes, crash: int = 0, cut: int | None = None
    ) -> dict[str, Any]:
        """One request. `crash`: die at the n-th place; `cut`: only so many bytes of the body arrive."""
        self.clock.set_ms(now)
        self.crash.left = crash
        try:
            status, answer_headers, answer = self._ask(method, url, headers, body, cut)
        except ServerDied:
            self._stop()
            return {"died": self.crash.where}
        except Exception as error:
            self.trouble.append(f"{method} {url}: {type(error).__name__}: {error}"[:400])
            return {"status": 500, "headers": {"Content-Type": "text/html"}, "body": b"<h1>Internal Server Error</h1>"}
        finally:
            self.crash.left = 0
        if status >= 500:
            self.trouble.append(f"{method} {url}: {status} {answer[:200]!r}")
        return {"status": status, "headers": answer_headers, "body": answer}

    def _ask(
        self, method: str, url: str, headers: dict[str, str], body: bytes, cut: int | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        path, _, query = url.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": unquote(path),
            "QUERY_STRING": query,
            "SERVER_NAME": "city.test",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "city.test",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(body if cut is None else body[:cut]),
            "wsgi.errors": BytesIO(),
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in headers.items():
            key = name.upper().replace("-", "_")
            environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
        said: dict[str, Any] = {}

        def start_response(status: str, answer_headers: list[tuple[str, str]], _error: Any = None) -> Callable[[bytes], Any]:
            said["status"], said["headers"] = int(status[:3]), dict(answer_headers)
            return lambda _bytes: None

        chunks = self.app.wsgi_app(environ, start_response)
        try:
            answer = b"".join(chunks)
        finally:
            if hasattr(chunks, "close"):
                chunks.close()
        return said["status"], said["headers"], b"" if method == "HEAD" else answer

    def restart(self, whole: bool) -> None:
        """The process starts again; `whole`: with a new app object too."""
        self._stop()
        if whole:
            self.app = self._new_app()

    def backup(self) -> None:
        self._stop()
        folder = self.folder / "backup"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        with closing(sqlite3.connect(self.database)) as source, closing(sqlite3.connect(folder / "crew311.sqlite")) as target:
            source.backup(target)
        shutil.copytree(self.photos, folder / "photos")
        self.backups += 1

    def restore(self, photos_too: bool) -> bool:
        """Back to the backup, as another life of the server. `photos_too`: their folder goes back as well."""
        folder = self.folder / "backup"
        if not self.backups:
            return False
        self._stop()
        self._replace_database((folder / "crew311.sqlite").read_bytes())
        if photos_too:
            shutil.rmtree(self.photos)
            shutil.copytree(folder / "photos", self.photos)
        self._new_life()
        return True

    def office(self, now: float, deed: str, a: float, b: float) -> str:
        """The office does something; `a` and `b` in [0, 1) choose to what. Says what it was, or why not."""
        self.clock.set_ms(now)
        with self.app.app_context():
            try:
                return self._office(deed, a, b)
            except Problem as problem:
                return f"{deed}: refused ({problem.status} {type(problem).__name__})"
            except Exception as error:
                self.trouble.append(f"office {deed}: {type(error).__name__}: {error}"[:400])
                return f"{deed}: FAILED {type(error).__name__}"

    def _office(self, deed: str, a: float, b: float) -> str:
        if deed == "relay":
            return f"relay told {deliver_pending(self.clock.now())}"
        with transaction() as tx:
            ids = list(tx.session.scalars(select(Case.id).order_by(Case.id)))
            case = tx.session.get_one(Case, ids[int(a * len(ids))])
            match deed:
                case "assign":
                    crews = list(tx.session.scalars(select(Crew.id).order_by(Crew.id)))
                    crew_id = crews[int(b * len(crews))]
                    assign_case(tx, case.id, crew_id, DORA)
                    return f"assign {case.id} to crew {crew_id}, round {case.round}"
                case "take_back":
                    take_back(tx, case.id, "needed elsewhere", DORA)
                case "reopen":
                    reopen_case(tx, case.id, "not done", DORA)
                case "withdraw":
                    withdraw_case(tx, case.id, "by mistake", DORA)
                case "close":
                    close_by_office(tx, case.id, "fixed", None, "by phone", DORA)
                case "note":
                    add_note(tx, case.id, f"the office says {int(b * 1000)}", DORA)
                case "dispatch":
                    return f"dispatch: {[(d.case_id, d.crew_id) for d in dispatch_within(tx).moves]}"
                case "report":
                    if len(ids) >= CASES + 3:
                        return "report: enough"
                    case = open_case(tx, NewReport(service_code="pothole", latitude=42.35, longitude=-71.1 + b / 50))
                case "settle":
                    waiting = list(
                        tx.session.scalars(
                            select(Closure)
                            .where(Closure.review_reason.is_not(None), Closure.settled_at.is_(None))
                            .order_by(Closure.received_at, Closure.id)
                        )
                    )
                    if not waiting:
                        return "settle: nothing to settle"
                    closure = waiting[int(a * len(waiting))]
                    settle_closure(tx, closure.id, b < 0.5, DORA)
                    return f"settle {closure.id[-6:]} {'accept' if b < 0.5 else 'dismiss'}"
                case "revoke":
                    devices = list(tx.session.scalars(select(Device).where(Device.revoked_at.is_(None)).order_by(Device.id)))
                    if not devices:
                        return "revoke: no device"
                    device = devices[int(a * len(devices))]
                    device.revoked_at = tx.now
                    return f"revoke device of person {device.person_id}"
            return f"{deed} {case.id}, round {case.round}, {case.status}"

    def sign_in_elsewhere(self, now: float, person: int) -> str:
        """The cookie of somebody who signs in in the same browser, past the app."""
        self.clock.set_ms(now)
        with self.app.app_context(), transaction() as tx:
            return self._cookie(begin_sign_in(tx, person, Door.PHONE))

    def committed(self, ids: list[str]) -> dict[str, Any]:
        """In which life the server is and which of these operations are durably here, by a connection of its own."""
        marks = ",".join("?" * len(ids))
        rows = (
            self.aside()
            .execute(
                f"SELECT id FROM operations WHERE id IN ({marks}) UNION SELECT operation_id FROM quarantine WHERE operation_id IN ({marks})",
                ids * 2,
            )
            .fetchall()
        )
        ((epoch,),) = self.aside().execute("SELECT epoch FROM server").fetchall()
        return {"ids": [row[0] for row in rows], "epoch": epoch}

    def page(self, url: str, person: int | None = None) -> tuple[int, bytes]:
        """What somebody sees at an address, for the checker."""
        headers = {"Accept": "text/html" if not url.startswith("/sync/") else "application/json"}
        if person is not None:
            headers["Cookie"] = self.cookies[person]
        status, _, body = self._ask("GET", url, headers, b"")
        return status, body

    # ---- inside -------------------------------------------------------------------------------------------------------

    def _stop(self) -> None:
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()

    def aside(self) -> sqlite3.Connection:
        """A connection that the server knows nothing of."""
        if self._aside is None:
            self._aside = sqlite3.connect(self.database, isolation_level=None)
            self._aside.execute("ATTACH ? AS template", (str(self.template),))
        return self._aside

    def _replace_database(self, content: bytes) -> None:
        if self._aside:
            self._aside.close()
            self._aside = None
        for suffix in ("-wal", "-shm"):
            self.database.with_name(self.database.name + suffix).unlink(missing_ok=True)
        self.database.write_bytes(content)

    def _new_life(self) -> None:
        raw = hashlib.sha256(self.random.randbytes(16)).hexdigest()
        epoch = f"{raw[:8]}-{raw[8:12]}-4{raw[13:16]}-8{raw[17:20]}-{raw[20:32]}"
        self.aside().execute("UPDATE server SET epoch = ?", (epoch,))


def _by_email(session: AnySession, email: str) -> Person | None:
    """A good password hash is slow by design; who has which password is tested elsewhere."""
    return session.scalar(select(Person).where(Person.email == email))


def _no_picture(_source: Path, _folder: Path) -> dict[str, Path]:
    raise UnreadableImage("random bytes")


__all__ = ["BEGIN", "Assignment", "ServerDied", "SimCity", "make_template"]
