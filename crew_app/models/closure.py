from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crew_app.extensions import Model
from crew_app.models.case import Case
from crew_app.models.crew import Crew
from crew_app.models.person import Person
from crew_app.models.types import UtcDateTime


class Closure(Model):
    """A crew says: this is dealt with. Never edited; several may exist for one case, none is thrown away."""

    __tablename__ = "closures"
    __table_args__ = (
        # By case and crew, and by crew and time: a crew closes thousands of cases, and no pull may walk through all of them.
        Index("ix_closures_case_crew", "case_id", "crew_id"),
        Index("ix_closures_crew_received", "crew_id", "received_at"),
        # Few among millions, and every page of the office counts them.
        Index(
            "ix_closures_to_review",
            "received_at",
            sqlite_where=text("review_reason IS NOT NULL AND settled_at IS NULL"),
            postgresql_where=text("review_reason IS NOT NULL AND settled_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)  # the operation's id, made on the phone
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    crew_id: Mapped[int] = mapped_column(ForeignKey("crews.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    round_seen: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(16))
    outcome_detail: Mapped[str | None] = mapped_column(String(500))
    note: Mapped[str] = mapped_column(Text, default="")
    minutes: Mapped[int | None]  # of work, where the city asks (CLOSING_ASKS)
    materials: Mapped[str] = mapped_column(String(400), default="")
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)  # what the phone's clock said
    done_at: Mapped[datetime] = mapped_column(UtcDateTime)  # our estimate; decides the service level
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)  # orders the feeds
    clock_is_doubtful: Mapped[bool] = mapped_column(default=False)
    latitude: Mapped[float | None]  # where the phone was: evidence, not proof
    longitude: Mapped[float | None]
    accuracy_m: Mapped[float | None]
    counts: Mapped[bool]  # it was made in the case's round
    review_reason: Mapped[str | None] = mapped_column(String(40))
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the office looked at it
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    accepted: Mapped[bool | None]
    photos_announced: Mapped[int] = mapped_column(default=0)

    case: Mapped[Case] = relationship(back_populates="closures")
    crew: Mapped[Crew] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
