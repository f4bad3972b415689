"""What the pages the server renders are given: filters, and a page for refusals."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from flask import current_app, request

from crew_app.errors import Problem
from crew_app.languages import ARGUMENT, ENGLISH, LANGUAGES, Language, language, mark, said, t, tc, tn, words_for_scripts
from crew_app.wire.story import answers_in_words, runner_up_words
from crew_app.wire.times import ago, due_words, is_at_risk, is_late, local_time, plain_time, span_words
from crew_app.wire.words import (
    HTTP_WORDS,
    QUARANTINE_WORDS,
    REVIEW_WORDS,
    ROLE_WORDS,
    closing_words,
    outcome_words,
    promise_words,
    public_status_words,
    service_name,
    status_words,
    without_contacts,
)

# The titles of errors.py, which stands below the languages, and refusals that meet residents on any page.
PROBLEM_TITLES = (
    mark("This could not be done"),
    mark("Something in this request cannot be read"),
    mark("Please sign in"),
    mark("You may not do this"),
    mark("There is nothing here"),
    mark("This has changed in the meantime"),
    mark("This is larger than agreed"),
    mark("Too many requests"),
    mark("The city is busy; this will be tried again"),
    mark("The city has no room for this right now"),
)
REFUSALS = (
    mark("The city cannot take this right now. Nothing is lost; it will be tried again."),
    mark("The city has no room left. Keep this; it will be taken when there is room again."),
    mark("That was too often in one minute. Please wait a moment."),
    mark("There is no such photo."),
    mark("There is no such figure."),
    mark("Sign in to go on."),
    mark("Your role does not allow this."),
    mark("This request came from another site."),
    mark("There are no such columns."),
    mark("This is not a time."),
)


def language_links() -> list[tuple[Language, str]]:
    """Each language, and this page's address in it. What a form has sent is not in an address."""
    kept = {name: values for name, values in request.args.to_dict(flat=False).items() if name != ARGUMENT}
    path = request.path if request.method in ("GET", "HEAD") else request.path.removesuffix("/") or "/"
    return [(one, f"{path}?{urlencode(kept | {ARGUMENT: one.code}, doseq=True)}") for one in LANGUAGES.values()]


def script_words() -> Mapping[str, Any]:
    """What the script of a resident's page says in this language; nothing of English, which it knows."""
    return {} if language() is ENGLISH else words_for_scripts(language().code, ("pwa/src/site/", "pwa/src/map/", "pwa/src/design/"))


def problem_page(problem: Problem) -> str:
    """Rendered past the context processors: they would ask the database who this is, and it may be the one that is away."""
    title, detail = problem.title, problem.detail
    if type(problem) is Problem and problem.status in HTTP_WORDS:  # Werkzeug's refusals speak to programmers
        title, detail = HTTP_WORDS[problem.status]
    template = current_app.jinja_env.get_template("problem.html")
    return template.render(title=said(title), detail=said(detail), problem=problem)


def flat_errors(errors: Any, path: str = "") -> list[tuple[str, str]]:
    """(where, what is wrong) of errors nested as marshmallow nests them."""
    if isinstance(errors, Mapping):
        return [pair for key, inner in errors.items() for pair in flat_errors(inner, f"{path}.{key}" if path else str(key))]
    words = " ".join(map(str, errors)) if isinstance(errors, list) else str(errors)
    return [(path, words)]


def pretty_json(raw: str) -> str:
    try:
        return json.dumps(json.loads(raw), indent=2, ensure_ascii=False)
    except ValueError:
        return raw


PAGE_GLOBALS: dict[str, Callable[..., Any]] = {
    "language": language,
    "language_links": language_links,
    "script_words": script_words,
    "t": t,
    "tc": tc,
    "tn": tn,
}
PAGE_FILTERS: dict[str, Callable[..., Any]] = {
    "ago": ago,
    "answers_in_words": answers_in_words,
    "closing_words": closing_words,
    "due_words": due_words,
    "flat_errors": flat_errors,
    "is_at_risk": is_at_risk,
    "is_late": is_late,
    "local_time": local_time,
    "outcome_words": outcome_words,
    "plain_time": plain_time,
    "pretty_json": pretty_json,
    "promise_words": promise_words,
    "public_status_words": public_status_words,
    "quarantine_words": lambda code: QUARANTINE_WORDS.get(code, "It was kept but not applied."),
    "review_words": lambda code: REVIEW_WORDS.get(code, "Somebody must look at it."),
    "role_words": lambda code: ROLE_WORDS.get(code, code),
    "runner_up_words": runner_up_words,
    "said": said,
    "service_name": service_name,
    "span_words": span_words,
    "status_words": status_words,
    "without_contacts": without_contacts,
}
