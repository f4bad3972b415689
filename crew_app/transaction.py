"""The one place that writes: `with transaction() as tx`. It holds the only commit of the repo.

The edge (a route, a command, a subscriber) opens it and hands `tx` down; services never commit. No network call
happens inside. Facts are written with the change (`tx.emit`) and told after it, by the relay.
"""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from flask import current_app
from sqlalchemy import Connection, func, insert, select, text

from crew_app.adapters.word_index import learn_words
from crew_app.events import CaseImported, CaseOpened, CasePlaced, Event
from crew_app.extensions import AnySession, db, table_of, writing
from crew_app.models.event_log import EventRow

# One number, so that all processes of one city take the same lock (any constant would do).
EVENT_LOG_LOCK = 311_311_311
# What changes the words by which a case is found.
CHANGES_WORDS = (CaseOpened.kind, CaseImported.kind, CasePlaced.kind)

_NEW_EVENTS = insert(table_of(EventRow))
_NEWEST = select(func.max(table_of(EventRow).c.seq))
_writer = threading.Lock()


class Tx:
    """A running transaction: its session, its moment, and the facts it will leave in the event log."""

    def __init__(self, session: AnySession, now: datetime) -> None:
        self.session = session
        self.now = now
        self.events: list[Event] = []
        self.is_to_be_told = False  # something waits for the relay, though no event says so
        self.wants_seq = False
        self.seq: int | None = None  # after it, where it is wanted: the newest number, what was emitted here included

    @property
    def connection(self) -> Connection:
        """For statements on plain rows; through the session each would cost half as much again."""
        return self.session.connection()

    def emit(self, event: Event) -> None:
        self.events.append(event)

    def write_events(self) -> None:
        """Give the facts their sequence numbers, in the order in which transactions commit.

        PostgreSQL hands out numbers before commit: without the lock a phone that pulled up to 8 would never see 7,
        committed a moment later. The lock is taken last and held for one insert and the commit.
        """
        if not self.events:
            return
        self.session.flush()
        learn_words(self.session, {event.case_id for event in self.events if event.kind in CHANGES_WORDS})
        connection = self.connection
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({EVENT_LOG_LOCK})"))
        rows = [
            {"kind": e.kind, "case_id": e.case_id, "person_id": e.person_id, "body": e.body(), "at": self.now} for e in self.events
        ]
        connection.execute(_NEW_EVENTS, rows)


def system_clock() -> datetime:
    return datetime.now(UTC)


@contextmanager
def transaction(now: datetime | None = None) -> Iterator[Tx]:
    """Begin, yield, commit; roll back on any exception. `now` (aware, UTC) is one moment for the whole change.

    Must not be nested: two changes that belong together are one transaction, opened at the edge.
    """
    if writing.get():
        raise RuntimeError("transaction() inside transaction(): open it once, at the edge, and pass tx down")
    db.session.rollback()  # end the read this request may have begun: its snapshot would be stale
    with single_writer():
        token = writing.set(True)
        try:
            tx = Tx(db.session, now or system_clock())
            yield tx
            tx.write_events()
            if tx.wants_seq:
                tx.seq = tx.connection.scalar(_NEWEST) or 0
            db.session.commit()
        except BaseException:
            db.session.rollback()
            raise
        finally:
            writing.reset(token)
    if (tx.events or tx.is_to_be_told) and (wake := current_app.extensions.get("wake_relay")):
        _wake(wake)


def _wake(wake: Callable[[], None]) -> None:
    """Telling may fail or be slow to start; what is written stays written, and the relay's timer finds it."""
    try:
        wake()
    except Exception:
        current_app.logger.exception("the relay could not be woken; its timer will deliver")


@contextmanager
def single_writer() -> Iterator[None]:
    """Queue for SQLite's single writer fairly, across threads and processes.

    SQLite's own busy back-off sleeps and tries again, which starves some writers for most of a second under load;
    a lock queue does not (docs/adr/0003). PostgreSQL needs none of this.
    """
    if db.engine.dialect.name != "sqlite" or not db.engine.url.database:
        yield
        return
    with _writer, open(Path(f"{db.engine.url.database}.writer"), "a") as queue:
        fcntl.flock(queue, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(queue, fcntl.LOCK_UN)
