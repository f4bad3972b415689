"""What a camera wrote is gone whichever way a picture came; what is made to break kills a child, never the server."""

from __future__ import annotations

import contextlib
import resource
from pathlib import Path

import pytest
from flask import Flask
from phone import Phone
from pictures import OTHER_THAN_PICTURES, _fixed, hostile, left_over, polyglots, with_metadata
from ways import WAYS, Sender, shown

from crew_app.adapters import image_cleaner
from crew_app.adapters.image_cleaner import UnreadableImage, clean_image
from crew_app.services.api_keys import make_api_key
from crew_app.services.assignments import assign_case
from crew_app.transaction import transaction
from tests.cookies import sign_in

PICTURES = with_metadata()


@pytest.fixture
def sender(app: Flask, city, report) -> Sender:
    def job() -> tuple[int, int]:
        case_id = report()
        with transaction() as tx:
            case = assign_case(tx, case_id, city.crew_ids["PWD-1"], city.person_ids["dora"])
            return case.id, case.round

    with transaction() as tx:
        key = make_api_key(tx, "An app")[1]
    return Sender(app.test_client(), Phone(sign_in(app.test_client(), city.person_ids["rosa"])), key, job)


def test_nothing_a_camera_wrote_is_left_whichever_way_it_came(sender: Sender, dispatched) -> None:
    for way in WAYS.values():
        assert way(sender, PICTURES["camera.jpg"]).status_code < 400
    dispatched()
    pictures = shown()
    assert len(pictures) == len(WAYS) and all(len(copies) == 2 for copies in pictures.values())
    assert [left_over(copy) for copies in pictures.values() for copy in copies] == [[]] * 2 * len(WAYS)


@pytest.mark.parametrize("name", ["rgba.png", "lossy.webp", "phone.heic", "thumbnail.jpg"])
def test_nor_in_any_other_format(name: str, tmp_path: Path) -> None:
    source = tmp_path / name
    source.write_bytes(PICTURES[name])
    assert [left_over(path.read_bytes()) for path in clean_image(source, tmp_path).values()] == [[], []]


def test_what_is_left_would_be_found() -> None:
    assert left_over(PICTURES["camera.jpg"]) and left_over(PICTURES["thumbnail.jpg"])


def test_what_is_two_things_at_once_comes_out_as_a_picture_alone(tmp_path: Path) -> None:
    for name, content in list(polyglots())[::3]:
        source = tmp_path / "in"
        source.write_bytes(content)
        for path in clean_image(source, tmp_path).values():
            clean = path.read_bytes()
            assert left_over(clean) == [] and not any(mark in clean for mark in OTHER_THAN_PICTURES), name


def test_hostile_pictures_kill_a_child_and_never_the_server(tmp_path: Path) -> None:
    """A few of them here; hundreds with `make score-photo`."""
    names = ("65535 x 65535.jpg", "9000 x 9000.png", "60000 x 60000.png", "heic of boxes.heic")
    some = [it for it in _fixed() if it[0] in names] + list(hostile(60))[-3:]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _, content in some:
        source = tmp_path / "in"
        source.write_bytes(content)
        with contextlib.suppress(UnreadableImage):
            assert all(left_over(path.read_bytes()) == [] for path in clean_image(source, tmp_path).values())
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024


def test_the_fence_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A decoder that takes too much time is stopped, and what called it goes on."""
    monkeypatch.setattr(image_cleaner, "PATIENCE_S", 0.01)
    source = tmp_path / "in"
    source.write_bytes(PICTURES["camera.jpg"])
    with pytest.raises(UnreadableImage, match="too long"):
        clean_image(source, tmp_path)
