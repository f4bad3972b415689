from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from phone import Phone

from crew_app.services.assignments import assign_case
from crew_app.transaction import transaction


@pytest.fixture
def phone(signed_in) -> Phone:
    """Rosa's, of crew PWD-1."""
    return Phone(signed_in("rosa"))


@pytest.fixture
def other_phone(signed_in) -> Phone:
    """Sam's, of crew PWD-2."""
    return Phone(signed_in("sam"))


@pytest.fixture
def job(city, report) -> Callable[..., tuple[int, int]]:
    """job("PWD-1") -> (case id, round) of a new case in that crew's hands."""

    def make(crew: str = "PWD-1") -> tuple[int, int]:
        case_id = report()
        with transaction() as tx:
            case = assign_case(tx, case_id, city.crew_ids[crew], city.person_ids["dora"])
            return case.id, case.round

    return make
