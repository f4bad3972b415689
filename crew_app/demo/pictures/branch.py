"""A fallen branch across the pavement; the same pavement cleared."""

from __future__ import annotations

import math

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
from crew_app.demo.pictures.street import asphalt, concrete, granite, house_front, lit_relief

LEAVES: tuple[Colour, ...] = ((0.20, 0.33, 0.12), (0.29, 0.43, 0.16), (0.14, 0.25, 0.10), (0.38, 0.47, 0.18), (0.34, 0.38, 0.15))


def draw_branch(rng: np.random.Generator, mended: bool) -> Image.Image:
    camera = Camera(height=1.6, focal=820, horizon=rng.uniform(130, 160))
    across, ahead, per_pixel = camera.ground()
    soft = np.maximum(per_pixel, 0.004)
    picture = concrete(across, ahead, per_pixel, rng).astype(np.float32)
    grass = 0.30 + lit_relief(rough_texture(1, 0.8), across * 2.2, ahead, 120.0) * 0.05
    lawn = np.stack([grass * 0.80, grass * 1.08, grass * 0.45], axis=-1)
    paint(picture, edge(across + 1.25 + 0.03 * np.sin(ahead * 9), soft * 2), lawn)
    paint(picture, edge(1.55 - across, soft), granite(across, ahead, rng, 0.70))
    paint(picture, edge(1.72 - across, soft), asphalt(across, ahead, 0.38, 1.0, rng))
    y = np.arange(HEIGHT, dtype=np.float32)[:, None]
    paint(picture, edge(y - camera.horizon - 70 + ahead * 0, 5.0), house_front(camera, 19.0, rng, blur=4.0))
    hedge = sample(rough_texture(4, 1.1), across * 0 + np.arange(960)[None, :], y + across * 0, 1.0) * 9
    row = edge(np.abs(y - camera.horizon - 75) - 34 + hedge, 8.0) * (np.arange(960)[None, :] < 300)
    paint(picture, blurred(row, 4), (0.15, 0.22, 0.09))
    _stand_trunk(picture, 120 + rng.uniform(-25, 25), rng)
    dapple = sample(rough_texture(4, 1.35), across + 3, ahead, 55.0)
    darken(picture, edge(dapple * -1 + 0.3, 0.8) * (y > camera.horizon + 70), 0.34)
    if mended:
        _leave_sawdust(picture, across, ahead)
        _scatter_leaves(picture, rng, 26)
    else:
        _scatter_leaves(picture, rng, 90)
        _lay_branch(picture, rng)
    return develop(picture, rng, warmth=0.015)


def _stand_trunk(picture: Array, x: float, rng: np.random.Generator) -> None:
    outline = [(x - 52, 0), (x + 40, 0), (x + 46, 330), (x + 82, 402), (x - 92, 402), (x - 58, 330)]
    mask = draw_mask(lambda d: d.polygon([(a * 2, b * 2) for a, b in outline], fill=255), 1.2)
    v, u = np.mgrid[0:HEIGHT, 0:960].astype(np.float32)
    bark = sample(rough_texture(4, 1.1), u * 3.4, v * 0.55, 1.0) * 0.055
    round_ = np.clip(1.0 - ((u - x + 22) / 78) ** 2, 0.15, 1)
    tone = (0.33 + bark) * (0.35 + 0.75 * round_)
    paint(picture, mask, np.stack([tone, tone * 0.87, tone * 0.72], axis=-1))
    darken(
        picture, draw_mask(lambda d: d.ellipse([(x - 120) * 2, 385 * 2, (x + 170) * 2, 425 * 2], fill=255), 10) * (1 - mask), 0.5
    )


Stick = tuple[float, float, float, float, float]


def _grow(sticks: list[Stick], tips: list[tuple[float, float]], x: float, y: float, turn: float, length: float, thick: float, rng: np.random.Generator) -> None:  # fmt: skip
    """A bough and what grows from it: (x0, y0, x1, y1, thickness) in pixels; flattened, as it lies on the ground."""
    pieces = 5
    for piece in range(pieces):
        turn += rng.normal(0, 0.13)
        x1, y1 = x + math.cos(turn) * length / pieces, y + math.sin(turn) * length / pieces * 0.42
        now = thick * (1 - 0.62 * piece / pieces)
        sticks.append((x, y, x1, y1, now))
        x, y = x1, y1
        if length > 46 and piece >= 1:
            for side in (-1, 1):
                if rng.random() < 0.5:
                    _grow(
                        sticks, tips, x, y, turn + side * rng.uniform(0.45, 0.95), length * rng.uniform(0.34, 0.5), now * 0.55, rng
                    )
        if length <= 100 and rng.random() < 0.6:
            tips.append((x, y))
    tips.append((x, y))


def _lay_branch(picture: Array, rng: np.random.Generator) -> None:
    sticks: list[Stick] = []
    tips: list[tuple[float, float]] = []
    _grow(sticks, tips, 215, 545 + rng.uniform(-20, 20), -0.08, 560, 34, rng)

    def wood(d: ImageDraw.ImageDraw, sink: float = 0.0, slide: float = 0.0) -> None:
        for x0, y0, x1, y1, thick in sticks:
            width = max(int(thick * 2), 3)
            d.line([(x0 + slide) * 2, (y0 + sink) * 2, (x1 + slide) * 2, (y1 + sink) * 2], fill=255, width=width)
            d.ellipse([(x1 + slide) * 2 - width / 2, (y1 + sink) * 2 - width / 2, (x1 + slide) * 2 + width / 2, (y1 + sink) * 2 + width / 2], fill=255)  # fmt: skip

    crowns = [(x + rng.normal(0, 20), y + rng.normal(0, 11) - 4) for x, y in tips for _ in range(3)]

    def shade(d: ImageDraw.ImageDraw) -> None:
        wood(d, 15, 9)
        _mark_leaves(d, [(x + 10, y + 17) for x, y in crowns], rng, 1.2)

    shadow = draw_mask(shade, 4.5)
    darken(picture, shadow, 0.62)
    mask = draw_mask(wood, 0.6)
    lit = np.roll(mask, (3, 2), (0, 1))
    v, u = np.mgrid[0:HEIGHT, 0:960].astype(np.float32)
    grain = sample(rough_texture(4, 1.0), u * 1.4, v * 2.6, 1.0) * 0.045
    tone = 0.36 + grain - 0.17 * (1 - np.clip(mask - lit + 0.55, 0, 1))
    paint(picture, mask, np.stack([tone * 1.05, tone * 0.88, tone * 0.68], axis=-1))
    paint(picture, draw_mask(lambda d: d.ellipse([402, 1056, 446, 1124], fill=255), 0.8), (0.80, 0.66, 0.44))  # where it broke
    order = rng.permutation(len(crowns))
    for part, colour in zip(np.array_split(order, 10), LEAVES[1:] + LEAVES + LEAVES[:1], strict=True):
        chosen = [crowns[i] for i in part]
        leaves = _draw_leaves(chosen, rng, 1.0)
        darken(picture, np.roll(leaves, (4, 2), (0, 1)), 0.30)
        paint(picture, leaves, colour, 0.95)


def _draw_leaves(places: list[tuple[float, float]], rng: np.random.Generator, size: float) -> Array:
    return draw_mask(lambda d: _mark_leaves(d, places, rng, size), 0.5)


def _mark_leaves(d: ImageDraw.ImageDraw, places: list[tuple[float, float]], rng: np.random.Generator, size: float) -> None:
    for x, y in places:
        turn, long = rng.uniform(0, 6.3), rng.uniform(8, 16) * size * (0.7 + (y - 420) / 420)
        along, beside = (
            (math.cos(turn) * long, math.sin(turn) * long * 0.6),
            (-math.sin(turn) * long * 0.38, math.cos(turn) * long * 0.26),
        )
        corners = [
            (x - along[0], y - along[1]),
            (x + beside[0], y + beside[1]),
            (x + along[0], y + along[1]),
            (x - beside[0], y - beside[1]),
        ]
        d.polygon([(a * 2, b * 2) for a, b in corners], fill=255)


def _scatter_leaves(picture: Array, rng: np.random.Generator, count: int) -> None:
    for colour in LEAVES:
        places = [(rng.uniform(60, 900), rng.uniform(360, 715)) for _ in range(count // len(LEAVES) + 1)]
        marks = _draw_leaves(places, rng, 0.8)
        darken(picture, np.roll(marks, (3, 2), (0, 1)), 0.4)
        paint(picture, marks, colour, 0.9)


def _leave_sawdust(picture: Array, across: Array, ahead: Array) -> None:
    dust = sample(rough_texture(1, 0.6), across, ahead, 260.0)
    area = np.exp(-(((across + 0.35) / 0.55) ** 2 + ((ahead - 3.0) / 0.42) ** 2))
    paint(picture, edge(0.9 - dust - area * 1.3, 0.5) * np.clip(area * 1.5, 0, 1), (0.78, 0.66, 0.46), 0.75)
