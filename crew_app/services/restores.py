"""The city put back to a moment: database, photos, and a new life, so that phones send again what the moment did not know."""

from __future__ import annotations

import sqlite3
import tempfile
import uuid
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import delete, select

from crew_app.adapters.backup_folder import BackupFolder
from crew_app.adapters.photo_store import PhotoStore
from crew_app.adapters.wal_archive import rebuild
from crew_app.models import Photo, Server, Upload
from crew_app.services.backups import RENDITIONS, began_at
from crew_app.transaction import Tx

NEWEST = "SELECT max(at) FROM event_log"


class NoBackup(Exception):
    """Nothing there reaches back that far, or it cannot be read."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    chain: str
    newest: datetime | None  # the last thing that happened which the database knows


def rebuild_database(backups: BackupFolder, to: datetime, target: Path, identity: str = "") -> Rebuilt:
    """Make the file `target`: everything written up to the moment `to`, nothing that was written after it."""
    chains = [chain for chain in backups.names("chains") if began_at(chain) <= to and backups.holds(f"{chain}/base.sqlite")]
    if not chains:
        raise NoBackup(f"No backup reaches back to {to.isoformat()}.")
    limit = to.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")

    def is_within(connection: sqlite3.Connection) -> bool:
        newest: str | None = connection.execute(NEWEST).fetchone()[0]
        return newest is None or newest <= limit

    with tempfile.TemporaryDirectory(prefix="crew311-restore-", dir=target.parent) as folder:
        here = Path(folder)
        files = []
        try:
            for name in backups.names(chains[-1]):
                backups.fetch(name, here / Path(name).name, identity)
                files.append(here / Path(name).name)
        except (ValueError, OSError) as error:
            raise NoBackup(f"The backup cannot be read: {error}") from None
        *segments, base = files  # "000001.wal" comes before "base.sqlite"
        rebuild(base, segments, target, is_within)
    with closing(sqlite3.connect(target)) as connection:
        (soundness,) = connection.execute("PRAGMA integrity_check").fetchone()
        newest = connection.execute(NEWEST).fetchone()[0]
    if soundness != "ok":
        raise NoBackup(f"The database came out damaged: {soundness}")
    return Rebuilt(chains[-1], datetime.fromisoformat(newest).replace(tzinfo=UTC) if newest else None)


def begin_new_life(tx: Tx) -> None:
    """Tell phones, by another epoch, that what they were told was received may be gone; begun uploads have no bytes here."""
    tx.session.execute(delete(Upload).where(Upload.completed_at.is_(None)))
    tx.session.scalars(select(Server)).one().epoch = str(uuid.uuid4())


def bring_photos_back(tx: Tx, backups: BackupFolder, store: PhotoStore, identity: str = "") -> tuple[int, list[str]]:
    """Put into the store what it lacks; returns how many files, and which photos have no original anywhere.

    Such a photo is awaited again: the phone that took it may still have it.
    """
    brought, lost = 0, []
    with tempfile.TemporaryDirectory(prefix="crew311-restore-") as folder:
        path = Path(folder) / "photo"
        for photo in tx.session.scalars(select(Photo).where(Photo.verified_at.is_not(None)).execution_options(yield_per=1000)):
            original = f"{photo.sha256}/original"
            for name in (original, *(f"{photo.id}/{size}" for size in RENDITIONS)):
                if not store.exists(name) and backups.holds(f"photos/{name}"):
                    backups.fetch(f"photos/{name}", path, identity)
                    store.put(name, path)
                    path.unlink()
                    brought += 1
            if not store.exists(original):
                lost.append(photo.id)
    return brought, lost
