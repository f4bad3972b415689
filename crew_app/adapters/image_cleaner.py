"""Make copies of a picture that are safe to show: decoded, turned upright, made small, written anew without metadata.

Anybody may send us bytes that call themselves a picture, so they are decoded in a child process with little memory and
little time (`python -m crew_app.adapters.image_cleaner`): a bomb kills the child, not the server.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import warnings
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError
from pillow_heif import register_heif_opener

SIZES = {"large": 1600, "small": 360}  # pixels of the longer side
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
MAX_PIXELS = 50_000_000
MEMORY_BYTES = 1024 * 1024 * 1024
CPU_SECONDS = 20
PATIENCE_S = 60.0
JPEG_QUALITY = 82


class UnreadableImage(Exception):
    """These bytes are no picture we can show. They are kept all the same."""


def clean_image(source: Path, folder: Path) -> dict[str, Path]:
    """Write `large.jpg` and `small.jpg` into `folder`; UnreadableImage if the source cannot be decoded safely."""
    command = [sys.executable, "-m", "crew_app.adapters.image_cleaner", str(source), str(folder)]
    root = Path(__file__).resolve().parents[2]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, timeout=PATIENCE_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise UnreadableImage("took too long") from error
    if done.returncode != 0:
        raise UnreadableImage(done.stderr.decode(errors="replace").strip().splitlines()[-1:] or f"status {done.returncode}")
    return {name: folder / f"{name}.jpg" for name in SIZES}


def write_clean_copies(source: Path, folder: Path) -> None:
    """The work itself, without the fence around it: for pictures of our own making, and inside the child."""
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    register_heif_opener()
    with Image.open(source, formats=FORMATS) as opened:
        if opened.width * opened.height > MAX_PIXELS:
            raise UnreadableImage(f"{opened.width} x {opened.height} pixels")
        opened.draft("RGB", (SIZES["large"], SIZES["large"]))  # a large JPEG is decoded small at once
        upright = ImageOps.exif_transpose(opened)
        picture = _on_white(upright)
    for name, longest in SIZES.items():
        copy = picture.copy()
        copy.thumbnail((longest, longest))
        copy.info.clear()  # Pillow would carry a JPEG comment over
        copy.save(folder / f"{name}.jpg", "JPEG", quality=JPEG_QUALITY, optimize=True)


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        rgba = picture.convert("RGBA")
        ground = Image.new("RGB", rgba.size, "white")
        ground.paste(rgba, mask=rgba.getchannel("A"))
        return ground
    return picture.convert("RGB")


def main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        write_clean_copies(Path(sys.argv[1]), Path(sys.argv[2]))
    except (
        UnidentifiedImageError,
        UnreadableImage,
        OSError,
        ValueError,
        MemoryError,
        SyntaxError,
        Image.DecompressionBombError,
        Warning,
    ) as error:
        print(f"{type(error).__name__}: {error}"[:300], file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
