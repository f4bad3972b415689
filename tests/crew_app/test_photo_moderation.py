"""A photo is hidden, blurred in parts, published; each is said in the history and can be taken back."""

from __future__ import annotations

import random
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops
from sqlalchemy import select

from crew_app.adapters.image_blur import _box, blur_areas
from crew_app.extensions import db
from crew_app.models import Case, EventRow, Photo
from crew_app.relay import deliver_pending
from crew_app.services.report_photos import add_reported_photo, keep_photo
from crew_app.transaction import transaction
from crew_app.wire.story import PHOTO_DEEDS


def noise() -> Image.Image:
    """Every pixel another: whatever survives of it can be told."""
    return Image.frombytes("RGB", (400, 300), random.Random(311).randbytes(400 * 300 * 3))


@pytest.fixture
def photo(report, app: Flask) -> Photo:
    """A resident's, ready to be shown."""
    case_id = report()
    file = BytesIO()
    noise().save(file, "PNG")
    file.seek(0)
    kept = keep_photo(file)
    with transaction() as tx:
        photo_id = add_reported_photo(tx, case_id, kept).id
    deliver_pending()
    db.session.expire_all()
    return db.session.get_one(Photo, photo_id)


def address(photo: Photo) -> str:
    return f"/console/cases/{db.session.get_one(Case, photo.case_id).number}/photos/{photo.id}"


def picture(client: FlaskClient, photo: Photo, size: str = "large") -> Image.Image:
    with client.get(f"/photos/{photo.id}/{size}") as answer:
        assert answer.status_code == 200
        return Image.open(BytesIO(answer.data)).convert("RGB")


def status(client: FlaskClient, where: str) -> int:
    with client.get(where) as answer:
        return answer.status_code


def differs(one: Image.Image, other: Image.Image, box: tuple[int, int, int, int]) -> float:
    """The mean difference of the two within the box, of 255."""
    difference = ImageChops.difference(one.crop(box), other.crop(box)).convert("L")
    return sum(value * count for value, count in enumerate(difference.histogram())) / (difference.width * difference.height)


def test_what_is_blurred_is_gone_for_everybody_and_comes_back_whole(photo: Photo, signed_in) -> None:
    dora = signed_in("dora")
    before = picture(dora, photo)
    answer = dora.post(f"{address(photo)}/redact", data={"areas": "25 25 50 50\n90,90,10,10"})
    assert (answer.status_code, answer.headers["Location"]) == (303, address(photo))
    blurred = picture(signed_in("rosa"), photo)
    assert differs(before, blurred, (100, 75, 300, 225)) > 20
    assert differs(before, blurred, (0, 0, 90, 70)) < 12, "the rest is as it was, but for being written anew"
    assert len(set(blurred.crop((180, 130, 220, 170)).convert("L").tobytes())) < 60, "noise has become a plain"
    small = picture(dora, photo, "small")
    assert small.size == (360, 270) and len(set(small.crop((160, 120, 200, 150)).convert("L").tobytes())) < 60
    assert status(signed_in("cal"), f"{address(photo)}/whole") == 403
    with dora.get(f"{address(photo)}/whole") as answer:
        whole = Image.open(BytesIO(answer.data)).convert("RGB")
    assert differs(before, whole, (0, 0, 400, 300)) == 0, "the clean copy stays, for those who decide"
    assert dora.post(f"{address(photo)}/restore").status_code == 303
    assert differs(before, picture(dora, photo), (0, 0, 400, 300)) == 0
    assert dora.post(f"{address(photo)}/restore").status_code == 409


def test_other_areas_replace_the_first_ones(photo: Photo, signed_in) -> None:
    dora = signed_in("dora")
    before = picture(dora, photo)
    dora.post(f"{address(photo)}/redact", data={"areas": "0 0 50 100"})
    dora.post(f"{address(photo)}/redact", data={"areas": "50 0 50 100"})
    after = picture(dora, photo)
    assert differs(before, after, (0, 0, 190, 300)) < 12
    assert differs(before, after, (210, 0, 400, 300)) > 20
    assert "50 0 50 100" in dora.get(address(photo)).text


@pytest.mark.parametrize(
    "areas",
    [
        "",
        "1 2 3",
        "1 2 3 4 5",
        "a b c d",
        "-1 0 5 5",
        "100 0 5 5",
        "0 0 0 5",
        "0 0 101 5",
        "nan 0 5 5",
        "1e1 0 5 5",
        "0 0 5 5\n" * 21,
    ],
)
def test_areas_that_are_none_are_refused_and_the_words_kept(photo: Photo, signed_in, areas: str) -> None:
    answer = signed_in("dora").post(f"{address(photo)}/redact", data={"areas": areas})
    assert answer.status_code == 400
    assert 'aria-invalid="true"' in answer.text
    assert db.session.get_one(Photo, photo.id).copy == ""


def test_a_residents_photo_is_public_when_the_office_says_so(photo: Photo, signed_in, client: FlaskClient) -> None:
    dora, number = signed_in("dora"), address(photo).split("/")[3]
    assert status(client, f"/photos/{photo.id}/large") == 404
    assert photo.id not in client.get(f"/cases/{number}").text
    assert dora.post(f"{address(photo)}/publish").status_code == 303
    assert status(client, f"/photos/{photo.id}/large") == 200
    assert photo.id in client.get(f"/cases/{number}").text
    assert dora.post(f"{address(photo)}/hide", data={"why": "a face"}).status_code == 303
    assert status(client, f"/photos/{photo.id}/large") == 404
    assert status(signed_in("rosa"), f"/photos/{photo.id}/small") == 404
    assert status(dora, f"{address(photo)}/whole") == 200, "to decide about it one must see it"
    dora.post(f"{address(photo)}/show")
    assert status(client, f"/photos/{photo.id}/large") == 200
    dora.post(f"{address(photo)}/withhold")
    assert status(client, f"/photos/{photo.id}/large") == 404


def test_each_step_stands_in_the_history_with_its_reason(photo: Photo, signed_in, city) -> None:
    dora = signed_in("dora")
    for deed, form in (
        ("publish", {}),
        ("redact", {"areas": "1 1 9 9"}),
        ("restore", {}),
        ("hide", {"why": "a number plate"}),
        ("show", {}),
        ("withhold", {}),
    ):
        assert dora.post(f"{address(photo)}/{deed}", data=form).status_code == 303, deed
    page = dora.get(address(photo).split("/photos")[0]).text
    for words in PHOTO_DEEDS.values():
        assert words in page
    assert "a number plate" in page
    people = db.session.scalars(select(EventRow.person_id).where(EventRow.kind == "photo_moderated")).all()
    assert people == [city.person_ids["dora"]] * 6


def test_a_phone_fetches_the_blurred_copy_anew_though_it_keeps_pictures(photo: Photo, signed_in, job, phone) -> None:
    case_id, _ = job("PWD-1")
    with transaction() as tx:
        tx.session.get_one(Photo, photo.id).case_id = case_id

    def addresses() -> list[str]:
        phone.cursor = None
        return [shown["url"] for shown in next(one for one in phone.pull()["jobs"] if one["id"] == case_id)["photos"]]

    first = addresses()
    db.session.expire_all()
    signed_in("dora").post(f"{address(photo)}/redact", data={"areas": "1 1 9 9"})
    second = addresses()
    assert len(first) == len(second) == 1 and first != second
    assert status(signed_in("rosa"), second[0]) == 200


def test_an_address_names_the_case_the_photo_belongs_to(photo: Photo, report, signed_in) -> None:
    other = db.session.get_one(Case, report()).number
    assert signed_in("dora").get(f"/console/cases/{other}/photos/{photo.id}").status_code == 404
    assert signed_in("dora").post(f"/console/cases/{other}/photos/{photo.id}/publish").status_code == 404


PARTS = st.floats(0, 99.9), st.floats(0, 99.9), st.floats(0.1, 100), st.floats(0.1, 100)


@given(st.tuples(*PARTS), st.tuples(st.integers(1, 2000), st.integers(1, 2000)))
def test_an_area_lies_within_the_picture_and_covers_what_was_marked(area: tuple[float, ...], size: tuple[int, int]) -> None:
    left, top, right, bottom = _box(area, size)
    assert 0 <= left < right <= size[0] and 0 <= top < bottom <= size[1]
    assert left <= area[0] * size[0] / 100 and right >= min((area[0] + area[2]) * size[0] / 100, size[0]) - 1e-6
    assert top <= area[1] * size[1] / 100 and bottom >= min((area[1] + area[3]) * size[1] / 100, size[1]) - 1e-6


def test_nothing_of_a_number_plate_can_be_read(tmp_path: Path) -> None:
    """Two plates that differ in every letter become the same few squares."""
    stripes = Image.new("RGB", (400, 100), "white")
    for x in range(0, 400, 8):
        stripes.paste("black", (x, 0, x + 4, 100))
    source = tmp_path / "clean"
    stripes.save(source, "JPEG", quality=95)
    with Image.open(blur_areas(source, tmp_path, [[0, 0, 100, 100]])["large"]) as blurred:
        low, high = blurred.convert("L").getextrema()
    assert high - low < 30, "stripes of black and white are an even grey"
