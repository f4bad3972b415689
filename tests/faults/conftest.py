"""One server, one browser for all scenarios of a run; a rig with phones of its own for each.

Every scenario carries the marks `browser` and `faults`; the few marked `quick_fault` as well run with `make test`, all of
them with `make score-faults`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from rig import FaultServer, Rig, browser_rig


def pytest_configure(config: pytest.Config) -> None:
    for mark in (
        "faults: a scenario of the fault catalogue in a real Chromium (make score-faults)",
        "quick_fault: one of the most telling of them; runs with make test",
    ):
        config.addinivalue_line("markers", mark)


def pytest_itemcollected(item: pytest.Item) -> None:
    if re.match(r"test_F\d\d", item.name):
        item.add_marker(pytest.mark.browser)
        item.add_marker(pytest.mark.faults)


@pytest.fixture(scope="session")
def fault_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultServer]:
    server = FaultServer(tmp_path_factory.mktemp("faults") / "instance")
    server.make_city()
    server.start()
    yield server
    server.close()


@pytest.fixture(scope="session")
def fault_browser(playwright: Any, chromium: str) -> Iterator[Any]:
    browser = playwright.chromium.launch(executable_path=chromium, headless=True, args=browser_rig.CHROMIUM_ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture
def rig(fault_server: FaultServer, fault_browser: Any, playwright: Any, chromium: str, tmp_path: Path) -> Iterator[Rig]:
    if not fault_server.is_up:  # a scenario that failed between kill and start must not take the next along
        fault_server.start()
    rig = Rig(fault_server, fault_browser, playwright, chromium, tmp_path)
    yield rig
    rig.end()
