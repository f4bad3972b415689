"""Nothing private is on any public surface: a word in every private column, and every open address read."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import crawl as house

from crew_app.wire import words


def test_no_canary_leaves_the_house(tmp_path: Path) -> None:
    found = house.crawl(tmp_path)
    assert not found.leaks, "\n".join(found.leaks[:20])
    assert found.canaries > 300 and found.surfaces > 80 and found.pushes > 5


def test_a_leak_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crew_app.wire.open311.without_contacts", lambda text: text or "")
    monkeypatch.setattr(house, "addresses", lambda *_: ["/open311/v2/requests.json"])
    leaks = house.crawl(tmp_path).leaks
    assert leaks and all("cases." in leak for leak in leaks)


@pytest.mark.parametrize(
    "secret",
    [
        "617-555-0100", "(617) 555-0100", "617 555 0100", "617.555.0100", "+1 617 555 0100", "6175550100", "1-617-555-0100",
        "jane@example.org", "jane.doe+311@mail.example.co.uk", "123-45-6789",
    ],
)  # fmt: skip
def test_what_names_a_person_is_blotted_out_and_the_rest_stays(secret: str) -> None:
    assert words.without_contacts(f"Ask {secret}, at 1203 Main St 02118") == "Ask [hidden], at 1203 Main St 02118"


@pytest.mark.parametrize("text", ["case 101004114069", "BCS-00000001", "2026-11-30 10:00", "42.3601,-71.0589", "12-14 Main St"])
def test_numbers_that_name_nobody_stay(text: str) -> None:
    assert words.without_contacts(text) == text
