"""A crew's day as its phones keep it: its shifts, and what the office let it know (docs/sync-protocol.md)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from crew_app.models import Message, Shift
from crew_app.wire.phone import iso


def day_body(shifts: Iterable[Shift], messages: Iterable[Message]) -> dict[str, Any]:
    return {"shifts": [_shift(shift) for shift in shifts], "messages": [_message(message) for message in messages]}


def _shift(shift: Shift) -> dict[str, Any]:
    return {
        "id": shift.id,
        "starts_at": iso(shift.starts_at),
        "ends_at": iso(shift.ends_at),
        "started_at": iso(shift.started_at),
        "ended_at": iso(shift.ended_at),
        "break_since": iso(shift.break_since),
        "break_minutes": shift.break_minutes,
        "members": shift.members,
        "vehicle": shift.vehicle,
        "skills": shift.skills,
    }


def _message(message: Message) -> dict[str, Any]:
    case = message.case
    return {
        "id": message.id,
        "at": iso(message.sent_at),
        "kind": message.kind,
        "by": message.person.name if message.person else "",
        "text": message.text,
        "case": case.id if case else None,
        "number": case.number if case else "",
        "address": case.address if case else "",
        "service": case.service.name if case else "",
        "read": message.read_at is not None,
    }
