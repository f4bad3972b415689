"""The kernel compiled by numba. Importing this costs half a second and 100 MB, so only processes that plan should.

`compile_ahead()` at set-up writes numba's cache beside the sources (or to NUMBA_CACHE_DIR); at a worker's start it reads
it, in about half a second. A changed source, CPU or numba version makes the cache void: the next call compiles anew.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numba.extending import register_jitable

from dispatch import kernel, polish, transport
from dispatch.engine import Engine
from dispatch.plan import plan_day
from dispatch.types import Budget, CrewOnDuty, OpenCase, Point

INNER = (
    kernel.roll, kernel.refresh, kernel.added_cost, kernel.late_behind, kernel.has_room, kernel.hand_over, kernel.best_place,
    kernel.find_place, kernel.put, kernel.take, kernel.touch, kernel.take_string, kernel.ruin, kernel.is_new, kernel.sort_loose,
    kernel.late_seconds, kernel.keep_best, polish.exchange_best_tails, polish.going_on, polish.overtime_of,
    polish.turn_best_piece, polish.turn, transport.look_up, transport.move, transport.note_change,
)  # fmt: skip

for function in INNER:
    register_jitable(function)


def _compiled(function: Callable[..., Any], counts_references: bool) -> Callable[..., Any]:
    """Counting references to the arrays of a Part, passed by value, costs ten times the rest; what allocates needs it."""
    njit: Any = numba.njit  # its types do not know _nrt
    compiled: Callable[..., Any] = njit(cache=True, nogil=True, _nrt=counts_references)(function)
    return compiled


COMPILED = Engine(
    build=_compiled(kernel.build, counts_references=False),
    search=_compiled(kernel.search, counts_references=False),
    polish=_compiled(polish.polish, counts_references=False),
    weigh=_compiled(kernel.weigh, counts_references=False),
    transport=_compiled(transport.transport, counts_references=True),
    is_compiled=True,
)


def compile_ahead() -> Engine:
    """The compiled engine, every entry of it ready: seconds when nothing is in the cache, else half a second."""
    crews = [CrewOnDuty(r, str(r), 1, Point(0.0, 0.001 * r), capacity=2) for r in range(2)]
    cases = [OpenCase(i, Point(0.001, 0.001 * i), 1, 0.0) for i in range(3)]
    plan_day(cases, crews, 0.0, budget=Budget(iterations=2), engine=COMPILED)
    COMPILED.transport(np.zeros((1, 1)), np.ones(1, dtype=np.int64))
    return COMPILED
