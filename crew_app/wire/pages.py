"""What the pages the server renders are given: filters, and a page for refusals."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from flask import current_app

from crew_app.errors import Problem
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
    status_words,
    without_contacts,
)


def problem_page(problem: Problem) -> str:
    """Rendered past the context processors: they would ask the database who this is, and it may be the one that is away."""
    title, detail = problem.title, problem.detail
    if type(problem) is Problem and problem.status in HTTP_WORDS:  # Werkzeug's refusals speak to programmers
        title, detail = HTTP_WORDS[problem.status]
    template = current_app.jinja_env.get_template("problem.html")
    return template.render(title=title, detail=detail, problem=problem)


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
    "span_words": span_words,
    "status_words": status_words,
    "without_contacts": without_contacts,
}
