from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crew_app.extensions import Model
from crew_app.models.case import Case
from crew_app.models.crew import Crew
from crew_app.models.types import Json, UtcDateTime


class Assignment(Model):
    """A case in a crew's hands, from a moment on and until another; why this crew stays with it."""

    __tablename__ = "assignments"
    __table_args__ = (
        # Two dispatchers at once must not give one case to two crews: the database itself says no.
        Index(
            "uq_assignments_open",
            "case_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_assignments_crew_open", "crew_id", "ended_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    crew_id: Mapped[int] = mapped_column(ForeignKey("crews.id"))
    round: Mapped[int]
    assigned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    assigned_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))  # None: dispatch did
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the crew has read it
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_why: Mapped[str | None] = mapped_column(String(200))
    position: Mapped[int | None]  # in the crew's planned round, from 0; None: dispatch made no plan
    metres: Mapped[float | None]  # crew to case when it was decided
    explanation: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)  # dispatch's ranking, in codes

    case: Mapped[Case] = relationship(back_populates="assignments")
    crew: Mapped[Crew] = relationship()

    @property
    def crew_code(self) -> str:
        return self.crew.code
