"""score-pii: a canary in every private column, every public surface crawled. Leaks: 0 of canaries x surfaces.

python tests/privacy/score.py
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "score")]

from crawl import crawl  # noqa: E402
from scoreline import Score  # noqa: E402


def main() -> int:
    score = Score("privacy: canaries of private columns on public surfaces", "every open route, log and push")
    with tempfile.TemporaryDirectory() as folder:
        found = crawl(Path(folder))
    for leak in found.leaks:
        score.fail(leak)
    score.say(f"leaks {len(found.leaks)} of {found.canaries} canaries x {found.surfaces} surfaces ({found.pushes} pushes)")
    return score.finish(len(found.leaks), found.canaries * found.surfaces, canaries=found.canaries, surfaces=found.surfaces)


if __name__ == "__main__":
    sys.exit(main())
