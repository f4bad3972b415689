"""The queue of what runs beside the web server, on SQLite, Redis or PostgreSQL: one address chooses (HUEY_URL).

A job here is only a wake-up call: what there is to do stands in the event log. A call that dies with its process, or with
Redis, is made up for by the next one and by the timetable.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from huey import Huey, PostgresHuey, RedisHuey, SqliteHuey

NAME = "crew311"
# Dequeuing waits this long at most, so that a worker told to stop does.
READ_TIMEOUT_S = 1


def open_queue(url: str) -> Huey:
    """The queue at `sqlite:///path`, `redis://host:port/0` (`rediss://`) or `postgresql://...`; ValueError for others."""
    parts = urlsplit(url)
    match parts.scheme.partition("+")[0]:
        case "sqlite":
            path = Path(parts.path)
            path.parent.mkdir(parents=True, exist_ok=True)
            return SqliteHuey(NAME, filename=str(path), results=False)
        case "redis" | "rediss":
            return RedisHuey(NAME, url=url, results=False, read_timeout=READ_TIMEOUT_S)
        case "postgresql":
            plain = url.replace(f"{parts.scheme}://", "postgresql://", 1)  # "+psycopg" is SQLAlchemy's word, not libpq's
            return PostgresHuey(NAME, dsn=plain, results=False, read_timeout=READ_TIMEOUT_S)
    raise ValueError(f"HUEY_URL={parts.scheme}://... is none of sqlite:///, redis://, rediss://, postgresql://")
