"""The simulator itself: a handful of worlds, the same seed twice, and bugs it must see. `make score-sim` lives the rest."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
SEEDS = json.loads((HERE / "seeds.json").read_text())
WORLDS = range(1, 17)
PLANTED = ("retry_with_new_id", "ack_before_commit", "relaxed")

pytestmark = pytest.mark.xdist_group("sim")


@pytest.fixture(scope="module")
def live() -> Iterator[Any]:
    """Lives worlds in a process of its own: the simulator changes clocks and chance of the app it holds."""
    if not (HERE.parents[1] / "pwa" / "node_modules" / "rolldown").is_dir():
        pytest.skip("the phone's packages are not installed: `make setup`")
    spec = importlib.util.spec_from_file_location("sim_run", HERE / "run.py")
    assert spec and spec.loader
    run = importlib.util.module_from_spec(spec)
    sys.modules["sim_run"] = run
    spec.loader.exec_module(run)
    with run.template() as folder:

        def lived(worlds: list[str], hash_seed: int = 0) -> list[dict[str, Any]]:
            return list(run.start("work", folder, hash_seed, list=",".join(worlds)))

        yield lived


@pytest.fixture(scope="module")
def told(live: Any) -> dict[str, dict[str, Any]]:
    """Every world that is asked about below, by `seed` or `seed:planted bug`."""
    names = [str(seed) for seed in WORLDS]
    names += [str(known["seed"]) for known in SEEDS["once_red"]]
    names += [f"{SEEDS['planted'][plant]}:{plant}" for plant in PLANTED]
    return dict(zip(names, live(names), strict=True))


def test_worlds_end_well(told: dict[str, dict[str, Any]]) -> None:
    assert {seed: told[str(seed)]["violations"] for seed in WORLDS if told[str(seed)]["violations"]} == {}
    # And they were worlds: work was done in them, and much went wrong.
    assert sum(told[str(seed)]["deeds"] for seed in WORLDS) > len(WORLDS)
    assert sum(told[str(seed)]["faults"] for seed in WORLDS) > len(WORLDS)


def test_the_same_seed_is_the_same_world_to_the_last_byte(live: Any, told: dict[str, dict[str, Any]]) -> None:
    # Another process, other neighbours in another order, and sets that keep their members in another order.
    seeds = [str(seed) for seed in WORLDS][::-3]
    assert {seed: world["trace"] for seed, world in zip(seeds, live(seeds, hash_seed=7), strict=True)} == {
        seed: told[seed]["trace"] for seed in seeds
    }


@pytest.mark.parametrize("known", SEEDS["once_red"], ids=lambda known: str(known["seed"]))
def test_a_world_that_was_red_once_stays_green(told: dict[str, dict[str, Any]], known: dict[str, Any]) -> None:
    assert told[str(known["seed"])]["violations"] == [], known["why"]


@pytest.mark.parametrize("plant", PLANTED)
def test_a_planted_bug_is_seen(told: dict[str, dict[str, Any]], plant: str) -> None:
    assert told[f"{SEEDS['planted'][plant]}:{plant}"]["violations"]
