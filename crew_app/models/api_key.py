from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from crew_app.extensions import Model
from crew_app.models.types import UtcDateTime


class ApiKey(Model):
    """A program that may report cases through Open311. The key itself is known only to whoever was given it."""

    __tablename__ = "api_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))  # becomes the source of the cases it opens
    contact: Mapped[str] = mapped_column(String(254), default="")  # whom to ask about it
    digest: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256 of the key: 32 random bytes need no salt
    begins_with: Mapped[str] = mapped_column(String(8))  # enough to tell two keys apart, too little to use one
    per_minute: Mapped[int] = mapped_column(default=120)  # requests
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
