"""Where in the web a thing of ours is found, for whoever reads it elsewhere."""

from __future__ import annotations

from urllib.parse import quote

from crew_app.models import Photo


def case_address(public_url: str, number: str) -> str:
    return f"{public_url}/cases/{quote(number, safe='')}"


def photo_address(public_url: str, photo: Photo) -> str:
    copy = f"?v={photo.copy}" if photo.copy else ""  # blurred again, it is another picture
    return f"{public_url}/photos/{photo.id}/large{copy}"
