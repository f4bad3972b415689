"""Where is that, and can it be trusted?"""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crew_app.places import CityMap, PlaceProblem


def square(south: float, west: float, north: float, east: float) -> dict[str, Any]:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


CITY_HALL = (42.3594, -71.0587)
WEST, EAST = square(42.3, -71.10, 42.4, -71.06), square(42.3, -71.06, 42.4, -71.00)
CITY = CityMap([(1, WEST), (2, EAST)], [CITY_HALL])
METRE = 1 / 111_320


@pytest.mark.parametrize(
    ("latitude", "longitude", "problem"),
    [
        (42.35, -71.08, None),
        (None, -71.08, PlaceProblem.MISSING),
        (42.35, None, PlaceProblem.MISSING),
        (math.nan, -71.08, PlaceProblem.NOT_A_PLACE),
        (42.35, math.inf, PlaceProblem.NOT_A_PLACE),
        (42.35, -181.0, PlaceProblem.NOT_A_PLACE),
        (91.0, 100.0, PlaceProblem.NOT_A_PLACE),
        (0.0, 0.0, PlaceProblem.ZERO),
        (-71.08, 42.35, PlaceProblem.SWAPPED),
        (40.7, -74.0, PlaceProblem.OUTSIDE),
        (42.3594, -71.0587, PlaceProblem.STAND_IN),
        (42.359449, -71.058749, PlaceProblem.STAND_IN),  # within the rounding of 4 decimals
        (42.3595, -71.0587, None),  # the next address
    ],
)
def test_problems(latitude: float | None, longitude: float | None, problem: PlaceProblem | None) -> None:
    assert CITY.problem_with(latitude, longitude) == problem


def test_a_city_without_districts_sees_only_what_is_plainly_wrong() -> None:
    nowhere = CityMap([], [CITY_HALL])
    assert nowhere.problem_with(40.7, -74.0) is None
    assert nowhere.problem_with(0, 0) == PlaceProblem.ZERO
    assert nowhere.problem_with(*CITY_HALL) == PlaceProblem.STAND_IN
    assert nowhere.problem_with(95, 10) == PlaceProblem.NOT_A_PLACE
    assert nowhere.district_id_at(42.35, -71.08) is None


@pytest.mark.parametrize(
    ("latitude", "longitude", "district"),
    [
        (42.35, -71.08, 1),
        (42.35, -71.02, 2),
        (42.35, -71.06, 1),  # on the line between two: the first
        (42.4 + 490 * METRE, -71.08, 1),  # just off the edge
        (42.4 + 510 * METRE, -71.08, None),
        (42.35, -71.00 + 490 * METRE / math.cos(math.radians(42.35)), 2),
        (42.35, -71.00 + 510 * METRE / math.cos(math.radians(42.35)), None),
    ],
)
def test_districts(latitude: float, longitude: float, district: int | None) -> None:
    assert CITY.district_id_at(latitude, longitude) == district


def test_nearest_is_nearest_in_metres() -> None:
    """400 m east of one district and 450 m south of another: in degrees the second seems nearer."""
    shorter = math.cos(math.radians(42.35))
    city = CityMap([
        (1, square(42.3499, -71.12, 42.3501, -71.10 - 400 * METRE / shorter)),
        (2, square(42.35 + 450 * METRE, -71.1001, 42.37, -71.0999)),
    ])  # fmt: skip
    assert city.district_id_at(42.35, -71.10) == 1


def test_a_hole_in_a_district_and_parts_of_one() -> None:
    outer, hole = square(42.3, -71.1, 42.4, -71.0)["coordinates"][0], square(42.34, -71.06, 42.36, -71.04)["coordinates"][0]
    city = CityMap([(1, {"type": "Polygon", "coordinates": [outer, hole]})])
    assert city.district_id_at(42.31, -71.05) == 1
    assert city.district_id_at(42.35, -71.05) is None, "the middle of the hole is a kilometre from its edge"
    islands = CityMap(
        [(7, {"type": "MultiPolygon", "coordinates": [WEST["coordinates"], square(42.1, -71.1, 42.2, -71.0)["coordinates"]]})]
    )
    assert islands.district_id_at(42.15, -71.05) == 7


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_every_place_has_a_district_or_a_problem(latitude: float, longitude: float) -> None:
    assert (CITY.district_id_at(latitude, longitude) is None) <= (CITY.problem_with(latitude, longitude) is not None)


@pytest.mark.real
def test_boston_lies_in_boston(real_data: Path) -> None:
    areas = json.loads((real_data / "boston_neighborhoods.geojson").read_text())["features"]
    city = CityMap(enumerate(area["geometry"] for area in areas))
    with open(real_data / "boston_311_2022_sample.csv", encoding="utf-8", newline="") as file:
        places = [(float(row["LATITUDE"]), float(row["LONGITUDE"])) for row in csv.DictReader(file) if row["LATITUDE"]]
    problems = [problem for place in places if (problem := city.problem_with(*place))]
    assert len(places) == 4_963
    assert problems == []
