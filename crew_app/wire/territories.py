"""The form of a territory: a name, whose it is, and an area that was drawn or is made of districts."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields
from shapely.geometry import Polygon

from crew_app.wire.forms import FormId, Line
from crew_app.wire.rules import GOAL

MOST_CORNERS = 500


class Boundary(fields.Field[dict[str, Any] | None]):
    """One ring as GeoJSON has it, as a text; nothing drawn is None."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Any] | None:
        if not value:
            return None
        try:
            ring = json.loads(str(value))["coordinates"][0] if len(str(value)) < 100_000 else []
            corners = [(float(lon), float(lat)) for lon, lat in ring]
            is_area = (
                4 <= len(corners) <= MOST_CORNERS and all(_is_place(*corner) for corner in corners) and Polygon(corners).is_valid
            )
        except (ValueError, TypeError, KeyError, IndexError, RecursionError):
            is_area = False
        if not is_area:
            raise ValidationError("This is no area: its outline must not cross itself.")
        return {"type": "Polygon", "coordinates": [[list(corner) for corner in corners]]}


class TerritoryForm(Schema):
    name = Line(120, "Give it a name.")
    of = Line(40, "Say whose it is.")
    boundary = Boundary(load_default=None)
    district = fields.List(FormId(), load_default=list)

    @staticmethod
    def columns(form: Mapping[str, Any]) -> dict[str, Any]:
        goal = GOAL.fullmatch(form["of"])
        return {
            "name": form["name"],
            "crew_id": int(goal[2]) if goal and goal[1] == "crew" else None,
            "department_id": int(goal[2]) if goal and goal[1] == "department" else None,
            "boundary": form["boundary"],
            "district_ids": [district for district in form["district"] if district],
        }


class DistrictsForm(Schema):
    district = fields.List(FormId(), load_default=list)


def _is_place(lon: float, lat: float) -> bool:
    return math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90
