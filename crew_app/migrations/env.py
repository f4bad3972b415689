"""Run by `flask db`: migrations in the app's own database, in one transaction each."""

from alembic import context
from flask import current_app

from crew_app.extensions import writing
from crew_app.models.types import Json, UtcDateTime

migrate = current_app.extensions["migrate"]


def name_plain_types(kind, item, _context):
    """A migration names plain types only: it must still run when our own types have moved on."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and item is Json:
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


def set_foreign_keys(connection, on: bool) -> None:
    """SQLite changes a table by making it anew and dropping the old one; with foreign keys on, that would empty what
    refers to it. The setting is deaf inside a transaction, so it is made on the bare connection."""
    if connection.dialect.name == "sqlite":
        connection.connection.dbapi_connection.execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}")


def check_foreign_keys(connection) -> None:
    if connection.dialect.name == "sqlite" and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()):
        raise RuntimeError(f"the migration would leave rows that refer to nothing: {broken[:5]}")


def run() -> None:
    token = writing.set(True)  # a migration is a writer
    try:
        with migrate.db.engine.connect() as connection:
            set_foreign_keys(connection, on=False)
            try:
                context.configure(
                    connection=connection,
                    target_metadata=migrate.db.metadata,
                    render_item=name_plain_types,
                    **migrate.configure_args,
                )
                with context.begin_transaction():
                    context.run_migrations()
                check_foreign_keys(connection)
                connection.commit()
            finally:
                connection.rollback()
                set_foreign_keys(connection, on=True)
    finally:
        writing.reset(token)


run()
