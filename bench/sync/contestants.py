"""The two servers side by side: how each is started, filled, changed by the office, and read afterwards by the checker."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import workload
from proxy import Proxy

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BIN = Path(sys.executable).parent
CACHE = ROOT / ".cache" / "bench-sync"
PATH = f"{BIN}{os.pathsep}{os.environ['PATH']}"
TICKS = os.sysconf("SC_CLK_TCK")
# One core for the server, the rest for phones and proxy, so that neither hides the other's cost.
CORES = sorted(os.sched_getaffinity(0))
SERVER_CORES, PHONE_CORES = (CORES[:1], CORES[1:]) if len(CORES) > 1 else (CORES, CORES)

sys.path.insert(0, str(ROOT))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Driver:
    """A process that plays phones; told what to do line by line."""

    def __init__(self, command: list[str], env: dict[str, str]) -> None:
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)
        os.sched_setaffinity(self.process.pid, PHONE_CORES)

    def tell(self, do: str, **what: Any) -> dict[str, Any]:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps({"do": do, **what}) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        if "failed" in answer:
            raise RuntimeError(f"{do} {what}: {answer['failed']}")
        return answer

    def stop(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(10)


class Contestant:
    name: str
    batch: int | None = None

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.proxy = Proxy(self.port)
        self.driver: Driver

    def launch(self, command: list[Any], env: dict[str, str], ready: str) -> None:
        with open(self.folder / "server.log", "ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True)
            os.sched_setaffinity(self.process.pid, SERVER_CORES)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{ready}", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"{self.name} did not start; see {self.folder / 'server.log'}")

    def kill(self) -> None:
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)

    def cpu_s(self) -> float:
        """utime + stime of all processes of the server's session, living or waited for."""
        assert self.process
        total = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == self.process.pid:  # session
                total += int(fields[11]) + int(fields[12])
        return total / TICKS


class Ours(Contestant):
    name = "Crew311"

    def start(self) -> None:
        from config import Config
        from crew_app.factory import create_app

        env = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "SECRET_KEY")}
        env |= {"INSTANCE": str(self.folder), "PORT": str(self.port), "PUBLIC_URL": f"http://127.0.0.1:{self.port}", "PATH": PATH}
        env["WEB_PROCESSES"] = "1"  # it has one core
        self.env = env
        self.app = create_app(Config(env))
        self.app.extensions.pop("wake_relay", None)
        self.crews: dict[str, int] = {}
        self.cases: dict[str, list[int]] = {}
        self.people: dict[str, int] = {}
        subprocess.run([BIN / "flask", "--app", "wsgi", "init"], cwd=ROOT, env=env, check=True, capture_output=True)
        self.serve()
        self.driver = Driver([sys.executable, str(HERE / "phones.py")], env)

    def serve(self) -> None:
        self.launch([BIN / "gunicorn", "--config", "gunicorn.conf.py", "--log-level", "warning"], self.env, "/readyz")

    def fill(self, crews: dict[str, int]) -> None:
        """So many assigned cases for each crew, and two people in it."""
        from sqlalchemy import insert

        from crew_app.models import Assignment, Case, Crew, Department, EventRow, Person, Service
        from crew_app.transaction import transaction

        with self.app.app_context(), transaction() as tx:
            department = Department(code="PWDx", name="Public Works")
            tx.session.add(department)
            tx.session.flush()
            services = [
                Service(code=f"s{i}", name=name, group="Highway Maintenance", department_id=department.id)
                for i, name in enumerate(
                    ("Request for Pothole Repair", "Street Light Outages", "Sidewalk Repair (Make Safe)", "Missed Trash")
                )
            ]
            tx.session.add_all(services)
            tx.session.flush()
            service_ids = [service.id for service in services]
            next_case = 1
            now = tx.now.replace(microsecond=0)  # as open data has its times
            for name, n in crews.items():
                crew = Crew(
                    code=name[:32], department_id=department.id, depot_latitude=42.35, depot_longitude=-71.06, capacity=100_000
                )
                tx.session.add(crew)
                tx.session.flush()
                self.crews[name] = crew.id
                for hand in ("a", "b"):
                    person = Person(email=f"{name}-{hand}@city.test", name=name, password_hash="none", role="crew", crew_id=crew.id)
                    tx.session.add(person)
                    tx.session.flush()
                    self.people[f"{name}/{hand}"] = person.id
                ids = list(range(next_case, next_case + n))
                next_case += n
                self.cases[name] = ids
                made = list(zip(ids, workload.cases(name, n), strict=True))
                if not made:
                    continue
                tx.session.execute(
                    insert(Case),
                    [
                        {
                            "id": i,
                            "number": f"26-{i:06}",
                            "service_id": service_ids[i % len(service_ids)],
                            "department_id": department.id,
                            "status": "assigned",
                            "round": 1,
                            "description": c["description"],
                            "address": c["address"],
                            "latitude": c["latitude"],
                            "longitude": c["longitude"],
                            "opened_at": now - timedelta(seconds=c["opened_s_ago"]),
                            "due_at": now + timedelta(seconds=c["due_in_s"]),
                            "updated_at": now,
                        }
                        for i, c in made
                    ],
                )
                assigned = [
                    {
                        "case_id": i,
                        "crew_id": crew.id,
                        "round": 1,
                        "assigned_at": now - timedelta(seconds=i % 7200, milliseconds=i % 1000),
                        "metres": c["metres"],
                        "explanation": {"by": "nearest", "nearer": [], "runner_up": None, "considered": 3},
                    }
                    for i, c in made
                ]
                tx.session.execute(insert(Assignment), assigned)
                body = {"crew_id": crew.id, "round": 1, "from_crew_id": None, "why": None}
                tx.session.execute(
                    insert(EventRow),
                    [{"kind": "case_assigned", "case_id": i, "person_id": None, "body": body, "at": now} for i in ids],
                )

    def jobs(self, crew: str) -> list[dict[str, Any]]:
        """As a phone gets them: what the other server is filled with."""
        from crew_app.extensions import db
        from crew_app.models import Crew
        from crew_app.services.pull import Cursor, pull_page

        found: list[dict[str, Any]] = []
        with self.app.app_context():
            cursor = None
            while True:
                page = pull_page(db.session, db.session.get_one(Crew, self.crews[crew]), None, cursor, datetime.now(UTC))
                found += page["jobs"]
                cursor = Cursor.parse(page["cursor"])
                if not page["more"]:
                    db.session.remove()
                    return found

    def change(self, case_ids: Iterable[int], crew: str) -> None:
        """The office adds a note to each."""
        from crew_app.services.cases import add_note
        from crew_app.transaction import transaction

        with self.app.app_context(), transaction() as tx:
            for case_id in case_ids:
                add_note(tx, case_id, workload.note(case_id), None)

    def open_phone(self, phone: str, crew: str, hand: str = "a", batch: int | None = None) -> None:
        from crew_app.models import Door
        from crew_app.services.sign_ins import begin_sign_in
        from crew_app.transaction import transaction

        with self.app.app_context(), transaction() as tx:
            word = begin_sign_in(tx, self.people[f"{crew}/{hand}"], Door.PHONE)
        sign = self.app.session_interface.get_signing_serializer(self.app)  # type: ignore[attr-defined]
        session = {"_permanent": True, "_user_id": word}
        self.driver.tell("open", phone=phone, port=self.proxy.port, cookie=f"session={sign.dumps(session)}")

    def check(self, deeds: list[dict[str, Any]]) -> dict[str, int]:
        """Read the database file and the photo folder, without any of the server's code."""
        stored = {
            hashlib.sha256(path.read_bytes()).hexdigest()
            for path in (self.folder / "photos").rglob("*")
            if path.is_file() and "incoming" not in path.parts
        }
        found = {"lost": 0, "doubled": 0, "silent": 0, "photos_lost": 0}
        with sqlite3.connect(f"file:{self.folder / 'crew311.sqlite'}?mode=ro", uri=True) as db:
            (verdict,) = db.execute("PRAGMA integrity_check").fetchone()
            assert verdict == "ok", verdict
            wanted = {deed["id"]: deed for deed in deeds}
            for deed in deeds:
                rows = db.execute(
                    "SELECT case_id, outcome, counts, review_reason FROM closures WHERE id = ?", (deed["id"],)
                ).fetchall()
                found["lost"] += not any(row[:2] == (deed["case"], deed["outcome"]) for row in rows)
                (operations,) = db.execute("SELECT count(*) FROM operations WHERE id = ?", (deed["id"],)).fetchone()
                told = db.execute(
                    "SELECT body FROM event_log WHERE case_id = ? AND kind = 'case_closed'", (deed["case"],)
                ).fetchall()
                told_of_it = sum(json.loads(body)["closure_id"] == deed["id"] for (body,) in told)
                found["doubled"] += operations > 1 or len(rows) > 1 or told_of_it > 1
                for photo, sha256 in deed["photos"]:
                    row = db.execute("SELECT sha256, verified_at, case_id FROM photos WHERE id = ?", (photo,)).fetchone()
                    found["photos_lost"] += not (
                        row and row[0] == sha256 and row[1] and row[2] == deed["case"] and sha256 in stored
                    )
            for case_id in {deed["case"] for deed in deeds}:
                closures = db.execute("SELECT id, review_reason FROM closures WHERE case_id = ?", (case_id,)).fetchall()
                found["doubled"] += sum(closure not in wanted for closure, _ in closures)
                if len(closures) > 1 and not any(reason for _, reason in closures):
                    found["silent"] += len(closures) - 1
        return found


class Pouch(Contestant):
    name = "PouchDB"

    def start(self) -> None:
        env = {**os.environ, "PATH": PATH, "NODE_PATH": str(CACHE / "node_modules")}
        self.env = env
        self.node = shutil.which("node", path=PATH) or "node"
        self.cases: dict[str, list[int]] = {}
        self.serve()
        self.driver = Driver([self.node, str(HERE / "pouch_phones.js")], env)

    def serve(self) -> None:
        # It writes its config.json where it stands; that is the folder.
        (self.folder / "db").mkdir(exist_ok=True)
        command = [
            "sh",
            "-c",
            'cd "$0" && exec "$@"',
            self.folder,
            self.node,
            HERE / "pouch_server.js",
            self.folder / "db",
            str(self.port),
        ]
        self.launch(command, self.env, "/")

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/{path}",
            data=data,
            method=method,
            headers={"Content-Type": "application/json", "Accept": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=120) as answer:
            content = answer.read()
            return content if answer.headers.get_content_maintype() == "image" else json.loads(content)

    def fill_from(self, ours: Ours) -> None:
        """A database for each crew (what CouchDB people do so that a phone gets only its own), a document for each case."""
        for crew, ids in ours.cases.items():
            self.cases[crew] = ids
            self.ask("PUT", crew)
            docs = [
                {"_id": str(job["id"]), "type": "job", **{k: v for k, v in job.items() if k != "id"}} for job in ours.jobs(crew)
            ]
            for start in range(0, len(docs), 1000):
                self.ask("POST", f"{crew}/_bulk_docs", {"docs": docs[start : start + 1000]})

    def change(self, case_ids: Iterable[int], crew: str) -> None:
        rows = self.ask("POST", f"{crew}/_all_docs?include_docs=true", {"keys": [str(i) for i in case_ids]})["rows"]
        for row in rows:
            number = int(row["id"])
            row["doc"]["notes"] = [
                {"id": number, "at": "2026-11-22T12:00:00.000Z", "by": "The city", "text": workload.note(number)}
            ]
        self.ask("POST", f"{crew}/_bulk_docs", {"docs": [row["doc"] for row in rows]})

    def open_phone(self, phone: str, crew: str, hand: str = "a", batch: int | None = None) -> None:
        self.driver.tell("open", phone=phone, address=f"http://127.0.0.1:{self.proxy.port}", place=crew, batch=batch)

    def check(self, deeds: list[dict[str, Any]]) -> dict[str, int]:
        """Restart the server, so that only its disk speaks; read it by plain HTTP, without PouchDB's client."""
        self.kill()
        self.serve()
        found = {"lost": 0, "doubled": 0, "silent": 0, "photos_lost": 0}
        for deed in deeds:
            doc = self.ask("GET", f"{deed['crew']}/{deed['case']}?conflicts=true")
            shown = doc if doc.get("closure", {}).get("id") == deed["id"] else None
            if shown is None:
                for revision in doc.get("_conflicts", ()):
                    other = self.ask("GET", f"{deed['crew']}/{deed['case']}?rev={revision}")
                    if other.get("closure", {}).get("id") == deed["id"]:
                        # It is on the disk, and no reader sees it who does not ask for conflicts.
                        found["silent"] += 1
                        shown = other
            if shown is None:
                found["lost"] += 1
                found["photos_lost"] += len(deed["photos"])
                continue
            for photo, sha256 in deed["photos"]:
                if photo not in shown.get("_attachments", {}):
                    found["photos_lost"] += 1
                    continue
                content = self.ask("GET", f"{deed['crew']}/{deed['case']}/{photo}?rev={shown['_rev']}")
                found["photos_lost"] += hashlib.sha256(content).hexdigest() != sha256
        return found


def install_pouch() -> None:
    """From npm, by the lock file beside this, into .cache/; once."""
    CACHE.mkdir(parents=True, exist_ok=True)
    mark, lock = CACHE / "installed", (HERE / "package-lock.json").read_bytes()
    if mark.exists() and mark.read_bytes() == lock:
        return
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, CACHE / name)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    subprocess.run(command, cwd=CACHE, check=True, env={**os.environ, "PATH": PATH}, timeout=400)
    mark.write_bytes(lock)
