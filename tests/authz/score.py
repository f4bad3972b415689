"""score-authz: every route x every role x own and other department, asked of the real app. Wrong answers: 0 of n cells.

python tests/authz/score.py
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1]), str(HERE.parent / "score")]

from check import check  # noqa: E402
from scoreline import Score  # noqa: E402
from table import COLUMNS  # noqa: E402


def main() -> int:
    score = Score("authorisation: wrong answers and routes without cells", "tests/authz/table.py")
    with tempfile.TemporaryDirectory() as folder:
        findings = check(Path(folder))
    for wrong in findings.wrong:
        score.fail(wrong)
    for route in findings.uncovered:
        score.fail(f"{route}: no line in tests/authz/table.py")
    right = findings.cells - len(findings.wrong)
    score.say(
        f"{right} of {findings.cells} cells right, wrong {len(findings.wrong)}, routes without cells {len(findings.uncovered)}"
    )
    details = {"routes": findings.routes, "people": len(COLUMNS), "routes_without_cells": len(findings.uncovered)}
    return score.finish(len(findings.wrong) + len(findings.uncovered), findings.cells, **details)


if __name__ == "__main__":
    sys.exit(main())
