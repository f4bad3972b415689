from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crew_app.extensions import Model
from crew_app.models.case import Case
from crew_app.models.district import District
from crew_app.models.service import Service
from crew_app.models.types import UtcDateTime


class Follower(Model):
    """Somebody who wants news by e-mail of one case, or of all of a service, of a district, of both at once, or of the city."""

    __tablename__ = "followers"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), index=True)
    language: Mapped[str] = mapped_column(String(16))
    token: Mapped[str] = mapped_column(String(43), unique=True)  # in every letter: whoever has it may say yes, or stop
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    service_id: Mapped[int | None] = mapped_column(ForeignKey("services.id"))
    district_id: Mapped[int | None] = mapped_column(ForeignKey("districts.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # before it, nothing is sent but the question itself
    ask_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)  # the question is still to be sent
    attempts: Mapped[int] = mapped_column(default=0)

    case: Mapped[Case | None] = relationship()
    service: Mapped[Service | None] = relationship()
    district: Mapped[District | None] = relationship()


class Letter(Model):
    """What a follower was told of a case, and whether there is something new."""

    __tablename__ = "letters"
    __table_args__ = (Index("ix_letters_due", "due_at"),)

    follower_id: Mapped[int] = mapped_column(ForeignKey("followers.id", ondelete="CASCADE"), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    state: Mapped[str] = mapped_column(String(120), default="")  # how the case was when it was last told: told twice, sent once
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)

    follower: Mapped[Follower] = relationship()
    case: Mapped[Case] = relationship()
