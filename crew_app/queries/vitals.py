"""How the city's server is: what somebody should be woken for, and what explains it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from crew_app.extensions import AnySession
from crew_app.models import Case, Delivery, EventRow, Photo, QuarantinedWork, Subscription


@dataclass(frozen=True, slots=True)
class Vitals:
    untold_s: float  # age of the oldest event that dispatch or another subscriber was not told of
    dead_deliveries: int  # told ten times, failed ten times: a person must look
    ahead_s: float  # by how much the newest event lies in the future: the clock was set back
    open_cases: int
    quarantined: int
    photos_awaited: int


def vitals(session: AnySession, now: datetime) -> Vitals:
    told = session.scalar(select(func.min(Subscription.told_seq)))
    oldest_untold = session.scalar(select(func.min(EventRow.at)).where(EventRow.seq > (told or 0))) if told is not None else None
    newest = session.scalar(select(EventRow.at).order_by(EventRow.seq.desc()).limit(1))

    def count(*conditions: object) -> int:
        return session.scalar(select(func.count()).where(*conditions)) or 0  # type: ignore[arg-type]

    return Vitals(
        untold_s=max(0.0, (now - oldest_untold).total_seconds()) if oldest_untold else 0.0,
        dead_deliveries=count(Delivery.is_dead.is_(True)),
        ahead_s=max(0.0, (newest - now).total_seconds()) if newest else 0.0,
        open_cases=count(Case.closed_at.is_(None)),
        quarantined=count(QuarantinedWork.settled_at.is_(None)),
        photos_awaited=count(Photo.verified_at.is_(None), Photo.operation_id.is_not(None)),
    )
