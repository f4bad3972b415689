from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from crew_app.extensions import Model
from crew_app.models.types import UtcDateTime


class Surge(Model):
    """An emergency with crews of its own. At its end they go off duty, and what they have not begun goes back to dispatch."""

    __tablename__ = "surges"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))  # e.g. "Snow storm of 22 November"
    begins_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # Two steps after its end, each once: its crews go off duty; a week later its people cannot sign in any more.
    crews_ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    people_ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
