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


@pytest.fixture(scope="module")
def worlds() -> Iterator[Any]:
    """In a process of its own: the simulator changes clocks and chance of the app it holds."""
    if not (HERE.parents[1] / "pwa" / "node_modules" / "rolldown").is_dir():
        pytest.skip("the phone's packages are not installed: `make setup`")
    spec = importlib.util.spec_from_file_location("sim_run", HERE / "run.py")
    assert spec and spec.loader
    run = importlib.util.module_from_spec(spec)
    sys.modules["sim_run"] = run
    spec.loader.exec_module(run)
    with run.template() as folder:
        yield lambda mode, first, seeds, **more: list(run.start(mode, folder, run.settings(first=first, seeds=seeds, **more)))


def test_worlds_end_well_and_the_same_seed_is_the_same_world(worlds) -> None:
    told = {world["seed"]: world for world in worlds("work", 1, 20)}
    assert len(told) == 20
    assert {seed: world["violations"] for seed, world in told.items() if world["violations"]} == {}
    # Other neighbours, another order, another process: the same traces.
    again = {world["seed"]: world for world in worlds("work", 1, 20, processes=1)}
    assert {seed: world["trace"] for seed, world in again.items()} == {seed: world["trace"] for seed, world in told.items()}


@pytest.mark.parametrize("known", json.loads((HERE / "seeds.json").read_text())["once_red"], ids=lambda known: str(known["seed"]))
def test_a_world_that_was_red_once_stays_green(worlds, known: dict[str, Any]) -> None:
    (told,) = worlds("work", known["seed"], 1, processes=1)
    assert told["violations"] == [], known["why"]


def test_planted_bugs_are_seen(worlds) -> None:
    told = {found["plant"]: found for found in worlds("hunt", 1, 1, only="retry_with_new_id,ack_before_commit,evidence_skipped")}
    assert {plant for plant, found in told.items() if found["caught"]} == {
        "retry_with_new_id",
        "ack_before_commit",
        "evidence_skipped",
    }
