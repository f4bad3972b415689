"""A case waits: give it to the nearest available crew."""

from __future__ import annotations

from crew_app.events import Event
from crew_app.services.assignments import assign_waiting
from crew_app.transaction import transaction


def assign_whoever_waits(_event: Event) -> None:
    with transaction() as tx:
        assign_waiting(tx)
