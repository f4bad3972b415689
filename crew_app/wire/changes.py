"""What somebody changed of how the city works, in words."""

from __future__ import annotations

from typing import Any

from crew_app.models import CityChange, Crew, Device, Holiday, Person, RoutingRule, Service, Shift, Territory
from crew_app.wire.rules import WEEKDAYS
from crew_app.wire.times import local_time
from crew_app.wire.words import ROLE_WORDS

KIND_WORDS = {
    "rule": "Rule",
    "hours": "Working hours of",
    "holiday": "Holiday",
    "promise": "Promise",
    "service": "Service",
    "reply": "Reply",
    "person": "Person",
    "territory": "Territory",
    "shift": "Shift",
    "crew": "Crew",
    "device": "Phone",
}
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
    "boundary": "the area",
    "queue": "what it is held for",
    "opens": "the beginning",
    "closes": "the end",
    "questions": "the questions",
    "names": "its names in other languages",
    "email": "the address",
    "name": "the name",
    "role": "the role",
}
# A change of one of these alone has words of its own.
SWITCHES: dict[tuple[str, Any], str] = {
    ("is_removed", True): "removed",
    ("is_removed", False): "brought back",
    ("enabled", True): "switched on",
    ("enabled", False): "switched off",
    ("is_on", True): "switched on",
    ("is_on", False): "switched off",
}


def change_words(change: CityChange, thing: Any = None) -> str:
    """E.g. "Rule 3, Graffiti Removal: switched on". `thing`: what was changed, to be named."""
    number = WEEKDAYS[int(change.thing_id)] if change.kind == "hours" else change.thing_id[-8:]
    name = _name(thing)
    what = f"{KIND_WORDS[change.kind]} {number}{', ' if name else ''}{name}"
    if change.before is None:
        return f"{what}: added"
    if change.kind == "device":
        return f"{what}: {'given back' if change.after['revoked_at'] is None else 'switched off'}"
    switched = {name: value for name, value in change.after.items() if isinstance(value, bool) and (name, value) in SWITCHES}
    said = [SWITCHES[name, value] for name, value in switched.items()]
    if change.kind == "shift":
        return f"{what}: {'taken out' if change.after['ends_at'] < change.before['ends_at'] else 'put back'}"
    if not change.after:
        said.append("a new password")
    if "said" in change.after:
        return f"{what}: {change.after['said']}"
    if "role" in change.after:
        said.append(f"from {ROLE_WORDS[change.before['role']]} to {ROLE_WORDS[change.after['role']]}")
    fields = [FIELD_WORDS.get(name, name) for name in change.after if name not in switched and name != "role"]
    if fields:
        said.append(f"changed {', '.join(fields)}")
    return f"{what}: {'; '.join(said)}" + (" (an undo)" if change.undoes_id else "")


def _name(thing: Any) -> str:
    match thing:
        case RoutingRule():
            return thing.service.name if thing.service else "any service"
        case Device():
            return thing.person.name
        case Crew():
            return thing.code
        case Shift():
            return f"{thing.crew.code} {local_time(thing.starts_at)}"
        case Service() | Person() | Holiday() | Territory():
            return thing.name
    return ""
