from __future__ import annotations

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crew_app.extensions import Model
from crew_app.models.service import Service


class ReplyTemplate(Model):
    """Words for residents to start from when a case is closed. Removed ones stay, for the record."""

    __tablename__ = "reply_templates"

    id: Mapped[int] = mapped_column(primary_key=True)
    service_id: Mapped[int | None] = mapped_column(ForeignKey("services.id"), index=True)  # None: any
    outcome: Mapped[str] = mapped_column(String(16), default="")  # "": any
    text: Mapped[str] = mapped_column(Text)  # {number}, {service} and {address} are filled in (wire/replies.py)
    is_removed: Mapped[bool] = mapped_column(default=False)

    service: Mapped[Service | None] = relationship()
