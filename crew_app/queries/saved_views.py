"""The views somebody can choose from: their own and those shared with the office."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from crew_app.extensions import AnySession
from crew_app.models import SavedView


def views_of(session: AnySession, person_id: int) -> Sequence[SavedView]:
    return session.scalars(
        select(SavedView)
        .options(joinedload(SavedView.person))
        .where(or_(SavedView.person_id == person_id, SavedView.is_shared.is_(True)))
        .order_by(SavedView.name, SavedView.id)
    ).all()
