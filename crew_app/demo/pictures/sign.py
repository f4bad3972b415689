"""A post whose sign is missing; the same post with its sign."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from crew_app.demo.pictures.canvas import (
    HEIGHT,
    WIDTH,
    Array,
    Camera,
    darken,
    develop,
    draw_mask,
    edge,
    ellipse,
    paint,
    paint_polygon,
    rough_texture,
    sample,
)
from crew_app.demo.pictures.street import house_front


def draw_sign(rng: np.random.Generator, mended: bool) -> Image.Image:
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    camera = Camera(height=1.6, focal=900, horizon=560)
    picture = house_front(camera, 16.0, rng, blur=7.0)
    roofs = 150 + 26 * np.floor(np.sin(np.floor(x / 330 + rng.uniform(0, 3)) * 5.1) * 2)
    haze = np.clip(y / 260, 0, 1)[..., None]
    sky = np.array([0.55, 0.70, 0.88], np.float32) * (1 - haze) + np.array([0.86, 0.90, 0.94], np.float32) * haze
    sky = sky + np.clip(sample(rough_texture(9, 1.7), x * 0.8, y * 1.6, 1.0), 0, 2)[..., None] * 0.06
    paint(picture, edge(y - roofs, 9.0), sky)
    leaves = sample(rough_texture(4, 1.35), x * 0.5 + rng.uniform(0, 700), y * 0.5, 1.0)
    crown = edge(np.hypot((x - 905) / 270, (y - 210) / 250) - 0.85 + leaves * 0.13, 0.10)
    tone = 0.26 + 0.055 * leaves
    paint(picture, crown, np.stack([tone * 0.85, tone * 1.15, tone * 0.5], axis=-1), 0.96)
    road = edge(632 - y, 3.0)
    paint(picture, road, np.stack([0.36 + sample(rough_texture(6, 0.7), x, y * 2, 1.0) * 0.02] * 3, axis=-1))
    _stand_post(picture, x, y, 470.0)
    if mended:
        _hang_stop(picture, x, y, (470.0, 262.0), 152.0)
    else:
        _show_bare_holes(picture, 470.0)
    return develop(picture, rng, warmth=rng.uniform(-0.02, 0.02))


def _stand_post(picture: Array, x: Array, y: Array, middle: float) -> None:
    """A galvanised U-channel with a hole every inch."""
    half = 13.0
    body = edge(np.abs(x - middle) - half, 1.5) * (y > 96)
    t = (x - middle) / half
    tone = 0.60 - 0.20 * t - 0.16 * (np.abs(t) < 0.42) + sample(rough_texture(6, 0.8), x, y, 1.0) * 0.02
    paint(picture, body, np.stack([tone, tone * 1.01, tone * 1.03], axis=-1))
    hole = np.hypot(x - middle, (y % 26) - 13) - 3.4
    paint(picture, edge(hole, 1.5) * (y > 100), (0.12, 0.12, 0.12))


def _hang_stop(picture: Array, x: Array, y: Array, centre: tuple[float, float], radius: float) -> None:
    def octagon(size: float) -> list[tuple[float, float]]:
        corners = [math.pi / 8 + k * math.pi / 4 for k in range(8)]
        return [((centre[0] + size * math.cos(a)) * 2, (centre[1] + size * math.sin(a)) * 2) for a in corners]

    shadow = draw_mask(lambda d: d.line([(centre[0] + 6) * 2, (centre[1] + radius) * 2, (centre[0] + 6) * 2, (centre[1] + radius + 40) * 2], fill=255, width=40), 4)  # fmt: skip
    darken(picture, shadow, 0.4)
    sheen = 1.05 - 0.22 * (y - centre[1] + radius) / (2 * radius) - 0.10 * (x - centre[0]) / radius
    sheen = sheen[..., None].astype(np.float32)
    paint(picture, draw_mask(lambda d: d.polygon(octagon(radius), fill=255), 0.5), sheen * np.array([0.90, 0.90, 0.89], np.float32))
    paint(
        picture,
        draw_mask(lambda d: d.polygon(octagon(radius * 0.935), fill=255), 0.5),
        sheen * np.array([0.69, 0.10, 0.12], np.float32),
    )

    def word(d: ImageDraw.ImageDraw) -> None:
        d.text((centre[0] * 2, centre[1] * 2), "STOP", fill=255, anchor="mm", font=ImageFont.load_default(size=182), stroke_width=7)

    paint(picture, draw_mask(word, 0.5), sheen * np.array([0.92, 0.92, 0.91], np.float32))
    for dy in (-0.78, 0.78):
        paint_polygon(picture, ellipse(centre[0], centre[1] + dy * radius, 6.5, 6.5), (0.62, 0.62, 0.62), blur=0.4)


def _show_bare_holes(picture: Array, middle: float) -> None:
    """Where the sign was: a bent bolt, a torn corner of the old plate and its paler shape on the post."""
    pale = draw_mask(lambda d: d.rectangle([(middle - 12) * 2, 240, (middle + 12) * 2, 800], fill=255), 3)
    paint(picture, pale, (0.74, 0.75, 0.76), 0.35)

    def scrap(d: ImageDraw.ImageDraw) -> None:
        d.polygon(
            [
                ((middle - 46) * 2, 750),
                ((middle + 30) * 2, 762),
                ((middle + 22) * 2, 800),
                ((middle - 8) * 2, 828),
                ((middle - 40) * 2, 800),
            ],
            fill=255,
        )

    paint(picture, draw_mask(scrap, 0.6), (0.58, 0.11, 0.12))
    rim = draw_mask(
        lambda d: d.line([((middle - 40) * 2, 800), ((middle - 8) * 2, 828), ((middle + 22) * 2, 800)], fill=255, width=9), 0.6
    )
    paint(picture, rim, (0.86, 0.86, 0.85))
    for y in (76.0, 195.5):
        paint_polygon(picture, ellipse(middle, y, 6.5, 6.5), (0.40, 0.26, 0.17), blur=0.4)
    bolt = draw_mask(lambda d: d.line([middle * 2, 304, (middle + 21) * 2, 288], fill=255, width=9), 0.5)
    paint(picture, bolt, (0.46, 0.34, 0.26))
