from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crew_app.extensions import Model
from crew_app.models.person import Person
from crew_app.models.types import Json, UtcDateTime


class CityChange(Model):
    """One change of how the city works: a rule, a holiday, a promise, a territory, a person, a phone. Never edited."""

    __tablename__ = "city_changes"
    __table_args__ = (Index("ix_city_changes_thing", "kind", "thing_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    kind: Mapped[str] = mapped_column(String(24))  # services/settings.py:KINDS
    thing_id: Mapped[str] = mapped_column(String(36))
    before: Mapped[dict[str, Any] | None] = mapped_column(Json)  # the values that changed; None: it was added
    after: Mapped[dict[str, Any]] = mapped_column(Json)
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("city_changes.id"), unique=True)  # each is undone once

    person: Mapped[Person] = relationship()
