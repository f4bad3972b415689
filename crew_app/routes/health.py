"""Is the process up; may it get traffic?"""

from __future__ import annotations

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, Response, current_app, jsonify
from flask_migrate import Config as AlembicConfig
from sqlalchemy import text

from crew_app.extensions import db
from crew_app.queries.vitals import vitals
from crew_app.services.photos import photo_store
from crew_app.transaction import system_clock

bp = Blueprint("health", __name__)

MOST_AHEAD_S = 60  # set back further, the clock would make new deeds older than those before them


@bp.get("/healthz")
def healthz() -> Response:
    return jsonify(status="up")


@bp.get("/readyz")
def readyz() -> tuple[Response, int]:
    """503 with the failing checks until all are well: may this process get traffic?

    A worker that stands still, a full disk or a missing backup is no reason to send people away: /metrics tells of those.
    """
    checks = {"database": _database_answers(), "migrations": False, "photos": photo_store().answers(), "clock": False}
    if checks["database"]:
        checks["migrations"] = _is_at_head()
        checks["clock"] = checks["migrations"] and vitals(db.session, system_clock()).ahead_s < MOST_AHEAD_S
    ready = all(checks.values())
    return jsonify(status="ready" if ready else "not ready", checks=checks), 200 if ready else 503


def _database_answers() -> bool:
    try:
        return bool(db.session.execute(text("SELECT 1")).scalar() == 1)
    except Exception:
        current_app.logger.exception("the database does not answer")
        return False


def _is_at_head() -> bool:
    config = AlembicConfig()
    config.set_main_option("script_location", f"{current_app.root_path}/migrations")
    head = ScriptDirectory.from_config(config).get_current_head()
    return MigrationContext.configure(db.session.connection()).get_current_revision() == head
