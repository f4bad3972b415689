"""Photos by tus 1.0: resumable, exact, and never believed before the SHA-256 of the whole agrees."""

from __future__ import annotations

import base64
import hashlib
import os
import random
from io import BytesIO

import pillow_heif
import pytest
from phone import TUS, Phone, jpeg, photo_ref
from PIL import Image

from crew_app import jobs
from crew_app.adapters.photo_store import DiskPhotoStore
from crew_app.extensions import db
from crew_app.models import EventRow, Photo, PhotoState, Upload
from crew_app.routes import uploads
from crew_app.services import photos
from crew_app.services.photos import incoming_path, photo_store, sha256_of, write_durably
from crew_app.transaction import transaction

CONTENT = jpeg(1, 400)


@pytest.fixture
def awaited(phone: Phone, job):
    """A photo that a closing announced: its reference."""
    ref = photo_ref(CONTENT)
    assert phone.push(phone.closing(*job(), [ref])).status_code == 200
    return ref


def stored(ref) -> bytes:
    with photo_store().open(f"{ref['sha256']}/original") as file:
        return file.read()


def test_a_photo_sent_in_pieces_arrives_whole(phone: Phone, awaited, dispatched) -> None:
    address = phone.create_upload(awaited).headers["Location"]
    assert phone.patch(address, 0, CONTENT[:1000]).headers["Upload-Offset"] == "1000"
    there = phone.client.head(address, headers=TUS)
    assert (there.headers["Upload-Offset"], there.headers["Upload-Length"]) == ("1000", str(len(CONTENT)))
    assert phone.patch(address, 1000, CONTENT[1000:]).status_code == 204
    assert stored(awaited) == CONTENT
    assert db.session.get_one(Photo, awaited["id"]).state == PhotoState.VERIFIED
    dispatched()
    assert db.session.get_one(Photo, awaited["id"]).state == PhotoState.RENDERED
    assert not incoming_path(address.rsplit("/", 1)[1]).exists()


def test_bytes_of_a_write_that_was_never_acknowledged_are_dropped(phone: Phone, awaited) -> None:
    """A server killed between write and commit leaves bytes behind the known offset: they must not shift the rest."""
    address = phone.create_upload(awaited).headers["Location"]
    phone.patch(address, 0, CONTENT[:1000])
    with open(incoming_path(address.rsplit("/", 1)[1]), "ab") as file:
        file.write(b"left over by a dying server")
    phone.patch(address, 1000, CONTENT[1000:])
    assert stored(awaited) == CONTENT


def die_before_commit(patched: pytest.MonkeyPatch) -> None:
    """The server dies when a photo is in the store and its upload is not yet completed."""

    def die(*_: object) -> None:
        raise RuntimeError("kill -9")

    patched.setattr(uploads, "complete_upload", die)


def upload_until_it_dies(phone: Phone, ref) -> str:
    address = phone.create_upload(ref).headers["Location"]
    phone.patch(address, 0, CONTENT[:1000])
    with pytest.raises(RuntimeError, match="kill -9"):
        phone.patch(address, 1000, CONTENT[1000:])
    return address


@pytest.mark.disk_photos
def test_resuming_after_a_crash_never_writes_into_a_stored_photo(phone: Phone, awaited, job, monkeypatch) -> None:
    """The same picture at two cases; the second upload dies between store and commit. The first was acknowledged."""
    phone.upload(awaited, CONTENT)
    twin = photo_ref(CONTENT)
    phone.push(phone.closing(*job(), [twin]))
    with monkeypatch.context() as patched:
        die_before_commit(patched)
        address = upload_until_it_dies(phone, twin)
    seen = []
    monkeypatch.setattr(uploads, "sha256_of", lambda path: seen.append(stored(awaited)) or sha256_of(path))
    phone.patch(address, 1000, CONTENT[1000:1001])
    assert seen == [CONTENT]
    assert stored(awaited) == CONTENT


@pytest.mark.parametrize("rest", [pytest.param(slice(1000, 1001), marks=pytest.mark.disk_photos), slice(1000, None)])
def test_a_crash_between_store_and_commit_is_made_good_by_the_next_piece(phone: Phone, awaited, rest: slice, monkeypatch) -> None:
    with monkeypatch.context() as patched:
        die_before_commit(patched)
        address = upload_until_it_dies(phone, awaited)
    assert phone.client.head(address, headers=TUS).headers["Upload-Offset"] == "1000"
    answer = phone.patch(address, 1000, CONTENT[rest])
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(len(CONTENT)))
    assert stored(awaited) == CONTENT
    assert db.session.get_one(Photo, awaited["id"]).state == PhotoState.VERIFIED
    assert not incoming_path(address.rsplit("/", 1)[1]).exists()
    if isinstance(photo_store(), DiskPhotoStore):
        assert not list(photo_store().folder.rglob("*.partial"))


def test_a_long_photo_whose_upload_crashed_at_its_end_is_made_good_too(phone: Phone, job, monkeypatch) -> None:
    """More than one piece of the body is still on its way when the first finds that all is here."""
    content = random.Random(1).randbytes(3 * uploads.PIECE_BYTES)
    ref = photo_ref(content)
    phone.push(phone.closing(*job(), [ref]))
    address = phone.create_upload(ref).headers["Location"]
    with monkeypatch.context() as patched:
        patched.setattr(uploads, "PIECE_BYTES", len(content))
        die_before_commit(patched)
        with pytest.raises(RuntimeError, match="kill -9"):
            phone.patch(address, 0, content)
    answer = phone.patch(address, 0, content)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(len(content)))
    assert stored(ref) == content


def test_the_name_of_an_upload_is_on_disk_before_its_bytes_are_acknowledged(phone: Phone, awaited, monkeypatch) -> None:
    """A flushed file in a folder that was not flushed may be gone after a power cut, and its bytes with it."""
    address = phone.create_upload(awaited).headers["Location"]
    flushed = []
    monkeypatch.setattr(photos, "flush", flushed.append)
    monkeypatch.setattr(uploads, "write_durably", lambda *given: (flushed.append("bytes"), write_durably(*given)))
    phone.patch(address, 0, CONTENT[:1000])
    folder = incoming_path("x").parent
    assert flushed[-2:] == [folder, "bytes"]


def test_a_piece_sent_again_after_the_end_leaves_nothing_behind(phone: Phone, awaited) -> None:
    address = phone.create_upload(awaited).headers["Location"]
    phone.patch(address, 0, CONTENT)
    assert phone.patch(address, 0, CONTENT).status_code == 409
    assert not incoming_path(address.rsplit("/", 1)[1]).exists()


def test_a_photo_may_arrive_before_its_closing(phone: Phone, job) -> None:
    ref = photo_ref(CONTENT)
    phone.upload(ref, CONTENT)
    answer = phone.push(phone.closing(*job(), [ref]))
    assert answer.json["results"][0]["photos_missing"] == []
    assert db.session.get_one(Photo, ref["id"]).state == PhotoState.VERIFIED


def test_creating_again_finds_the_upload_that_is_there(phone: Phone, awaited) -> None:
    address = phone.create_upload(awaited).headers["Location"]
    phone.patch(address, 0, CONTENT[:1000])
    again = phone.create_upload(awaited)
    assert (again.headers["Location"], again.headers["Upload-Offset"]) == (address, "1000")


def test_a_photo_the_city_has_need_not_be_sent_again(phone: Phone, awaited) -> None:
    phone.upload(awaited, CONTENT)
    assert phone.create_upload(awaited).headers["Upload-Offset"] == str(len(CONTENT))


def test_creation_may_bring_the_bytes_along(phone: Phone, awaited) -> None:
    metadata = ",".join(
        f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in (("photo", awaited["id"]), ("sha256", awaited["sha256"]))
    )
    answer = phone.client.post(
        "/sync/v1/photos",
        data=CONTENT,
        content_type="application/offset+octet-stream",
        headers={**TUS, "Upload-Length": str(len(CONTENT)), "Upload-Metadata": metadata},
    )
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, str(len(CONTENT)))
    assert stored(awaited) == CONTENT


def test_the_wrong_offset_is_refused_and_the_right_one_told(phone: Phone, awaited) -> None:
    address = phone.create_upload(awaited).headers["Location"]
    phone.patch(address, 0, CONTENT[:1000])
    answer = phone.patch(address, 500, CONTENT[500:])
    assert (answer.status_code, answer.json["errors"]) == (409, {"Upload-Offset": ["is 1000 here"]})


def test_more_bytes_than_announced_are_refused_and_what_came_is_kept(phone: Phone, awaited) -> None:
    address = phone.create_upload(awaited).headers["Location"]
    phone.patch(address, 0, CONTENT[:1000])
    answer = phone.patch(address, 1000, CONTENT[1000:] + b"more")
    assert answer.status_code == 413
    assert "Content-Length" in answer.json["errors"]
    assert phone.client.head(address, headers=TUS).headers["Upload-Offset"] == "1000"


def test_a_photo_longer_than_its_closing_announced_is_refused(phone: Phone, awaited) -> None:
    answer = phone.create_upload({**awaited, "size": len(CONTENT) + 1})
    assert (answer.status_code, list(answer.json["errors"])) == (400, ["Upload-Length"])


def test_a_photo_of_another_digest_than_announced_is_refused(phone: Phone, awaited) -> None:
    answer = phone.create_upload({**awaited, "sha256": "0" * 64})
    assert (answer.status_code, list(answer.json["errors"])) == (400, ["Upload-Metadata.sha256"])


def test_other_bytes_of_the_right_length_are_not_taken_for_the_photo(phone: Phone, awaited) -> None:
    address = phone.create_upload(awaited).headers["Location"]
    wrong = bytes(len(CONTENT))
    answer = phone.patch(address, 0, wrong)
    assert (answer.status_code, list(answer.json["errors"])) == (460, ["Upload-Metadata.sha256"])
    assert phone.client.head(address, headers=TUS).headers["Upload-Offset"] == "0"
    assert db.session.get_one(Photo, awaited["id"]).state == PhotoState.AWAITED
    phone.patch(address, 0, CONTENT)
    assert stored(awaited) == CONTENT


@pytest.mark.parametrize("name", ["sha1", "sha256"])
def test_a_piece_changed_on_the_way_is_dropped(phone: Phone, awaited, name: str) -> None:
    address = phone.create_upload(awaited).headers["Location"]
    checksum = f"{name} {base64.b64encode(hashlib.new(name, CONTENT[:1000]).digest()).decode()}"
    assert phone.patch(address, 0, b"x" * 1000, **{"Upload-Checksum": checksum}).status_code == 460
    assert phone.client.head(address, headers=TUS).headers["Upload-Offset"] == "0"
    assert phone.patch(address, 0, CONTENT[:1000], **{"Upload-Checksum": checksum}).status_code == 204


@pytest.mark.parametrize(
    ("headers", "status", "field"),
    [
        ({"Upload-Length": "-5"}, 400, "Upload-Length"),
        ({"Upload-Length": "0"}, 400, "Upload-Length"),
        ({"Upload-Length": "1e18"}, 400, "Upload-Length"),
        ({"Upload-Length": "999999999999999999"}, 413, "Upload-Length"),
        ({"Upload-Length": "9" * 400}, 400, "Upload-Length"),
        ({"Upload-Defer-Length": "1"}, 400, "Upload-Defer-Length"),
        ({"Upload-Metadata": "photo !!!"}, 400, "Upload-Metadata.photo"),
        ({"Upload-Metadata": ""}, 400, "Upload-Metadata.photo"),
        ({"Tus-Resumable": "0.2.2"}, 412, "Tus-Resumable"),
    ],
)
def test_a_bad_announcement_names_the_header(phone: Phone, awaited, headers: dict[str, str], status: int, field: str) -> None:
    answer = phone.create_upload(awaited, **headers)
    assert (answer.status_code, next(iter(answer.json["errors"]))) == (status, field)


@pytest.mark.parametrize("offset", ["", "-1", "1.5", "99999999999999999999"])
def test_a_bad_offset_names_the_header(phone: Phone, awaited, offset: str) -> None:
    address = phone.create_upload(awaited).headers["Location"]
    answer = phone.patch(address, 0, b"x", **{"Upload-Offset": offset})
    assert (answer.status_code, list(answer.json["errors"])) == (400, ["Upload-Offset"])


def test_another_persons_upload_is_not_there(phone: Phone, other_phone: Phone, awaited) -> None:
    address = phone.create_upload(awaited).headers["Location"]
    assert other_phone.client.head(address, headers=TUS).status_code == 404
    assert other_phone.patch(address, 0, CONTENT).status_code == 404
    assert other_phone.client.delete(address, headers=TUS).status_code == 404


@pytest.mark.parametrize("upload_id", ["..%2f..%2fsecret_key", "0" * 32, "A" * 32, "%00", "x" * 300])
def test_an_upload_that_is_not_ours_is_not_there(phone: Phone, upload_id: str) -> None:
    assert phone.patch(f"/sync/v1/photos/{upload_id}", 0, b"x").status_code == 404


def test_an_upload_can_be_given_up(phone: Phone, awaited) -> None:
    address = phone.create_upload(awaited).headers["Location"]
    phone.patch(address, 0, CONTENT[:10])
    assert phone.client.delete(address, headers=TUS).status_code == 204
    assert phone.client.head(address, headers=TUS).status_code == 404
    assert not incoming_path(address.rsplit("/", 1)[1]).exists()
    phone.upload(awaited, CONTENT)
    assert stored(awaited) == CONTENT


def test_a_picture_nobody_can_read_is_kept_and_said_so(phone: Phone, job, dispatched) -> None:
    content = b"\xff\xd8\xff" + b"this is no JPEG" * 99
    ref = photo_ref(content)
    phone.push(phone.closing(*job(), [ref]))
    phone.upload(ref, content)
    dispatched()
    assert db.session.get_one(Photo, ref["id"]).state == PhotoState.UNREADABLE
    assert stored(ref) == content
    assert phone.client.get(f"/photos/{ref['id']}/large").status_code == 404


def test_no_upload_may_be_open_for_another_photo_of_the_same_length(phone: Phone, awaited) -> None:
    """The address belongs to one announcement; a second photo gets its own."""
    other = photo_ref(jpeg(2, 400))
    assert phone.create_upload(awaited).headers["Location"] != phone.create_upload(other).headers["Location"]


def test_an_expired_upload_is_begun_anew(phone: Phone, awaited) -> None:
    address = phone.create_upload(awaited).headers["Location"]
    with transaction() as tx:
        tx.session.get_one(Upload, address.rsplit("/", 1)[1]).expires_at = tx.now
    assert phone.create_upload(awaited).headers["Location"] != address


def test_a_closing_whose_photos_are_all_here_is_complete_once(phone: Phone, job) -> None:
    contents = [jpeg(seed, 100) for seed in (1, 2)]
    refs = [photo_ref(content) for content in contents]
    for ref, content in zip(refs, contents, strict=True):
        phone.upload(ref, content)
    phone.push(phone.closing(*job(), refs))
    assert db.session.query(EventRow).filter_by(kind="photos_complete").count() == 1


def test_uploads_begun_and_left_are_swept_at_night_and_others_are_not(phone: Phone, awaited) -> None:
    left, going_on = phone.create_upload(awaited), phone.create_upload(photo_ref(jpeg(2)))
    ids = [answer.headers["Location"].rsplit("/", 1)[1] for answer in (left, going_on)]
    for answer in (left, going_on):
        phone.patch(answer.headers["Location"], 0, CONTENT[:100])
    done = photo_ref(jpeg(3))
    phone.upload(done, jpeg(3))
    with transaction() as tx:
        for upload in tx.session.query(Upload).filter(Upload.id != ids[1]):
            upload.expires_at = tx.now
    stray = incoming_path("stray")
    stray.write_bytes(b"of a row that a restored database does not have")
    os.utime(stray, (0, 0))
    jobs.each_night()
    assert [incoming_path(upload_id).exists() for upload_id in (*ids, "stray")] == [False, True, False]
    assert phone.client.head(left.headers["Location"], headers=TUS).status_code == 404
    assert stored(done) == jpeg(3), "complete, though its closing has not come yet"
    phone.upload(awaited, CONTENT)
    assert stored(awaited) == CONTENT


def test_a_phones_heic_is_kept_as_it_came_and_shown_as_jpeg(phone: Phone, job, dispatched) -> None:
    file = BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (640, 480), (180, 40, 40))).save(file, quality=60)
    ref = photo_ref(file.getvalue())
    phone.push(phone.closing(*job(), [ref]))
    phone.upload(ref, file.getvalue())
    dispatched()
    assert stored(ref) == file.getvalue()
    assert db.session.get_one(Photo, ref["id"]).state == PhotoState.RENDERED
    with phone.client.get(f"/photos/{ref['id']}/large") as answer:
        shown = Image.open(BytesIO(answer.data))
    assert (shown.format, shown.size) == ("JPEG", (640, 480))
    red, green, _ = shown.getpixel((320, 240))
    assert red > 150 and green < 80
