"""Why this crew, why not that one, why nobody: dispatch's codes in words."""

from __future__ import annotations

from typing import Any, Protocol

REFUSAL_WORDS = {
    "other_department": "is of another department",
    "skills": "lacks a skill this needs",
    "territory": "does not work in this district",
    "declined": "declined it",
    "out_of_contact": "is out of contact",
    "on_break": "is on a break",
    "full": "is full",
    "pinned": "is not the crew that was asked for",
    "on_urgent": "is at something urgent itself",
    "no_time": "would not be done within its shift",
}
WAITING_WORDS = {
    "no_crew_on_duty": "No crew of the department is on duty.",
    "none_suitable": "No crew on duty can take it.",
    "all_full": "Every crew that could take it is full.",
    "no_time": "No crew that could would be done within its shift.",
    "held": "It is held back by the office.",
    "left_for_later": "There is room, but other cases come first.",
}
PLACE_WORDS = {
    "missing": "It has no place on the map.",
    "not_a_place": "Its coordinates are not a place on earth.",
    "zero": "Its coordinates are 0, 0.",
    "swapped": "Its latitude and longitude seem to be exchanged.",
    "outside": "Its place is outside the city.",
    "stand_in": "Its place is where the map puts what it cannot find.",
}


def metres_in_words(metres: float) -> str:
    return f"{metres:,.0f} m" if metres < 1000 else f"{metres / 1000:.1f} km"


class Decided(Protocol):
    """An assignment, or its row."""

    @property
    def crew_code(self) -> str: ...
    @property
    def metres(self) -> float | None: ...
    @property
    def explanation(self) -> dict[str, Any]: ...


def why_this_crew(assignment: Decided) -> str:
    """E.g. "Crew PWD-7, 412 m; PWD-3 was nearer but is full." """
    explanation = assignment.explanation
    if explanation.get("by") == "person":
        why = explanation.get("why")
        return f"The office gave it to {assignment.crew_code}" + (f": {why}" if why else ".")
    if explanation.get("by") == "crew":
        return f"Crew {assignment.crew_code} found it itself."
    if explanation.get("by") == "planned":
        return _why_in_plan(assignment)
    if assignment.metres is None:
        return f"Crew {assignment.crew_code}."
    words = f"Crew {assignment.crew_code}, {metres_in_words(assignment.metres)}"
    nearer = [f"{c['crew']} was nearer but {REFUSAL_WORDS[c['refusal']]}" for c in explanation.get("nearer", [])]
    return "; ".join([words, *nearer[:3]]) + "."


def _why_in_plan(assignment: Decided) -> str:
    """E.g. "Crew PWD-7: 1.2 km more on its round. PWD-3 would drive 2.4 km more; PWD-9 is full." """
    explanation = assignment.explanation
    chosen = explanation["chosen"]
    moved = f", taken from {explanation['from']}" if "from" in explanation else ""
    words = f"Crew {assignment.crew_code}{moved}: {_added_words(chosen)}."
    others = [f"{option['crew']} would have {_added_words(option)}" for option in explanation["runners_up"][:2]]
    others += [f"{c['crew']} {REFUSAL_WORDS[c['refusal']]}" for c in explanation["refused"][:2]]
    return f"{words} {'; '.join(others)}." if others else words


def _added_words(option: dict[str, Any]) -> str:
    metres, late = max(0, option["metres"]), option["late_minutes"]
    return f"{metres_in_words(metres)} more on its round" + (f" and be {late} min later elsewhere" if late > 0 else "")


def why_waiting(waiting: dict[str, Any] | None, place_problem: str | None) -> str:
    """Why an open case is in nobody's hands."""
    if place_problem:
        return PLACE_WORDS.get(place_problem, "Its place needs a look.") + " Somebody must set the place first."
    if not waiting:
        return "It is about to be given to a crew."
    nearest = [f"{c['crew']} {REFUSAL_WORDS[c['refusal']]}" for c in waiting.get("nearest", []) if c.get("refusal")]
    return " ".join([WAITING_WORDS.get(waiting["why"], ""), "; ".join(nearest[:3]) + "." if nearest else ""]).strip()
