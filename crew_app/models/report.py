from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crew_app.extensions import Model
from crew_app.models.case import Case
from crew_app.models.types import UtcDateTime


class Report(Model):
    """What a resident told us about a case. The only table that holds who they are."""

    __tablename__ = "reports"
    __table_args__ = (UniqueConstraint("api_key_id", "external_id"),)  # sent again, it is the same report

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    channel: Mapped[str] = mapped_column(String(32))
    words: Mapped[str] = mapped_column(Text, default="")
    name: Mapped[str | None] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(254))
    phone: Mapped[str | None] = mapped_column(String(40))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    api_key_id: Mapped[int | None] = mapped_column(ForeignKey("api_keys.id"))  # the program it came through
    external_id: Mapped[str | None] = mapped_column(String(140))  # what it is called there

    case: Mapped[Case] = relationship()
