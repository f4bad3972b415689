"""How often somebody asked lately, counted for all processes of one machine in a small file of its own.

Each name has one number: when its allowance will be whole again. A minute's allowance may be used at once and comes back
evenly. The file may be lost at any time: then everybody starts afresh. If it cannot be read, nobody is refused.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from pathlib import Path

MINUTE_S = 60.0

_COUNT = """
INSERT INTO allowances (name, whole_at) VALUES (:name, :now + :step)
ON CONFLICT (name) DO UPDATE SET whole_at = max(whole_at, :now) + :step WHERE max(whole_at, :now) + :step <= :now + :minute
RETURNING whole_at
"""


class RateLimits:
    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._file = sqlite3.connect(path, check_same_thread=False, timeout=1, isolation_level=None)
        self._file.execute("PRAGMA journal_mode=WAL")
        self._file.execute("PRAGMA synchronous=OFF")
        self._file.execute("CREATE TABLE IF NOT EXISTS allowances (name TEXT PRIMARY KEY, whole_at REAL) WITHOUT ROWID")

    def wait_s(self, name: str, per_minute: int, now: float) -> float | None:
        """Count one more for this name; None if it may go on, else after how many seconds it may."""
        step = MINUTE_S / per_minute
        try:
            with self._lock:
                if self._file.execute(_COUNT, {"name": name, "now": now, "step": step, "minute": MINUTE_S}).fetchone():
                    return None
                (whole_at,) = self._file.execute("SELECT whole_at FROM allowances WHERE name = ?", (name,)).fetchone()
        except sqlite3.Error:
            logging.getLogger(__name__).exception("requests cannot be counted; nobody is refused")
            return None
        return max(0.0, whole_at + step - now - MINUTE_S)

    def forget_whole(self, now: float) -> None:
        """Whoever has its whole allowance again need not be remembered."""
        try:
            with self._lock:
                self._file.execute("DELETE FROM allowances WHERE whole_at <= ?", (now,))
        except sqlite3.Error:
            logging.getLogger(__name__).exception("old counts could not be removed")

    def close(self) -> None:
        self._file.close()
