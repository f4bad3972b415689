from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crew_app.extensions import Model
from crew_app.models.case import Case
from crew_app.models.person import Person
from crew_app.models.types import UtcDateTime


class MessageKind(StrEnum):
    """What the office lets a crew know. All but WORDS say what became of a case; the text then says why."""

    WORDS = "words"  # somebody of the office writes
    TAKEN = "taken"  # the job is another crew's now, or waits again
    WITHDRAWN = "withdrawn"
    MERGED = "merged"  # another job is about the same trouble
    URGENT = "urgent"
    REVIEW_ACCEPTED = "review_accepted"  # the office looked at the crew's closing: it stands
    REVIEW_DISMISSED = "review_dismissed"
    REOPENED = "reopened"


class Message(Model):
    """A line from the office to a crew, on its phones until it was read and a while after."""

    __tablename__ = "messages"
    __table_args__ = (Index("ix_messages_crew_sent", "crew_id", "sent_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    crew_id: Mapped[int] = mapped_column(ForeignKey("crews.id"))
    kind: Mapped[str] = mapped_column(String(24))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))  # who wrote it; None: dispatch did
    text: Mapped[str] = mapped_column(Text, default="")
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    read_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))

    case: Mapped[Case | None] = relationship()
    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])
    read_by: Mapped[Person | None] = relationship(foreign_keys=[read_by_id])
