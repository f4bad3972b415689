"""All public cases, a batch at a time: memory stays the same for a thousand and for millions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, or_, select

from crew_app.extensions import AnySession
from crew_app.models import Case, Department, District, Service
from crew_app.queries.public import IS_PUBLIC

BATCH = 2000

_COLUMNS = (
    Case.id, Case.number, Case.status, Case.outcome, Case.outcome_detail, Case.closing_note, Case.description, Case.address,
    Case.postcode, Case.latitude, Case.longitude, Case.source, Case.neighborhood, Case.opened_at, Case.due_at, Case.closed_at,
    Case.updated_at, Case.open_data,
    Service.code.label("service_code"), Service.name.label("service"), Service.group.label("topic"), Service.subject.label("subject"),
    Department.code.label("department_code"), Department.name.label("department"),
    District.code.label("district_code"), District.kind.label("district_kind"),
)  # fmt: skip


def published_cases(session: AnySession, since: datetime | None = None) -> Iterator[Sequence[Row[Any]]]:
    """Batches in the order of their reports; with `since`, of what changed from then on, in the order of the changes.

    Each batch is a read of its own, so nobody's slow download keeps an old picture of the database alive.
    """
    last: Row[Any] | None = None
    while True:
        rows = session.execute(_batch_after(last, since)).all()
        session.rollback()
        if not rows:
            return
        yield rows
        last = rows[-1]


def _batch_after(last: Row[Any] | None, since: datetime | None) -> Select[*tuple[Any, ...]]:
    wanted: Select[*tuple[Any, ...]] = (
        select(*_COLUMNS)
        .select_from(Case)
        .join(Case.service)
        .join(Case.department)
        .outerjoin(Case.district)
        .where(IS_PUBLIC)
        .limit(BATCH)
    )
    if since is None:
        return wanted.where(Case.id > (last.id if last else 0)).order_by(Case.id)
    if last is not None:
        later = or_(Case.updated_at > last.updated_at, and_(Case.updated_at == last.updated_at, Case.id > last.id))
        wanted = wanted.where(later)
    return wanted.where(Case.updated_at >= since).order_by(Case.updated_at, Case.id)
