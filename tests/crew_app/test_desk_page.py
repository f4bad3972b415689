"""The desk's page is for the office, and its files come with it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

BUILT = (Path(__file__).parents[2] / "pwa" / "dist" / "desk" / "desk.html").exists()
built_only = pytest.mark.skipif(not BUILT, reason="the desk is not built: make setup")


def get(client: FlaskClient, path: str) -> tuple[int, str, str]:
    """(status, Cache-Control, body), read and let go: it is an open file."""
    with client.get(path, headers={"Accept": "application/json"}) as answer:
        return answer.status_code, answer.headers.get("Cache-Control", ""), answer.get_data(as_text=True)


@built_only
def test_the_office_gets_the_desk_with_all_that_it_loads(signed_in) -> None:
    dora = signed_in("dora")
    status, kept, page = get(dora, "/console/")
    files = re.findall(r'"(/crew/desk/[^"]+)"', page)
    assert (status, kept, len(files) >= 2) == (200, "no-cache", True)
    assert {get(dora, path)[:2] for path in files} == {(200, "public, max-age=31536000, immutable")}
    assert 'href="/console/cases"' in page, "who has no script is shown the way"


@built_only
def test_nobody_else_gets_it(client: FlaskClient, signed_in, city) -> None:
    assert get(client, "/console/")[0] == 401
    assert get(signed_in("rosa"), "/console/")[0] == 403


@built_only
def test_a_file_that_is_not_there_is_not_found(client: FlaskClient) -> None:
    assert get(client, "/crew/desk/assets/none.js")[0] == 404


@built_only
def test_no_phone_keeps_the_desk() -> None:
    assert "/desk/" not in (Path(__file__).parents[2] / "pwa" / "dist" / "sw.js").read_text()


def test_the_desks_bar_leads_to_the_offices_other_pages(signed_in, city) -> None:
    """They are written down a second time there, for that page is not made by the server."""
    bar = (Path(__file__).parents[2] / "pwa" / "src" / "desk" / "top.tsx").read_text()
    addresses = re.findall(r'\["(/console/[^"]+)"', bar)
    page = signed_in("ada").get("/console/cases", headers={"Accept": "text/html"}).text
    assert len(addresses) > 5
    assert [address for address in addresses if f'href="{address}"' not in page] == []
