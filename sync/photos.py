"""The rules of a photo on its way in. Bytes themselves never come here, only their numbers and digests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sync.types import PhotoRef


@dataclass(frozen=True, slots=True)
class UploadView:
    """How far an upload is: bytes announced, bytes known to be on disk."""

    length: int
    offset: int


class ChunkVerdict(StrEnum):
    ACCEPT = "accept"
    WRONG_OFFSET = "wrong_offset"  # ask for the offset again and go on from there
    TOO_LONG = "too_long"  # more bytes than were announced


def missing(refs: Iterable[PhotoRef], held: Iterable[str]) -> list[PhotoRef]:
    """The announced photos whose verified bytes (by photo id) are not held yet, in the order announced."""
    have = set(held)
    return [ref for ref in refs if ref.id not in have]


def accept_chunk(upload: UploadView, offset: int, length: int) -> ChunkVerdict:
    """May `length` bytes be written at `offset`? Only exactly where the durable bytes end (tus 1.0 core)."""
    if offset != upload.offset:
        return ChunkVerdict.WRONG_OFFSET
    if offset + length > upload.length:
        return ChunkVerdict.TOO_LONG
    return ChunkVerdict.ACCEPT


def matches(announced_sha256: str, found_sha256: str) -> bool:
    """Are these the bytes that were announced?"""
    return announced_sha256.lower() == found_sha256.lower()
