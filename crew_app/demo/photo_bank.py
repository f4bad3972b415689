"""Few pictures for many photos: each scene is drawn a few times, and every photo of it is one more link to the same file."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from crew_app.adapters.image_cleaner import SIZES
from crew_app.adapters.photo_store import PhotoStore
from crew_app.demo.pictures import SCENES

VARIATIONS = 3
JPEG_QUALITY = 80
# Storing waits for the disk, not for the processor.
STORERS = 8


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn picture and its small copy. `size` in bytes."""

    folder: Path
    sha256: str
    size: int


@dataclass(slots=True)
class PhotoBank:
    pictures: dict[tuple[str, int, bool], Picture]
    wanted: list[tuple[str, Picture]] = field(default_factory=list)

    def picture(self, scene: str, place: int, mended: bool) -> Picture:
        """The same `place` gives the same spot before and after."""
        return self.pictures[scene, place % VARIATIONS, mended]

    def want(self, photo_id: str, picture: Picture) -> None:
        self.wanted.append((photo_id, picture))

    def store_wanted(self, store: PhotoStore) -> None:
        """Put what photos show under their names; afterwards every photo wanted can be opened."""
        names: dict[str, Path] = {}
        for photo_id, picture in self.wanted:
            names[f"{picture.sha256}/original"] = picture.folder / "original.jpg"
            names[f"{photo_id}/large"] = picture.folder / "original.jpg"  # small enough to show, and of our own making
            names[f"{photo_id}/small"] = picture.folder / "small.jpg"
        with ThreadPoolExecutor(STORERS) as storers:
            for _ in storers.map(store.put, names, names.values()):
                pass
        self.wanted.clear()


def draw_pictures(seed: int, folder: Path) -> PhotoBank:
    """Draw every scene as reported and as mended into the folder."""
    keys = [(scene, place, mended) for scene in SCENES for place in range(VARIATIONS) for mended in (False, True)]
    with ThreadPoolExecutor(2) as painters:
        return PhotoBank(dict(zip(keys, painters.map(lambda key: _draw(seed, folder, *key), keys), strict=True)))


def _draw(seed: int, folder: Path, scene: str, place: int, mended: bool) -> Picture:
    own = folder / f"{scene}-{place}-{'after' if mended else 'before'}"
    own.mkdir()
    original = own / "original.jpg"
    rng = np.random.default_rng([seed, list(SCENES).index(scene), place])
    image = SCENES[scene](rng, mended)
    image.save(original, "JPEG", quality=JPEG_QUALITY)
    image.thumbnail((SIZES["small"], SIZES["small"]))
    image.save(own / "small.jpg", "JPEG", quality=JPEG_QUALITY)
    return Picture(own, hashlib.sha256(original.read_bytes()).hexdigest(), original.stat().st_size)
