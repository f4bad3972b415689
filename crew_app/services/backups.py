"""Backups while the city works: the database's past minute by minute (SQLite), each photo once.

Layout: `chains/<when it began>/base.sqlite` and `000001.wal` ...; `photos/` as in the store. docs/operations.md says how to
restore. PostgreSQL's own tools do the first half for PostgreSQL.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import current_app
from sqlalchemy import select

from crew_app.adapters.backup_folder import BackupFolder
from crew_app.adapters.wal_archive import Broken, WalArchive, empty_log
from crew_app.errors import Busy
from crew_app.extensions import db
from crew_app.models import Photo
from crew_app.services.photos import photo_store
from crew_app.transaction import single_writer

STAMP = "%Y%m%dT%H%M%S.%fZ"
RENDITIONS = ("large", "small")


def backup_folder() -> BackupFolder | None:
    """Where this city keeps its backups; None if nobody has said."""
    folder: BackupFolder | None = current_app.extensions["backups"]
    return folder


def sqlite_file() -> Path | None:
    url = db.engine.url
    return Path(url.database) if db.engine.dialect.name == "sqlite" and url.database else None


def keep_the_minute(backups: BackupFolder, now: datetime) -> bool:
    """Put what was written since the last call into the chain; begin one if there is none, or it has a gap. Anything new?"""
    database = sqlite_file()
    if database is None:
        return False
    archive = WalArchive(database, backups)
    db.session.rollback()  # what we read ourselves would keep the log from being emptied
    try:
        with single_writer():
            return archive.shelve()
    except Broken:
        begin_chain(backups, now)
        return True


def begin_chain(backups: BackupFolder, now: datetime) -> str:
    """Copy the whole database as it is now, while others write on; returns the chain's name."""
    database = sqlite_file()
    if database is None:
        raise ValueError("PostgreSQL is backed up by its own tools: docs/operations.md")
    chain = f"chains/{now.strftime(STAMP)}"
    db.session.rollback()

    def held() -> sqlite3.Connection:
        with single_writer():
            if not empty_log(database):
                raise Busy("Somebody has been reading the database for long; the backup is tried again in a minute.")
            reader = sqlite3.connect(database, isolation_level=None)
            reader.execute("PRAGMA wal_autocheckpoint=0")
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM sqlite_master").fetchone()
        return reader

    WalArchive(database, backups).begin(chain, held)
    return chain


def drop_old_chains(backups: BackupFolder, now: datetime, days: int) -> list[str]:
    """Remove the chains nobody needs to be put back to any minute of the last `days` days; returns their names."""
    chains = backups.names("chains")
    oldest_wanted = now - timedelta(days=days)
    older = [chain for chain in chains if began_at(chain) <= oldest_wanted]
    for chain in older[:-1]:  # the last of them holds the first of the wanted minutes
        backups.drop(chain)
    return older[:-1]


def began_at(chain: str) -> datetime:
    return datetime.strptime(chain.rsplit("/", 1)[1], STAMP).replace(tzinfo=UTC)


def age_of_backup_s(now: datetime) -> float | None:
    """Seconds since the chain was last gone on with; None where no backups are kept by us."""
    database, backups = sqlite_file(), backup_folder()
    if database is None or backups is None:
        return None
    kept_at = WalArchive(database, backups).kept_at()
    return (now - kept_at).total_seconds() if kept_at else float("inf")


def copy_photo(backups: BackupFolder, photo: Photo) -> int:
    """Keep a photo's original and the copies made of it; returns how many files were new."""
    copied = 0
    for name in (f"{photo.sha256}/original", *(f"{photo.id}/{size}" for size in RENDITIONS)):
        kept = f"photos/{name}"
        if backups.holds(kept) or not photo_store().exists(name):
            continue
        with _in_a_file(name) as path:
            backups.put(path, kept)
        copied += 1
    return copied


def copy_all_photos(backups: BackupFolder) -> int:
    """Keep every photo that is here and not yet there; returns how many files were new."""
    photos = db.session.scalars(select(Photo).where(Photo.verified_at.is_not(None)).execution_options(yield_per=1000))
    return sum(copy_photo(backups, photo) for photo in photos)


@contextmanager
def _in_a_file(name: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="crew311-") as folder:
        path = Path(folder) / "photo"
        with photo_store().open(name) as stored, open(path, "wb") as file:
            shutil.copyfileobj(stored, file)
        yield path
