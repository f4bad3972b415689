"""Make areas of a picture unreadable for good: only a few coarse squares of them remain in the bytes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageFilter

from crew_app.adapters.image_cleaner import JPEG_QUALITY, SIZES

SQUARES = 6  # along the longer side of an area: a face or a number plate is beyond any sharpening


def blur_areas(clean: Path, folder: Path, areas: Sequence[Sequence[float]]) -> dict[str, Path]:
    """Write `large.jpg` and `small.jpg` from a clean large copy of ours. Areas: left, top, width, height in hundredths."""
    with Image.open(clean, formats=("JPEG",)) as opened:
        picture = opened.convert("RGB")
    for area in areas:
        box = _box(area, picture.size)
        picture.paste(_coarse(picture.crop(box)), box[:2])
    paths = {}
    for name, longest in SIZES.items():
        copy = picture.copy()
        copy.thumbnail((longest, longest))
        paths[name] = folder / f"{name}.jpg"
        copy.save(paths[name], "JPEG", quality=JPEG_QUALITY, optimize=True)
    return paths


def _box(area: Sequence[float], size: tuple[int, int]) -> tuple[int, int, int, int]:
    """In pixels, rounded outwards, within the picture, one pixel at least."""
    left, top, width, height = area
    x, y = min(int(left * size[0] / 100), size[0] - 1), min(int(top * size[1] / 100), size[1] - 1)
    right, bottom = -int(-(left + width) * size[0] // 100), -int(-(top + height) * size[1] // 100)
    return x, y, min(max(right, x + 1), size[0]), min(max(bottom, y + 1), size[1])


def _coarse(cut: Image.Image) -> Image.Image:
    scale = SQUARES / max(cut.size)
    few = cut.resize((max(1, round(cut.width * scale)), max(1, round(cut.height * scale))), Image.Resampling.BOX)
    return few.resize(cut.size, Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(max(cut.size) / SQUARES / 4))
