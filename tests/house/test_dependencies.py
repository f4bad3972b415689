"""docs/dependencies.md names every direct dependency, and none that is gone."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from modules import ROOT


def wanted() -> set[str]:
    lines = (ROOT / "requirements.txt").read_text().splitlines() + (ROOT / "requirements-dev.txt").read_text().splitlines()
    python = {re.split(r"[\[=]", line)[0] for line in lines if re.match(r"[a-z]", line)}
    package = json.loads((ROOT / "pwa" / "package.json").read_text())
    return python | set(package["dependencies"]) | set(package["devDependencies"])


def explained() -> dict[str, list[str]]:
    rows = re.findall(r"^\| (\S+) \| (.+) \| (.+) \|$", (ROOT / "docs" / "dependencies.md").read_text(), re.MULTILINE)
    return {name: [why, licence] for name, why, licence in rows if name != "package"}


def test_every_dependency_has_a_reason_and_a_licence() -> None:
    assert wanted() - set(explained()) == set(), "add a line to docs/dependencies.md: why it is here, and its licence"


def test_no_reason_is_left_for_what_is_gone() -> None:
    assert set(explained()) - wanted() == set()


def test_every_package_is_pinned_with_its_hash() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        entries = re.split(r"\n(?=[a-z0-9])", (ROOT / name).read_text())
        pinned = [entry for entry in entries if re.match(r"[a-z0-9][\w.-]*(\[[\w,]+\])?==", entry)]
        assert pinned and all("--hash=sha256:" in entry for entry in pinned), name
