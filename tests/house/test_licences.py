"""All that runs beside our own code is known by version and hash, and under a licence that goes with the AGPL."""

from __future__ import annotations

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from sbom import bill

GOES_WITH_OURS = re.compile(
    r"MIT|MIT-0|MIT-CMU|BSD|BSD-[23]-Clause|0BSD|Apache|Apache-2\.0|Apache 2\.0|ISC|PSF-2\.0|Python-2\.0|Zlib|HPND|Unlicense|CC0-1\.0|MPL-2\.0|LGPL-3\.0-only|LGPL-2\.1.*|"
    r"BSL-1\.0|Artistic-2\.0|BlueOak-1\.0\.0"
)


def test_every_package_is_known_by_version_hash_and_licence() -> None:
    components = bill()["components"]
    assert len(components) > 40
    wrong = [it["name"] for it in components if not (it["version"] and it["hashes"] and it["purl"])]
    assert wrong == []


def test_every_licence_goes_with_ours() -> None:
    wrong = {}
    for it in bill()["components"]:
        said = it["licenses"][0]
        licence = said.get("expression") or said["license"]["name"]
        if licence == "not installed here":
            assert it.get("properties"), it["name"]  # for another system or Python
            continue
        parts = [part.strip(" ()") for part in re.split(r"\bAND\b|\bOR\b|/|;|,", licence)]
        good = [bool(GOES_WITH_OURS.match(part)) for part in parts]
        if not (any(good) if " OR " in licence else all(good)):
            wrong[it["name"]] = licence
    assert wrong == {}
