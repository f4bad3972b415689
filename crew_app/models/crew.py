from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crew_app.extensions import Model
from crew_app.models.department import Department
from crew_app.models.types import Json, UtcDateTime


class Crew(Model):
    """People and a vehicle that take jobs together."""

    __tablename__ = "crews"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)  # e.g. PWD-7
    name: Mapped[str] = mapped_column(String(120), default="")
    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id"), index=True)
    skills: Mapped[list[str]] = mapped_column(Json, default=list)
    capacity: Mapped[int] = mapped_column(default=12)  # jobs it can hold at once
    district_ids: Mapped[list[int]] = mapped_column(Json, default=list)  # where it may be sent; empty: anywhere
    lent_department_ids: Mapped[list[int]] = mapped_column(Json, default=list)  # whose cases it may do beside its own
    depot_latitude: Mapped[float]
    depot_longitude: Mapped[float]
    last_latitude: Mapped[float | None]
    last_longitude: Mapped[float | None]
    last_placed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_contact_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    news_seq: Mapped[int] = mapped_column(default=0)  # +1 with each change of what its phones know of its day
    is_active: Mapped[bool] = mapped_column(default=True)
    surge_id: Mapped[int | None] = mapped_column(ForeignKey("surges.id"), index=True)  # the emergency it was hired for

    department: Mapped[Department] = relationship()
