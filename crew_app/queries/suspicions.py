"""What is known of a crew's deed, for the rules that make somebody look at it (crew_app/suspicions.py)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import or_, select

from crew_app.extensions import AnySession
from crew_app.models import Case, Photo, PhotoKind, Suspicion

LOOKED_AT_ONCE = 500


def announced_photos(session: AnySession, operation_id: str) -> Sequence[Photo]:
    return session.scalars(select(Photo).where(Photo.operation_id == operation_id).order_by(Photo.id)).all()


def given_for(session: AnySession, case: Case, photos: Sequence[Photo]) -> dict[str, tuple[str, ...]]:
    """SHA-256 -> the numbers of the cases that crews gave the very same bytes for, too; this one's, if twice for it."""
    if not photos:
        return {}
    times = Counter(photo.sha256 for photo in photos)
    numbers = {sha256: {case.number} for sha256, count in times.items() if count > 1}
    rows = session.execute(
        select(Photo.sha256, Case.number)
        .join(Case, Case.id == Photo.case_id)
        .where(
            Photo.sha256.in_(times),
            Photo.id.not_in([photo.id for photo in photos]),
            Photo.kind != PhotoKind.REPORTED,
            or_(Photo.operation_id.is_not(None), Photo.closure_id.is_not(None)),
        )
    )
    for sha256, number in rows:
        numbers.setdefault(sha256, set()).add(number)
    return {sha256: tuple(sorted(found)) for sha256, found in numbers.items()}


def suspicions_about(session: AnySession, operation_id: str) -> Sequence[Suspicion]:
    return session.scalars(select(Suspicion).where(Suspicion.operation_id == operation_id).order_by(Suspicion.id)).all()


def has_open_suspicion(session: AnySession, case_id: int) -> bool:
    is_open = select(Suspicion.id).where(Suspicion.case_id == case_id, Suspicion.settled_at.is_(None))
    return session.scalar(is_open.limit(1)) is not None


def awaited_photos_of(session: AnySession, operation_id: str) -> int:
    """How many of a deed's photos have not come."""
    awaited = select(Photo.id).where(Photo.operation_id == operation_id, Photo.verified_at.is_(None))
    return len(session.scalars(awaited).all())


def deeds_without_photos(session: AnySession, announced_before: datetime, code: str) -> Collection[str]:
    """The operations whose photos should have come by now, and about which nobody was asked to look yet."""
    is_asked = select(Suspicion.id).where(Suspicion.operation_id == Photo.operation_id, Suspicion.code == code).exists()
    return session.scalars(
        select(Photo.operation_id)
        .where(Photo.verified_at.is_(None), Photo.operation_id.is_not(None), Photo.announced_at < announced_before, ~is_asked)
        .group_by(Photo.operation_id)
        .limit(LOOKED_AT_ONCE)
    ).all()  # type: ignore[return-value]
