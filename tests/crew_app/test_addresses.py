"""Where a caller means: an address a case had, one between two of them, the crossing of two streets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crew_app.addresses import Address, Found, Known, find_places, parse_address

MAIN = [
    Known("10 Main St  Dorchester  MA  02125", 42.3000, -71.0600),
    Known("20 Main St  Dorchester  MA  02125", 42.3010, -71.0600),
    Known("20 Main St  Dorchester  MA  02125", 42.3010, -71.0600),
    Known("7 Elm St", 42.3020, -71.0601),
    Known("31 Elm St", 42.3040, -71.0640),
    Known("INTERSECTION of Oak Ave & Pine Rd  Mattapan  MA", 42.2800, -71.0900),
    Known("5 Maine Ave", 42.3500, -71.1000),
]


@pytest.mark.parametrize(
    ("text", "taken_apart"),
    [
        ("39 Lorraine St  Roslindale  MA  02131", Address(39, ("Lorraine St",), "Roslindale  MA  02131")),
        ("34-36 Condor St", Address(34, ("Condor St",))),
        ("12A Elm St, Boston", Address(12, ("Elm St",), "Boston")),
        (
            "INTERSECTION of Cambridge St & SULLIVAN Sq  Charlestown  MA",
            Address(None, ("Cambridge St", "SULLIVAN Sq"), "Charlestown  MA"),
        ),
        ("main st and elm st", Address(None, ("main st", "elm st"))),
        ("Main St at Elm St", Address(None, ("Main St", "Elm St"))),
        ("Andover Rd", Address(None, ("Andover Rd",))),
        ("2nd St", Address(None, ("2nd St",))),
        ("", Address(None, ("",))),
    ],
)
def test_an_address_is_taken_apart(text: str, taken_apart: Address) -> None:
    assert parse_address(text) == taken_apart


def test_an_address_a_case_had_is_sure_and_the_likeliest_comes_first() -> None:
    assert find_places("20 main", MAIN)[0] == Found("20 Main St  Dorchester  MA  02125", 42.3010, -71.06)
    assert [found.address.split("  ")[0] for found in find_places("main st", MAIN)] == ["20 Main St", "10 Main St"]


def test_a_number_between_two_known_ones_lies_between_them() -> None:
    found = find_places("15 Main St", MAIN)[0]
    assert found.is_about and found.address == "15 Main St  Dorchester  MA  02125"
    assert found.latitude == pytest.approx(42.3005)
    assert find_places("22 Main St", MAIN)[0].is_about, "next door"
    assert find_places("900 Main St", MAIN) == [], "far from any number that is known"


def test_a_crossing_is_one_a_case_had_or_where_two_streets_come_nearest() -> None:
    assert find_places("pine rd & oak ave", MAIN) == [Found("INTERSECTION of Oak Ave & Pine Rd  Mattapan  MA", 42.28, -71.09)]
    found = find_places("main st and elm st", MAIN)
    assert [(one.address, one.is_about) for one in found] == [("Main St & Elm St", True)]
    assert found[0].latitude == pytest.approx(42.3015)
    assert find_places("main st and oak ave", MAIN) == [], "they do not meet"


@given(st.text(max_size=40), st.lists(st.tuples(st.text(max_size=30), st.floats(-80, 80), st.floats(-170, 170)), max_size=8))
def test_whatever_is_typed_is_answered_with_places_that_are_known_of(asked: str, rows: list[tuple[str, float, float]]) -> None:
    known = [Known(*row) for row in rows]
    for found in find_places(asked, known):
        assert min(k.latitude for k in known) <= found.latitude <= max(k.latitude for k in known)
        assert min(k.longitude for k in known) <= found.longitude <= max(k.longitude for k in known)
