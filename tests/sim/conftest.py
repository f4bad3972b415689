"""What pytest must know to collect the simulator's own tests."""

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "xdist_group: the tests that share a process (pytest-xdist)")
