from __future__ import annotations

from typing import Any

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crew_app.extensions import Model
from crew_app.models.types import Json


class District(Model):
    """A part of the city, e.g. Public Works district 1C."""

    __tablename__ = "districts"
    __table_args__ = (UniqueConstraint("kind", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(32), default="public_works")
    code: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(120))
    boundary: Mapped[dict[str, Any]] = mapped_column(Json)  # GeoJSON Polygon or MultiPolygon, longitude first
