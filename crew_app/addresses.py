"""Where is what a caller says? Streets are known by the cases the city has had there: no map service is asked.

An address that a case had is a place. A house number between two known ones lies between them, a crossing where two
streets' known numbers come nearest: both are said to be about there.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

CROSSING = re.compile(r"\s*(?:&|/|@|\band\b|\bat\b)\s*", re.IGNORECASE)
NUMBERED = re.compile(r"(\d{1,6})(?:\s*-\s*\d+)?[a-z]?\s+(\S.*)", re.IGNORECASE)
END_OF_STREET = re.compile(r"\s{2,}|,")
METRES_PER_DEGREE = 111_320.0
NEXT_DOOR = 40  # a house number so near to a known one is about there
CROSSING_WITHIN_M = 120.0


@dataclass(frozen=True, slots=True)
class Address:
    """An address taken apart. `streets`: one, or the two of a crossing."""

    number: int | None
    streets: tuple[str, ...]
    area: str = ""

    @property
    def is_crossing(self) -> bool:
        return len(self.streets) > 1


@dataclass(frozen=True, slots=True)
class Known:
    address: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Found:
    address: str
    latitude: float
    longitude: float
    is_about: bool = False


def parse_address(text: str) -> Address:
    street, *rest = END_OF_STREET.split(re.sub(r"^\s*intersection\s+(of\s+)?", "", text.strip(), flags=re.IGNORECASE), maxsplit=1)
    area = " ".join(rest).strip()
    two = [part.strip() for part in CROSSING.split(street, maxsplit=1)]
    if len(two) == 2 and all(two):
        return Address(None, (two[0], two[1]), area)
    numbered = NUMBERED.fullmatch(street.strip())
    return Address(int(numbered[1]), (numbered[2].strip(),), area) if numbered else Address(None, (street.strip(),), area)


def find_places(asked: str, known: Iterable[Known], most: int = 8) -> list[Found]:
    """The places that what was asked may mean, the surest first."""
    wanted = parse_address(asked)
    parsed = [(parse_address(one.address), one) for one in known]
    found = _crossings(wanted, parsed) if wanted.is_crossing else _on_street(wanted, parsed)
    return found[:most]


def _says(asked: str, street: str) -> bool:
    """Does every word that was asked begin one of the street's?"""
    words = street.lower().split()
    return all(any(word.startswith(part) for word in words) for part in asked.lower().split())


def _middle(address: str, places: Sequence[Known], is_about: bool = False) -> Found:
    return Found(address, median(p.latitude for p in places), median(p.longitude for p in places), is_about)


def _on_street(wanted: Address, parsed: list[tuple[Address, Known]]) -> list[Found]:
    by_address: dict[str, list[Known]] = defaultdict(list)
    by_street: dict[tuple[str, str], dict[int, list[Known]]] = defaultdict(lambda: defaultdict(list))
    for address, place in parsed:
        if any(_says(wanted.streets[0], street) for street in address.streets):
            if wanted.number is None or address.number == wanted.number:
                by_address[place.address].append(place)
            if address.number is not None:
                by_street[address.streets[0], address.area][address.number].append(place)
    # What was reported most often first: it is the likeliest to be meant again.
    found = [_middle(*item) for item in sorted(by_address.items(), key=lambda item: (-len(item[1]), item[0]))]
    if wanted.number is not None:
        for (street, area), numbers in sorted(by_street.items()):
            if wanted.number not in numbers and (about := _between(wanted.number, numbers)):
                name = f"{wanted.number} {street}" + (f"  {area}" if area else "")
                found.append(Found(name, *about, is_about=True))
    return found


def _between(number: int, numbers: dict[int, list[Known]]) -> tuple[float, float] | None:
    """Where a house number lies among the known ones of its street; None if none is near."""
    below, above = max((n for n in numbers if n < number), default=None), min((n for n in numbers if n > number), default=None)
    if below is not None and above is not None:
        low, high = _middle("", numbers[below]), _middle("", numbers[above])
        share = (number - below) / (above - below)
        return (
            low.latitude + (high.latitude - low.latitude) * share,
            low.longitude + (high.longitude - low.longitude) * share,
        )
    nearest = below if below is not None else above
    if nearest is None or abs(nearest - number) > NEXT_DOOR:
        return None
    place = _middle("", numbers[nearest])
    return place.latitude, place.longitude


def _crossings(wanted: Address, parsed: list[tuple[Address, Known]]) -> list[Found]:
    one, other = wanted.streets
    by_address: dict[str, list[Known]] = defaultdict(list)
    sides: tuple[list[tuple[str, Known]], list[tuple[str, Known]]] = ([], [])
    for address, place in parsed:
        pairs = ((one, other), (other, one))
        if address.is_crossing and any(_says(a, address.streets[0]) and _says(b, address.streets[1]) for a, b in pairs):
            by_address[place.address].append(place)
        for asked, side in zip(wanted.streets, sides, strict=True):
            side += [(street, place) for street in address.streets if _says(asked, street)]
    if by_address:
        return [_middle(*item) for item in sorted(by_address.items(), key=lambda item: (-len(item[1]), item[0]))]
    if not all(sides):
        return []
    metres = _metres_between_all([place for _, place in sides[0]], [place for _, place in sides[1]])
    i, j = divmod(int(metres.argmin()), metres.shape[1])
    if metres[i, j] > CROSSING_WITHIN_M:
        return []
    (street, a), (cross, b) = sides[0][i], sides[1][j]
    return [_middle(f"{street} & {cross}", (a, b), is_about=True)]


def _metres_between_all(ones: Sequence[Known], others: Sequence[Known]) -> np.ndarray:
    """Flat, which is good over the width of a crossing."""
    a, b = (np.array([(place.latitude, place.longitude) for place in places]) for places in (ones, others))
    north = (a[:, None, 0] - b[None, :, 0]) * METRES_PER_DEGREE
    east = (a[:, None, 1] - b[None, :, 1]) * METRES_PER_DEGREE * np.cos(np.radians(a[:, None, 0]))
    return np.hypot(north, east)
