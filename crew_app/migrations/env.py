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


def run() -> None:
    token = writing.set(True)  # a migration is a writer
    try:
        with migrate.db.engine.connect() as connection:
            context.configure(
                connection=connection, target_metadata=migrate.db.metadata, render_item=name_plain_types, **migrate.configure_args
            )
            with context.begin_transaction():
                context.run_migrations()
            connection.commit()
    finally:
        writing.reset(token)


run()
