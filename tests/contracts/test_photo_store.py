"""What every photo store promises."""

from __future__ import annotations

import urllib.request
from pathlib import Path

import pytest

from crew_app.adapters.photo_store import DiskPhotoStore, PhotoStore
from crew_app.adapters.s3_photo_store import S3PhotoStore
from crew_app.errors import Busy

SHA = "ab" * 32
PHOTO = "0190a2b4-0000-7000-8000-00000000abcd"


@pytest.fixture(params=["disk", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> PhotoStore:
    if request.param == "disk":
        (tmp_path / "photos").mkdir()
        return DiskPhotoStore(tmp_path / "photos")
    return S3PhotoStore(request.getfixturevalue("s3_bucket"))


def put(store: PhotoStore, folder: Path, name: str, content: bytes) -> Path:
    source = folder / "source"
    source.write_bytes(content)
    store.put(name, source)
    return source


@pytest.mark.parametrize("name", [f"{SHA}/original", f"{PHOTO}/large", f"{PHOTO}/small"])
def test_what_is_put_is_there_to_read_and_its_source_stays(store: PhotoStore, tmp_path: Path, name: str) -> None:
    assert not store.exists(name)
    source = put(store, tmp_path, name, b"picture")
    assert store.exists(name)
    with store.open(name) as file:
        assert file.read() == b"picture"
    assert source.read_bytes() == b"picture"


def test_changing_the_source_afterwards_does_not_change_the_photo(store: PhotoStore, tmp_path: Path) -> None:
    source = put(store, tmp_path, f"{SHA}/original", b"picture")
    source.unlink()
    source.write_bytes(b"another")
    with store.open(f"{SHA}/original") as file:
        assert file.read() == b"picture"


def test_putting_again_is_harmless(store: PhotoStore, tmp_path: Path) -> None:
    put(store, tmp_path, f"{SHA}/original", b"picture")
    put(store, tmp_path, f"{SHA}/original", b"picture")
    with store.open(f"{SHA}/original") as file:
        assert file.read() == b"picture"


@pytest.mark.parametrize(
    "name", ["../secret_key", f"{SHA}/../x", f"{SHA}/large", f"{PHOTO}/original", "", "/etc/passwd", f"{SHA}/original\n"]
)
def test_no_name_leads_outside(store: PhotoStore, tmp_path: Path, name: str) -> None:
    with pytest.raises(FileNotFoundError):
        store.open(name)
    (tmp_path / "source").write_bytes(b"x")
    with pytest.raises(FileNotFoundError):
        store.put(name, tmp_path / "source")
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [tmp_path / "source"]


def test_what_is_not_there_is_not_found(store: PhotoStore) -> None:
    with pytest.raises(FileNotFoundError):
        store.open(f"{SHA}/original")


def test_it_says_whether_photos_may_come(store: PhotoStore) -> None:
    assert store.answers()


def test_a_store_that_is_away_says_so_and_refuses_for_now(s3_bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    store = S3PhotoStore(s3_bucket)
    assert not store.answers()
    with pytest.raises(Busy, match="Nothing is lost"):
        put(store, tmp_path, f"{PHOTO}/small", b"picture")


def test_a_browser_fetches_a_photo_from_the_bucket_itself_by_a_signed_link(s3_bucket: str, tmp_path: Path) -> None:
    store = S3PhotoStore(s3_bucket, signs_links=True)
    put(store, tmp_path, f"{PHOTO}/small", b"picture")
    link = store.link(f"{PHOTO}/small")
    assert link is not None
    assert "X-Amz-Signature=" in link and "X-Amz-Expires=300" in link
    with urllib.request.urlopen(link, timeout=10) as answer:
        assert answer.read() == b"picture"


def test_without_signed_links_photos_come_through_the_city(store: PhotoStore) -> None:
    assert store.link(f"{PHOTO}/small") is None
