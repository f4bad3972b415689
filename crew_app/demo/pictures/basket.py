"""A litter basket that runs over; the same basket emptied."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from crew_app.demo.pictures.canvas import (
    Array,
    Camera,
    Colour,
    darken,
    develop,
    draw_mask,
    edge,
    ellipse,
    paint,
    paint_polygon,
    put_ball,
)
from crew_app.demo.pictures.street import house_front, pavement_and_road

BLACK: Colour = (0.0, 0.0, 0.0)
PAPERS: tuple[Colour, ...] = (
    (0.88, 0.86, 0.82), (0.80, 0.77, 0.70), (0.66, 0.52, 0.36), (0.70, 0.16, 0.14), (0.93, 0.93, 0.92), (0.22, 0.42, 0.60),
    (0.90, 0.52, 0.14), (0.30, 0.46, 0.28), (0.75, 0.62, 0.45),
)  # fmt: skip


def draw_basket(rng: np.random.Generator, mended: bool) -> Image.Image:
    camera = Camera(height=1.5, focal=860, horizon=rng.uniform(150, 185))
    picture, _, ahead, _ = pavement_and_road(camera, kerb_ahead=3.9, rng=rng)
    far = edge(ahead * 0 + (np.arange(720)[:, None] - camera.horizon - 105), 4.0)
    paint(picture, far, house_front(camera, 12.3, rng))
    x, foot = 480 + rng.uniform(-70, 70), 618.0
    top, half_top, half_foot = 268.0, 118.0, 92.0
    _throw_shadow(picture, x, foot, half_foot)
    if not mended:
        _strew(picture, x, foot, rng, (-330, 330), count=15)
    _draw_back(picture, x, top, half_top)
    if mended:
        liner = draw_mask(lambda d: d.ellipse([(x - 104) * 2, (top - 20) * 2, (x + 104) * 2, (top + 30) * 2], fill=255), 1.0)
        paint(picture, liner, (0.05, 0.05, 0.055))
    else:
        _heap(picture, x, top, half_top, rng)
    _draw_slats(picture, x, top, foot, half_top, half_foot, full=not mended, rng=rng)
    if not mended:
        _hang_over(picture, x, top, half_top, rng)
        _strew(picture, x, foot + 55, rng, (-250, 250), count=7)
    return develop(picture, rng, warmth=rng.uniform(-0.02, 0.03))


def _throw_shadow(picture: Array, x: float, foot: float, half: float) -> None:
    shade = draw_mask(lambda d: d.polygon(
        [((x - half) * 2, foot * 2), ((x + half) * 2, (foot + 8) * 2), ((x + half + 250) * 2, (foot + 30) * 2), ((x + half + 150) * 2, (foot - 24) * 2)],
        fill=255,
    ), 12)  # fmt: skip
    darken(picture, shade, 0.5)
    under = draw_mask(
        lambda d: d.ellipse([(x - half - 14) * 2, (foot - 16) * 2, (x + half + 16) * 2, (foot + 24) * 2], fill=255), 7
    )
    darken(picture, under, 0.65)


def _draw_back(picture: Array, x: float, top: float, half: float) -> None:
    ring = draw_mask(lambda d: d.ellipse([(x - half) * 2, (top - 27) * 2, (x + half) * 2, (top + 27) * 2], fill=255))
    paint(picture, ring, (0.07, 0.09, 0.08))


def _draw_slats(
    picture: Array, x: float, top: float, foot: float, half_top: float, half_foot: float, full: bool, rng: np.random.Generator
) -> None:
    """Upright steel slats around a black liner, two hoops and a rim, all in the city's dark green."""
    inner = draw_mask(
        lambda d: d.polygon(
            [((x - half_top + 5) * 2, (top + 6) * 2), ((x + half_top - 5) * 2, (top + 6) * 2), ((x + half_foot - 4) * 2, foot * 2), ((x - half_foot + 4) * 2, foot * 2)],
            fill=255,
        )
    )  # fmt: skip
    paint(picture, inner, (0.06, 0.065, 0.07) if full else (0.09, 0.095, 0.10))
    for angle in np.linspace(-np.pi / 2 + 0.07, np.pi / 2 - 0.07, 19):
        s, c = float(np.sin(angle)), float(np.cos(angle))
        width = 2.6 + 8.5 * c
        upper, lower = (x + half_top * s, top + 26 * c), (x + half_foot * s, foot + 17 * c - 6)
        light = 0.40 + 0.62 * max(0.0, -0.55 * s + 0.75 * c) + rng.uniform(-0.03, 0.03)
        slat = [(x0 + sign * width / 2, y0) for sign, (x0, y0) in ((-1, upper), (1, upper), (1, lower), (-1, lower))]
        paint_polygon(picture, slat, (0.17 * light, 0.36 * light, 0.27 * light), blur=0.4)
    for level, strength in ((0.0, 1.0), (0.30, 0.8), (0.78, 0.8), (1.0, 0.9)):
        half = half_top + (half_foot - half_top) * level
        middle, flat = top + (foot - 6 - top) * level, 26 - 9 * level
        thick = 17 if level in (0.0, 1.0) else 10

        def hoop(d: ImageDraw.ImageDraw, h: float = half + 3, m: float = middle, f: float = flat, t: int = thick) -> None:
            d.arc([(x - h) * 2, (m - f) * 2, (x + h) * 2, (m + f) * 2], 0, 180, fill=255, width=t)

        mask = draw_mask(hoop)
        shade = np.clip(1.0 - (np.arange(960)[None, :] - (x - half)) / (2.6 * half), 0.45, 1.0)
        paint(
            picture,
            mask,
            np.stack([shade * 0.22, shade * 0.42, shade * 0.32], axis=-1) * strength * np.ones((720, 1, 1), np.float32),
        )


def _heap(picture: Array, x: float, top: float, half: float, rng: np.random.Generator) -> None:
    put_ball(picture, (x - 26, top - 34), (88, 62), (0.07, 0.07, 0.08), rng, gloss=0.5, wrinkles=0.9)
    put_ball(picture, (x + 50, top - 26), (66, 50), (0.86, 0.86, 0.87), rng, gloss=0.25, wrinkles=1.0)
    for _ in range(18):
        across = rng.uniform(-1, 1)
        lift = (1 - across**2) * 92 * rng.uniform(0.15, 1.0)
        _drop_item(picture, (x + across * half * 0.9, top + 10 - lift), rng, rng.uniform(0.8, 1.4))


def _hang_over(picture: Array, x: float, top: float, half: float, rng: np.random.Generator) -> None:
    side = -1 if rng.random() < 0.5 else 1
    put_ball(picture, (x + side * half * 0.82, top + 42), (38, 62), (0.90, 0.90, 0.90), rng, gloss=0.25, wrinkles=1.0)
    for _ in range(4):
        _drop_item(picture, (x + rng.uniform(-0.8, 0.8) * half, top + 14), rng, rng.uniform(0.9, 1.3))


def _strew(picture: Array, x: float, foot: float, rng: np.random.Generator, span: tuple[int, int], count: int) -> None:
    for _ in range(count):
        place = (x + rng.uniform(*span), foot + rng.uniform(-26, 34))
        size = rng.uniform(0.7, 1.25)
        paint_polygon(picture, ellipse(place[0] + 7 * size, place[1] + 12 * size, 32 * size, 11 * size), BLACK, 0.55, blur=5)
        _drop_item(picture, place, rng, size)


def _drop_item(picture: Array, place: tuple[float, float], rng: np.random.Generator, size: float) -> None:
    """A cup, a flattened box or a crumpled paper."""
    colour = PAPERS[int(rng.integers(len(PAPERS)))]
    kind, turn = rng.random(), rng.uniform(0, 2 * np.pi)
    if kind < 0.45:
        put_ball(picture, place, (rng.uniform(16, 26) * size, rng.uniform(12, 18) * size), colour, rng, gloss=0.08, wrinkles=1.3)
        return
    corners = [(-13, -20), (13, -20), (9, 20), (-9, 20)] if kind < 0.75 else [(-27, -15), (25, -18), (28, 14), (-24, 17)]
    points = [
        (place[0] + size * (a * np.cos(turn) - b * np.sin(turn)), place[1] + size * 0.75 * (a * np.sin(turn) + b * np.cos(turn)))
        for a, b in corners
    ]
    paint_polygon(picture, [(a + 3, b + 4) for a, b in points], BLACK, 0.3, blur=3)
    shade = rng.uniform(0.72, 1.05)
    paint_polygon(picture, points, (colour[0] * shade, colour[1] * shade, colour[2] * shade))
    lit_half = [points[0], ((points[0][0] + points[1][0]) / 2, (points[0][1] + points[1][1]) / 2), points[3]]
    paint_polygon(picture, lit_half, (1.0, 1.0, 0.97), 0.16)
    if kind < 0.75:  # a cup has a lid
        (ax, ay), (bx, by) = points[0], points[1]
        paint_polygon(picture, [(ax - 2, ay - 3), (bx + 2, by - 3), (bx + 2, by + 3), (ax - 2, ay + 3)], (0.93, 0.93, 0.92))
