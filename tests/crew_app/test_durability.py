"""The database keeps what a crew was told is received, or the server does not start."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import create_engine, event, text
from sqlalchemy.exc import DBAPIError

from crew_app.events import CaseReopened
from crew_app.extensions import NotDurable, assert_durable, db
from crew_app.models import Department, EventRow
from crew_app.transaction import transaction


def test_the_apps_own_database_is_durable(app: Flask) -> None:
    assert_durable(db.engine)


@pytest.mark.parametrize("pragma", ["synchronous=NORMAL", "synchronous=OFF", "journal_mode=DELETE", "foreign_keys=OFF"])
def test_a_sqlite_that_would_lose_work_is_refused_with_the_reason(tmp_path, pragma: str) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'city.sqlite'}")

    @event.listens_for(engine, "connect")
    def set_pragmas(connection, _record) -> None:
        for setting in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", pragma):
            connection.execute(f"PRAGMA {setting}")

    with pytest.raises(NotDurable, match=pragma.split("=")[0]):
        assert_durable(engine)
    engine.dispose()


def test_a_postgresql_that_would_lose_work_is_refused(app: Flask) -> None:
    if db.engine.dialect.name != "postgresql":
        pytest.skip("runs on PostgreSQL (CREW311_TEST_DATABASE=postgresql)")
    engine = create_engine(db.engine.url, connect_args={"options": "-c synchronous_commit=off"})
    with pytest.raises(NotDurable, match="synchronous_commit"):
        assert_durable(engine)
    engine.dispose()


def test_nothing_is_written_outside_a_transaction(app: Flask) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("query_only is SQLite's; on PostgreSQL the house test for one commit() stands alone")
    db.session.add(Department(code="X", name="X"))
    with pytest.raises(DBAPIError, match="readonly"):
        db.session.flush()
    db.session.rollback()


def test_a_change_that_fails_leaves_nothing_behind(app: Flask, city) -> None:
    with pytest.raises(RuntimeError, match="planted"), transaction() as tx:
        tx.session.add(Department(code="X", name="X"))
        tx.session.flush()
        tx.emit(CaseReopened(case_id=1, round=1))
        raise RuntimeError("planted")
    assert db.session.execute(text("SELECT count(*) FROM departments WHERE code = 'X'")).scalar() == 0
    assert db.session.query(EventRow).count() == 0


def test_transactions_are_not_nested(app: Flask) -> None:
    with pytest.raises(RuntimeError, match="at the edge"), transaction(), transaction():
        pass
