from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from crew_app.extensions import Model
from crew_app.models.types import Json, UtcDateTime

Sequence = BigInteger().with_variant(Integer(), "sqlite")  # only INTEGER counts up by itself in SQLite


class EventRow(Model):
    """What happened, in commit order. Feeds and phones read it; nothing edits it."""

    __tablename__ = "event_log"
    __table_args__ = (Index("ix_event_log_case", "case_id", "seq"), {"sqlite_autoincrement": True})

    seq: Mapped[int] = mapped_column(Sequence, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    kind: Mapped[str] = mapped_column(String(40))
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    body: Mapped[dict[str, Any]] = mapped_column(Json)


class Delivery(Model):
    """How far one subscriber has been told, and what it could not be told yet."""

    __tablename__ = "deliveries"

    subscriber: Mapped[str] = mapped_column(String(60), primary_key=True)
    seq: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=False)
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    error: Mapped[str] = mapped_column(Text, default="")
    is_dead: Mapped[bool] = mapped_column(default=False)  # a person must look


class Subscription(Model):
    """The sequence number up to which one subscriber has been told everything, or has it in `deliveries`."""

    __tablename__ = "subscriptions"

    subscriber: Mapped[str] = mapped_column(String(60), primary_key=True)
    told_seq: Mapped[int] = mapped_column(Sequence, default=0)
