"""The live picture as the desk reads it: columns instead of rows, moments as whole seconds since 1970, ids for names."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from crew_app.models import Assignment, Case, Crew, Photo, Shift
from crew_app.wire.explanations import why_this_crew, why_waiting
from crew_app.wire.photo_paths import photo_path
from crew_app.workflow import WAITING_STATUSES


def seconds(moment: datetime | None) -> int | None:
    return int(moment.timestamp()) if moment else None


def _degrees(value: float | None) -> float | None:
    return None if value is None else round(value, 5)  # about a metre


def _is_there(value: Any) -> int:
    return int(value is not None)


# What a case is on the desk, column by column: the row's own name of it, and how it is told if not as it is. No contact of a
# resident is among it, and none may ever be.
CASE_COLUMNS: dict[str, tuple[str, Callable[[Any], Any] | None]] = {
    "id": ("id", None),
    "number": ("number", None),
    "status": ("status", None),
    "round": ("round", None),
    "service": ("service_id", None),
    "department": ("department_id", None),
    "district": ("district_id", None),
    "lat": ("latitude", _degrees),
    "lon": ("longitude", _degrees),
    "lost": ("place_problem", _is_there),  # its place cannot be trusted
    "address": ("address", None),
    "opened": ("opened_at", seconds),
    "due": ("due_at", seconds),
    "changed": ("updated_at", seconds),
    "urgent": ("is_urgent", int),
    "held": ("held_since", _is_there),
    "pinned": ("pinned_crew_id", None),
    "review": ("review_reason", None),
    "crew": ("crew_id", None),
    "read": ("accepted_at", _is_there),  # by its crew
}


def cases_in_columns(rows: Sequence[Row[Any]]) -> dict[str, list[Any]]:
    """Column by column, for there may be ten thousand rows."""
    if not rows:
        return {name: [] for name in CASE_COLUMNS}
    columns = dict(zip(rows[0]._fields, zip(*rows, strict=True), strict=True))
    return {name: list(map(tell, columns[own]) if tell else columns[own]) for name, (own, tell) in CASE_COLUMNS.items()}


def crews_body(
    crews: Sequence[Crew],
    shifts: Mapping[int, Shift],
    out_of_contact: Collection[int],
    lists: Mapping[int, Sequence[int]],
    on_phones: Mapping[int, tuple[int, int]],
) -> list[dict[str, Any]]:
    """Every active crew. `lists`: crew -> ids of its jobs in order; `on_phones`: crew -> (photos not here yet, their bytes).

    `placed`: when the position was told; null: it is the depot, for the crew told none in this shift. `until` null: off duty.
    """
    return [_crew_body(crew, shifts.get(crew.id), crew.id in out_of_contact, lists, on_phones) for crew in crews]


def _crew_body(
    crew: Crew,
    shift: Shift | None,
    is_out_of_contact: bool,
    lists: Mapping[int, Sequence[int]],
    on_phones: Mapping[int, tuple[int, int]],
) -> dict[str, Any]:
    placed_at = crew.last_placed_at if shift and crew.last_placed_at and crew.last_placed_at >= shift.starts_at else None
    photos, size = on_phones.get(crew.id, (0, 0))
    return {
        "id": crew.id,
        "code": crew.code,
        "name": crew.name,
        "department": crew.department_id,
        "lent": crew.lent_department_ids,
        "lat": _degrees(crew.last_latitude if placed_at else crew.depot_latitude),
        "lon": _degrees(crew.last_longitude if placed_at else crew.depot_longitude),
        "placed": seconds(placed_at),
        "seen": seconds(crew.last_contact_at),
        "lost": is_out_of_contact,
        "from": seconds(shift.starts_at) if shift else None,
        "until": seconds(shift.ends_at) if shift else None,
        "pause": seconds(shift.break_since) if shift else None,
        "room": crew.capacity,
        "jobs": list(lists.get(crew.id, ())),
        "photos": photos,
        "bytes": size,
    }


def tag_of(state: Any) -> str:
    """Two states with the same tag are the same."""
    return hashlib.sha256(json.dumps(state, separators=(",", ":")).encode()).hexdigest()[:12]


def case_detail(case: Case, held: Assignment | None, photos: Sequence[Photo]) -> dict[str, Any]:
    """What the desk shows of a chosen case beside its row. Without contacts: they are on the case's own page."""
    why = why_this_crew(held) if held else why_waiting(case.waiting, case.place_problem) if case.status in WAITING_STATUSES else ""
    return {
        "id": case.id,
        "description": case.description,
        "held_why": case.held_why,
        "why": why,
        "photos": [
            {"kind": photo.kind, "url": photo_path(photo, "large"), "thumb": photo_path(photo, "small")}
            for photo in photos
            if photo.is_showable
        ],
    }
