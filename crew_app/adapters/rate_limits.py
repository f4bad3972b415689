"""How often somebody asked lately, counted for all processes of one machine in a small file of its own.

Each name has one number: when its allowance will be whole again. The allowance of a minute (or another time) may be used at
once and comes back evenly. The file may be lost at any time: then everybody starts afresh. If it cannot be read, nobody is refused.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from pathlib import Path

MINUTE_S = 60.0

# What lies further ahead than one allowance was counted before the clock was set back: it is whole.
_SINCE = "CASE WHEN whole_at > :now + :within THEN :now ELSE max(whole_at, :now) END"
_COUNT = f"""
INSERT INTO allowances (name, whole_at) VALUES (:name, :now + :step)
ON CONFLICT (name) DO UPDATE SET whole_at = {_SINCE} + :step WHERE {_SINCE} + :step <= :now + :within
RETURNING whole_at
"""  # noqa: S608  our own words


class RateLimits:
    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._file = sqlite3.connect(path, check_same_thread=False, timeout=1, isolation_level=None)
        self._file.execute("PRAGMA journal_mode=WAL")
        self._file.execute("PRAGMA synchronous=OFF")
        self._file.execute("CREATE TABLE IF NOT EXISTS allowances (name TEXT PRIMARY KEY, whole_at REAL) WITHOUT ROWID")

    def wait_s(self, name: str, most: int, now: float, within_s: float = MINUTE_S) -> float | None:
        """Count one more for this name; None if it may go on, else after how many seconds it may. `most`: so many within that time."""
        step = within_s / most
        try:
            with self._lock:
                if self._file.execute(_COUNT, {"name": name, "now": now, "step": step, "within": within_s}).fetchone():
                    return None
                (whole_at,) = self._file.execute("SELECT whole_at FROM allowances WHERE name = ?", (name,)).fetchone()
        except sqlite3.Error:
            logging.getLogger(__name__).exception("requests cannot be counted; nobody is refused")
            return None
        return max(0.0, whole_at + step - now - within_s)

    def forget(self, *names: str) -> None:
        """Begin afresh with these."""
        try:
            with self._lock:
                self._file.executemany("DELETE FROM allowances WHERE name = ?", [(name,) for name in names])
        except sqlite3.Error:
            logging.getLogger(__name__).exception("counts could not be removed")

    def give_back(self, name: str, most: int, within_s: float = MINUTE_S) -> None:
        """One less: what was counted turned out to be no harm."""
        try:
            with self._lock:
                self._file.execute("UPDATE allowances SET whole_at = whole_at - ? WHERE name = ?", (within_s / most, name))
        except sqlite3.Error:
            logging.getLogger(__name__).exception("a count could not be given back")

    def forget_whole(self, now: float) -> None:
        """Whoever has its whole allowance again need not be remembered."""
        try:
            with self._lock:
                self._file.execute("DELETE FROM allowances WHERE whole_at <= ?", (now,))
        except sqlite3.Error:
            logging.getLogger(__name__).exception("old counts could not be removed")

    def close(self) -> None:
        self._file.close()
