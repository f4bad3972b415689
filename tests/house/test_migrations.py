"""Migrations: one head, they make what the models say, and they can be undone."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import Config, downgrade, upgrade
from sqlalchemy import inspect

from crew_app.extensions import db


def scripts(app: Flask) -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", f"{app.root_path}/migrations")
    return ScriptDirectory.from_config(config)


def test_there_is_a_single_head(app: Flask) -> None:
    assert len(scripts(app).get_heads()) == 1


def test_migrations_make_what_the_models_say(app: Flask) -> None:
    context = MigrationContext.configure(db.session.connection(), opts={"compare_type": True})
    differences = compare_metadata(context, db.metadata)
    assert not differences, differences


def test_migrations_can_be_undone_and_done_again(app: Flask) -> None:
    downgrade(revision="base")
    assert set(inspect(db.engine).get_table_names()) == {"alembic_version"}
    upgrade()
    assert set(db.metadata.tables) <= set(inspect(db.engine).get_table_names())
