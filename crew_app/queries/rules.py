"""The city's rules: in their order, and the cases they can be tried on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import joinedload

from crew_app.extensions import AnySession
from crew_app.models import Case, RoutingRule, Service

TRIED_AT_MOST = 20_000  # a week of a large city


def rules_in_order(session: AnySession) -> Sequence[RoutingRule]:
    """Every rule that is not removed, switched on or not; what they name loaded."""
    return session.scalars(
        select(RoutingRule)
        .options(joinedload(RoutingRule.service), joinedload(RoutingRule.department), joinedload(RoutingRule.crew))
        .where(RoutingRule.is_removed.is_(False))
        .order_by(RoutingRule.position, RoutingRule.id)
    ).all()


def last_position(session: AnySession) -> float:
    return session.scalar(select(func.max(RoutingRule.position)).where(RoutingRule.is_removed.is_(False))) or 0.0


def cases_to_try(session: AnySession, since: datetime) -> Sequence[Row[Any]]:
    """What was taken in since, with what a rule may look at; the newest first."""
    return session.execute(
        select(
            Case.id,
            Case.number,
            Case.address,
            Case.service_id,
            Case.district_id,
            Case.opened_at,
            Case.answers,
            Service.name.label("service"),
            Service.department_id,
        )
        .join(Case.service)
        .where(Case.opened_at >= since)
        .order_by(Case.opened_at.desc(), Case.id.desc())
        .limit(TRIED_AT_MOST)
    ).all()
