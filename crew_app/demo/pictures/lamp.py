"""A street lamp that stays dark at dusk; the same lamp lit."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from crew_app.demo.pictures.canvas import (
    HEIGHT,
    WIDTH,
    Array,
    blurred,
    develop,
    draw_mask,
    edge,
    paint,
    rough_texture,
    sample,
)


def draw_lamp(rng: np.random.Generator, mended: bool) -> Image.Image:
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    picture = _dusk(x, y, rng)
    _row_of_roofs(picture, rng, base=560, height=190, tone=(0.075, 0.075, 0.11))
    _row_of_roofs(picture, rng, base=640, height=250, tone=(0.045, 0.045, 0.065))
    road = edge(620 - y, 2.0)
    paint(picture, road, np.stack([0.055 + 0.06 * (y - 620) / 100] * 3, axis=-1) * np.array([0.9, 0.95, 1.15], np.float32))
    foot_x, head = 300 + rng.uniform(-30, 40), (560.0 + rng.uniform(-20, 30), 150.0 + rng.uniform(-10, 20))
    if mended:
        _shine(picture, x, y, head)
    _stand_post(picture, foot_x, head, mended)
    if mended:
        glow = np.exp(-(((x - head[0]) / 34) ** 2 + ((y - head[1] - 8) / 11) ** 2))
        paint(picture, np.clip(glow * 1.6, 0, 1), (1.0, 0.95, 0.80))
    return develop(picture, rng, grain=0.030, warmth=0.02 if mended else -0.01)


def _dusk(x: Array, y: Array, rng: np.random.Generator) -> Array:
    t = np.clip(y / 560, 0, 1)[..., None]
    top, middle, low = (np.array(c, np.float32) for c in ((0.10, 0.14, 0.27), (0.26, 0.29, 0.43), (0.66, 0.47, 0.42)))
    sky = np.where(t < 0.6, top + (middle - top) * (t / 0.6), middle + (low - middle) * ((t - 0.6) / 0.4))
    shift = rng.uniform(0, 900)
    clouds = sample(rough_texture(9, 1.75), x * 0.7 + shift, y * 1.9, 1.0)
    lit = np.clip(clouds * 0.5, 0, 1) * np.clip(1.15 - np.abs(t[..., 0] - 0.65), 0, 1)
    sky = sky + lit[..., None] * np.array([0.15, 0.085, 0.07], np.float32)
    return sky.astype(np.float32)


def _row_of_roofs(picture: Array, rng: np.random.Generator, base: float, height: float, tone: tuple[float, float, float]) -> None:
    """House after house, dark before the sky, some windows lit."""
    houses, windows = [], []
    left = -40.0
    while left < WIDTH:
        wide, tall = rng.uniform(90, 170), height * rng.uniform(0.72, 1.05)
        houses.append((left, base - tall, left + wide, rng.random()))
        for row in range(int(tall // 62)):
            for column in range(int(wide // 38)):
                if rng.random() < 0.16:
                    windows.append((left + 14 + column * 38, base - tall + 22 + row * 62, rng.random()))
        left += wide

    def draw_houses(d: ImageDraw.ImageDraw) -> None:
        for x0, y0, x1, kind in houses:
            d.rectangle([x0 * 2, y0 * 2, x1 * 2, HEIGHT * 2], fill=255)
            if kind < 0.35:
                d.polygon([(x0 * 2, y0 * 2), ((x0 + x1), y0 * 2 - 70), (x1 * 2, y0 * 2)], fill=255)
            elif kind < 0.8:
                d.rectangle([x0 * 2 + 30, y0 * 2 - 36, x0 * 2 + 62, y0 * 2], fill=255)
                d.rectangle([x0 * 2 - 4, y0 * 2 - 8, x1 * 2 + 4, y0 * 2], fill=255)

    def draw_windows(d: ImageDraw.ImageDraw) -> None:
        for x0, y0, strength in windows:
            d.rectangle([x0 * 2, y0 * 2, x0 * 2 + 32, y0 * 2 + 56], fill=int(110 + 145 * strength))
            d.line([x0 * 2, y0 * 2 + 28, x0 * 2 + 32, y0 * 2 + 28], fill=40, width=4)

    paint(picture, draw_mask(draw_houses, 1.0), tone)
    light = draw_mask(draw_windows, 1.2)
    paint(picture, light, (0.86, 0.62, 0.30), 0.8)
    paint(picture, blurred(light, 14), (0.86, 0.62, 0.30), 0.18)


def _stand_post(picture: Array, foot_x: float, head: tuple[float, float], lit: bool) -> None:
    hx, hy = head

    def post(d: ImageDraw.ImageDraw) -> None:
        d.polygon(
            [((foot_x - 11) * 2, 1440), ((foot_x + 11) * 2, 1440), ((foot_x + 6) * 2, 400), ((foot_x - 6) * 2, 400)], fill=255
        )
        d.polygon(
            [((foot_x - 19) * 2, 1440), ((foot_x + 19) * 2, 1440), ((foot_x + 14) * 2, 1220), ((foot_x - 14) * 2, 1220)], fill=255
        )
        arm = [(foot_x + (hx - 40 - foot_x) * t, 210 + (hy - 210) * (1 - (1 - t) ** 2.2)) for t in np.linspace(0, 1, 24)]
        d.line([(a * 2, b * 2) for a, b in arm], fill=255, width=17, joint="curve")
        d.line([(foot_x * 2, 470), ((foot_x + (hx - foot_x) * 0.35) * 2, (hy + 22) * 2)], fill=255, width=8)

    def cobra(d: ImageDraw.ImageDraw) -> None:
        outline = [(-62, -9), (-30, -17), (24, -19), (58, -8), (62, 3), (-40, 5), (-62, 0)]
        d.polygon([((hx + a) * 2, (hy + b) * 2) for a, b in outline], fill=255)

    def glass(d: ImageDraw.ImageDraw) -> None:
        d.chord([(hx - 36) * 2, (hy - 14) * 2, (hx + 54) * 2, (hy + 20) * 2], 0, 180, fill=255)

    paint(picture, draw_mask(post, 0.6), (0.035, 0.038, 0.048))
    rim = draw_mask(lambda d: d.line([((foot_x + 5) * 2, 410), ((foot_x + 9) * 2, 1440)], fill=255, width=4), 0.8)
    paint(picture, rim, (0.30, 0.28, 0.34), 0.5)
    paint(picture, draw_mask(cobra, 0.6), (0.10, 0.105, 0.125))
    paint(picture, draw_mask(glass, 0.8), (1.0, 0.93, 0.74) if lit else (0.17, 0.18, 0.22))


def _shine(picture: Array, x: Array, y: Array, head: tuple[float, float]) -> None:
    hx, hy = head
    warm = np.array([1.0, 0.80, 0.48], np.float32)
    far = np.hypot(x - hx, y - hy)
    picture += (np.exp(-far / 60) * 0.75 + np.exp(-far / 210) * 0.22)[..., None] * warm
    below = np.maximum(y - hy, 1)
    cone = np.exp(-(((x - hx) / (40 + below * 0.62)) ** 2) * 1.6) * (y > hy) * np.exp(-below / 420) * 0.20
    picture += cone[..., None] * warm
    pool = np.exp(-(((x - hx) / 330) ** 2 + ((y - 668) / 52) ** 2)) * (y > 615)
    picture += (pool * 0.42)[..., None] * warm
