"""What is left to do after a case, for another service: a case of its own at the same place, linked with it both ways."""

from __future__ import annotations

from crew_app.events import FollowUpOpened
from crew_app.models import Case
from crew_app.services.cases import NewReport, open_case
from crew_app.transaction import Tx


def open_follow_up(
    tx: Tx, parent: Case, service_code: str, description: str, channel: str, source: str, person_id: int | None
) -> Case:
    """Its service's department does it, by its own service level. BadInput if the service is not one of ours."""
    report = NewReport(
        service_code=service_code,
        description=description,
        address=parent.address,
        postcode=parent.postcode,
        latitude=parent.latitude,
        longitude=parent.longitude,
        channel=channel,
        source=source,
    )
    case = open_case(tx, report, person_id=person_id)
    case.parent_id = parent.id
    parent.updated_at = tx.now
    tx.emit(FollowUpOpened(case_id=parent.id, person_id=person_id, other_case_id=case.id))
    return case
