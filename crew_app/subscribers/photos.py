"""A photo's bytes are all here: make the copies that may be shown."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from crew_app.adapters.image_cleaner import UnreadableImage, clean_image
from crew_app.events import Event, PhotoRendered
from crew_app.extensions import db
from crew_app.models import Photo, PhotoState
from crew_app.services.photos import photo_store
from crew_app.transaction import transaction


def render_photo(event: Event) -> None:
    photo_id = event.body()["photo_id"]
    photo = db.session.get(Photo, photo_id)
    if photo is None or photo.state != PhotoState.VERIFIED:
        return
    name = f"{photo.sha256}/original"
    db.session.rollback()  # decoding takes a while; hold no snapshot meanwhile
    state = PhotoState.RENDERED
    with tempfile.TemporaryDirectory(prefix="crew311-") as folder:
        source = Path(folder) / "source"
        with photo_store().open(name) as stored, open(source, "wb") as file:
            shutil.copyfileobj(stored, file)
        try:
            for size, path in clean_image(source, Path(folder)).items():
                photo_store().put(f"{photo_id}/{size}", path)
        except UnreadableImage:
            state = PhotoState.UNREADABLE
    with transaction() as tx:
        row = tx.session.get_one(Photo, photo_id)
        row.state = state
        tx.emit(PhotoRendered(case_id=row.case_id, photo_id=photo_id))
