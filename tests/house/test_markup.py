"""The apps build text, not markup: words of strangers cannot become script in them."""

from __future__ import annotations

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from modules import ROOT

SINKS = re.compile(
    r"\b(innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|document\.write|eval\(|new Function|srcdoc|setHTML)\b"
)
# A part of a page that our own server drew and escaped, put in its place.
DRAWN_BY_THE_SERVER = {"intake/intake.ts": 2}


def test_no_app_makes_markup_of_words() -> None:
    found: dict[str, int] = {}
    for path in (ROOT / "pwa" / "src").rglob("*.ts*"):
        if n := len(SINKS.findall(path.read_text())):
            found[str(path.relative_to(ROOT / "pwa" / "src"))] = n
    assert found == DRAWN_BY_THE_SERVER


def test_no_template_switches_escaping_off_for_what_people_write() -> None:
    """`safe` stands for markup that the template itself wrote, and nowhere beside a name."""
    for path in (ROOT / "crew_app" / "templates").rglob("*.html"):
        for line in path.read_text().splitlines():
            for said in re.findall(r"([^\s({=,]+)\s*\|\s*safe\b", line):
                assert said.endswith(("'", '"')), f"{path.name}: {said} | safe"
            assert "autoescape false" not in line
