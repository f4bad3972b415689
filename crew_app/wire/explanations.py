"""Why this crew, why not that one, why nobody: dispatch's codes in words."""

from __future__ import annotations

from typing import Any

from crew_app.models import Assignment

REFUSAL_WORDS = {
    "other_department": "is of another department",
    "skills": "lacks a skill this needs",
    "territory": "does not work in this district",
    "declined": "declined it",
    "out_of_contact": "is out of contact",
    "on_break": "is on a break",
    "full": "is full",
}
WAITING_WORDS = {
    "no_crew_on_duty": "No crew of the department is on duty.",
    "none_suitable": "No crew on duty can take it.",
    "all_full": "Every crew that could take it is full.",
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


def why_this_crew(assignment: Assignment) -> str:
    """E.g. "Crew PWD-7, 412 m; PWD-3 was nearer but is full." """
    explanation = assignment.explanation
    if explanation.get("by") == "person":
        why = explanation.get("why")
        return f"The office gave it to {assignment.crew.code}" + (f": {why}" if why else ".")
    if explanation.get("by") == "crew":
        return f"Crew {assignment.crew.code} found it itself."
    if assignment.metres is None:
        return f"Crew {assignment.crew.code}."
    words = f"Crew {assignment.crew.code}, {metres_in_words(assignment.metres)}"
    nearer = [f"{c['crew']} was nearer but {REFUSAL_WORDS[c['refusal']]}" for c in explanation.get("nearer", [])]
    return "; ".join([words, *nearer[:3]]) + "."


def why_waiting(waiting: dict[str, Any] | None, place_problem: str | None) -> str:
    """Why an open case is in nobody's hands."""
    if place_problem:
        return PLACE_WORDS.get(place_problem, "Its place needs a look.") + " Somebody must set the place first."
    if not waiting:
        return "It is about to be given to a crew."
    nearest = [f"{c['crew']} {REFUSAL_WORDS[c['refusal']]}" for c in waiting.get("nearest", []) if c.get("refusal")]
    return " ".join([WAITING_WORDS.get(waiting["why"], ""), "; ".join(nearest[:3]) + "." if nearest else ""]).strip()
