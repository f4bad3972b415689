"""The extensions, bound to no app; `factory.create_app` binds them. And how an engine is made durable."""

from __future__ import annotations

import sqlite3
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from flask import Flask
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, MetaData, Table, event, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session, scoped_session

# SQLite needs every constraint to have a name, or a migration cannot change it.
NAMES = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)


WORD_INDEXES = ("case_words", "ix_case_words", "ix_report_words")


def is_the_models(name: str | None, kind: str, _parents: Any) -> bool:
    """Do the models say that it is there? The indexes of words (queries/search.py) are the migrations' alone."""
    return kind not in ("table", "index") or not (name or "").startswith(WORD_INDEXES)


db = SQLAlchemy(model_class=Base)
migrate = Migrate(directory="crew_app/migrations", render_as_batch=True, compare_type=True, include_name=is_the_models)
login = LoginManager()

if TYPE_CHECKING:
    Model = Base  # a type checker cannot follow the class Flask-SQLAlchemy makes of it
else:
    Model = db.Model

# True only inside `transaction()`: everything else opens the database for reading.
writing: ContextVar[bool] = ContextVar("writing", default=False)

SQLITE_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # NORMAL loses acknowledged closures at a power cut (docs/adr/0003)
    "foreign_keys=ON",
    "busy_timeout=15000",
    "trusted_schema=OFF",
    "cell_size_check=ON",
    "journal_size_limit=67108864",
)


def table_of(model: type[Model]) -> Table:
    """Its table: rows of it cost a fraction of what entities do."""
    table = model.__table__
    assert isinstance(table, Table)
    return table


# What a query or a service is handed: the request's session, or any other.
AnySession = Session | scoped_session[Any]
# What a query of plain rows is handed: a session, or its connection, which costs a third less for each statement.
AnyReader = AnySession | Connection


class NotDurable(RuntimeError):
    """The database would lose what a crew was told is safe. The app does not start with it."""


def engine_options(database_url: str) -> dict[str, Any]:
    if make_url(database_url).get_backend_name() == "sqlite":
        return {"connect_args": {"check_same_thread": False, "timeout": 15}}
    return {"pool_size": 10, "max_overflow": 20, "pool_pre_ping": True, "connect_args": {"options": "-c timezone=UTC"}}


def make_durable(engine: Engine, *, keeps_log: bool = False) -> None:
    """Set what durability needs on every connection, and decide how a transaction begins.

    `keeps_log`: backups read the log before it goes into the file, so connections leave it alone (adapters/wal_archive.py).
    """
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we begin transactions ourselves, below
        for pragma in (*SQLITE_PRAGMAS, *(("wal_autocheckpoint=0",) if keeps_log else ())):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        # IMMEDIATE: a writer that waits at its start cannot fail half-way with "database is locked".
        # query_only: whatever is not inside transaction() cannot write, by mistake or otherwise.
        is_writing = writing.get()
        # Past SQLAlchemy: two statements of each request that return nothing were a quarter of all it carried.
        driver = connection.connection.driver_connection
        if connection.info.get("is_writing") is not is_writing:
            _run(driver, f"PRAGMA query_only={'OFF' if is_writing else 'ON'}")
            connection.info["is_writing"] = is_writing
        _run(driver, "BEGIN IMMEDIATE" if is_writing else "BEGIN")


def _run(driver: Any, statement: str) -> None:
    """On the driver's connection, and if it fails, as SQLAlchemy says that (OperationalError: the database is busy)."""
    try:
        driver.execute(statement)
    except sqlite3.Error as error:
        raise DBAPIError.instance(statement, None, error, sqlite3.Error) from error


def assert_durable(engine: Engine) -> None:
    """Ask the database itself; raise NotDurable, saying which setting is wrong and why it matters."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":

            def asked(name: str) -> str:
                return str(connection.execute(text(f"PRAGMA {name}")).scalar()).lower()

            wanted = {"journal_mode": ("wal",), "synchronous": ("2", "3"), "foreign_keys": ("1",)}
        else:

            def asked(name: str) -> str:
                return str(connection.execute(text(f"SHOW {name}")).scalar()).lower()

            wanted = {
                "fsync": ("on",),
                "full_page_writes": ("on",),
                "synchronous_commit": ("on", "remote_apply"),
            }
        for name, good in wanted.items():
            if (found := asked(name)) not in good:
                raise NotDurable(
                    f"The database answers {name} = {found}; Crew311 needs {' or '.join(good)}. With {found}, a closure "
                    "that a crew was told is received could be lost when the power fails, so the server does not start."
                )


def bind_database(app: Flask) -> None:
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(app.config["DATABASE_URL"])
    db.init_app(app)

    @app.teardown_appcontext  # runs before Flask-SQLAlchemy's own: the last registered comes first
    def let_go(_error: BaseException | None) -> None:
        """A database that went away after the commit must not turn a good answer into a 500."""
        try:
            db.session.remove()
        except DBAPIError:
            app.logger.warning("the database went away while its session was being closed")
            db.session.registry.clear()

    migrate.init_app(app, db)
    with app.app_context():
        make_durable(db.engine, keeps_log=bool(app.config["BACKUP_FOLDER"]))
        assert_durable(db.engine)
