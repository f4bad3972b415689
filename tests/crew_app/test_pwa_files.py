"""The phone app's files are served so that its service worker can keep them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from crew_app.languages import ENGLISH, LANGUAGES, Language

pytestmark = pytest.mark.once

BUILT = (Path(__file__).parents[2] / "pwa" / "dist" / "sw.js").exists()
built_only = pytest.mark.skipif(not BUILT, reason="the phone app is not built: make setup")


def get(client: FlaskClient, path: str) -> TestResponse:
    """The answer, read and let go: it is an open file."""
    with client.get(path) as answer:
        answer.get_data()
    return answer


@built_only
def test_every_file_the_service_worker_keeps_is_answered_at_once(client: FlaskClient) -> None:
    """One redirect or 404 among them, and the app does not open without signal."""
    kept = set(
        re.findall(r"[`\"'](/crew/[^`\"']+\.[a-z]+)[`\"']", (Path(__file__).parents[2] / "pwa" / "dist" / "sw.js").read_text())
    )
    kept = {path for paths in kept for path in paths.split(",")}  # a list may be written as one string, to be split
    kept = {path for path in kept if "${" not in path}  # words of a language: fetched where it is spoken
    assert "/crew/index.html" in kept
    assert {path: get(client, path).status_code for path in kept} == dict.fromkeys(kept, 200)


@built_only
def test_the_apps_own_addresses_open_the_app(client: FlaskClient) -> None:
    assert get(client, "/crew/").data == get(client, "/crew/jobs/7").data == get(client, "/crew/index.html").data


@built_only
def test_the_worker_is_asked_for_anew_and_hashed_files_are_kept_for_ever(client: FlaskClient) -> None:
    assert get(client, "/crew/sw.js").headers["Cache-Control"] == "no-cache"
    script = re.search(r"/crew/assets/[^\"]+\.js", get(client, "/crew/").text)
    assert script and "immutable" in get(client, script[0]).headers["Cache-Control"]


@pytest.mark.parametrize(
    "path", ["/crew/assets/../../../config.py", "/crew/%2e%2e/package.json", "/crew/assets/none.js", "/crew/icons/"]
)
def test_nothing_else_is_a_file(client: FlaskClient, path: str) -> None:
    answer = get(client, path)
    assert answer.status_code == 404 or answer.text.startswith("<!doctype html>")


def test_reading_the_app_leaves_no_cookie(client: FlaskClient) -> None:
    assert "Set-Cookie" not in get(client, "/crew/").headers


@built_only
@pytest.mark.parametrize(
    "language", [language for language in LANGUAGES.values() if language is not ENGLISH], ids=lambda it: it.code
)
def test_the_phone_can_learn_every_language_of_the_pages(client: FlaskClient, language: Language) -> None:
    answer = get(client, f"/crew/languages/{language.code}.json")
    words = json.loads(answer.data)
    assert answer.mimetype == "application/json" and answer.headers["Cache-Control"] == "no-cache"
    assert (words["language"], tuple(words["plurals"])) == (language.code, language.plurals)
    assert len(words["words"]) > 300 and "What is it about?" not in words["words"], "what crews read, and only that"
