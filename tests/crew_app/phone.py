"""A phone for tests: it makes operations and uploads photos the way the app does, through the real routes."""

from __future__ import annotations

import base64
import hashlib
import uuid
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

HEADERS = {"X-Crew311": "1"}
TUS = {**HEADERS, "Tus-Resumable": "1.0.0"}


def jpeg(seed: int = 0, side: int = 64) -> bytes:
    """A real JPEG; another seed is another picture."""
    picture = Image.new("RGB", (side, side), (seed * 37 % 256, seed * 91 % 256, 90))
    file = BytesIO()
    picture.save(file, "JPEG")
    return file.getvalue()


def photo_ref(content: bytes, kind: str = "after") -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "kind": kind}


class Phone:
    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.device = str(uuid.uuid4())
        self.seq = 0
        self.cursor: str | None = None

    def operation(self, kind: str, case: int, round_seen: int, payload: dict[str, Any], **other: Any) -> dict[str, Any]:
        self.seq += 1
        return {
            "id": str(uuid.uuid4()),
            "seq": self.seq,
            "kind": kind,
            "case": case,
            "round": round_seen,
            "made_at": datetime.now(UTC).isoformat(),
            "age_ms": 0,
            "payload": payload,
            **other,
        }

    def closing(self, case: int, round_seen: int, photos: list[dict[str, Any]] | None = None, **other: Any) -> dict[str, Any]:
        payload = {"outcome": "fixed", "note": "Done.", "photos": photos or []}
        return self.operation("close", case, round_seen, payload, **other)

    def send(self, body: Any, **kwargs: Any) -> TestResponse:
        return self.client.post("/sync/v1/push", json=body, headers=HEADERS, **kwargs)

    def push(self, *operations: Any) -> TestResponse:
        return self.send({"v": 1, "device": self.device, "operations": list(operations)})

    def pull(self) -> dict[str, Any]:
        """The next page; remembers its cursor."""
        query = {"device": self.device} | ({"cursor": self.cursor} if self.cursor else {})
        answer = self.client.get("/sync/v1/pull", query_string=query)
        assert answer.status_code == 200, answer.json
        page: dict[str, Any] = answer.json  # type: ignore[assignment]
        self.cursor = page["cursor"]
        return page

    def create_upload(self, ref: dict[str, Any], **headers: str) -> TestResponse:
        metadata = ",".join(
            f"{key} {base64.b64encode(ref[name].encode()).decode()}" for key, name in (("photo", "id"), ("sha256", "sha256"))
        )
        return self.client.post(
            "/sync/v1/photos", headers={**TUS, "Upload-Length": str(ref["size"]), "Upload-Metadata": metadata, **headers}
        )

    def patch(self, address: str, offset: int, content: bytes, **headers: str) -> TestResponse:
        return self.client.patch(
            address,
            data=content,
            content_type="application/offset+octet-stream",
            headers={**TUS, "Upload-Offset": str(offset), **headers},
        )

    def upload(self, ref: dict[str, Any], content: bytes) -> None:
        address = self.create_upload(ref).headers["Location"]
        assert self.patch(address, 0, content).status_code == 204
