from __future__ import annotations

from datetime import date

from sqlalchemy import Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from crew_app.extensions import Model


class ServiceLevel(Model):
    """What a service promises from a day on. Cases opened before keep the promise they were given."""

    __tablename__ = "service_levels"

    id: Mapped[int] = mapped_column(primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"), index=True)
    holds_from: Mapped[date] = mapped_column(Date)
    target_days: Mapped[int | None]  # None: nothing is promised
    target_calendar: Mapped[str] = mapped_column(String(16))  # "business" or "calendar"
    is_removed: Mapped[bool] = mapped_column(default=False)
