from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crew_app.extensions import Model
from crew_app.models.person import Person
from crew_app.models.types import UtcDateTime


class ContactLook(Model):
    """Somebody of the city looked at who reported a case, or searched for a reporter. Written, never changed."""

    __tablename__ = "contact_looks"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)  # None: a search
    searched: Mapped[str] = mapped_column(String(100), default="")

    person: Mapped[Person] = relationship()
