"""One figure of the scoreboard: printed last, as one line of JSON; it decides the exit code."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def commit() -> str:
    """The commit that was measured, with a + if the tree holds more than it."""
    asked = ("describe", "--always", "--abbrev=10", "--exclude=*", "--dirty=+")
    found = subprocess.run(["git", *asked], cwd=ROOT, capture_output=True, text=True, check=False)
    return found.stdout.strip() or "unknown"


def at_most(failures: int, tried: int) -> str | None:
    """What no failure in so many tries proves: the rate is below this, at 95 % (the rule of three)."""
    return f"< {3 / tried:.1e}" if failures == 0 and tried else None


class Score:
    """Collects one figure. `value` counts what must not happen; `n` is how often it could have."""

    def __init__(self, figure: str, against: str) -> None:
        self.figure, self.against = figure, against
        self.began = time.monotonic()
        self.failures: list[str] = []

    def say(self, words: str) -> None:
        print(f"{time.monotonic() - self.began:6.1f} s  {words}", flush=True)

    def fail(self, words: str) -> None:
        self.failures.append(words)
        self.say(f"FAILED: {words}")

    def finish(self, value: int | str | None, n: int, **details: Any) -> int:
        """Print the line; returns the process's exit code."""
        status = "skipped" if "skipped" in details else "failed" if self.failures else "passed"
        line = {
            "figure": self.figure,
            "value": value,
            "n": n,
            "against": self.against,
            "status": status,
            "at_95_percent": at_most(value, n) if isinstance(value, int) else None,
            **details,
            "failures": self.failures[:20],
            "commit": commit(),
            "seconds": round(time.monotonic() - self.began, 1),
        }
        print(json.dumps({k: v for k, v in line.items() if v not in (None, [])}), flush=True)
        return 1 if self.failures else 0
