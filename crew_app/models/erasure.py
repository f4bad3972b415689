from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crew_app.extensions import Model
from crew_app.models.case import Case
from crew_app.models.person import Person
from crew_app.models.types import UtcDateTime


class Erasure(Model):
    """Who reported a case was forgotten: because they asked, or because the city keeps it no longer. Written, never changed."""

    __tablename__ = "erasures"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))  # None: by the city's own time (RETENTION_MONTHS)

    case: Mapped[Case] = relationship()
    person: Mapped[Person | None] = relationship()
