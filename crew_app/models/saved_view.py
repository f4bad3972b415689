from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crew_app.extensions import Model
from crew_app.models.person import Person
from crew_app.models.types import Json


class SavedView(Model):
    """Filters of the list of cases that somebody wants again: their own, or everybody's in the office."""

    __tablename__ = "saved_views"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    filters: Mapped[dict[str, Any]] = mapped_column(Json)  # as they stand in the list's address
    is_shared: Mapped[bool] = mapped_column(default=False)

    person: Mapped[Person] = relationship()
