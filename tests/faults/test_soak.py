"""F46: everything at once, by seed. CREW311_FAULT_SEEDS=200 (and _FROM) for the long run; a seed that failed once is kept."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from rig import Rig
from soak import Day

FROM = int(os.environ.get("CREW311_FAULT_FROM", "1"))
COUNT = int(os.environ.get("CREW311_FAULT_SEEDS", "2"))
# Seeds whose day once went wrong, and why; each run lives them again, whatever else it lives.
KNOWN: dict[str, str] = json.loads((Path(__file__).parent / "seeds.json").read_text())
SEEDS = sorted({*range(FROM, FROM + COUNT), *map(int, KNOWN)})


@pytest.mark.parametrize("seed", SEEDS)
def test_F46_everything_at_random(rig: Rig, seed: int) -> None:
    """Seven deeds with photos under faults, kills and offline periods drawn by the seed; then the sky clears."""
    day = Day(rig, seed)
    try:
        day.live()
    finally:
        print("\n".join(day.told))  # shown where it failed
