"""The checker must see each way in which an acknowledgement can turn out false."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from disk_checker import check, stored_photo

PHOTO = b"a photo, for once a short one"
SHA = hashlib.sha256(PHOTO).hexdigest()
TABLES = """
CREATE TABLE operations (id, device_id, seq, case_id, kind, verdict, body);
CREATE TABLE closures (id, case_id, note, outcome, counts);
CREATE TABLE notes (operation_id, case_id, text);
CREATE TABLE event_log (kind, case_id, body);
CREATE TABLE uploads (id, photo_id, sha256, length, "offset", completed_at);
CREATE TABLE photos (id, closure_id, sha256, size, state);
CREATE TABLE cases (id, status, outcome);
CREATE TABLE quarantine (operation_id, reason);
"""
CLOSE = {"id": "op1", "seq": 1, "kind": "close", "case": 5, "payload": {"note": "Filled."}}
NOTE = {"id": "op2", "seq": 2, "kind": "note", "case": 5, "payload": {"text": "Note 1"}}


@pytest.fixture
def world(tmp_path: Path) -> Callable[..., list[str]]:
    """world("SQL that breaks it") -> what the checker says of a city that was in order before."""

    def look(breaking: str = "", photo: bytes = PHOTO) -> list[str]:
        facts = [
            {"what": "made", "device": "d", "operation": CLOSE},
            {"what": "made", "device": "d", "operation": NOTE},
            {"what": "acknowledged", "operation": "op1", "verdict": "counted"},
            {"what": "acknowledged", "operation": "op2", "verdict": "counted"},
            {"what": "offset", "upload": "u1", "offset": 7, "prefix": hashlib.sha256(PHOTO[:7]).hexdigest()},
            {"what": "complete", "photo": "p1", "sha256": SHA, "size": len(PHOTO)},
        ]
        (tmp_path / "ledger").write_text("".join(json.dumps(fact) + "\n" for fact in facts))
        path = stored_photo(tmp_path, SHA)
        path.parent.mkdir()
        path.write_bytes(photo)
        with closing(sqlite3.connect(":memory:")) as connection:
            connection.executescript(TABLES)
            for operation in (CLOSE, NOTE):
                row = (operation["id"], "d", operation["seq"], 5, operation["kind"], "counted", json.dumps(operation))
                connection.execute("INSERT INTO operations VALUES (?, ?, ?, ?, ?, ?, ?)", row)
            connection.executescript(
                f"""
                INSERT INTO closures VALUES ('op1', 5, 'Filled.', 'fixed', 1);
                INSERT INTO notes VALUES ('op2', 5, 'Note 1');
                INSERT INTO event_log VALUES ('case_closed', 5, '{{"closure_id": "op1"}}');
                INSERT INTO uploads VALUES ('u1', 'p1', '{SHA}', {len(PHOTO)}, {len(PHOTO)}, 'today');
                INSERT INTO photos VALUES ('p1', 'op1', '{SHA}', {len(PHOTO)}, 'verified');
                INSERT INTO cases VALUES (5, 'closed', 'fixed');
                {breaking}
                """
            )
            return check(tmp_path / "ledger", connection, tmp_path).broken

    return look


def test_a_city_in_order_is_called_so(world) -> None:
    assert world() == []


@pytest.mark.parametrize(
    ("breaking", "words"),
    [
        ("DELETE FROM operations WHERE id = 'op1';", "acknowledged and is lost"),
        ("UPDATE operations SET verdict = 'superseded' WHERE id = 'op2';", "not what was sent or answered"),
        ("UPDATE operations SET body = '{}' WHERE id = 'op2';", "not what was sent or answered"),
        ("INSERT INTO operations VALUES ('op9', 'd', 3, 5, 'note', 'counted', '{}');", "made by no phone"),
        ("DELETE FROM closures;", "0 rows"),
        ("INSERT INTO notes VALUES (NULL, 5, 'Note 1');", "2 rows"),
        ("INSERT INTO event_log SELECT * FROM event_log;", "2 events"),
        ("UPDATE cases SET status = 'assigned';", "is not closed"),
        ('UPDATE uploads SET "offset" = 6;', "7 acknowledged, 6 stored"),
        ("DELETE FROM uploads;", "is gone"),
        ("UPDATE photos SET state = 'awaited';", "still awaited"),
        ("INSERT INTO quarantine VALUES ('op7', 'unreadable');", "without cause"),
    ],
)
def test_each_false_acknowledgement_is_seen(world, breaking: str, words: str) -> None:
    assert any(words in said for said in world(breaking))


@pytest.mark.parametrize("photo", [PHOTO[:-1], b"", PHOTO[:-1] + b"X"])
def test_a_photo_that_is_not_byte_for_byte_there_is_seen(world, photo: bytes) -> None:
    assert any("not on disk as it was sent" in said for said in world(photo=photo))
