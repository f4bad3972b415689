"""Photographs nobody took: small scenes drawn with numpy and Pillow, each as reported and as mended."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image

from crew_app.demo.pictures.bags import draw_bags
from crew_app.demo.pictures.basket import draw_basket
from crew_app.demo.pictures.branch import draw_branch
from crew_app.demo.pictures.lamp import draw_lamp
from crew_app.demo.pictures.road import draw_pothole
from crew_app.demo.pictures.sign import draw_sign
from crew_app.demo.pictures.wall import draw_graffiti

# Called with the scene's random generator and whether the trouble is gone. The same generator draws the same place.
SCENES: dict[str, Callable[[np.random.Generator, bool], Image.Image]] = {
    "pothole": draw_pothole,
    "graffiti": draw_graffiti,
    "basket": draw_basket,
    "bags": draw_bags,
    "lamp": draw_lamp,
    "branch": draw_branch,
    "sign": draw_sign,
}
