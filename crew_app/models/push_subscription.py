from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crew_app.extensions import Model
from crew_app.models.types import UtcDateTime


class PushSubscription(Model):
    """Where a browser can be woken: the address its push service gave it, and the keys only that browser can open."""

    __tablename__ = "push_subscriptions"

    id: Mapped[int] = mapped_column(primary_key=True)
    # One browser has one address: when another person signs in on a shared phone, it becomes theirs.
    endpoint: Mapped[str] = mapped_column(String(1000), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    p256dh: Mapped[str] = mapped_column(String(100))
    auth: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    refusals: Mapped[int] = mapped_column(default=0)  # in a row, for reasons that time does not mend


class PushNotice(Model):
    """What a browser is still to be told. Several of one kind are one notice with a count."""

    __tablename__ = "push_notices"

    subscription_id: Mapped[int] = mapped_column(ForeignKey("push_subscriptions.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    count: Mapped[int] = mapped_column(default=1)
    noted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    attempts: Mapped[int] = mapped_column(default=0)

    subscription: Mapped[PushSubscription] = relationship()
