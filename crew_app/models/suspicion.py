from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crew_app.extensions import Model
from crew_app.models.case import Case
from crew_app.models.crew import Crew
from crew_app.models.person import Person
from crew_app.models.types import Json, UtcDateTime


class Suspicion(Model):
    """A rule of crew_app/suspicions.py says that somebody must look at, about one deed of a crew; raised once, decided once."""

    __tablename__ = "suspicions"
    __table_args__ = (
        UniqueConstraint("operation_id", "code"),
        Index(
            "ix_suspicions_open", "raised_at", sqlite_where=text("settled_at IS NULL"), postgresql_where=text("settled_at IS NULL")
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40))
    operation_id: Mapped[str] = mapped_column(String(36))  # the deed; of a closing its id as well
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    crew_id: Mapped[int] = mapped_column(ForeignKey("crews.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    facts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))  # None: it settled itself
    decision: Mapped[str | None] = mapped_column(String(16))  # "accept", "reopen"; "came": the photos are here now

    case: Mapped[Case] = relationship()
    crew: Mapped[Crew] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
