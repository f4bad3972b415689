from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crew_app.extensions import Model
from crew_app.models.person import Person
from crew_app.models.types import Json, UtcDateTime


class QuarantinedWork(Model):
    """What a phone sent and we could not read or must not apply. Kept whole until a person has looked."""

    __tablename__ = "quarantine"
    # A phone sends unread work again and again; it is kept once.
    __table_args__ = (UniqueConstraint("person_id", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    device_id: Mapped[str | None] = mapped_column(String(36))
    operation_id: Mapped[str | None] = mapped_column(String(100), index=True)
    reason: Mapped[str] = mapped_column(String(40))
    errors: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    digest: Mapped[str] = mapped_column(String(64))
    raw: Mapped[str] = mapped_column(Text)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    settled_how: Mapped[str] = mapped_column(String(500), default="")  # what was done about it, in a person's words

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
