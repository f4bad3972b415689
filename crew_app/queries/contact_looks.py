"""Who looked at a resident's contact details, the latest first."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from crew_app.extensions import AnySession
from crew_app.models import ContactLook

MOST_SHOWN = 200


def looks_at(session: AnySession, case_id: int) -> Sequence[ContactLook]:
    return session.scalars(
        select(ContactLook)
        .options(joinedload(ContactLook.person))
        .where(ContactLook.case_id == case_id)
        .order_by(ContactLook.id.desc())
        .limit(MOST_SHOWN)
    ).all()
