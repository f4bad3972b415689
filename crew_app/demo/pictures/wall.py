"""Graffiti on a brick wall; the same wall cleaned."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from crew_app.demo.pictures.canvas import (
    HEIGHT,
    Array,
    Camera,
    Colour,
    blurred,
    darken,
    develop,
    draw_mask,
    edge,
    paint,
    rough_texture,
    sample,
)
from crew_app.demo.pictures.street import brick, concrete

WALLS: tuple[Colour, ...] = ((0.47, 0.26, 0.21), (0.55, 0.40, 0.33), (0.42, 0.25, 0.22))
# Fill and outline.
SPRAYS: tuple[tuple[Colour, Colour], ...] = (
    ((0.78, 0.78, 0.80), (0.06, 0.06, 0.07)),
    ((0.16, 0.44, 0.70), (0.05, 0.06, 0.16)),
    ((0.70, 0.20, 0.46), (0.10, 0.04, 0.10)),
    ((0.25, 0.58, 0.36), (0.88, 0.88, 0.84)),
)


def draw_graffiti(rng: np.random.Generator, mended: bool) -> Image.Image:
    camera = Camera(height=1.5, focal=900, horizon=rng.uniform(320, 350))
    distance = rng.uniform(4.2, 4.8)
    across, up = camera.wall(distance)
    picture = brick(across + rng.uniform(0, 5), up, rng, WALLS[int(rng.integers(len(WALLS)))]).astype(np.float32)
    damp = np.clip(0.5 - up + sample(rough_texture(2, 1.5), across, up, 30.0) * 0.10, 0, 0.5)
    darken(picture, damp, 0.5)
    centre = (480 + rng.uniform(-60, 60), 330 + rng.uniform(-20, 30))
    if mended:
        _show_washed(picture, across, up, centre, rng)
    else:
        _spray_throw_up(picture, centre, *SPRAYS[int(rng.integers(len(SPRAYS)))], rng)
        _spray_tag(picture, (centre[0] + 120, centre[1] + 130), rng)
    u, ahead, per_pixel = camera.ground()
    near = edge(ahead - distance, 0.01) * (np.arange(HEIGHT)[:, None] > camera.horizon)
    paint(picture, near, concrete(u, ahead, per_pixel, rng, 0.58))
    darken(picture, edge(np.abs(ahead - distance) - 0.12, 0.25) * near, 0.45)
    return develop(picture, rng, warmth=rng.uniform(-0.01, 0.04))


# Letters as strokes in a box one wide and one high, drawn with a very fat pen.
LETTERS: dict[str, tuple[tuple[tuple[float, float], ...], ...]] = {
    "S": (((0.9, 0.1), (0.3, 0.05), (0.1, 0.3), (0.85, 0.65), (0.7, 0.95), (0.05, 0.9)),),
    "O": (((0.5, 0.05), (0.1, 0.35), (0.2, 0.9), (0.75, 0.92), (0.95, 0.4), (0.5, 0.05)),),
    "K": (((0.15, 0.0), (0.2, 1.0)), ((0.9, 0.0), (0.25, 0.55), (0.95, 1.0))),
    "E": (((0.9, 0.05), (0.15, 0.0), (0.2, 1.0), (0.95, 0.95)), ((0.2, 0.5), (0.75, 0.48))),
    "R": (((0.15, 1.0), (0.15, 0.0), (0.8, 0.1), (0.75, 0.5), (0.2, 0.55), (0.9, 1.0)),),
    "Z": (((0.1, 0.05), (0.9, 0.0), (0.1, 0.95), (0.95, 0.95)),),
    "A": (((0.05, 1.0), (0.45, 0.0), (0.95, 1.0)), ((0.25, 0.65), (0.75, 0.65))),
    "N": (((0.1, 1.0), (0.15, 0.0), (0.85, 1.0), (0.9, 0.0)),),
}
WORDS = ("SOKE", "ZERO", "NAKS", "RAZE", "KOSE")


def _spray_throw_up(picture: Array, centre: tuple[float, float], fill: Colour, line: Colour, rng: np.random.Generator) -> None:
    """Fat letters, filled and outlined, a little crooked."""
    word = WORDS[int(rng.integers(len(WORDS)))]
    wide, high, pen = 118, 175, 54
    strokes = []
    for i, letter in enumerate(word):
        left = centre[0] + (i - len(word) / 2) * (wide + 46)
        top = centre[1] - high / 2 + rng.uniform(-22, 22)
        lean, grow = rng.uniform(-0.16, 0.16), rng.uniform(0.92, 1.12)
        for stroke in LETTERS[letter]:
            strokes.append([(2 * (left + (x - lean * (y - 0.5)) * wide * grow), 2 * (top + y * high * grow)) for x, y in stroke])

    def pen_mask(width: int, shift: float = 0.0) -> Array:
        def draw(d: ImageDraw.ImageDraw) -> None:
            for stroke in strokes:
                moved = [(x + shift * 2, y + shift * 2) for x, y in stroke]
                d.line(moved, fill=255, width=width * 2, joint="curve")
                for x, y in (moved[0], moved[-1]):
                    d.ellipse([x - width, y - width, x + width, y + width], fill=255)

        return draw_mask(draw, 1.4)

    body = pen_mask(pen)
    pits = np.clip(1.0 - 0.06 * np.abs(sample(rough_texture(6, 0.7), *_grid(picture), 1.0)), 0, 1)
    relief = picture.mean(axis=-1, keepdims=True) - picture.mean()
    paint(picture, blurred(body, 20) * 0.3, fill)  # what the wind took
    paint(picture, pen_mask(pen + 16, 10) * pits, np.asarray(line, np.float32) * 0.35 + relief * 0.3, 0.92)
    paint(picture, pen_mask(pen + 16) * pits, np.asarray(line, np.float32) + relief * 0.35, 0.95)
    cloud = sample(rough_texture(2, 1.6), *_grid(picture), 0.9)[..., None] * 0.04
    paint(picture, body * pits, np.asarray(fill, np.float32) + relief * 0.45 + cloud, 0.95)
    _let_drip(picture, [(x / 2 + rng.uniform(-20, 20), y / 2 + 24) for stroke in strokes for x, y in stroke[-1:]], line, rng)


def _spray_tag(picture: Array, centre: tuple[float, float], rng: np.random.Generator) -> None:
    """A quick one-line scrawl across it."""
    t = np.linspace(0, 1, 260)
    loops = rng.uniform(5, 7)
    x = centre[0] - 260 + 480 * t + 36 * np.sin(2 * np.pi * loops * t)
    y = centre[1] + (58 - 26 * t) * np.cos(2 * np.pi * loops * t + 0.8) - 34 * t + 18 * np.sin(2 * np.pi * 2.3 * t)
    points = [(float(a) * 2, float(b) * 2) for a, b in zip(x, y, strict=True)]
    tail = [points[-1], (points[-1][0] + 90, points[-1][1] - 60), (points[0][0] - 20, points[0][1] + 170)]

    def draw(d: ImageDraw.ImageDraw) -> None:
        d.line(points, fill=255, width=15, joint="curve")
        d.line(tail, fill=255, width=13, joint="curve")

    mask = draw_mask(draw)
    paint(picture, blurred(mask, 9) * 0.35, (0.05, 0.05, 0.06))
    paint(picture, blurred(mask, 1.5), (0.04, 0.04, 0.05), 0.95)


def _let_drip(picture: Array, starts: list[tuple[float, float]], colour: Colour, rng: np.random.Generator) -> None:
    def draw(d: ImageDraw.ImageDraw) -> None:
        for x, y in starts:
            length = rng.uniform(20, 90)
            d.line([(x * 2, y * 2), (x * 2, (y + length) * 2)], fill=255, width=6)
            d.ellipse([x * 2 - 5, (y + length) * 2 - 6, x * 2 + 5, (y + length) * 2 + 8], fill=255)

    paint(picture, draw_mask(draw, 0.8), colour, 0.85)


def _show_washed(picture: Array, across: Array, up: Array, centre: tuple[float, float], rng: np.random.Generator) -> None:
    """Washed brick is a little paler, and wet below."""
    x, y = _grid(picture)
    cloud = sample(rough_texture(2, 1.6), across, up, 45.0) * 0.10
    spot = edge(np.hypot((x - centre[0]) / 400, (y - centre[1]) / 210) - 0.85 + cloud, 0.35)
    paint(picture, spot, np.clip(picture * 1.10 + 0.035, 0, 1), 0.8)
    streaks = sample(rough_texture(2, 1.3), across * 3, up * 0.12, 60.0)
    wet = edge(np.abs(x - centre[0]) / 380 - 0.9 + cloud, 0.3) * np.clip((y - centre[1] - 60) / 160, 0, 1)
    darken(picture, wet * np.clip(0.55 + streaks * 0.25, 0, 1), 0.30)


def _grid(picture: Array) -> tuple[Array, Array]:
    y, x = np.mgrid[0 : picture.shape[0], 0 : picture.shape[1]].astype(np.float32)
    return x, y
