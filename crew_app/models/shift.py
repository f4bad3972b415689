from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crew_app.extensions import Model
from crew_app.models.crew import Crew
from crew_app.models.types import Json, UtcDateTime


class Shift(Model):
    """When a crew works: as planned, and as it said itself. A break is on while `break_since` is set."""

    __tablename__ = "shifts"
    __table_args__ = (Index("ix_shifts_span", "starts_at", "ends_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    crew_id: Mapped[int] = mapped_column(ForeignKey("crews.id"), index=True)
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    break_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    break_from: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when the next break is due
    break_minutes: Mapped[int] = mapped_column(default=30)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the crew said so
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    members: Mapped[list[str]] = mapped_column(Json, default=list)  # the names of who is in the crew today
    vehicle: Mapped[str] = mapped_column(String(60), default="")
    skills: Mapped[list[str] | None] = mapped_column(Json)  # today's; None: the crew's own

    crew: Mapped[Crew] = relationship()
