"""score-attack: T1-T35, each attack tried by its tests. Not blocked: 0 of n.

python tests/attack/score.py                 all of them
python tests/attack/score.py --only 7 21     some
python tests/attack/score.py --document      write the table of docs/security/threat-model.md anew
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(HERE.parent / "score")]

from scoreline import Score  # noqa: E402
from threats import THREATS, document  # noqa: E402

PAGE = ROOT / "docs" / "security" / "threat-model.md"
BEGIN, END = "<!-- written by tests/attack/score.py --document -->\n", "<!-- end -->\n"
ASVS = ROOT / "docs" / "security" / "asvs.csv"


class Outcomes:
    """What became of each test: passed only if its set-up and it itself did."""

    def __init__(self) -> None:
        self.of: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.outcome != "passed":
            self.of[report.nodeid] = report.outcome


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", type=int, nargs="*", default=[])
    parser.add_argument("--document", action="store_true")
    asked = parser.parse_args()
    if asked.document:
        PAGE.write_text(with_table(PAGE.read_text()))
        return 0
    threats = [it for it in THREATS if not asked.only or it.number in asked.only]
    score = Score("attacks that were not blocked", "T1-T35 of docs/security/threat-model.md, tried automatically")
    names = sorted({name for it in threats for name in it.tests})
    outcomes = Outcomes()
    os.chdir(ROOT)
    pytest.main(
        ["-q", "-n", "0", "--no-header", "-p", "no:cacheprovider", *(f"tests/{name}" for name in names)], plugins=[outcomes]
    )
    blocked, tried, canary_hits = 0, 0, 0
    for it in threats:
        found = {node: said for node, said in outcomes.of.items() if any(is_of(node, name) for name in it.tests)}
        bad = [node for node, said in found.items() if said == "failed"]
        good = sum(said == "passed" for said in found.values())
        missing = [name for name in it.tests if not any(is_of(node, name) and said == "passed" for node, said in found.items())]
        tried += good + len(bad)
        canary_hits += len(bad) if it.number in (15, 16) else 0
        if bad or missing:
            score.fail(f"T{it.number} {it.attack}: {', '.join([*bad, *missing])}")
        else:
            blocked += 1
            score.say(f"T{it.number:<2} blocked, {good:>3} cases  {it.attack}")
    mapped, rows = asvs()
    score.say(
        f"attacks blocked {blocked} of {len(threats)}, {tried} cases; SSRF canary hits {canary_hits}; ASVS 5.0 L1+L2 {mapped} of {rows} rows"
    )
    return score.finish(len(threats) - blocked, len(threats), cases=tried, ssrf_canary_hits=canary_hits, asvs=f"{mapped}/{rows}")


def asvs() -> tuple[int, int]:
    """Rows with a test or a reason, and all rows."""
    with open(ASVS, newline="") as file:
        rows = list(csv.DictReader(file))
    return sum(bool(row["test"] or row["reason"]) for row in rows), len(rows)


def is_of(node: str, name: str) -> bool:
    """Is this test one of those that the name stands for: a file, or a function with all its cases?"""
    file, _, function = name.partition("::")
    its_file, _, its_function = node.removeprefix("tests/").partition("::")
    return its_file == file and (not function or its_function.split("[")[0] == function)


def with_table(page: str) -> str:
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}{document()}{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    sys.exit(main())
