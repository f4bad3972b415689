"""score-open311: the tables of GeoReport v2 row by row. A row is right when each of its tests is. Wrong: 0 of n.

python tests/score/open311.py
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(Path(__file__).parent)]

from scoreline import Score  # noqa: E402

KINDS = {"geo_method": "methods", "geo_trap": "traps"}


class Rows:
    """Which tests each row has, and how they ended."""

    def __init__(self) -> None:
        self.of_test: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self.ended: dict[tuple[str, str], list[bool]] = defaultdict(list)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            for kind in KINDS:
                for mark in item.iter_markers(kind):
                    self.of_test[item.nodeid].append((kind, str(mark.args[0])))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.failed:
            for row in self.of_test[report.nodeid]:
                self.ended[row].append(report.passed)


def main() -> int:
    score = Score("GeoReport v2: rows of its tables that we get wrong", "the specification, and clients in the wild")
    rows = Rows()
    test = ROOT / "tests" / "crew_app" / "test_open311.py"
    code = pytest.main(["-q", "-n", "0", "--rootdir", str(ROOT), "-c", str(ROOT / "pyproject.toml"), str(test)], plugins=[rows])
    if code not in (0, 1) or not rows.ended:
        score.fail(f"the tests could not be run (pytest says {code})")
    right = {row for row, ended in rows.ended.items() if all(ended)}
    for kind, name in sorted(set(rows.ended) - right):
        score.fail(f"{kind} {name}")
    counts = {
        words: f"{sum(k == kind for k, _ in right)} of {sum(k == kind for k, _ in rows.ended)}" for kind, words in KINDS.items()
    }
    score.say(f"{len(right)} of {len(rows.ended)} rows right: " + ", ".join(f"{words} {c}" for words, c in counts.items()))
    return score.finish(len(rows.ended) - len(right), len(rows.ended), **counts)


if __name__ == "__main__":
    sys.exit(main())
