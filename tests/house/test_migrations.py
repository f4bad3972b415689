"""Migrations: one head, they make what the models say, and they can be undone."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import Config, downgrade, upgrade
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError

from crew_app.extensions import db
from crew_app.models import Assignment, Case, EventRow
from crew_app.relay import deliver_pending
from crew_app.transaction import transaction


def scripts(app: Flask) -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", f"{app.root_path}/migrations")
    return ScriptDirectory.from_config(config)


def test_there_is_a_single_head(app: Flask) -> None:
    assert len(scripts(app).get_heads()) == 1


def test_migrations_make_what_the_models_say(app: Flask) -> None:
    context = MigrationContext.configure(db.session.connection(), opts=app.extensions["migrate"].configure_args)
    differences = compare_metadata(context, db.metadata)
    assert not differences, differences


def test_migrations_can_be_undone_and_done_again(app: Flask) -> None:
    downgrade(revision="base")
    assert set(inspect(db.engine).get_table_names()) == {"alembic_version"}
    upgrade()
    assert set(db.metadata.tables) <= set(inspect(db.engine).get_table_names())


def test_a_city_in_use_keeps_every_row_through_every_migration(app: Flask, city, report) -> None:
    """Down to the first schema and up again with a case, its crew and its history in the database."""
    case_id = report()
    deliver_pending()
    db.session.remove()
    downgrade(revision="0001")
    upgrade()
    case = db.session.get_one(Case, case_id)
    assert (case.status, case.round) == ("assigned", 1)
    assert db.session.query(Assignment).count() == 1
    assert db.session.query(EventRow).count() == 2
    with pytest.raises(IntegrityError), transaction() as tx:  # the partial index is still there
        tx.session.add(Assignment(case_id=case_id, crew_id=city.crew_ids["PWD-2"], round=2, assigned_at=tx.now))
