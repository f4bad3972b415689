"""The table of attacks names tests that are there, and its page and the ASVS list say the same."""

from __future__ import annotations

import ast
import csv
from pathlib import Path

from score import ASVS, PAGE, asvs, with_table
from threats import THREATS

TESTS = Path(__file__).resolve().parents[1]


def functions_of(file: Path) -> set[str]:
    return {node.name for node in ast.parse(file.read_text()).body if isinstance(node, ast.FunctionDef)}


def is_there(name: str) -> bool:
    file, _, function = name.partition("::")
    path = TESTS / file
    return path.is_file() and (not function or function in functions_of(path))


def test_every_attack_has_tests_that_are_there() -> None:
    assert [it.number for it in THREATS] == list(range(1, 36))
    assert [name for it in THREATS for name in (*it.tests, *it.in_a_browser) if not is_there(name)] == []


def test_the_page_is_written_from_the_table() -> None:
    page = PAGE.read_text()
    assert with_table(page) == page, "python tests/attack/score.py --document"


def test_every_row_of_the_asvs_has_a_test_that_is_there_or_a_reason() -> None:
    assert asvs() == (253, 253)
    with open(ASVS, newline="") as file:
        for row in csv.DictReader(file):
            assert not row["test"] or all(is_there(name) for name in row["test"].split()), row
