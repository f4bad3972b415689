"""Each way by which a picture comes into the city, through the real routes; and what the city then shows of it."""

from __future__ import annotations

import base64
import hashlib
import io
import uuid
from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from phone import Phone

from crew_app.extensions import db
from crew_app.models import Photo
from crew_app.services.photos import photo_store

Way = Callable[["Sender", bytes], Any]


class Sender:
    """Somebody with a browser, somebody with a phone, a program with a key; `job` is a case in the phone's hands."""

    def __init__(self, client: FlaskClient, phone: Phone, key: str, job: Callable[[], tuple[int, int]]) -> None:
        self.client, self.phone, self.key, self.job = client, phone, key, job

    def by_form(self, content: bytes) -> Any:
        form = {"service": "pothole", "address": "1 Main Street", "photo": (io.BytesIO(content), "photo.jpg")}
        return self.client.post("/report", data=form, content_type="multipart/form-data")

    def by_program(self, content: bytes) -> Any:
        form = {
            "api_key": self.key,
            "service_code": "pothole",
            "lat": "42.35",
            "long": "-71.1",
            "media": (io.BytesIO(content), "x.jpg"),
        }
        return self.client.post("/open311/v2/requests.json", data=form, content_type="multipart/form-data")

    def by_phone_in_pieces(self, content: bytes) -> Any:
        address = self.phone.create_upload(self._announced(content)).headers["Location"]
        half = len(content) // 2
        self.phone.patch(address, 0, content[:half])
        return self.phone.patch(address, half, content[half:])

    def by_phone_at_once(self, content: bytes) -> Any:
        ref = self._announced(content)
        return self.phone.client.post(
            "/sync/v1/photos",
            data=content,
            headers={**self._tus(ref), "Content-Type": "application/offset+octet-stream"},
        )

    def _announced(self, content: bytes) -> dict[str, Any]:
        digest = hashlib.sha256(content).hexdigest()
        ref = {"id": str(uuid.uuid4()), "sha256": digest, "size": len(content), "kind": "after"}
        assert self.phone.push(self.phone.closing(*self.job(), [ref])).status_code == 200
        return ref

    def _tus(self, ref: dict[str, Any]) -> dict[str, str]:
        metadata = ",".join(f"{k} {base64.b64encode(ref[v].encode()).decode()}" for k, v in (("photo", "id"), ("sha256", "sha256")))
        return {"X-Crew311": "1", "Tus-Resumable": "1.0.0", "Upload-Length": str(ref["size"]), "Upload-Metadata": metadata}


WAYS: dict[str, Way] = {
    "a resident's form": Sender.by_form,
    "another program": Sender.by_program,
    "a phone, in pieces": Sender.by_phone_in_pieces,
    "a phone, at once": Sender.by_phone_at_once,
}


def shown() -> dict[str, list[bytes]]:
    """Photo id -> every byte string that anybody is ever shown of it."""
    db.session.rollback()
    found = {}
    for photo in db.session.scalars(db.select(Photo)):
        found[photo.id] = []
        for size in ("large", "small"):
            if photo_store().exists(f"{photo.id}/{size}"):
                with photo_store().open(f"{photo.id}/{size}") as file:
                    found[photo.id].append(file.read())
    return found
