"""What is tried at every route of tests/authz/table.py: fields nobody may set, other sites' requests, bodies of another kind."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import check
import pytest
from sqlalchemy import String, update
from table import ROWS
from werkzeug.test import TestResponse

from crew_app.doors import WORD
from crew_app.extensions import db
from crew_app.transaction import transaction

WRITES = [row for row in ROWS if row[0].split()[0] not in ("GET", "HEAD", "OPTIONS")]
WITH_A_BODY = [row for row in WRITES if "open311" not in row[0] and "/sync/v1/photos" not in row[0] and "file" not in row[2]]
OF_OTHERS = ("open311",)  # asks for a key, looks at no session


def named(row: tuple[str, str, dict[str, Any]]) -> str:
    return row[0]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[check.Town]:
    town = check.Town(tmp_path_factory.mktemp("attack"))
    yield town
    town._let_go()


def whoever_may(row: tuple[str, str, dict[str, Any]]) -> str:
    cells = dict(zip(check.COLUMNS, row[1].replace("|", " ").split(), strict=True))
    return next((name for name in ("admin", "crew", "supervisor", "dispatcher") if cells[name] == "ok"), "admin")


def ask(town: check.Town, row: tuple[str, str, dict[str, Any]], column: str, **change: Any) -> tuple[TestResponse, bool]:
    method, address = row[0].split()
    return town.ask(column, method, address, {**row[2], **change})


def all_columns() -> list[str]:
    return sorted({column.name for table in db.metadata.sorted_tables for column in table.columns})


@pytest.mark.parametrize("row", WITH_A_BODY, ids=named)
def test_no_column_can_be_set_from_outside(town: check.Town, row) -> None:
    """T6: the names of all columns of all tables, sent along with a good request: refused, and nothing is written.

    A field the form has is left as it is; what a phone pushes is kept for a person to look at, and never applied.
    """
    kind = "json" if "json" in row[2] else "form"
    given = dict(row[2].get(kind, {}))
    extra = {name: "1" for name in all_columns() if name not in given and name not in ("text", "seen", "note", "answers")}
    answer, has_changed = ask(town, row, whoever_may(row), **{kind: {**given, **extra}})
    kept_for_a_look = row[0] == "POST /sync/v1/push"
    # What ends something goes on whatever comes with it: mail programs press "stop" with words of their own (RFC 8058).
    ends = ("POST /sign-out", "POST /sync/v1/sign-out", "POST /follow/{follower}/stop")
    goes_on_without = row[0] in (*ends, "POST /sign-in/code")
    nobody_may = " ok " not in f" {row[1]} "
    assert answer.status_code == 400 or (goes_on_without and answer.status_code < 400) or nobody_may, answer.text[:300]
    assert not has_changed or kept_for_a_look or goes_on_without


CROSS_SITE = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost.evil.example"},
]


@pytest.mark.parametrize("row", [row for row in WRITES if not any(word in row[0] for word in OF_OTHERS)], ids=named)
def test_no_other_site_can_make_a_browser_do_it(town: check.Town, row) -> None:
    """T7: whatever another site's page can make a signed-in browser send is refused, and nothing is written."""
    headers = row[2].get("headers", {})
    tries = [{**headers, **cross} for cross in CROSS_SITE]
    if "/sync/" in row[0]:  # what a form can send without script: no header of its own
        tries.append({name: value for name, value in headers.items() if name != "X-Crew311"})
    for sent in tries:
        answer, has_changed = ask(town, row, whoever_may(row), headers=sent)
        assert answer.status_code == 403 and not has_changed, sent


BOMBS = {
    "entities": '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "' + "x" * 1000 + '">]><a>' + "&a;" * 5000 + "</a>",
    "laughs": '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + i)} "{"&" + chr(97 + i) + ";"}{"&" + chr(97 + i) + ";"}">' for i in range(20))
    + "]><l>&u;</l>",
    "outside": '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]><a>&a;</a>',
    "dtd": '<?xml version="1.0"?><!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>',
}


@pytest.mark.parametrize("row", WRITES, ids=named)
def test_xml_is_read_nowhere(town: check.Town, row) -> None:
    """T19: entity bombs and outside entities are not parsed: no route reads XML, and none falls over."""
    bare = {name: value for name, value in row[2].items() if name in ("headers",)}
    method, address = row[0].split()
    for body in BOMBS.values():
        answer, _ = town.ask(whoever_may(row), method, address, {**bare, "data": body, "content_type": "text/xml"})
        assert answer.status_code < 500 and "root:" not in answer.text


# ---- words that would be script ------------------------------------------------------------------------------------

HOSTILE = '"><script src=//evil.example></script><img src=x onerror=alert(1)><b xss>\u2028${7*7}{{7*7}}'
GOOD_SCRIPTS = re.compile(r"^/(crew|assets|desk)[\w/.-]*\.js$")


class Judge(HTMLParser):
    """Finds what hostile words became."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name.startswith("on") or name in ("xss", "style", "srcdoc"):
                self.wrong.append(f"<{tag} {name}>")
            if name in ("href", "src", "action", "formaction") and re.match(
                r"\s*(javascript|data:text|vbscript)", value or "", re.IGNORECASE
            ):
                self.wrong.append(f"<{tag} {name}={value!r}>")
        if (
            tag == "script"
            and not GOOD_SCRIPTS.match(dict(attrs).get("src") or "")
            and dict(attrs).get("type") != "application/json"
        ):
            self.wrong.append(f"<script {attrs}>")


def test_hostile_words_in_every_column_stay_words_on_every_page(tmp_path: Path) -> None:
    """T8: the same words in each column of text, every page asked for as an administrator, a crew and nobody."""
    town = check.Town(tmp_path)
    fixed = (
        "kind",
        "status",
        "role",
        "state",
        "verdict",
        "channel",
        "decision",
        "source",
        "outcome",
        "reason",
        "policy",
        "target_calendar",
    )
    numbers = (
        "number",
        "code",
        "id",
        "epoch",
        "digest",
        "place_problem",
        "review_reason",
        "left",
        "blurred",
        "copy",
        "door",
        "proof",
    )
    try:
        with town.app.app_context(), transaction() as tx:
            for table in db.metadata.sorted_tables:
                for column in table.columns:
                    is_free = (
                        isinstance(column.type, String) and not column.foreign_keys and not column.unique and not column.primary_key
                    )
                    if is_free and not any(column.name == it or column.name.endswith(f"_{it}") for it in (*fixed, *numbers)):
                        words = HOSTILE[: column.type.length or 10_000]
                        tx.session.execute(update(table).values({column.name: words}))
        asked = 0
        for row in ROWS:
            method, address = row[0].split()
            if method != "GET" or "stream" in address:
                continue
            for column in ("nobody", "crew", "admin"):
                answer, _ = town.ask(column, method, address, row[2])
                assert answer.status_code < 500, (address, column)
                if answer.mimetype == "text/html" and answer.status_code == 200:
                    judge = Judge()
                    judge.feed(answer.text)
                    assert judge.wrong == [], (address, column)
                    assert "{{" not in answer.text.replace(HOSTILE, "").replace("{{7*7}}", "") and "49" not in re.findall(
                        r"xss&gt;[^<]{0,12}", answer.text
                    )
                    asked += 1
                if answer.mimetype in ("text/html", "application/json"):
                    assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert asked > 60
    finally:
        town._let_go()


def test_every_page_forbids_script_of_others_and_frames(town: check.Town) -> None:
    for row in ROWS:
        method, address = row[0].split()
        if method == "GET" and "stream" not in address:
            answer, _ = town.ask("admin", method, address, row[2])
            if answer.mimetype == "text/html":
                policy = answer.headers["Content-Security-Policy"]
                assert "'unsafe" not in policy and "script-src 'self'" in policy and "frame-ancestors 'none'" in policy, address
                assert not re.search(r"(?:src|href)=[\"']?(?:https?:)?//(?!localhost)", _without_links(answer.text)), address


def _without_links(page: str) -> str:
    """What a page loads by itself: not the links somebody may follow."""
    return re.sub(r"<a\b[^>]*>", "", page)


def test_a_stolen_cookie_alone_does_not_survive_its_end(town: check.Town) -> None:
    """T21, over the whole surface: what worked with a word works no more once it is ended."""
    client = town.app.test_client()
    with client.session_transaction() as session:
        session[WORD] = "x" * 24
    town.app.extensions["rate_limits"].forget_whole(math.inf)
    for row in ROWS:
        method, address = row[0].split()
        cells = row[1].replace("|", " ").split()
        if cells[0] == "in":
            sent = {name: value for name, value in row[2].items() if name == "headers"}
            answer = client.open(check._filled(address, town.names), method=method, data=io.BytesIO(b""), **sent)
            answer.close()
            assert answer.status_code in (302, 401), address
