"""The fault score: F01 to F46 in a real Chromium, each survived, failed, or not run and why.

    python tests/faults/score.py               all scenarios, two seeds of F46
    python tests/faults/score.py --only F20 F21
    python tests/faults/score.py --seeds 200   F46 alone, so many seeds (--from 1001: beginning there)

The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
ALL = [f"F{n:02}" for n in range(1, 47)]
AGAINST = "sync.md F01-F46"

# What a scenario leaves out here, and why; said beside its result.
LIMITS = {
    "F08": "no power can be cut here: what is asserted is that every write to the outbox is strict; the server's side is "
    "tests/score/power.py (2026-11-22)",
    "F18": "a flipped bit that leaves valid JSON of the right shape is TLS's to catch, not JSON's (2026-11-22)",
    "F30": "there is one outbox schema so far; the forty entries are of it, the new version is a changed worker (2026-11-22)",
    "F40": "PostgreSQL only: SQLite has one writer (2026-11-22)",
    "F42": "the 300 phones are Python threads against two server processes (2026-11-22)",
}
# Scenarios that cannot run at all: number -> dated reason.
NOT_RUN: dict[str, str] = {}


def titles() -> dict[str, str]:
    """The first words of each scenario's tests, from their names."""
    found: dict[str, str] = {}
    for path in sorted(HERE.glob("test_*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and (name := re.match(r"test_(F\d\d)_(\w+)", node.name)):
                found.setdefault(name[1], name[2].replace("_", " "))
    return found


def run(only: list[str], seeds: int | None, first: int) -> dict[str, list[tuple[str, float, str, str]]]:
    """Scenario -> [(test, seconds, "" or failed or skipped, the words)]."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        environment = {**os.environ, "CREW311_FAULT_FROM": str(first)} | ({"CREW311_FAULT_SEEDS": str(seeds)} if seeds else {})
        choice = ["-k", " or ".join(only)] if only else []
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", str(HERE), f"--junitxml={report}", "--tb=short", *choice]
        subprocess.run(command, cwd=ROOT, env=environment, check=False)
        results = defaultdict(list)
        for case in ElementTree.parse(report).iter("testcase"):
            name = re.match(r"test_(F\d\d)", case.get("name", ""))
            if name:
                bad = next((child for child in case if child.tag in ("failure", "error", "skipped")), None)
                state = "" if bad is None else ("skipped" if bad.tag == "skipped" else "failed")
                words = "" if bad is None else bad.get("message", "").split("\n")[0][:160]
                results[name[1]].append((case.get("name", ""), float(case.get("time", 0)), state, words))
        return results


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=[], metavar="Fnn")
    parser.add_argument("--seeds", type=int, help="F46 alone, so many seeds")
    parser.add_argument("--from", type=int, default=1, dest="first", help="the first seed")
    given = parser.parse_args()
    only = ["F46"] if given.seeds else given.only
    results = run(only, given.seeds, given.first)
    wanted = only or ALL
    names = titles()
    survived, violations, not_run = 0, 0, []
    print()
    for number in wanted:
        tests = results.get(number, [])
        failed = [test for test in tests if test[2] == "failed"]
        seconds = sum(test[1] for test in tests)
        limit = f" [{LIMITS[number]}]" if number in LIMITS else ""
        violations += len(failed)
        if not tests or all(test[2] == "skipped" for test in tests):
            reason = NOT_RUN.get(number) or (tests[0][3] if tests else "no test ran")
            not_run.append(f"{number}: {reason}")
            print(f"{number}  not run because {reason}")
        elif failed:
            print(f"{number}  FAILED    {seconds:5.1f} s  {names.get(number, '')}{limit}")
            for test in failed:
                print(f"               {test[0]}: {test[3]}")
        else:
            survived += 1
            more = f", {len(tests)} variants" if len(tests) > 1 else ""
            print(f"{number}  survived  {seconds:5.1f} s  {names.get(number, '')}{more}{limit}")
    if given.seeds:
        run_seeds = len(results.get("F46", []))
        value, count = f"{violations} violations in {run_seeds} seeds", run_seeds
    else:
        value, count = f"{survived} of {len(wanted)} survived", len(wanted)
    figure = {"figure": "faults", "value": value, "n": count, "not_run": not_run, "against": AGAINST, "violations": violations}
    print(json.dumps(figure))
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
