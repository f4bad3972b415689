"""Back to any minute: what was written by then is there, what came later is not, and photos are whole."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyrage
import pytest
from phone import Phone, jpeg, photo_ref

from crew_app.adapters.backup_folder import BackupFolder
from crew_app.extensions import db
from crew_app.models import Photo, PhotoState, Server, Upload
from crew_app.services.backups import began_at, begin_chain, copy_all_photos, drop_old_chains, keep_the_minute
from crew_app.services.photos import photo_store
from crew_app.services.restores import NoBackup, begin_new_life, bring_photos_back, rebuild_database
from crew_app.transaction import transaction

pytestmark = pytest.mark.once  # PostgreSQL has its own tools for this
EPOCH = datetime(2026, 12, 1, 6, 0, tzinfo=UTC)


@pytest.fixture
def backups(app, tmp_path: Path) -> Iterator[BackupFolder]:
    yield BackupFolder(tmp_path / "elsewhere")


@pytest.fixture
def at(city, report):
    """at(minute) -> the id of a case that is reported that many minutes after six."""

    def make(minute: float) -> int:
        case_id = report()
        with transaction(EPOCH + timedelta(minutes=minute)) as tx:
            tx.session.connection().exec_driver_sql(
                "UPDATE event_log SET at = ? WHERE case_id = ?", (tx.now.strftime("%Y-%m-%d %H:%M:%S.%f"), case_id)
            )
        return case_id

    return make


def cases_in(database: Path) -> list[int]:
    with closing(sqlite3.connect(database)) as connection:
        return [row[0] for row in connection.execute("SELECT id FROM cases ORDER BY id")]


def rebuilt(backups: BackupFolder, minute: float, tmp_path: Path, identity: str = "") -> list[int]:
    target = tmp_path / "rebuilt.sqlite"
    rebuild_database(backups, EPOCH + timedelta(minutes=minute), target, identity)
    return cases_in(target)


def test_the_city_can_be_put_back_to_any_moment_between_two_backups(backups: BackupFolder, at, tmp_path: Path) -> None:
    first = at(0)
    begin_chain(backups, EPOCH + timedelta(minutes=1))
    second, third = at(2), at(3)
    assert keep_the_minute(backups, EPOCH + timedelta(minutes=4))
    fourth = at(5)
    assert keep_the_minute(backups, EPOCH + timedelta(minutes=6))
    wanted = {1: [first], 2: [first, second], 2.5: [first, second], 3: [first, second, third], 5: [first, second, third, fourth]}
    assert {minute: rebuilt(backups, minute, tmp_path) for minute in wanted} == wanted


def test_a_minute_in_which_nothing_was_written_adds_nothing(backups: BackupFolder, at) -> None:
    at(0)
    chain = begin_chain(backups, EPOCH + timedelta(minutes=1))
    assert not keep_the_minute(backups, EPOCH + timedelta(minutes=2))
    assert backups.names(chain) == [f"{chain}/base.sqlite"]


def test_what_is_written_while_the_database_is_copied_is_in_the_next_minute(
    backups: BackupFolder, at, tmp_path: Path, monkeypatch
) -> None:
    first, written = at(0), []
    put = BackupFolder.put

    def slow_put(self: BackupFolder, source: Path, name: str) -> None:
        if name.endswith("base.sqlite"):
            written.append(at(2))
        put(self, source, name)

    monkeypatch.setattr(BackupFolder, "put", slow_put)
    begin_chain(backups, EPOCH + timedelta(minutes=1))
    assert rebuilt(backups, 9, tmp_path) == [first]
    keep_the_minute(backups, EPOCH + timedelta(minutes=3))
    assert rebuilt(backups, 9, tmp_path) == [first, *written]


def test_while_somebody_reads_for_long_the_log_is_kept_all_the_same(app, backups: BackupFolder, at, tmp_path: Path) -> None:
    first = at(0)
    begin_chain(backups, EPOCH + timedelta(minutes=1))
    second = at(2)
    with closing(sqlite3.connect(db.engine.url.database, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM cases").fetchone()
        third = at(3)
        keep_the_minute(backups, EPOCH + timedelta(minutes=4))
        fourth = at(5)
        keep_the_minute(backups, EPOCH + timedelta(minutes=6))
    fifth = at(7)
    keep_the_minute(backups, EPOCH + timedelta(minutes=8))
    assert rebuilt(backups, 9, tmp_path) == [first, second, third, fourth, fifth]


def test_when_the_log_went_into_the_file_behind_our_back_a_new_chain_is_begun(
    app, backups: BackupFolder, at, tmp_path: Path
) -> None:
    first = at(0)
    begin_chain(backups, EPOCH + timedelta(minutes=1))
    second = at(2)
    with closing(sqlite3.connect(db.engine.url.database)) as stranger:
        db.session.rollback()
        assert stranger.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
    assert keep_the_minute(backups, EPOCH + timedelta(minutes=3))
    assert len(backups.names("chains")) == 2
    assert rebuilt(backups, 9, tmp_path) == [first, second]


def test_without_a_chain_the_first_minute_begins_one(backups: BackupFolder, at, tmp_path: Path) -> None:
    first = at(0)
    assert keep_the_minute(backups, EPOCH + timedelta(minutes=1))
    assert rebuilt(backups, 2, tmp_path) == [first]


def test_before_the_first_backup_there_is_nothing_to_go_back_to(backups: BackupFolder, at, tmp_path: Path) -> None:
    at(0)
    begin_chain(backups, EPOCH + timedelta(minutes=1))
    with pytest.raises(NoBackup, match="No backup reaches back to 2026-12-01T06:00"):
        rebuild_database(backups, EPOCH, tmp_path / "rebuilt.sqlite")


def test_a_sealed_backup_shows_nothing_and_opens_with_its_key_only(app, at, tmp_path: Path) -> None:
    key, other = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    backups = BackupFolder(tmp_path / "elsewhere", str(key.to_public()))
    first = at(0)
    begin_chain(backups, EPOCH + timedelta(minutes=1))
    second = at(2)
    keep_the_minute(backups, EPOCH + timedelta(minutes=3))
    files = [path for path in (tmp_path / "elsewhere").rglob("*") if path.is_file()]
    assert files and all(path.suffix == ".age" and path.stat().st_mode & 0o077 == 0 for path in files)
    assert not any(b"SQLite format 3" in path.read_bytes() or b"rosa@city.test" in path.read_bytes() for path in files)
    assert rebuilt(backups, 9, tmp_path, str(key)) == [first, second]
    for wrong, words in (("", "give the private key"), (str(other), "cannot be opened"), ("nonsense", "cannot be opened")):
        with pytest.raises(NoBackup, match=words):
            rebuild_database(backups, EPOCH + timedelta(minutes=9), tmp_path / "other.sqlite", wrong)


def test_a_key_that_is_none_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="BACKUP_KEY='age1nonsense' is no age public key"):
        BackupFolder(tmp_path, "age1nonsense")


def test_chains_are_kept_as_long_as_a_wanted_minute_needs_them(backups: BackupFolder, at) -> None:
    at(0)
    chains = [begin_chain(backups, EPOCH + timedelta(days=day)) for day in range(5)]
    assert drop_old_chains(backups, EPOCH + timedelta(days=4, hours=1), days=2) == chains[:2]
    assert backups.names("chains") == chains[2:]
    assert began_at(chains[2]) == EPOCH + timedelta(days=2)


def test_photos_come_back_and_those_lost_are_asked_for_again(phone: Phone, job, dispatched, tmp_path: Path, backups) -> None:
    kept, lost = jpeg(1, 300), jpeg(2, 300)
    refs = {name: photo_ref(content) for name, content in (("kept", kept), ("lost", lost))}
    for name, content in (("kept", kept), ("lost", lost)):
        phone.push(phone.closing(*job(), [refs[name]]))
        phone.upload(refs[name], content)
        dispatched()
        if name == "kept":
            assert copy_all_photos(backups) == 3
            assert copy_all_photos(backups) == 0
    for path in photo_store().folder.rglob("*.*"):
        path.unlink()
    with transaction() as tx:
        brought, missing = bring_photos_back(tx, backups, photo_store())
    assert (brought, missing) == (3, [refs["lost"]["id"]])
    with photo_store().open(f"{refs['kept']['sha256']}/original") as file:
        assert file.read() == kept
    assert photo_store().exists(f"{refs['kept']['id']}/large")


def test_a_new_life_lets_begun_uploads_begin_again(phone: Phone, job) -> None:
    content = jpeg(3, 300)
    ref = photo_ref(content)
    phone.push(phone.closing(*job(), [ref]))
    address = phone.create_upload(ref).headers["Location"]
    phone.patch(address, 0, content[:100])
    before = db.session.query(Server.epoch).scalar()
    with transaction() as tx:
        begin_new_life(tx)
    assert db.session.query(Server.epoch).scalar() != before
    assert db.session.query(Upload).count() == 0
    phone.upload(ref, content)
    assert db.session.get_one(Photo, ref["id"]).state == PhotoState.VERIFIED
