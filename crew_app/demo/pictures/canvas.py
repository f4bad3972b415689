"""What the scenes are drawn with: a camera over a flat street, textures, light, and what a phone's lens adds.

A picture is an array of shape (HEIGHT, WIDTH, 3), 0 to 1. Masks are (HEIGHT, WIDTH), 0 to 1. Lengths in a scene are
metres, as the camera sees them; on the picture pixels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 960, 720
TEXTURE = 1024  # pixels a side; textures repeat without a seam

Array = NDArray[np.floating[Any]]  # of 32 bits throughout, which is twice as fast
Colour = tuple[float, float, float]


@cache
def rough_texture(seed: int, smoothness: float) -> Array:
    """Seamless noise, mean 0, deviation 1. `smoothness`: 0 is sand, 1 a cloudy sky, 2 hills."""
    noise = np.fft.rfft2(np.random.default_rng(seed).standard_normal((TEXTURE, TEXTURE)))
    frequency = np.hypot(np.fft.fftfreq(TEXTURE)[:, None], np.fft.rfftfreq(TEXTURE)[None, :])
    frequency[0, 0] = 1
    spectrum = noise / np.maximum(frequency, 2 / TEXTURE) ** smoothness
    spectrum[0, 0] = 0
    texture = np.fft.irfft2(spectrum, (TEXTURE, TEXTURE))
    return (texture / texture.std()).astype(np.float32)


def sample(texture: Array, across: Array, along: Array, per_metre: float) -> Array:
    """The texture at places given in metres, `per_metre` of its pixels to the metre."""
    column = (across * per_metre).astype(np.int32) & (TEXTURE - 1)
    row = (along * per_metre).astype(np.int32) & (TEXTURE - 1)
    return np.take(texture, row * TEXTURE + column)


@dataclass(frozen=True, slots=True)
class Camera:
    """Looks level; what is called a look down is a horizon above the picture. `focal` and `horizon` in pixels."""

    height: float = 1.5
    focal: float = 900.0
    horizon: float = 240.0
    centre: float = WIDTH / 2

    def ground(self) -> tuple[Array, Array, Array]:
        """For each pixel below the horizon: metres to the right, metres ahead, metres a pixel covers."""
        x, y = _pixels()
        below = np.maximum(y - self.horizon, 0.75)
        ahead = self.focal * self.height / below
        return (x - self.centre) * ahead / self.focal, ahead, ahead / self.focal

    def wall(self, distance: float) -> tuple[Array, Array]:
        """For each pixel: metres to the right and metres above the ground on an upright wall."""
        x, y = _pixels()
        return (x - self.centre) * distance / self.focal, self.height - (y - self.horizon) * distance / self.focal

    def place(self, across: float, up: float, ahead: float) -> tuple[float, float]:
        """The pixel where a point is seen."""
        return self.centre + across * self.focal / ahead, self.horizon + (self.height - up) * self.focal / ahead


@cache
def _pixels() -> tuple[Array, Array]:
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    return x, y


def edge(distance: Array, softness: Array | float) -> Array:
    """A mask that is 1 where `distance` is negative, with an edge as wide as `softness`."""
    return np.clip(0.5 - distance / softness, 0, 1).astype(np.float32, copy=False)


def paint(picture: Array, mask: Array, colour: Colour | Array, strength: float = 1.0) -> None:
    """Lay a colour (or another picture) over the picture where the mask is."""
    where = _touched(mask)
    coat = np.asarray(colour, np.float32)
    difference = (coat[where] if coat.ndim == 3 else coat) - picture[where]
    difference *= (mask[where] * strength)[..., None]
    picture[where] += difference


def darken(picture: Array, mask: Array, strength: float) -> None:
    where = _touched(mask)
    picture[where] *= (1 - mask[where] * strength)[..., None]


def _touched(mask: Array) -> tuple[slice, slice]:
    """The corner of the picture outside of which a mask does nothing."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return slice(0, 0), slice(0, 0)
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def draw_mask(draw: Callable[[ImageDraw.ImageDraw], None], blur: float = 0.0) -> Array:
    """A mask drawn with Pillow in a space twice as large, so that its edges are smooth."""
    large = Image.new("L", (WIDTH * 2, HEIGHT * 2), 0)
    draw(ImageDraw.Draw(large))
    mask = large.resize((WIDTH, HEIGHT), Image.Resampling.BOX)
    return _as_mask(mask.filter(ImageFilter.GaussianBlur(blur)) if blur else mask)


def paint_polygon(
    picture: Array, points: Sequence[tuple[float, float]], colour: Colour, strength: float = 1.0, blur: float = 0.7
) -> None:
    """A flat shape in pixels, painted in its own corner of the picture: cheap enough for hundreds."""
    reach = int(3 * blur) + 2
    left, top = (max(int(min(p[i] for p in points)) - reach, 0) for i in (0, 1))
    right = min(int(max(p[0] for p in points)) + reach, WIDTH)
    bottom = min(int(max(p[1] for p in points)) + reach, HEIGHT)
    if left >= right or top >= bottom:
        return
    large = Image.new("L", ((right - left) * 2, (bottom - top) * 2), 0)
    ImageDraw.Draw(large).polygon([((x - left) * 2, (y - top) * 2) for x, y in points], fill=255)
    mask = large.resize((right - left, bottom - top), Image.Resampling.BOX).filter(ImageFilter.GaussianBlur(blur))
    part = picture[top:bottom, left:right]
    part += (_as_mask(mask) * strength)[..., None] * (np.asarray(colour, np.float32) - part)


def ellipse(x: float, y: float, wide: float, high: float) -> list[tuple[float, float]]:
    """Its outline, to paint as a polygon; half-axes in pixels."""
    return [(x + wide * float(np.cos(a)), y + high * float(np.sin(a))) for a in np.linspace(0, 2 * np.pi, 24, endpoint=False)]


def blurred(mask: Array, radius: float) -> Array:
    return _as_mask(Image.fromarray((np.clip(mask, 0, 1) * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(radius)))


def _as_mask(image: Image.Image) -> Array:
    return np.asarray(image, np.float32) / 255


def out_of_focus(picture: Array, radius: float) -> Array:
    """A picture of any size blurred, and as large as a whole one."""
    image = to_image(picture).filter(ImageFilter.GaussianBlur(radius)).resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR)
    return np.asarray(image, np.float32) / 255


def to_image(picture: Array) -> Image.Image:
    return Image.fromarray((np.clip(picture, 0, 1) * 255).astype(np.uint8))


def put_ball(
    picture: Array,
    centre: tuple[float, float],
    radii: tuple[float, float],
    colour: Colour,
    rng: np.random.Generator,
    gloss: float = 0.2,
    wrinkles: float = 0.3,
    light: tuple[float, float, float] = (-0.5, -0.7, 0.5),
) -> None:
    """A lumpy, shaded body: a rubbish bag, a crumpled paper. Centre and radii in pixels."""
    (cx, cy), (rx, ry) = centre, radii
    left, right = max(int(cx - rx * 1.3), 0), min(int(cx + rx * 1.3) + 2, WIDTH)
    top, bottom = max(int(cy - ry * 1.3), 0), min(int(cy + ry * 1.3) + 2, HEIGHT)
    if left >= right or top >= bottom:
        return
    y, x = np.mgrid[top:bottom, left:right].astype(np.float32)
    u, v = (x - cx) / rx, (y - cy) / ry
    shift = rng.integers(0, TEXTURE, 2)
    lumps = rough_texture(3, 1.7)
    detail = 130.0
    lump = sample(lumps, u + shift[0], v + shift[1], detail)
    angle = np.arctan2(v, u)
    wobble = sum(rng.uniform(0.02, 0.06) * np.sin(k * angle + rng.uniform(0, 6.3)) for k in (2, 3, 5, 7))
    radius = np.hypot(u, v) / (1 + wobble)
    inside = edge(radius - 1, 2.5 / min(rx, ry))
    z = np.sqrt(np.maximum(1 - np.minimum(radius, 1) ** 2, 0))
    slope_x = np.gradient(lump, axis=1) * rx * 0.12 * wrinkles
    slope_y = np.gradient(lump, axis=0) * ry * 0.12 * wrinkles
    normal = np.stack([u * 0.9 - slope_x, v * 0.9 - slope_y, z + 0.12], axis=-1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    towards = np.asarray(light, np.float32)
    towards /= np.linalg.norm(towards)
    lit = np.clip(normal @ towards, 0, 1)
    half = towards + np.array([0, 0, 1], np.float32)
    half /= np.linalg.norm(half)
    shine = np.clip(normal @ half, 0, 1) ** 24 * gloss
    shade = (0.35 + 0.75 * lit)[..., None] * np.asarray(colour, np.float32) + shine[..., None]
    patch = picture[top:bottom, left:right]
    patch += inside[..., None] * (shade.astype(np.float32) - patch)


def develop(picture: Array, rng: np.random.Generator, grain: float = 0.018, warmth: float = 0.0) -> Image.Image:
    """What lens and sensor do to a scene: light from one side, dark corners, softness, grain."""
    x, y = _pixels()
    side = (x / WIDTH - 0.5) * rng.uniform(-0.16, 0.16) + (0.5 - y / HEIGHT) * rng.uniform(0, 0.12)
    corners = ((x / WIDTH - 0.5) ** 2 + (y / HEIGHT - 0.5) ** 2) * 0.42
    lit = picture * (1 + side - corners)[..., None]
    lit *= np.array([1 + warmth, 1.0, 1 - warmth], np.float32)
    held = np.clip(lit, 0, 1)
    curved = held + (held - 0.5) * held * (1 - held) * 0.7  # a little more contrast, as phones like it
    soft = np.asarray(to_image(curved).filter(ImageFilter.GaussianBlur(0.8)), np.float32) / 255
    noise = rough_texture(int(rng.integers(20, 23)), 0.35)[:HEIGHT, :WIDTH, None] * grain
    colour_noise = rough_texture(29, 0.2)[:HEIGHT, :WIDTH, None] * np.array([1, -0.4, -0.8], np.float32) * grain * 0.35
    return to_image(soft + noise + colour_noise)
