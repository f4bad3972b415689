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


# What a case is on the desk, column by column. No contact of a resident is among it, and none may ever be.
CASE_COLUMNS: dict[str, Callable[[Row[Any]], Any]] = {
    "id": lambda row: row.id,
    "number": lambda row: row.number,
    "status": lambda row: row.status,
    "round": lambda row: row.round,
    "service": lambda row: row.service_id,
    "department": lambda row: row.department_id,
    "district": lambda row: row.district_id,
    "lat": lambda row: _degrees(row.latitude),
    "lon": lambda row: _degrees(row.longitude),
    "lost": lambda row: int(row.place_problem is not None),  # its place cannot be trusted
    "address": lambda row: row.address,
    "opened": lambda row: seconds(row.opened_at),
    "due": lambda row: seconds(row.due_at),
    "changed": lambda row: seconds(row.updated_at),
    "urgent": lambda row: int(row.is_urgent),
    "held": lambda row: int(row.held_since is not None),
    "pinned": lambda row: row.pinned_crew_id,
    "review": lambda row: row.review_reason,
    "crew": lambda row: row.crew_id,
    "read": lambda row: int(row.accepted_at is not None),  # by its crew
}


def cases_in_columns(rows: Sequence[Row[Any]]) -> dict[str, list[Any]]:
    return {name: [value(row) for row in rows] for name, value in CASE_COLUMNS.items()}


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
