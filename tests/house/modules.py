"""What the house tests look at: each module's name, its tree, and what it imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("sync", "dispatch", "crew_app")


@cache
def modules() -> dict[str, ast.Module]:
    """Dotted name -> parsed source, of everything hand-written (migrations are not)."""
    found = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if "migrations" not in parts:
                found[".".join(p for p in parts if p != "__init__")] = ast.parse(path.read_text())
    return found


def imports_of(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """(dotted name, line) of every import, wherever it stands."""
    known = modules()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield (whole if whole in known else node.module), node.lineno
