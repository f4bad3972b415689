from __future__ import annotations

from datetime import date

from sqlalchemy import Date, String
from sqlalchemy.orm import Mapped, mapped_column

from crew_app.extensions import Model


class Holiday(Model):
    """A day on which the city does not work and its business clock stands still."""

    __tablename__ = "holidays"

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(Date, index=True)
    name: Mapped[str] = mapped_column(String(120))
    is_removed: Mapped[bool] = mapped_column(default=False)
