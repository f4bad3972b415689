"""Boston's surfaces: asphalt, granite kerbs, concrete pavements, brick, and house fronts out of focus."""

from __future__ import annotations

import numpy as np

from crew_app.demo.pictures.canvas import Array, Camera, Colour, edge, out_of_focus, paint, rough_texture, sample

BRICK_LENGTH, BRICK_HEIGHT, MORTAR = 0.215, 0.072, 0.011  # metres


def lit_relief(texture: Array, across: Array, along: Array, per_metre: float, offset: float = 1.6) -> Array:
    """How much brighter or darker a rough surface is where it leans to the light or away; mean 0."""
    step = offset / per_metre
    return sample(texture, across, along, per_metre) - sample(texture, across + step, along + step, per_metre)


def asphalt(across: Array, ahead: Array, tone: float, age: float, rng: np.random.Generator) -> Array:
    """A road's surface as a picture. `tone`: 0.2 is fresh, 0.45 old and dry; `age` adds stains and cracks."""
    shift = rng.uniform(0, 50, 2).astype(np.float32)
    u, v = across + shift[0], ahead + shift[1]
    fade = np.clip(3.2 / ahead, 0.12, 1)  # far away the grains run together
    grains = lit_relief(rough_texture(1, 0.45), u, v, 210.0) * 0.040 * fade
    stains = sample(rough_texture(2, 1.5), u, v, 60.0) * 0.022 * age
    blotches = sample(rough_texture(4, 1.1), u, v, 14.0) * 0.014 * age
    value = tone + grains + stains + blotches
    crack = np.abs(sample(rough_texture(5, 1.9), u, v, 70.0) + 0.2)
    value -= edge(crack - 0.018, 0.03) * 0.13 * age
    return np.stack([value * 1.0, value * 0.99, value * 0.975], axis=-1)


def concrete(across: Array, ahead: Array, per_pixel: Array, rng: np.random.Generator, tone: float = 0.66) -> Array:
    """A pavement of slabs 1.5 m a side, as a picture."""
    shift = rng.uniform(0, 50, 2).astype(np.float32)
    u, v = across + shift[0], ahead + shift[1]
    fade = np.clip(3.0 / ahead, 0.15, 1)
    value = tone + lit_relief(rough_texture(6, 0.7), u, v, 260.0) * 0.028 * fade
    value += sample(rough_texture(2, 1.5), u, v, 40.0) * 0.022
    slab = np.floor(across / 1.5) * 7.3 + np.floor(ahead / 1.5) * 3.1
    value += np.sin(slab * 12.9898) * 0.018
    for place in (across, ahead):
        joint = np.abs((place / 1.5 + 0.5) % 1.0 - 0.5) * 1.5
        value -= edge(joint - 0.008, np.maximum(per_pixel * 1.5, 0.006)) * 0.22
    # Chewing gum, long trodden in.
    spots = sample(rough_texture(7, 1.0), u, v, 90.0)
    value -= edge(3.1 - spots, 0.25) * 0.13
    return np.stack([value, value * 0.975, value * 0.93], axis=-1)


def granite(across: Array, ahead: Array, rng: np.random.Generator, tone: float = 0.62) -> Array:
    speckle = sample(rough_texture(8, 0.25), across + rng.uniform(0, 9), ahead, 330.0) * 0.05
    patches = sample(rough_texture(2, 1.5), across, ahead, 130.0) * 0.02
    value = tone + speckle + patches
    return np.stack([value, value * 0.99, value * 0.985], axis=-1)


def brick(across: Array, up: Array, rng: np.random.Generator, colour: Colour = (0.56, 0.27, 0.20)) -> Array:
    """A wall in running bond, as a picture."""
    row = np.floor(up / BRICK_HEIGHT)
    shifted = across + (row % 2) * BRICK_LENGTH / 2
    column = np.floor(shifted / BRICK_LENGTH)
    in_x = np.abs(shifted / BRICK_LENGTH - column - 0.5) * BRICK_LENGTH
    in_y = np.abs(up / BRICK_HEIGHT - row - 0.5) * BRICK_HEIGHT
    gap = np.maximum(in_x - BRICK_LENGTH / 2, in_y - BRICK_HEIGHT / 2) + MORTAR / 2
    mortar = 1 - edge(gap, 0.006)
    own = np.modf(np.abs(np.sin(row * 127.1 + column * 311.7 + rng.uniform(0, 9)) * 43758.5453))[0]
    face = 0.84 + 0.30 * own + sample(rough_texture(6, 0.8), across, up, 300.0) * 0.045
    face += sample(rough_texture(2, 1.5), across, up, 50.0) * 0.03
    hue = np.stack([0.03 * own, 0.015 * (1 - own), 0.01 * own], axis=-1)
    bricks = face[..., None] * np.asarray(colour, np.float32) + hue - 0.02
    # The light comes from above left: a brick's lower edge throws a thin shadow into the joint.
    lower = edge((up / BRICK_HEIGHT - row) * BRICK_HEIGHT - 0.012, 0.008)
    grey = 0.60 + sample(rough_texture(6, 0.7), across, up, 260.0) * 0.03
    joints = np.stack([grey, grey * 0.96, grey * 0.90], axis=-1) * (1 - 0.25 * lower)[..., None]
    return bricks + mortar[..., None] * (joints - bricks)


def house_front(camera: Camera, distance: float, rng: np.random.Generator, blur: float = 5.0) -> Array:
    """Row houses across the street with doors, windows and some sky, out of focus."""
    # Half as many pixels will do for what is out of focus.
    across, up = (place[::2, ::2] for place in camera.wall(distance))
    tints: tuple[Colour, ...] = ((0.45, 0.30, 0.25), (0.40, 0.31, 0.27), (0.56, 0.52, 0.46), (0.37, 0.26, 0.23), (0.50, 0.42, 0.36))
    picture = np.full((*across.shape, 3), (0.50, 0.35, 0.30), np.float32)
    house = np.floor((across + rng.uniform(0, 6)) / 6.0)
    for number in range(int(house.min()), int(house.max()) + 1):
        tint = tints[int(rng.integers(len(tints)))]
        mask = (house == number).astype(np.float32)
        paint(picture, mask, tint)
    picture *= (1 + sample(rough_texture(2, 1.5), across, up, 30.0) * 0.05)[..., None]
    pane_x = np.abs((across / 2.0) % 1.0 - 0.5) * 2.0
    pane_y = np.abs(((up - 0.4) / 3.1) % 1.0 - 0.5) * 3.1
    frame = edge(np.maximum(pane_x - 0.52, pane_y - 0.95), 0.05)
    pane = edge(np.maximum(pane_x - 0.43, pane_y - 0.86), 0.05)
    which = np.floor(across / 2.0) * 5.3 + np.floor((up - 0.4) / 3.1) * 2.7
    sky_in_glass = 0.22 + 0.22 * np.modf(np.abs(np.sin(which * 78.2) * 437.5))[0]
    paint(picture, frame, (0.78, 0.76, 0.71))
    paint(picture, pane, np.stack([sky_in_glass * 0.85, sky_in_glass * 0.95, sky_in_glass * 1.05], axis=-1))
    sill = edge(np.maximum(pane_x - 0.62, np.abs(pane_y - 1.0) - 0.07), 0.03) * (((up - 0.4) / 3.1) % 1.0 < 0.5)
    paint(picture, sill, (0.70, 0.66, 0.60))
    paint(picture, edge(up - 0.55, 0.05), (0.42, 0.40, 0.38))
    return out_of_focus(picture, blur / 2)


def pavement_and_road(
    camera: Camera, kerb_ahead: float, rng: np.random.Generator, tone: float = 0.40, beyond: float = 60.0
) -> tuple[Array, Array, Array, Array]:
    """A picture of pavement near us, a granite kerb at `kerb_ahead` metres and the road behind it; with its geometry."""
    across, ahead, per_pixel = camera.ground()
    picture = concrete(across, ahead, per_pixel, rng)
    softness = np.maximum(per_pixel, 0.004)
    paint(picture, edge(kerb_ahead - ahead, softness), granite(across, ahead, rng, 0.70))
    paint(picture, edge(kerb_ahead + 0.16 - ahead, softness), asphalt(across, ahead, tone, 1.0, rng))
    # Seen from the pavement the kerb hides its own face; a dark line of dirt and shade lies behind it.
    paint(picture, edge(np.abs(ahead - kerb_ahead - 0.19) - 0.03, 0.03), (0.16, 0.15, 0.14), 0.7)
    joint = np.abs((across / 1.8) % 1.0 - 0.5) * 1.8
    on_kerb = edge(np.abs(ahead - kerb_ahead - 0.08) - 0.08, softness)
    paint(picture, on_kerb * edge(joint - 0.008, 0.01), (0.30, 0.29, 0.28))
    return picture.astype(np.float32), across, ahead, per_pixel
