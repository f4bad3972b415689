"""Reads what the phones know and what the disk holds, and says where they differ. Shares no code with the server.

Plain SQL, plain files: not through the app's models, so that an error there cannot hide itself here.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol


class Connection(Protocol):
    """What sqlite3 and psycopg have in common."""

    def execute(self, statement: str) -> Any: ...


@dataclass
class Findings:
    """How much was promised (by kind), and each broken promise in words."""

    promised: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    stored_unanswered: int = 0

    @property
    def n(self) -> int:
        return sum(self.promised.values())

    def say_broken(self, words: str) -> None:
        self.broken.append(words)


@dataclass
class Known:
    """The ledger, sorted."""

    made: dict[str, dict[str, Any]] = field(default_factory=dict)  # operation id -> {device, operation}
    verdicts: dict[str, str] = field(default_factory=dict)  # of acknowledged operations
    offsets: dict[str, dict[str, Any]] = field(default_factory=dict)  # upload id -> the highest acknowledged
    complete: dict[str, dict[str, Any]] = field(default_factory=dict)  # photo id -> {sha256, size}


def check(ledger: Path, connection: Connection, photo_folder: Path) -> Findings:
    findings = Findings()
    known = read_ledger(ledger, findings)
    rows = Rows(connection)
    check_operations(known, rows, findings)
    check_effects(known, rows, findings)
    check_uploads(known, rows, photo_folder, findings)
    check_photos(known, rows, photo_folder, findings)
    return findings


def read_ledger(path: Path, findings: Findings) -> Known:
    known = Known()
    for line in path.read_text().splitlines():
        fact = json.loads(line)
        match fact["what"]:
            case "made":
                known.made[fact["operation"]["id"]] = fact
            case "acknowledged":
                before = known.verdicts.setdefault(fact["operation"], fact["verdict"])
                if before != fact["verdict"]:
                    findings.say_broken(f"operation {fact['operation']} was answered {before}, then {fact['verdict']}")
            case "offset":
                best = known.offsets.get(fact["upload"])
                if best is None or fact["offset"] >= best["offset"]:
                    known.offsets[fact["upload"]] = fact
            case "complete":
                known.complete[fact["photo"]] = fact
            case "broken":
                findings.say_broken(f"a phone saw it: {fact}")
    return known


class Rows:
    """The tables that matter, read once."""

    def __init__(self, connection: Connection) -> None:
        def ask(columns: str, table: str) -> list[dict[str, Any]]:
            names = columns.split(", ")
            return [dict(zip(names, row, strict=True)) for row in connection.execute(f"SELECT {columns} FROM {table}")]

        self.operations = {row["id"]: row for row in ask("id, device_id, seq, case_id, kind, verdict, body", "operations")}
        self.closures = ask("id, case_id, note, outcome, counts", "closures")
        self.notes = ask("operation_id, case_id, text", "notes")
        self.events = ask("kind, case_id, body", "event_log")
        self.uploads = {row["id"]: row for row in ask('id, photo_id, sha256, length, "offset", completed_at', "uploads")}
        for upload in self.uploads.values():
            upload["offset"] = upload.pop('"offset"')
        self.photos = {row["id"]: row for row in ask("id, closure_id, sha256, size, state", "photos")}
        self.cases = {row["id"]: row for row in ask("id, status, outcome", "cases")}
        self.quarantined = ask("operation_id, reason", "quarantine")


def as_json(value: Any) -> Any:
    """SQLite hands JSON out as text, psycopg as objects."""
    return json.loads(value) if isinstance(value, str) else value


def check_operations(known: Known, rows: Rows, findings: Findings) -> None:
    """Acknowledged: stored, as it was sent, with the verdict that was told. Stored: somebody made it."""
    for operation_id, verdict in known.verdicts.items():
        findings.promised["operations"] += 1
        row, made = rows.operations.get(operation_id), known.made[operation_id]
        if verdict == "quarantined":
            findings.say_broken(f"operation {operation_id} was put in quarantine without cause")
        elif row is None:
            findings.say_broken(f"operation {operation_id} was acknowledged and is lost")
        elif as_json(row["body"]) != made["operation"] or row["device_id"] != made["device"] or row["verdict"] != verdict:
            findings.say_broken(f"operation {operation_id} is not what was sent or answered")
    for operation_id in rows.operations:
        if operation_id not in known.made:
            findings.say_broken(f"operation {operation_id} was made by no phone")
        elif operation_id not in known.verdicts:
            findings.stored_unanswered += 1
    for row in rows.quarantined:
        findings.say_broken(f"in quarantine without cause: {row}")
    numbers: dict[str, list[int]] = {}
    for row in rows.operations.values():
        numbers.setdefault(row["device_id"], []).append(row["seq"])
    for device, found in numbers.items():
        if sorted(found) != list(range(1, len(found) + 1)):
            findings.say_broken(f"device {device} has gaps or doubles in its numbers")


def check_effects(known: Known, rows: Rows, findings: Findings) -> None:
    """Each stored operation has exactly one effect, and there is no effect without its operation."""
    closures, notes = Counter(row["id"] for row in rows.closures), Counter(row["text"] for row in rows.notes)
    closed = Counter(as_json(e["body"]).get("closure_id") for e in rows.events if e["kind"] == "case_closed")
    moved = Counter((e["case_id"], as_json(e["body"])["status"]) for e in rows.events if e["kind"] == "case_progressed")
    note_owner = {row["text"]: row["operation_id"] for row in rows.notes}
    expected_moves: Counter[tuple[int, str]] = Counter()
    expected_notes = 0
    for operation_id, row in rows.operations.items():
        if operation_id not in known.made:
            continue
        operation = known.made[operation_id]["operation"]
        if operation["kind"] == "close":
            if (closures[operation_id], closed[operation_id]) != (1, 1):
                findings.say_broken(f"closing {operation_id}: {closures[operation_id]} rows, {closed[operation_id]} events")
            if rows.cases[operation["case"]]["status"] != "closed":
                findings.say_broken(f"case {operation['case']} is not closed, its closing is stored")
        elif operation["kind"] == "note":
            expected_notes += 1
            text = operation["payload"]["text"]
            if notes[text] != 1 or note_owner[text] != operation_id:
                findings.say_broken(f"note {operation_id}: {notes[text]} rows")
        elif row["verdict"] == "counted":
            expected_moves[operation["case"], operation["kind"]] += 1
    if moved != expected_moves:
        findings.say_broken(f"progress: {len(moved - expected_moves)} too many, {len(expected_moves - moved)} missing")
    if expected_notes != len(rows.notes):
        findings.say_broken(f"{len(rows.notes)} notes of {expected_notes} operations")
    if len(rows.closures) != sum(1 for row in rows.operations.values() if row["kind"] == "close"):
        findings.say_broken("closures and closing operations differ in number")


def check_uploads(known: Known, rows: Rows, photo_folder: Path, findings: Findings) -> None:
    """An acknowledged offset: the database has as much, and the file has these very bytes."""
    for upload_id, fact in known.offsets.items():
        findings.promised["offsets"] += 1
        row = rows.uploads.get(upload_id)
        if row is None:
            findings.say_broken(f"upload {upload_id} was acknowledged and is gone")
            continue
        if row["offset"] < fact["offset"]:
            findings.say_broken(f"upload {upload_id}: {fact['offset']} acknowledged, {row['offset']} stored")
        path = stored_photo(photo_folder, row["sha256"]) if row["completed_at"] else photo_folder / "incoming" / upload_id
        if fact["offset"] and prefix_digest(path, fact["offset"]) != fact["prefix"]:
            findings.say_broken(f"upload {upload_id}: the first {fact['offset']} bytes on disk are not those sent")


def check_photos(known: Known, rows: Rows, photo_folder: Path, findings: Findings) -> None:
    """A photo acknowledged complete, or called verified by the database, is on disk byte for byte."""
    verified = {row["sha256"]: row["size"] for row in rows.photos.values() if row["state"] != "awaited"}
    for photo_id, fact in known.complete.items():
        findings.promised["photos"] += 1
        verified[fact["sha256"]] = fact["size"]
        row = rows.photos.get(photo_id)
        if row is not None and row["state"] == "awaited":
            findings.say_broken(f"photo {photo_id} was acknowledged complete and is still awaited")
    for upload in rows.uploads.values():
        if upload["completed_at"]:
            verified[upload["sha256"]] = upload["length"]
    for sha256, size in verified.items():
        path = stored_photo(photo_folder, sha256)
        if not path.is_file() or path.stat().st_size != size or prefix_digest(path, size) != sha256:
            findings.say_broken(f"photo with SHA-256 {sha256} is not on disk as it was sent")


def stored_photo(photo_folder: Path, sha256: str) -> Path:
    return photo_folder / sha256[-2:] / f"{sha256}.original"


def prefix_digest(path: Path, length: int) -> str | None:
    """SHA-256 of the first `length` bytes; None if there are not so many."""
    if not path.is_file():
        return None
    with open(path, "rb") as file:
        content = file.read(length)
    return hashlib.sha256(content).hexdigest() if len(content) == length else None
