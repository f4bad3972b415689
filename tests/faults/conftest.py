"""One server, one browser for all scenarios of a run; a rig with phones of its own for each."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from rig import FaultServer, Rig, browser_rig

# These few run with `make test`; the rest carries the mark `faults` and runs with `make score-faults`.
QUICK = {"F02", "F03", "F12", "F14", "F21", "F24", "F26", "F35", "F37"}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "faults: a scenario of the fault catalogue in a real Chromium (long)")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        name = re.match(r"test_(F\d\d)", item.name)
        if name is None or Path(__file__).parent not in item.path.parents:
            continue
        item.add_marker(pytest.mark.browser)
        item.add_marker(pytest.mark.xdist_group("faults"))
        if name[1] not in QUICK:
            item.add_marker(pytest.mark.faults)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    return str(browser_rig.chromium.__wrapped__())


@pytest.fixture(scope="session")
def fault_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultServer]:
    server = FaultServer(tmp_path_factory.mktemp("faults") / "instance")
    server.make_city()
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="session")
def fault_browser(chromium_path: str) -> Iterator[Any]:
    with browser_rig.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, headless=True, args=browser_rig.CHROMIUM_ARGUMENTS)
        yield playwright, browser
        browser.close()


@pytest.fixture
def rig(fault_server: FaultServer, fault_browser: Any, chromium_path: str, tmp_path: Path) -> Iterator[Rig]:
    if not fault_server.processes:  # a scenario that failed between kill and start must not take the next along
        fault_server.start()
    playwright, browser = fault_browser
    rig = Rig(fault_server, browser, playwright, chromium_path, tmp_path)
    yield rig
    rig.end()
