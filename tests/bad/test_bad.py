"""A few hundred bad inputs with every run; twenty thousand and more with `make score-bad`."""

from __future__ import annotations

import itertools
from pathlib import Path

from doors import DOORS, every_input
from run import ask_all


def test_bad_input_is_refused_in_words_or_kept_as_it_came(tmp_path: Path) -> None:
    counted = ask_all(tmp_path, f"sqlite:///{tmp_path / 'crew311.sqlite'}", 400, seed=1)
    assert (counted.mistakes, counted.hangs, counted.unequal) == ([], [], [])
    assert counted.tried == 400 and counted.compared > 20


def test_every_door_is_tried_in_turn() -> None:
    names = [ask.__qualname__.split(".")[0] for ask in itertools.islice(every_input(1), len(DOORS))]
    assert names == [door.__name__ for door in DOORS]
