"""Where crews may be sent: areas drawn on the map, and how dispatch asks for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from crew_app.errors import BadInput, NotFound
from crew_app.extensions import AnySession
from crew_app.models import Crew, Department, District, Territory
from crew_app.places import Areas, joined
from crew_app.services.settings import add_setting, change_setting
from crew_app.transaction import Tx


class Territories:
    """As they are now, read once for all crews and cases of a plan."""

    def __init__(self, session: AnySession) -> None:
        rows = session.execute(
            select(Territory.id, Territory.crew_id, Territory.department_id, Territory.boundary)
            .where(Territory.is_removed.is_(False))
            .order_by(Territory.id)
        ).all()
        self._areas = Areas((row.id, row.boundary) for row in rows)
        self._of_crew: dict[int, set[int]] = defaultdict(set)
        self._of_department: dict[int, set[int]] = defaultdict(set)
        for row in rows:
            (self._of_department[row.department_id] if row.crew_id is None else self._of_crew[row.crew_id]).add(row.id)

    def of_crew(self, crew: Crew) -> frozenset[int]:
        """Its own, or else its department's."""
        own = self._of_crew.get(crew.id, set())
        return frozenset(own or self._of_department.get(crew.department_id, set()))

    def of_place(self, latitude: float, longitude: float) -> frozenset[int]:
        return self._areas.at(latitude, longitude)


def add_territory(tx: Tx, values: Mapping[str, Any], person_id: int) -> Territory:
    territory = Territory(**_checked(tx, values), is_removed=False)
    add_setting(tx, territory, person_id)
    return territory


def change_territory(tx: Tx, territory_id: int, values: Mapping[str, Any], person_id: int) -> None:
    change_setting(tx, get_territory(tx.session, territory_id), _checked(tx, values), person_id)


def remove_territory(tx: Tx, territory_id: int, person_id: int) -> None:
    change_setting(tx, get_territory(tx.session, territory_id), {"is_removed": True}, person_id)


def set_districts(tx: Tx, crew: Crew, district_ids: Sequence[int], person_id: int) -> None:
    """The districts a crew may be sent to, beside what is drawn for it; none: anywhere."""
    known = list(tx.session.scalars(select(District.id).where(District.id.in_(district_ids)).order_by(District.id)))
    if len(known) != len(set(district_ids)):
        raise BadInput("Please look at the form again.", errors={"district": ["There is no such district."]})
    change_setting(tx, crew, {"district_ids": known}, person_id)


def get_territory(session: AnySession, territory_id: int) -> Territory:
    territory = session.get(Territory, territory_id)
    if territory is None or territory.is_removed:
        raise NotFound("There is no such territory.")
    return territory


def _checked(tx: Tx, values: Mapping[str, Any]) -> dict[str, Any]:
    """The columns; an area that was not drawn is made of whole districts."""
    errors: dict[str, list[str]] = {}
    if values["crew_id"] and tx.session.get(Crew, values["crew_id"]) is None:
        errors["of"] = ["There is no such crew."]
    if values["department_id"] and tx.session.get(Department, values["department_id"]) is None:
        errors["of"] = ["There is no such department."]
    boundary = values["boundary"]
    if boundary is None:
        whole = list(tx.session.scalars(select(District.boundary).where(District.id.in_(values["district_ids"]))))
        if not whole or len(whole) != len(set(values["district_ids"])):
            errors["boundary"] = ["Draw the area, or choose its districts."]
        else:
            boundary = joined(whole)
    if errors:
        raise BadInput("Please look at the form again.", errors=errors)
    return {**{name: values[name] for name in ("name", "crew_id", "department_id")}, "boundary": boundary}
