"""The city's basemap: one PMTiles file beside its database, which browsers read by ranges (osm_basemap.py makes it)."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

CREDIT = "© OpenStreetMap contributors"  # the licence (ODbL) asks that whoever looks at the map can read it
# The start of a PMTiles file of version 3, and of its bounds in it: four times 10^-7 degrees
# (github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md).
MAGIC = b"PMTiles\x03"
BOUNDS_AT, HEADER_BYTES = 102, 127


@dataclass(frozen=True, slots=True)
class Basemap:
    file: Path
    version: str  # of its bytes: another map, another version
    size: int
    bounds: tuple[float, float, float, float]  # west, south, east, north


def basemap_file(instance: Path) -> Path:
    """Where the city's map lies."""
    return instance / "basemap.pmtiles"


def find_basemap(instance: Path) -> Basemap | None:
    """The map there is now; it may be made anew while the server runs. None: there is none, or it is no PMTiles file."""
    file = basemap_file(instance)
    try:
        about = file.stat()
    except OSError:
        return None
    return _read(file, about.st_size, about.st_mtime_ns)


@lru_cache(maxsize=4)
def _read(file: Path, size: int, _changed_ns: int) -> Basemap | None:
    with file.open("rb") as opened:
        header = opened.read(HEADER_BYTES)
        if len(header) < HEADER_BYTES or not header.startswith(MAGIC):
            return None
        opened.seek(0)
        version = hashlib.file_digest(opened, "sha256").hexdigest()[:16]
    west, south, east, north = (degrees / 1e7 for degrees in struct.unpack_from("<4i", header, BOUNDS_AT))
    return Basemap(file, version, size, (west, south, east, north))
