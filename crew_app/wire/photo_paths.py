"""Where a photo's picture is fetched."""

from __future__ import annotations

from typing import Protocol


class Shown(Protocol):
    """A photo, or as much of its row as says which copies of it are shown."""

    @property
    def id(self) -> str: ...
    @property
    def copy(self) -> str: ...


def photo_path(photo: Shown, size: str) -> str:
    """Another address when other copies are shown, so that a phone that keeps pictures fetches the new one."""
    return f"/photos/{photo.id}/{size}" + (f"?v={photo.copy}" if photo.copy else "")
