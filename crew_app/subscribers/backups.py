"""A photo is here, or a copy to show has been made of it: keep it in the backup, too, while the phone may still have it."""

from __future__ import annotations

from crew_app.events import Event
from crew_app.extensions import db
from crew_app.models import Photo
from crew_app.services.backups import backup_folder, copy_photo


def keep_photo_elsewhere(event: Event) -> None:
    backups = backup_folder()
    photo = db.session.get(Photo, event.body()["photo_id"]) if backups else None
    if backups and photo and photo.verified_at is not None:
        copy_photo(backups, photo)
