"""The fault score: F01 to F46 in a real Chromium, each survived, failed, or not run and why.

    python tests/faults/score.py               all scenarios, two seeds of F46 and those that once failed
    python tests/faults/score.py --only F20 F21
    python tests/faults/score.py --seeds 200   F46 alone, so many seeds (--from 1001: beginning there)
    python tests/faults/score.py --only F46 --seeds 1 --from 17   one day again; what it drew is told where it fails

The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests" / "score"))

from scoreline import Score  # noqa: E402

ALL = [f"F{n:02}" for n in range(1, 47)]

# What a scenario leaves out here, and why; said beside its result.
LIMITS = {
    "F08": "no power can be cut here: what is asserted is that every write to the outbox, of page and service worker, is "
    "strict; the server's side is tests/score/power.py (2026-11-22)",
    "F18": "a flipped bit that leaves valid JSON of the right shape is TLS's to catch, not JSON's (2026-11-22)",
    "F30": "N-1 is recorded; there is no N-2 yet, and one envelope version (2026-11-22)",
    "F33": "the city sees a new device; nobody is told so by itself (2026-11-22)",
    "F40": "PostgreSQL only: SQLite has one writer (2026-11-22)",
    "F42": "the 300 phones are Python threads against two server processes (2026-11-22)",
}
# Scenarios that cannot run at all: number -> dated reason.
NOT_RUN: dict[str, str] = {}


@dataclass(frozen=True)
class Result:
    """One test of a scenario. `state` is passed, failed or skipped; `words` say why it is not passed."""

    name: str
    seconds: float
    state: str
    words: str


def titles() -> dict[str, str]:
    """The first words of each scenario's tests, from their names."""
    found: dict[str, str] = {}
    for path in sorted(HERE.glob("test_*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and (name := re.match(r"test_(F\d\d)_(\w+)", node.name)):
                found.setdefault(name[1], name[2].replace("_", " "))
    return found


def run(only: list[str], seeds: int | None, first: int, processes: int) -> dict[str, list[Result]]:
    """Scenario -> the results of its tests."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        environment = {**os.environ, "CREW311_FAULT_FROM": str(first)} | ({"CREW311_FAULT_SEEDS": str(seeds)} if seeds else {})
        choice = ["-k", " or ".join(only)] if only else []
        # Days of F46 are each a world of their own; the other scenarios lean on timing, and run one after the other.
        share = ["-n", str(processes), "--dist", "load"] if seeds and processes > 1 else ["-p", "no:xdist"]
        command = [sys.executable, "-m", "pytest", "-q", str(HERE), *share, f"--junitxml={report}", "--tb=short", *choice]
        subprocess.run(command, cwd=ROOT, env=environment, check=False)
        results = defaultdict(list)
        for case in ElementTree.parse(report).iter("testcase"):
            if name := re.match(r"test_(F\d\d)", case.get("name", "")):
                results[name[1]].append(read(case))
        return results


def read(case: ElementTree.Element) -> Result:
    bad = next((child for child in case if child.tag in ("failure", "error", "skipped")), None)
    state = "passed" if bad is None else "skipped" if bad.tag == "skipped" else "failed"
    words = "" if bad is None else bad.get("message", "").split("\n")[0][:160]
    return Result(case.get("name", ""), float(case.get("time", 0)), state, words)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=[], metavar="Fnn")
    parser.add_argument("--seeds", type=int, help="F46 alone, so many seeds")
    parser.add_argument("--from", type=int, default=1, dest="first", help="the first seed")
    parser.add_argument("--processes", type=int, default=2, help="for --seeds: so many at once")
    given = parser.parse_args()
    if given.seeds:
        score = Score("violations in browser seeds", "I1-I14 of the fault catalogue")
        return tell_seeds(score, run(["F46"], given.seeds, given.first, given.processes)["F46"], given.first)
    score = Score("faults survived", "fault catalogue F01-F46")
    return tell_scenarios(score, given.only or ALL, run(given.only, None, given.first, 1))


def tell_seeds(score: Score, days: list[Result], first: int) -> int:
    for day in days:
        if day.state != "passed":
            score.fail(f"{day.name}: {day.words}")
    seconds = sorted(day.seconds for day in days) or [0.0]
    score.say(f"a day takes {seconds[len(seconds) // 2]:.1f} s in the middle, {seconds[-1]:.1f} s at most")
    if not days:
        score.fail("no seed ran")
    return score.finish(len(score.failures), len(days), first_seed=first)


def tell_scenarios(score: Score, wanted: list[str], results: dict[str, list[Result]]) -> int:
    names = titles()
    survived, not_run = 0, []
    print()
    for number in wanted:
        tests = results.get(number, [])
        failed = [test for test in tests if test.state == "failed"]
        seconds = sum(test.seconds for test in tests)
        limit = f" [{LIMITS[number]}]" if number in LIMITS else ""
        if not tests or all(test.state == "skipped" for test in tests):
            reason = NOT_RUN.get(number) or (tests[0].words if tests else "no test ran")
            not_run.append(f"{number}: {reason}")
            print(f"{number}  not run, because {reason}")
            if number not in NOT_RUN:
                score.failures.append(f"{number} was not run, for no stated reason")
        elif failed:
            print(f"{number}  FAILED    {seconds:5.1f} s  {names.get(number, '')}{limit}")
            for test in failed:
                score.fail(f"{test.name}: {test.words}")
        else:
            survived += 1
            more = f", {len(tests)} variants" if len(tests) > 1 else ""
            print(f"{number}  survived  {seconds:5.1f} s  {names.get(number, '')}{more}{limit}")
    lost = len(wanted) - survived - len(not_run)
    print(f"survived {survived}, failed {lost}, not run {len(not_run)} of {len(wanted)}")
    return score.finish(survived, len(wanted), not_run=not_run)


if __name__ == "__main__":
    sys.exit(main())
