"""Every route, every role, own and other department: the app does what table.py says."""

from __future__ import annotations

from pathlib import Path

import check
import pytest
from table import COLUMNS, ROWS

from crew_app import guards
from crew_app.models import Role

HOW = "Add a line to tests/authz/table.py; how is said at its top."


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> check.Findings:
    return check.check(tmp_path_factory.mktemp("authz"))


def test_every_route_has_cells(findings: check.Findings) -> None:
    assert not findings.uncovered, f"Nobody has said who may ask for these. {HOW}"


def test_every_cell_is_answered_as_the_table_says(findings: check.Findings) -> None:
    assert not findings.wrong, "\n".join(findings.wrong)
    assert findings.cells == len(ROWS) * len(COLUMNS)


def test_a_role_that_may_too_much_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(guards.MAY, guards.Action.MOVE_WORK, (*guards.MAY[guards.Action.MOVE_WORK], Role.CALL_TAKER))
    monkeypatch.setattr(check, "ROWS", [row for row in ROWS if row[0] == "POST /console/cases/{waiting}/hold"])
    assert check.check(tmp_path).wrong == [
        "POST /console/cases/{waiting}/hold as taker: no expected, ok answered (303)",
    ]


def test_a_department_that_reaches_too_far_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guards, "reaches", lambda actor, thing: True)
    monkeypatch.setattr(check, "ROWS", [row for row in ROWS if "/settle" in row[0] and "quarantine" in row[0]])
    assert [wrong.split(": ")[0].rsplit(" ", 1)[1] for wrong in check.check(tmp_path).wrong] == [
        "parks_dispatcher",
        "parks_supervisor",
    ]


def test_a_route_without_a_line_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "ROWS", [row for row in ROWS if row[0] not in ("GET /find", "POST /console/cases/{waiting}/hold")])
    monkeypatch.setattr(check.Town, "ask", lambda *_: (_ for _ in ()).throw(AssertionError("asked for nothing")))
    town = check.Town(tmp_path)
    assert {"GET /find", "POST /console/cases/<number>/hold"} <= set(check.uncovered(town.app, town.names))
