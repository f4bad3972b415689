"""A reply for one case: the template's words with the case's own filled in."""

from __future__ import annotations

from crew_app.models import Case

PLACES = ("{number}", "{service}", "{address}")


def filled(text: str, case: Case) -> str:
    """By hand, not by format(): whatever else stands in braces is somebody's words."""
    for place, words in zip(PLACES, (case.number, case.service.name, case.address or "this place"), strict=True):
        text = text.replace(place, words)
    return text
