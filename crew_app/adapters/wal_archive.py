"""A SQLite database's past, kept minute by minute: a copy of the file, then every frame of its write-ahead log.

Format of the log: sqlite.org/fileformat2.html#walformat. Whoever writes holds the city's writer lock (`transaction.py`);
`shelve` is called under it, so no frame is half there. Between two calls nobody else may check the log point back into the
file: `wal_autocheckpoint` is off where backups are on (extensions.py). Should it happen all the same (the last process closed
the database, somebody opened it by hand), the file has changed, and a new chain is begun.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from crew_app.adapters.backup_folder import BackupFolder
from crew_app.adapters.photo_store import flush

HEADER_BYTES, FRAME_HEADER_BYTES = 32, 24
Within = Callable[[sqlite3.Connection], bool]


@dataclass(slots=True)
class Place:
    """How far a chain has come: its last segment, of which life of the log that is, and how the file looked then."""

    chain: str
    segment: int
    salts: str
    size: int
    changed_at_ns: int  # another checkpoint than ours would change it


class Broken(Exception):
    """Something may have been written that no segment has: begin a new chain."""


class WalArchive:
    """Chains in a backup folder: `<chain>/base.sqlite`, `<chain>/000001.wal` ... each segment a log from its beginning."""

    def __init__(self, database: Path, backups: BackupFolder) -> None:
        self.database, self.backups = database, backups
        self.log = database.with_name(database.name + "-wal")
        self.place_file = database.with_name(database.name + ".backup")

    def begin(self, chain: str, held: Callable[[], sqlite3.Connection]) -> None:
        """Copy the file as it is now. `held` empties the log under the writer lock and gives a reader begun there.

        With that reader open the file does not change, whatever is written meanwhile: it goes to the log.
        """
        with closing(held()):
            place = Place(chain, 0, "", *self._look())
            self.backups.put(self.database, f"{chain}/base.sqlite")
        self._remember(place)

    def shelve(self) -> bool:
        """Copy what the log holds and empty it; is there anything new? Broken if frames may be lost. Hold the writer lock."""
        place = self._place()
        if self._look() != (place.size, place.changed_at_ns):
            raise Broken
        salts = self._salts()
        if not salts:
            os.utime(self.place_file)
            return False
        if salts != place.salts:  # begun anew since; else the log goes on, and its longer copy takes the place of the shorter
            place.segment, place.salts = place.segment + 1, salts
        self.backups.put(self.log, f"{place.chain}/{place.segment:06}.wal")
        empty_log(self.database)
        place.size, place.changed_at_ns = self._look()
        self._remember(place)
        return True

    def kept_at(self) -> datetime | None:
        """When `begin` or `shelve` last succeeded."""
        try:
            return datetime.fromtimestamp(self.place_file.stat().st_mtime, UTC)
        except FileNotFoundError:
            return None

    def _place(self) -> Place:
        try:
            return Place(**json.loads(self.place_file.read_text()))
        except FileNotFoundError:
            raise Broken from None

    def _remember(self, place: Place) -> None:
        partial = self.place_file.with_name(self.place_file.name + ".partial")
        partial.write_text(json.dumps(asdict(place)))
        flush(partial)
        partial.rename(self.place_file)

    def _look(self) -> tuple[int, int]:
        facts = self.database.stat()
        return facts.st_size, facts.st_mtime_ns

    def _salts(self) -> str:
        """What tells one life of the log from another; "" if it is empty."""
        try:
            with open(self.log, "rb") as file:
                return file.read(HEADER_BYTES)[16:24].hex()
        except FileNotFoundError:
            return ""


def empty_log(database: Path) -> bool:
    """Check the log point into the file and cut it to nothing; False while somebody still reads what is in it."""
    with closing(sqlite3.connect(database, timeout=2, isolation_level=None)) as connection:
        connection.execute("PRAGMA wal_autocheckpoint=0")
        is_busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not is_busy


def rebuild(base: Path, segments: Sequence[Path], target: Path, is_within: Within) -> int:
    """Make `target` out of a chain, up to its last commit of which `is_within(connection)` holds.

    `is_within` is asked of the database as of some commit: is all it holds wanted? Returns how many segments went in whole.
    """
    shutil.copyfile(base, target)
    log = target.with_name(target.name + "-wal")
    whole = 0
    for segment in segments:
        shutil.copyfile(segment, log)
        if not _holds(target, is_within):
            _cut_to_the_last_within(target, log, segment, is_within)
            _absorb(target)
            break
        _absorb(target)
        whole += 1
    flush(target)
    flush(target.parent)
    return whole


def _absorb(database: Path) -> None:
    database.with_name(database.name + "-shm").unlink(missing_ok=True)
    if not empty_log(database):
        raise RuntimeError(f"{database} is in use; restore into a place of its own")


def _holds(database: Path, is_within: Within) -> bool:
    """Ask without changing the file: a connection that only reads checks nothing point when it closes."""
    database.with_name(database.name + "-shm").unlink(missing_ok=True)
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return is_within(connection)


def _cut_to_the_last_within(target: Path, log: Path, segment: Path, is_within: Within) -> None:
    """Cut the log after the last commit that is within: by halves, since whatever came before one that is, is."""
    ends = list(commit_ends(segment))
    low, high = 0, len(ends)  # ends[:low] are within, ends[high:] are not
    while low < high:
        middle = (low + high) // 2
        _take(segment, log, ends[middle])
        if _holds(target, is_within):
            low = middle + 1
        else:
            high = middle
    _take(segment, log, ends[low - 1] if low else 0)


def _take(segment: Path, log: Path, size: int) -> None:
    shutil.copyfile(segment, log)
    with open(log, "r+b") as file:
        file.truncate(size)


def commit_ends(segment: Path) -> Iterator[int]:
    """Where in a log each transaction ends, in bytes. Frames of an earlier life of the log, behind the end, do not count."""
    with open(segment, "rb") as file:
        header = file.read(HEADER_BYTES)
        page_bytes, salts = struct.unpack(">I", header[8:12])[0], header[16:24]
        position = HEADER_BYTES
        while len(frame := file.read(FRAME_HEADER_BYTES)) == FRAME_HEADER_BYTES and frame[8:16] == salts:
            position += FRAME_HEADER_BYTES + page_bytes
            file.seek(position)
            if struct.unpack(">I", frame[4:8])[0]:
                yield position
