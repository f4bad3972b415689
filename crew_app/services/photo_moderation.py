"""What the office does about a photo: hide it, blur a part of it, let everybody see it; and each of it back again."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from pathlib import Path

from crew_app.adapters.image_blur import blur_areas
from crew_app.errors import Conflict, NotFound
from crew_app.events import PhotoModerated
from crew_app.models import Case, Photo, PhotoKind, PhotoState
from crew_app.services.photos import photo_store
from crew_app.transaction import Tx


def make_blurred_copies(photo_id: str, areas: list[list[float]]) -> str:
    """Store copies with these areas blurred; returns their mark. Before the transaction: it takes a while.

    Always from the clean copy, so that another choice of areas is not laid over the last one.
    """
    mark = secrets.token_hex(4)
    with tempfile.TemporaryDirectory(prefix="crew311-") as folder:
        clean = Path(folder) / "clean"
        try:
            with photo_store().open(f"{photo_id}/large") as stored, open(clean, "wb") as file:
                shutil.copyfileobj(stored, file)
        except FileNotFoundError:
            raise Conflict("This photo is not ready to be shown, so nothing of it can be blurred.", code="not-ready") from None
        for size, path in blur_areas(clean, Path(folder), areas).items():
            photo_store().put(f"{photo_id}/{size}-{mark}", path)
    return mark


def redact_photo(tx: Tx, photo_id: str, areas: list[list[float]], mark: str, person_id: int) -> None:
    """Show the copies of that mark instead. The clean ones stay, for those who may look behind it."""
    photo = _lock(tx, photo_id)
    photo.blurred, photo.copy = areas, mark
    _tell(tx, photo, "redact", person_id)


def restore_photo(tx: Tx, photo_id: str, person_id: int) -> None:
    photo = _lock(tx, photo_id)
    if not photo.copy:
        raise Conflict("Nothing of this photo is blurred.", code="not-blurred")
    photo.blurred, photo.copy = None, ""
    _tell(tx, photo, "restore", person_id)


def hide_photo(tx: Tx, photo_id: str, is_hidden: bool, why: str, person_id: int) -> None:
    photo = _lock(tx, photo_id)
    if photo.is_hidden == is_hidden:
        raise Conflict("It is hidden already." if is_hidden else "It is not hidden.", code="as-it-was")
    photo.is_hidden = is_hidden
    _tell(tx, photo, "hide" if is_hidden else "show", person_id, why)


def publish_photo(tx: Tx, photo_id: str, is_public: bool, person_id: int) -> None:
    """A resident's photo is for everybody, or for the city's people only."""
    photo = _lock(tx, photo_id)
    if photo.kind != PhotoKind.REPORTED:
        raise Conflict("Only a resident's photo needs this. A crew's is for everybody unless it is hidden.", code="not-reported")
    if is_public and photo.state != PhotoState.RENDERED:
        raise Conflict("This photo is not ready to be shown.", code="not-ready")
    if (photo.published_at is not None) == is_public:
        raise Conflict("Everybody can see it already." if is_public else "Only the city sees it already.", code="as-it-was")
    photo.published_at = tx.now if is_public else None
    _tell(tx, photo, "publish" if is_public else "withhold", person_id)


def _lock(tx: Tx, photo_id: str) -> Photo:
    photo = tx.session.get(Photo, photo_id, with_for_update=True)
    if photo is None:
        raise NotFound("There is no such photo.")
    return photo


def _tell(tx: Tx, photo: Photo, deed: str, person_id: int, why: str = "") -> None:
    tx.session.get_one(Case, photo.case_id).updated_at = tx.now
    tx.emit(PhotoModerated(case_id=photo.case_id, person_id=person_id, photo_id=photo.id, deed=deed, why=why or None))
