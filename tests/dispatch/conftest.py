from __future__ import annotations

import pytest

from dispatch.compiled import compile_ahead
from dispatch.engine import Engine


@pytest.fixture(scope="session")
def compiled() -> Engine:
    """The compiled kernels: some ten seconds once, then from numba's cache."""
    return compile_ahead()
