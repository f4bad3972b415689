"""The words the city keeps for residents."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from crew_app.extensions import AnySession
from crew_app.models import ReplyTemplate


def all_replies(session: AnySession) -> Sequence[ReplyTemplate]:
    return session.scalars(
        select(ReplyTemplate)
        .options(joinedload(ReplyTemplate.service))
        .where(ReplyTemplate.is_removed.is_(False))
        .order_by(ReplyTemplate.service_id, ReplyTemplate.outcome, ReplyTemplate.id)
    ).all()


def replies_for(session: AnySession, service_id: int) -> Sequence[ReplyTemplate]:
    """Those of a service first, then those for any."""
    return session.scalars(
        select(ReplyTemplate)
        .where(
            ReplyTemplate.is_removed.is_(False),
            or_(ReplyTemplate.service_id == service_id, ReplyTemplate.service_id.is_(None)),
        )
        .order_by(ReplyTemplate.service_id.is_(None), ReplyTemplate.outcome, ReplyTemplate.id)
    ).all()
