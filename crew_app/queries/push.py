"""What a push is about, looked up at once: asked one by one it would cost more than all the rest of taking it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import selectinload

from crew_app.extensions import AnySession
from crew_app.models import Case, Operation, Photo


@dataclass(slots=True)
class AtHand:
    """Operations that are known already, cases (held until the transaction ends), and ids of photos that are taken.

    `found` has the cases that phones opened, by the operation that did.
    """

    operations: dict[str, Operation] = field(default_factory=dict)
    cases: dict[int, Case] = field(default_factory=dict)
    found: dict[str, Case] = field(default_factory=dict)
    photo_ids: set[str] = field(default_factory=set)

    def case(self, reference: int | str) -> Case | None:
        return self.found.get(reference) if isinstance(reference, str) else self.cases.get(reference)

    def add(self, operation: Operation, case: Case | None) -> None:
        """What came in this very push is known to what comes after it."""
        self.operations[operation.id] = operation
        self.photo_ids.update(ref["id"] for ref in operation.body["payload"].get("photos", ()))
        if case is not None:
            self.hold(case)

    def hold(self, case: Case) -> None:
        self.cases[case.id] = case
        if case.opened_by_id is not None:
            self.found[case.opened_by_id] = case


def look_up(session: AnySession, operations: Collection[dict[str, Any]]) -> AtHand:
    """Everything that these operations, as `read_operation` gives them, name."""
    ids = [operation["id"] for operation in operations]
    references = {operation["case"] for operation in operations}
    numbered = {reference for reference in references if isinstance(reference, int)}
    found = {reference for reference in references if isinstance(reference, str)}
    photo_ids = {ref["id"] for operation in operations for ref in operation["payload"].get("photos", ())}
    at_hand = AtHand()
    if ids:
        known = session.scalars(select(Operation).where(Operation.id.in_(ids)))
        at_hand.operations = {operation.id: operation for operation in known}
    if numbered or found:
        # In one order, so that two pushes that name the same cases wait for each other rather than for ever.
        cases = (
            select(Case)
            .where(or_(Case.id.in_(numbered), Case.opened_by_id.in_(found)))
            .order_by(Case.id)
            .with_for_update(of=Case)
            .options(selectinload(Case.assignments), selectinload(Case.closures))
        )
        for case in session.scalars(cases):
            at_hand.hold(case)
    if photo_ids:
        at_hand.photo_ids = set(session.scalars(select(Photo.id).where(Photo.id.in_(photo_ids))))
    return at_hand
