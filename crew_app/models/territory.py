from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crew_app.extensions import Model
from crew_app.models.crew import Crew
from crew_app.models.department import Department
from crew_app.models.types import Json


class Territory(Model):
    """An area drawn on the map in which one crew, or each crew of a department that has none of its own, may be sent."""

    __tablename__ = "territories"
    __table_args__ = (CheckConstraint("(crew_id IS NULL) <> (department_id IS NULL)", name="one_owner"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    crew_id: Mapped[int | None] = mapped_column(ForeignKey("crews.id"), index=True)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"), index=True)
    boundary: Mapped[dict[str, Any]] = mapped_column(Json)  # GeoJSON Polygon or MultiPolygon, longitude first
    is_removed: Mapped[bool] = mapped_column(default=False)

    crew: Mapped[Crew | None] = relationship()
    department: Mapped[Department | None] = relationship()
