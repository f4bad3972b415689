from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crew_app.extensions import Model
from crew_app.models.department import Department
from crew_app.models.types import Json


class Service(Model):
    """One kind of trouble that can be reported, e.g. a pothole."""

    __tablename__ = "services"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(200), unique=True)
    name: Mapped[str] = mapped_column(String(160), index=True)
    names: Mapped[dict[str, str]] = mapped_column(Json, default=dict)  # in other languages, by their tag: {"es": "Bache"}
    group: Mapped[str] = mapped_column(String(120), default="")  # Boston's "reason", e.g. Highway Maintenance
    subject: Mapped[str] = mapped_column(String(120), default="")
    description: Mapped[str] = mapped_column(Text, default="")
    keywords: Mapped[str] = mapped_column(Text, default="")
    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id"), index=True)
    # What a crew must be able to do, e.g. ["asphalt"]; a crew may take the case only if it has them all.
    skills: Mapped[list[str]] = mapped_column(Json, default=list)
    work_minutes: Mapped[int] = mapped_column(default=20)  # at the place, as dispatch reckons
    duplicate_radius_m: Mapped[int] = mapped_column(default=25)  # two reports within it are likely the same trouble
    # The service level: so many days on this calendar ("business" or "calendar"); None: no promise.
    target_days: Mapped[int | None]
    target_calendar: Mapped[str] = mapped_column(String(16), default="business")
    # Questions asked when reporting, in GeoReport v2 attribute form: [{code, datatype, required, description, values}].
    questions: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    is_public: Mapped[bool] = mapped_column(default=True)  # may residents report it?
    is_active: Mapped[bool] = mapped_column(default=True)

    department: Mapped[Department] = relationship()
