from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crew_app.extensions import Model
from crew_app.models.types import UtcDateTime


class Decline(Model):
    """A crew will not or cannot do a case: dispatch does not offer it to that crew again; the office still may."""

    __tablename__ = "declines"
    __table_args__ = (UniqueConstraint("case_id", "crew_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    crew_id: Mapped[int] = mapped_column(ForeignKey("crews.id"))
    reason: Mapped[str] = mapped_column(String(32))
    words: Mapped[str] = mapped_column(String(500), default="")
    declined_at: Mapped[datetime] = mapped_column(UtcDateTime)
