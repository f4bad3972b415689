"""One at a time, across threads and processes: whoever holds the lease of a name does its work, the others wait or go on."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from crew_app.extensions import db

# PostgreSQL's advisory locks go by numbers; any that nobody else takes would do.
NUMBERS = {"relay": 311_311_312, "dispatch": 311_311_313, "web_push": 311_311_319, "mail": 311_311_320}


@contextmanager
def lease(name: str, *, waits: bool) -> Iterator[bool]:
    """Yield whether we hold it: always True if `waits`, else False at once when somebody else does.

    It ends with the process that held it, however that ended.
    """
    if db.engine.dialect.name == "postgresql":
        number = NUMBERS[name]
        with db.engine.connect() as connection:
            if waits:
                connection.execute(text(f"SELECT pg_advisory_lock({number})"))
            mine = waits or bool(connection.execute(text(f"SELECT pg_try_advisory_lock({number})")).scalar())
            connection.rollback()  # the lock is the session's; no transaction is to stay open while the work goes on
            try:
                yield mine
            finally:
                if mine:
                    connection.execute(text(f"SELECT pg_advisory_unlock({number})"))
        return
    with open(f"{db.engine.url.database}.{name}", "a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if waits else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True
