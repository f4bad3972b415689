from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crew_app.extensions import Model
from crew_app.models.crew import Crew
from crew_app.models.types import UtcDateTime


class Shift(Model):
    """When a crew works. A break is on while `break_since` is set."""

    __tablename__ = "shifts"
    __table_args__ = (Index("ix_shifts_span", "starts_at", "ends_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    crew_id: Mapped[int] = mapped_column(ForeignKey("crews.id"), index=True)
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    break_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    break_from: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when the next break is due
    break_minutes: Mapped[int] = mapped_column(default=30)

    crew: Mapped[Crew] = relationship()
