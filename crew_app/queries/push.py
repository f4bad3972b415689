"""What a push is about, looked up at once: asked one by one it would cost more than all the rest of taking it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import BindParameter, bindparam, or_, select

from crew_app.extensions import AnyReader, Model, table_of
from crew_app.models import Assignment, Case, Closure, Device, Operation, Photo, Upload
from crew_app.models.at_hand import (
    AssignmentAtHand,
    CaseAtHand,
    ClosureAtHand,
    DeviceAtHand,
    OperationAtHand,
    PhotoAtHand,
    columns_of,
)


def _rows(model: type[Model], kind: type) -> Any:
    table = table_of(model)
    return select(*(table.c[name] for name in columns_of(kind)))


_devices, _operations, _cases = table_of(Device), table_of(Operation), table_of(Case)
_assignments, _closures, _photos, _uploads = table_of(Assignment), table_of(Closure), table_of(Photo), table_of(Upload)
_ids: BindParameter[Any] = bindparam("ids", expanding=True)
_found: BindParameter[Any] = bindparam("found", expanding=True)

# Built once: building a statement costs more than running it.
_DEVICE = _rows(Device, DeviceAtHand).where(_devices.c.id == bindparam("device")).with_for_update(of=_devices)
_OPERATIONS = _rows(Operation, OperationAtHand).where(_operations.c.id.in_(_ids))
# In one order, so that two pushes that name the same cases wait for each other rather than for ever.
_CASES = (
    _rows(Case, CaseAtHand)
    .where(or_(_cases.c.id.in_(_ids), _cases.c.opened_by_id.in_(_found)))
    .order_by(_cases.c.id)
    .with_for_update(of=_cases)
)
_ASSIGNMENTS = _rows(Assignment, AssignmentAtHand).where(_assignments.c.case_id.in_(_ids)).order_by(_assignments.c.id)
_CLOSURES = _rows(Closure, ClosureAtHand).where(_closures.c.case_id.in_(_ids))
_TAKEN = select(_photos.c.id).where(_photos.c.id.in_(_ids))
_AWAITED = (
    select(_photos.c.operation_id, _photos.c.id)
    .where(_photos.c.operation_id.in_(_ids), _photos.c.verified_at.is_(None))
    .order_by(_photos.c.announced_at, _photos.c.id)
)
# Locked: an upload that is being completed just now is waited for, or its photo would be verified by neither.
_ARRIVED = (
    select(_uploads.c.photo_id, _uploads.c.sha256, _uploads.c.length, _uploads.c.completed_at)
    .where(_uploads.c.photo_id.in_(_ids))
    .with_for_update(of=_uploads)
)


@dataclass(slots=True)
class AtHand:
    """A device, and all that its operations name: as the database has it, and then as they leave it.

    `found` has the cases that phones opened, by the operation that did. `awaited`: the photos that are not here yet, by
    the operation that announced them. `arrived`: (photo, digest, bytes) of what is here and was not announced before.
    What is new stands in `new_...` and is written by services/write_down.py, as is what differs from `as_read`.
    """

    device: DeviceAtHand
    last_seq: int
    operations: dict[str, OperationAtHand] = field(default_factory=dict)
    cases: dict[int, CaseAtHand] = field(default_factory=dict)
    found: dict[str, CaseAtHand] = field(default_factory=dict)
    photo_ids: set[str] = field(default_factory=set)
    awaited: dict[str, list[str]] = field(default_factory=dict)
    arrived: set[tuple[str, str, int]] = field(default_factory=set)
    new_operations: list[OperationAtHand] = field(default_factory=list)
    new_closures: list[ClosureAtHand] = field(default_factory=list)
    new_photos: list[PhotoAtHand] = field(default_factory=list)
    as_read: list[tuple[Any, Any]] = field(default_factory=list)  # (as it was read, the same as it is now)

    def case(self, reference: int | str) -> CaseAtHand | None:
        return self.found.get(reference) if isinstance(reference, str) else self.cases.get(reference)

    def add(self, operation: OperationAtHand) -> None:
        """What came in this very push is known to what comes after it."""
        self.operations[operation.id] = operation
        self.new_operations.append(operation)

    def hold(self, case: CaseAtHand) -> None:
        self.cases[case.id] = case
        if case.opened_by_id is not None:
            self.found[case.opened_by_id] = case
        self.as_read.append((replace(case), case))
        self.as_read += [(replace(assignment), assignment) for assignment in case.assignments]


def device_at_hand(reader: AnyReader, device_id: str) -> DeviceAtHand | None:
    """The device, held until the transaction ends: a phone's pushes are taken one after the other."""
    row = reader.execute(_DEVICE, {"device": device_id}).first()
    return DeviceAtHand(*row) if row else None


def look_up(reader: AnyReader, device: DeviceAtHand, operations: Collection[dict[str, Any]]) -> AtHand:
    """Everything that these operations, as `read_operation` gives them, name."""
    at_hand = AtHand(device, device.last_seq)
    if ids := [operation["id"] for operation in operations]:
        for row in reader.execute(_OPERATIONS, {"ids": ids}):
            known = at_hand.operations[row.id] = OperationAtHand(*row)
            at_hand.as_read.append((replace(known), known))
    if references := {operation["case"] for operation in operations} - {None}:
        _look_up_cases(reader, at_hand, references)
    if photo_ids := [ref["id"] for operation in operations for ref in operation["payload"].get("photos", ())]:
        at_hand.photo_ids.update(reader.scalars(_TAKEN, {"ids": photo_ids}))
        for operation_id, photo_id in reader.execute(_AWAITED, {"ids": list(at_hand.operations)}):
            at_hand.awaited.setdefault(operation_id, []).append(photo_id)
        for row in reader.execute(_ARRIVED, {"ids": photo_ids}):
            if row.completed_at is not None:
                at_hand.arrived.add((row.photo_id, row.sha256, row.length))
    return at_hand


def _look_up_cases(reader: AnyReader, at_hand: AtHand, references: set[int | str]) -> None:
    named = [reference for reference in references if isinstance(reference, int)]
    found = [reference for reference in references if isinstance(reference, str)]
    cases = {row.id: CaseAtHand(*row) for row in reader.execute(_CASES, {"ids": named, "found": found})}
    for row in reader.execute(_ASSIGNMENTS, {"ids": list(cases)}):
        cases[row.case_id].assignments.append(AssignmentAtHand(*row))
    for row in reader.execute(_CLOSURES, {"ids": list(cases)}):
        cases[row.case_id].closures.append(ClosureAtHand(*row))
    for case in cases.values():
        at_hand.hold(case)


def case_at_hand(case: Case) -> CaseAtHand:
    """A case that was opened in this transaction, in memory as others are."""
    opened = CaseAtHand(*(getattr(case, name) for name in columns_of(CaseAtHand)))
    for held in case.assignments:
        opened.assignments.append(AssignmentAtHand(*(getattr(held, name) for name in columns_of(AssignmentAtHand))))
    return opened
