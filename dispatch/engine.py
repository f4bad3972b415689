"""Who does the heavy counting: the kernel compiled, or, until that is ready, the same Python interpreted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dispatch import kernel, polish, transport


@dataclass(frozen=True, slots=True)
class Engine:
    """The kernel's entries. `compile_ahead()` in compiled.py makes the fast one; both give the same answers."""

    build: Callable[..., Any]
    search: Callable[..., Any]
    polish: Callable[..., Any]
    weigh: Callable[..., Any]
    transport: Callable[..., Any]
    is_compiled: bool


INTERPRETED = Engine(kernel.build, kernel.search, polish.polish, kernel.weigh, transport.transport, is_compiled=False)
