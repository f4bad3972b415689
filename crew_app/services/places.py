"""A person of the office says where a case is."""

from __future__ import annotations

from crew_app.errors import BadInput, Conflict
from crew_app.events import CasePlaced
from crew_app.models import Case
from crew_app.places import PlaceProblem
from crew_app.services.cases import get_locked, read_city_map
from crew_app.transaction import Tx
from crew_app.workflow import OPEN_STATUSES

# A stand-in point is refused when a geocoder gives it, not when a person does: somebody may really mean City Hall.
REFUSED = {
    PlaceProblem.NOT_A_PLACE: "This is not a place on earth.",
    PlaceProblem.ZERO: "0, 0 lies in the ocean.",
    PlaceProblem.SWAPPED: "Latitude and longitude seem to be exchanged.",
    PlaceProblem.OUTSIDE: "This place is outside the city.",
}


def set_place(tx: Tx, case_id: int, lat: float, lon: float, address: str, person_id: int) -> Case:
    """Put an open case on the map, so that a crew can be sent. BadInput if the place is none in the city."""
    case = get_locked(tx, case_id)
    if case.status not in OPEN_STATUSES:
        raise Conflict("This case is not open any more, so no crew needs its place.", code="not-open")
    places = read_city_map(tx.session)
    problem = places.problem_with(lat, lon)
    if problem in REFUSED:
        raise BadInput("This place cannot be used.", errors={"lat": [REFUSED[problem]], "lon": []})
    case.latitude, case.longitude, case.place_problem = lat, lon, None
    case.district_id = places.district_id_at(lat, lon)
    case.address = address.strip() or case.address
    case.waiting, case.updated_at = None, tx.now
    tx.emit(CasePlaced(case_id=case.id, person_id=person_id))
    return case
