"""Arrows point down (docs/architecture.md): a rung imports lower rungs only; its own, only inside its own folder."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from modules import ROOT, imports_of, modules

RUNGS: dict[str, int] = {
    "sync": 0, "dispatch": 0, "crew_app.errors": 0,
    "crew_app.events": 1, "crew_app.workflow": 1, "crew_app.service_level": 1, "crew_app.places": 1, "crew_app.city_score": 1, "crew_app.addresses": 1,
    "crew_app.extensions": 1, "crew_app.suspicions": 1, "crew_app.routing": 1, "crew_app.languages": 1,
    "crew_app.models": 2, "crew_app.adapters": 2,
    "crew_app.transaction": 3, "crew_app.queries": 3, "crew_app.mapping": 3, "crew_app.wire": 3,
    "crew_app.services": 4,
    "crew_app.subscribers": 5, "crew_app.doors": 5, "crew_app.guards": 5, "crew_app.limits": 5, "crew_app.demo": 5,
    "crew_app.routes": 6, "crew_app.relay": 6,
    "crew_app.cli": 7, "crew_app.jobs": 7,
    "crew_app.factory": 8,
}  # fmt: skip
ROOT_MODULES = {"config": 8, "wsgi": 9}


def room_of(module: str) -> str | None:
    """The room a module is in: the longest name in RUNGS that it begins with."""
    rooms = [room for room in RUNGS if module == room or module.startswith(room + ".")]
    return max(rooms, key=len) if rooms else None


def test_every_module_has_a_rung() -> None:
    homeless = [name for name in modules() if name != "crew_app" and room_of(name) is None]
    assert not homeless, f"say in docs/architecture.md and RUNGS where these belong: {homeless}"


def test_arrows_point_down() -> None:
    wrong = []
    for name, tree in modules().items():
        room = room_of(name)
        if room is None:
            continue
        for imported, line in imports_of(tree):
            target = room_of(imported)
            if target is None or target == room:
                continue
            if RUNGS[target] >= RUNGS[room]:
                wrong.append(f"{name}:{line} (rung {RUNGS[room]}) imports {imported} (rung {RUNGS[target]})")
    assert not wrong, "\n".join(wrong)


def test_only_the_edge_of_the_house_reads_the_configuration() -> None:
    wrong = [
        f"{name}:{line}"
        for name, tree in modules().items()
        for imported, line in imports_of(tree)
        if imported.split(".")[0] in ROOT_MODULES and room_of(name) not in ("crew_app.factory", "crew_app.cli")
    ]
    assert not wrong, f"config is handed over by create_app: {wrong}"


def test_no_import_hides_in_a_function() -> None:
    wrong = [
        f"{name}:{node.lineno}"
        for name, tree in modules().items()
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert not wrong, f"an import inside a function hides an arrow: {wrong}"


def test_the_map_names_every_room() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text()
    missing = [room for room in RUNGS if room.split(".")[-1] not in page]
    assert not missing, f"docs/architecture.md does not show {missing}"
