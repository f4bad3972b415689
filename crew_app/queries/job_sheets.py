"""A crew's day for paper: what it has in hand, in the order of its round."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import defer, joinedload

from crew_app.extensions import AnySession
from crew_app.models import Assignment, Case
from crew_app.workflow import IN_HAND_STATUSES


def jobs_in_order(session: AnySession, crew_id: int) -> Sequence[Case]:
    return session.scalars(
        select(Case)
        .join(Assignment, Assignment.case_id == Case.id)
        .options(defer(Case.open_data), joinedload(Case.service))
        .where(Assignment.crew_id == crew_id, Assignment.ended_at.is_(None), Case.status.in_(IN_HAND_STATUSES))
        .order_by(Assignment.position.is_(None), Assignment.position, Case.due_at.is_(None), Case.due_at, Case.id)
    ).all()
