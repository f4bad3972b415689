"""The list of an emergency's temporary crews, as CSV: read whole, every mistake named by its row and field."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import Any

from crew_app.errors import BadInput
from crew_app.wire.forms import EMAIL

COLUMNS = ("crew", "name", "department", "skills", "capacity", "latitude", "longitude", "person", "email")
NEEDED = ("crew", "department")
MOST_ROWS = 200
LONGEST_BYTES = 256 * 1024
LONGEST = {"crew": 32, "name": 120, "department": 120, "skills": 400, "person": 120, "email": 254}
MEND = "Nothing was started. Mend the list and load it again."


@dataclass(frozen=True, slots=True, kw_only=True)
class TemporaryCrew:
    """One row of the list. `place`: latitude and longitude (degrees, WGS 84); None: where the department's other crews start."""

    row: int
    code: str
    name: str
    department: str
    skills: tuple[str, ...] = ()
    capacity: int = 12
    place: tuple[float, float] | None = None
    person: str = ""
    email: str = ""


def refuse(rows: dict[str, Any]) -> BadInput:
    """`rows`: "row 3" -> field -> what is wrong."""
    return BadInput(MEND, errors={"csv": rows})


def read_temporary_crews(content: bytes | str) -> list[TemporaryCrew]:
    """From a spreadsheet's export: with commas or semicolons, with or without a byte order mark. BadInput names row and field."""
    if len(content) > LONGEST_BYTES:
        raise refuse({"list": [f"More than {LONGEST_BYTES // 1024} kB."]})
    try:
        text = content.decode("utf-8-sig") if isinstance(content, bytes) else content.removeprefix("\ufeff")
    except UnicodeDecodeError:
        raise refuse({"list": ["Not UTF-8. Save it as “CSV UTF-8”."]}) from None
    if "\x00" in text:
        raise refuse({"list": ["Holds a NUL character."]})
    first = text.split("\n", 1)[0]
    try:
        table = list(csv.reader(io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ",", strict=True))
    except csv.Error as error:
        raise refuse({"list": [f"Not CSV: {error}."]}) from None
    header = [name.strip().lower() for name in table[0]] if table else []
    wrong = {name: ["There is no such column."] for name in header if name not in COLUMNS}
    wrong |= {name: ["This column is missing."] for name in NEEDED if name not in header}
    wrong |= {name: ["This column is there twice."] for name in header if header.count(name) > 1}
    if wrong:
        raise refuse({"row 1": wrong})
    rows = [(number, cells) for number, cells in enumerate(table[1:], start=2) if any(cell.strip() for cell in cells)]
    if not 1 <= len(rows) <= MOST_ROWS:
        raise refuse({"list": ["No crew in it."] if not rows else [f"More than {MOST_ROWS} crews."]})
    errors: dict[str, dict[str, list[str]]] = {}
    crews: list[TemporaryCrew] = []
    for number, cells in rows:
        given = dict(zip(header, (cell.strip() for cell in cells), strict=False))
        mistakes = _mistakes(given, crews) | ({"row": ["More cells than columns."]} if len(cells) > len(header) else {})
        if mistakes:
            errors[f"row {number}"] = mistakes
            given = {"crew": given.get("crew", ""), "department": ""}
        crews.append(_crew(number, given))
    if errors:
        raise refuse(errors)
    return crews


def _mistakes(given: dict[str, str], before: list[TemporaryCrew]) -> dict[str, list[str]]:
    wrong: dict[str, list[str]] = {}
    for name in NEEDED:
        if not given.get(name):
            wrong[name] = ["Missing."]
    for name, longest in LONGEST.items():
        if len(given.get(name, "")) > longest:
            wrong[name] = [f"More than {longest} characters."]
    if given.get("crew") and any(one.code == given["crew"] for one in before):
        wrong["crew"] = [f"{given['crew']} is in this list already."]
    if given.get("capacity") and not re.fullmatch(r"[1-9][0-9]{0,2}", given["capacity"], re.ASCII):
        wrong["capacity"] = ["A whole number from 1 to 999: how many jobs it can hold at once."]
    for name, most in (("latitude", 90), ("longitude", 180)):
        other = "longitude" if name == "latitude" else "latitude"
        if not given.get(name) and given.get(other):
            wrong[name] = ["Give both, or neither."]
        elif given.get(name) and not _is_degrees(given[name], most):
            wrong[name] = [f"A number from -{most} to {most}, like 42.3601."]
    if given.get("email"):
        if not EMAIL.match(given["email"]):
            wrong["email"] = ["Write an e-mail address like name@example.org."]
        elif any(one.email == given["email"].lower() for one in before):
            wrong["email"] = [f"{given['email']} is in this list already."]
    elif given.get("person"):
        wrong["email"] = ["Whoever is to sign in needs an e-mail address."]
    return wrong


def _is_degrees(text: str, most: int) -> bool:
    return bool(re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{1,15})?", text, re.ASCII)) and abs(float(text)) <= most


def _crew(number: int, given: dict[str, str]) -> TemporaryCrew:
    has_place = bool(given.get("latitude"))
    return TemporaryCrew(
        row=number,
        code=given["crew"],
        name=given.get("name", ""),
        department=given["department"],
        skills=tuple(dict.fromkeys(skill for skill in re.split(r"[\s|/+]+", given.get("skills", "")) if skill)),
        capacity=int(given.get("capacity") or 12),
        place=(float(given["latitude"]), float(given["longitude"])) if has_place else None,
        person=given.get("person", ""),
        email=given.get("email", "").lower(),
    )
