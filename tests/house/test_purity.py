"""The cores decide and do no IO: no clock, no random numbers, no files, no network, no framework."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from modules import imports_of, modules

STANDARD_LIBRARY = {
    "__future__", "bisect", "collections", "dataclasses", "datetime", "enum", "functools", "hashlib", "heapq", "itertools",
    "math", "operator", "typing",
}  # fmt: skip
MAY_IMPORT = {
    "sync": STANDARD_LIBRARY | {"sync"},
    "dispatch": STANDARD_LIBRARY | {"dispatch", "numpy", "numba", "scipy", "shapely", "geopy"},
}
# Clocks, dice and doors, by the name they are called with.
FORBIDDEN_CALLS = {
    "now",
    "utcnow",
    "today",
    "time",
    "monotonic",
    "perf_counter",
    "open",
    "print",
    "input",
    "uuid4",
    "random",
    "urandom",
}


def core_modules() -> dict[str, ast.Module]:
    return {name: tree for name, tree in modules().items() if name.split(".")[0] in MAY_IMPORT}


def test_the_cores_import_only_what_computes() -> None:
    wrong = [
        f"{name}:{line} imports {imported}"
        for name, tree in core_modules().items()
        for imported, line in imports_of(tree)
        if imported.split(".")[0] not in MAY_IMPORT[name.split(".")[0]]
    ]
    assert not wrong, "\n".join(wrong)


def test_the_cores_read_no_clock_and_open_no_door() -> None:
    wrong = []
    for name, tree in core_modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if called in FORBIDDEN_CALLS:
                    wrong.append(f"{name}:{node.lineno} calls {called}()")
    assert not wrong, "\n".join(wrong)


def test_there_are_cores_to_judge() -> None:
    assert {"sync.reconcile", "dispatch.assign"} <= set(core_modules())
