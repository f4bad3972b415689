"""tests/vectors/reconcile.json binds the rule in Python to its mirror on the phone."""

from __future__ import annotations

import importlib.util
from pathlib import Path

VECTORS = Path(__file__).parents[1] / "vectors"


def test_the_vectors_are_what_the_rule_says_today() -> None:
    spec = importlib.util.spec_from_file_location("write_vectors", VECTORS / "write.py")
    assert spec and spec.loader
    write = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(write)
    assert (VECTORS / "reconcile.json").read_text() == write.all_vectors(), "the rule has changed: run `make vectors`"
