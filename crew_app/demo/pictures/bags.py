"""Trash bags left at the kerb; the same kerb after the truck."""

from __future__ import annotations

import numpy as np
from PIL import Image

from crew_app.demo.pictures.canvas import (
    Array,
    Camera,
    Colour,
    darken,
    develop,
    edge,
    ellipse,
    paint,
    paint_polygon,
    put_ball,
    rough_texture,
    sample,
)
from crew_app.demo.pictures.street import house_front, pavement_and_road

BLACK: Colour = (0.10, 0.10, 0.115)
BAGS: tuple[Colour, ...] = (BLACK, BLACK, BLACK, (0.82, 0.82, 0.84), (0.10, 0.14, 0.24), BLACK)


def draw_bags(rng: np.random.Generator, mended: bool) -> Image.Image:
    camera = Camera(height=1.55, focal=860, horizon=rng.uniform(120, 150))
    picture, across, ahead, _ = pavement_and_road(camera, kerb_ahead=4.1, rng=rng)
    far = edge((np.arange(720)[:, None] - camera.horizon - 112) + ahead * 0, 4.0)
    paint(picture, far, house_front(camera, 12.0, rng))
    middle = rng.uniform(420, 540)
    if mended:
        spill = sample(rough_texture(2, 1.5), across, ahead, 40.0)
        wet = edge(np.hypot((across - (middle - 480) / 260) / 0.9, (ahead - 3.3) / 0.45) - 0.7 + spill * 0.22, 0.6)
        darken(picture, wet, 0.13)
        return develop(picture, rng, warmth=0.01)
    places = [(middle + dx + rng.uniform(-14, 14), base) for dx, base in ((-185, 470), (-60, 462), (70, 468), (190, 474), (-120, 528), (20, 536), (140, 530))]  # fmt: skip
    for x, base in places:
        paint_polygon(picture, ellipse(x + 22, base + 1, 107, 21), (0.0, 0.0, 0.0), 0.5, blur=9)
    _stand_box(picture, middle - 265, 520, rng)
    for number, (x, base) in enumerate(places):
        colour = BAGS[(number + int(rng.integers(2))) % len(BAGS)]
        _put_bag(picture, x, base, rng.uniform(0.92, 1.15), colour, rng)
    _put_bag(picture, middle - 10, 402, 0.9, BLACK, rng)
    return develop(picture, rng, warmth=0.01)


def _put_bag(picture: Array, x: float, base: float, size: float, colour: Colour, rng: np.random.Generator) -> None:
    """A full bag sits broad on the ground and is drawn together at its knot."""
    wide, high = 74 * size, 62 * size
    knot = (x + rng.uniform(-14, 14), base - high * 1.86)
    ears = [(knot[0] - 20, knot[1] - 22), (knot[0] - 4, knot[1] - 6), (knot[0] + 5, knot[1] - 28), (knot[0] + 11, knot[1] - 5), (knot[0] + 27, knot[1] - 12), (knot[0] + 15, knot[1] + 18), (knot[0] - 15, knot[1] + 18)]  # fmt: skip
    paint_polygon(picture, ears, (colour[0] * 0.75, colour[1] * 0.75, colour[2] * 0.75), blur=1.0)
    gloss = 0.55 if sum(colour) < 1 else 0.2
    put_ball(picture, (knot[0], knot[1] + 22), (34 * size, 26 * size), colour, rng, gloss, wrinkles=1.4)
    put_ball(picture, (x, base - high * 0.92), (wide, high), colour, rng, gloss, wrinkles=1.1)


def _stand_box(picture: Array, x: float, base: float, rng: np.random.Generator) -> None:
    """A cardboard box beside them."""
    high = rng.uniform(95, 125)
    front = [(x - 70, base), (x + 62, base + 8), (x + 62, base + 8 - high), (x - 70, base - high)]
    side = [(x + 62, base + 8), (x + 104, base - 18), (x + 104, base - 18 - high), (x + 62, base + 8 - high)]
    top = [(x - 70, base - high), (x + 62, base + 8 - high), (x + 104, base - 18 - high), (x - 28, base - 24 - high)]
    for face, colour in ((front, (0.60, 0.46, 0.31)), (side, (0.40, 0.30, 0.20)), (top, (0.30, 0.22, 0.15))):
        paint_polygon(picture, face, colour)
    flap = [(x - 70, base - high), (x - 28, base - 24 - high), (x - 62, base - 52 - high), (x - 104, base - 26 - high)]
    paint_polygon(picture, flap, (0.66, 0.52, 0.37))
    tape = [(x - 12, base + 3), (x + 4, base + 4), (x + 4, base + 4 - high), (x - 12, base + 3 - high)]
    paint_polygon(picture, tape, (0.72, 0.62, 0.47))
