"""What somebody changed of how the city works, in words."""

from __future__ import annotations

from typing import Any

from crew_app.models import CityChange

KIND_WORDS = {"rule": "Rule", "device": "Phone"}
FIELD_WORDS = {
    "position": "its place in the order",
    "service_id": "the service",
    "district_ids": "the districts",
    "weekdays": "the days",
    "begins": "from when",
    "ends": "until when",
    "question": "the question",
    "answers": "the answers",
    "department_id": "the department",
    "crew_id": "the crew",
    "queue": "what it is held for",
}
# A change of one of these alone has words of its own.
SWITCHES: dict[tuple[str, Any], str] = {
    ("is_removed", True): "removed",
    ("is_removed", False): "brought back",
    ("is_on", True): "switched on",
    ("is_on", False): "switched off",
}


def change_words(change: CityChange) -> str:
    """E.g. "Rule 3: switched on"."""
    what = f"{KIND_WORDS[change.kind]} {change.thing_id}"
    if change.before is None:
        return f"{what}: added"
    if change.kind == "device":
        return f"{what}: {'given back' if change.after['revoked_at'] is None else 'switched off'}"
    said = [SWITCHES[name, value] for name, value in change.after.items() if (name, value) in SWITCHES]
    fields = [FIELD_WORDS.get(name, name) for name, value in change.after.items() if (name, value) not in SWITCHES]
    if fields:
        said.append(f"changed {', '.join(fields)}")
    return f"{what}: {'; '.join(said)}" + (" (an undo)" if change.undoes_id else "")
