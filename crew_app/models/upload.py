from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from crew_app.extensions import Model
from crew_app.models.types import UtcDateTime


class Upload(Model):
    """Bytes of one photo on their way in (tus 1.0). `offset` is how many of them are known to be on disk."""

    __tablename__ = "uploads"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)  # unguessable; part of the upload's address
    photo_id: Mapped[str] = mapped_column(String(36), index=True)  # may arrive before its closure does
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    sha256: Mapped[str] = mapped_column(String(64))
    length: Mapped[int] = mapped_column(BigInteger)  # bytes
    offset: Mapped[int] = mapped_column(BigInteger, default=0)  # bytes
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    completed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
