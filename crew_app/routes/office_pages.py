"""What all pages of the office share: they are kept by no browser, and know the words that every one of them says."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app
from flask_login import current_user

from crew_app.guards import Action, Thing, can, is_at_office
from crew_app.transaction import system_clock
from crew_app.wire.explanations import why_this_crew, why_waiting


def office_pages(name: str, import_name: str) -> Blueprint:
    """A blueprint of such pages; its guard stands in the table of all (routes/__init__.py)."""
    bp = Blueprint(name, import_name)
    bp.after_request(forbid_keeping)
    bp.context_processor(common_words)
    return bp


def office_api(name: str, import_name: str) -> Blueprint:
    """A blueprint of what the desk asks in JSON (docs/console-api.md)."""
    bp = Blueprint(name, import_name)
    bp.after_request(forbid_keeping)
    return bp


def forbid_keeping(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def common_words() -> dict[str, Any]:
    def may(action: str, thing: Thing = None) -> bool:
        return can(current_user, Action(action), thing)

    return {
        "now": system_clock(),
        "may": may,
        "at_office": is_at_office(),
        "is_demanded": current_app.config["SECOND_STEP"] == "demanded",
        "why_waiting": why_waiting,
        "why_this_crew": why_this_crew,
    }
