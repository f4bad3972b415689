"""A pothole in the road; the same place patched."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from crew_app.demo.pictures.canvas import Array, Camera, darken, develop, edge, paint, rough_texture, sample
from crew_app.demo.pictures.street import asphalt, concrete, granite, lit_relief


def draw_pothole(rng: np.random.Generator, mended: bool) -> Image.Image:
    camera = Camera(height=1.55, focal=880, horizon=-rng.uniform(60, 150))
    across, ahead, per_pixel = camera.ground()
    soft = np.maximum(per_pixel * 1.2, 0.004)
    turn = rng.uniform(-0.22, 0.22)
    u = across * math.cos(turn) + (ahead - 3) * math.sin(turn)
    v = (ahead - 3) * math.cos(turn) - across * math.sin(turn) + 3
    picture = asphalt(u, v, rng.uniform(0.36, 0.46), 1.0, rng)
    side = float(rng.choice([-1.0, 1.0]))
    _paint_lane_line(picture, u * side, v, soft)
    _lay_kerb(picture, u * side, v, per_pixel, soft, rng)
    hole = _hole_outline(u - rng.uniform(-0.2, 0.2) * side - 0.05, v - rng.uniform(2.55, 2.9), rng)
    if mended:
        _lay_patch(picture, hole, u, v, soft, rng)
    else:
        _dig_hole(picture, hole, u, v, soft, rng)
    return develop(picture, rng, warmth=rng.uniform(-0.02, 0.03))


def _paint_lane_line(picture: Array, u: Array, v: Array, soft: Array) -> None:
    worn = np.clip(0.92 + sample(rough_texture(6, 0.8), u, v, 160.0) * 0.16 + sample(rough_texture(2, 1.5), u, v, 80) * 0.12, 0, 1)
    paint(picture, edge(np.abs(u + 1.05) - 0.06, soft) * worn, (0.86, 0.85, 0.80), 0.9)
    shade = sample(rough_texture(1, 0.5), u, v, 220.0) * 0.03
    picture += (edge(np.abs(u + 1.05) - 0.06, soft) * shade)[..., None]


def _lay_kerb(picture: Array, u: Array, v: Array, per_pixel: Array, soft: Array, rng: np.random.Generator) -> None:
    kerb = 1.35
    gutter = edge(np.abs(u - kerb + 0.12) - 0.14, 0.12)
    paint(picture, gutter, (0.24, 0.22, 0.20), 0.55)
    leaf = sample(rough_texture(7, 0.9), u, v, 120.0)
    paint(picture, gutter * edge(1.5 - leaf, 0.3), (0.42, 0.31, 0.18), 0.8)
    paint(picture, edge(kerb - u, soft), granite(u, v, rng, 0.42))  # the kerb's face, in shade
    paint(picture, edge(kerb + 0.10 - u, soft), granite(u, v, rng, 0.68))
    joint = np.abs((v / 1.8 + 0.3) % 1.0 - 0.5) * 1.8
    paint(picture, edge(kerb - u, soft) * edge(joint - 0.007, soft * 2), (0.22, 0.21, 0.20), 0.8)
    paint(picture, edge(kerb + 0.27 - u, soft), concrete(u, v, per_pixel, rng, 0.64))


def _hole_outline(u: Array, v: Array, rng: np.random.Generator) -> Array:
    """Signed metres from the hole's edge; negative inside."""
    angle = np.arctan2(v, u * 0.8)
    wobble = sum(rng.uniform(0.02, 0.17) / k**0.6 * np.sin(k * angle + rng.uniform(0, 6.3)) for k in (1, 2, 3, 4, 6, 9, 14))
    size = rng.uniform(0.30, 0.40)
    crumbs = sample(rough_texture(4, 1.1), u + 7, v + 7, 120.0) * 0.014
    return (np.hypot(u * 0.80, v) - size * (1 + wobble) + crumbs).astype(np.float32)


def _dig_hole(picture: Array, hole: Array, u: Array, v: Array, soft: Array, rng: np.random.Generator) -> None:
    cracks = np.abs(sample(rough_texture(5, 1.7), u, v, 120.0))
    paint(picture, edge(cracks - 0.05, 0.05) * edge(hole - 0.30, 0.25), (0.15, 0.145, 0.14), 0.75)
    paint(picture, edge(hole - 0.035, 0.03), (0.30, 0.29, 0.28), 0.8)  # the broken rim
    depth = np.clip(-hole / 0.16, 0, 1)
    stones = lit_relief(rough_texture(1, 0.85), u, v, 95.0, 2.4) * 0.085 + sample(rough_texture(4, 1.1), u, v, 70) * 0.03
    bed = 0.30 - 0.04 * depth + stones
    floor = np.stack([bed * 1.08, bed * 0.98, bed * 0.86], axis=-1)
    paint(picture, edge(hole, soft * 1.5), floor)
    # The wall away from the light is in shade, the one towards it catches some.
    shaded = edge(hole, soft) * edge(-hole - 0.075, 0.05)
    gy, gx = np.gradient(hole)
    lean = (gx + 1.4 * gy) / np.maximum(np.hypot(gx, gy), 1e-6)
    darken(picture, shaded * np.clip(0.55 - 0.45 * lean, 0, 1), 0.85)
    if rng.random() < 0.5:
        water = edge(hole + 0.14 + sample(rough_texture(2, 1.5), u, v, 60.0) * 0.02, 0.012)
        sky = 0.50 + 0.10 * np.clip((3.2 - v), -1, 1) + sample(rough_texture(2, 1.8), u, v, 25.0) * 0.02
        paint(picture, water, np.stack([sky * 0.92, sky * 0.98, sky * 1.05], axis=-1), 0.85)
    chips = sample(rough_texture(7, 0.7), u, v, 150.0)
    loose = edge(2.05 - chips, 0.2) * edge(hole - 0.45, 0.4) * (1 - edge(hole, soft))
    paint(picture, loose, (0.20, 0.195, 0.19), 0.9)


def _lay_patch(picture: Array, hole: Array, u: Array, v: Array, soft: Array, rng: np.random.Generator) -> None:
    middle_u = float((u * (hole < 0)).sum() / max((hole < 0).sum(), 1))
    middle_v = float((v * (hole < 0)).sum() / max((hole < 0).sum(), 1))
    ragged = sample(rough_texture(4, 1.2), u, v, 40.0) * 0.012
    corner = 0.06
    du, dv = np.abs(u - middle_u) - 0.58 + corner, np.abs(v - middle_v) - 0.50 + corner
    outside = np.hypot(np.maximum(du, 0), np.maximum(dv, 0)) + np.minimum(np.maximum(du, dv), 0) - corner + ragged
    paint(picture, edge(np.abs(outside - 0.03) - 0.035, 0.012), (0.10, 0.10, 0.105), 0.95)  # the sealed joint
    fresh = asphalt(u, v, 0.205, 0.35, rng)
    fresh += (lit_relief(rough_texture(1, 0.45), u, v, 170.0) * 0.035)[..., None]
    paint(picture, edge(outside, soft), fresh)
    crumbs = sample(rough_texture(7, 0.6), u, v, 170.0)
    paint(picture, edge(2.4 - crumbs, 0.2) * edge(outside - 0.25, 0.2) * (1 - edge(outside, soft)), (0.14, 0.14, 0.14), 0.8)
