"""The list of all that runs beside our own code (a software bill of materials, CycloneDX 1.6): `make sbom`.

Every package of requirements.lock and pwa/package-lock.json that a city runs, with version, hashes and licence.
"""

from __future__ import annotations

import base64
import importlib.metadata
import json
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
ENTRY = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[^\]]*\])?==([^\s;\\]+)([^\n]*)", re.MULTILINE)
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
# What says its licence in a way of its own.
BY_HAND = {"huey": "MIT", "pyrage": "MIT"}
CLASSIFIERS = {
    "MIT License": "MIT", "BSD License": "BSD-3-Clause", "Apache Software License": "Apache-2.0", "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only", "Python Software Foundation License": "PSF-2.0", "ISC License (ISCL)": "ISC",
    "zlib/libpng License": "Zlib", "Historical Permission Notice and Disclaimer (HPND)": "HPND", "MIT No Attribution License (MIT-0)": "MIT-0",
}  # fmt: skip


def components() -> list[dict[str, Any]]:
    """By name: what the server runs, then what the apps are built of."""
    return [*_python(), *_javascript()]


def licence_of(name: str) -> str:
    """As its own metadata says; "" if it does not, or is not for this machine."""
    try:
        said = importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError:
        return "not installed here"
    if expression := said.get("License-Expression"):
        return str(expression)
    for line in said.get_all("Classifier") or []:
        last = line.split(" :: ")[-1]
        if line.startswith("License ::") and last in CLASSIFIERS:
            return CLASSIFIERS[last]
    return BY_HAND.get(name, (said.get("License") or "").strip().split("\n")[0][:60])


def _python() -> list[dict[str, Any]]:
    text = (ROOT / "requirements.lock").read_text()
    found = []
    entries = list(ENTRY.finditer(text))
    for entry, after in zip(entries, [*(it.start() for it in entries[1:]), len(text)], strict=True):
        name, version, marker = entry[1], entry[2], entry[3]
        hashes = HASH.findall(text[entry.start() : after])
        found.append(
            _component(name, version, f"pkg:pypi/{name}@{version}", licence_of(name), [("SHA-256", it) for it in hashes], marker)
        )
    return found


def _javascript() -> list[dict[str, Any]]:
    lock = json.loads((ROOT / "pwa" / "package-lock.json").read_text())
    found = []
    for path, package in sorted(lock["packages"].items()):
        if not path or package.get("dev") or package.get("link"):
            continue
        name = path.split("node_modules/")[-1]
        algorithm, _, digest = package["integrity"].partition("-")
        hashes = [(f"SHA-{algorithm.removeprefix('sha')}", base64.b64decode(digest).hex())]
        purl = f"pkg:npm/{name.replace('@', '%40')}@{package['version']}"
        found.append(_component(name, package["version"], purl, package.get("license", ""), hashes, ""))
    return found


def _component(name: str, version: str, purl: str, licence: str, hashes: list[tuple[str, str]], marker: str) -> dict[str, Any]:
    made: dict[str, Any] = {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}
    made["licenses"] = (
        [{"expression": licence}] if re.fullmatch(r"[\w.()+ -]+", licence) and " " in licence else [{"license": {"name": licence}}]
    )
    made["hashes"] = [{"alg": algorithm, "content": content} for algorithm, content in hashes]
    if ";" in marker:
        made["properties"] = [{"name": "only where", "value": marker.strip(" ;\\")}]
    return made


def bill() -> dict[str, Any]:
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert version
    ours = {"type": "application", "name": "crew311", "version": version[1], "licenses": [{"license": {"id": "AGPL-3.0-or-later"}}]}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": ours},
        "components": components(),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(bill(), indent=1) + "\n")
