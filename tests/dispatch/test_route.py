from __future__ import annotations

from dispatch.route import Stop, order_stops
from dispatch.types import Point

HERE = Point(42.0, -71.0)
NOW = 1_000_000.0
DAY = 86_400.0


def at(east: float) -> Point:
    return Point(42.0, -71.0 + east)


def test_what_the_crew_is_at_comes_first_then_what_is_due_then_the_nearest() -> None:
    stops = [
        Stop(1, at(0.01)),
        Stop(2, at(0.02), due_at=NOW + 10 * DAY),
        Stop(3, at(0.09), due_at=NOW - 60),
        Stop(4, at(0.08), due_at=NOW + DAY / 2),
        Stop(5, at(0.5), is_fixed=True),
    ]
    assert order_stops(HERE, stops, NOW) == [5, 3, 4, 2, 1]


def test_the_same_stops_in_any_order_give_the_same_route() -> None:
    stops = [Stop(n, at(0.01 * (n % 3))) for n in range(9)]
    assert order_stops(HERE, stops, NOW) == order_stops(HERE, stops[::-1], NOW)


def test_a_crew_without_jobs_has_an_empty_route() -> None:
    assert order_stops(HERE, [], NOW) == []
