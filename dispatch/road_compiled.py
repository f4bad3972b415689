"""The road search compiled by numba; see compiled.py, whose costs and cache it shares."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numba.extending import register_jitable

from dispatch import road_search

for function in (road_search.push, road_search.pop, road_search.last_part):
    register_jitable(function)

COMPILED_SEARCH: Callable[..., Any] = numba.njit(cache=True, nogil=True)(road_search.search)


def compile_ahead() -> Callable[..., Any]:
    """The compiled search, ready."""
    no_street, no_metres, no_flag = np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0, dtype=np.bool_)
    streets = road_search.Streets(
        no_street, no_street, no_metres, no_metres, no_flag, no_flag, np.zeros(1, dtype=np.int64), no_street, no_street
    )
    nowhere = road_search.Places(no_street, no_metres)
    COMPILED_SEARCH(streets, nowhere, nowhere, np.zeros((0, 0)), np.zeros((0, 0)))
    return COMPILED_SEARCH
