from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crew_app.extensions import Model
from crew_app.models.crew import Crew
from crew_app.models.department import Department
from crew_app.models.types import UtcDateTime


class Loan(Model):
    """A crew that works for another department beside its own, until a moment. It ends by itself: whoever reads asks the time."""

    __tablename__ = "loans"

    id: Mapped[int] = mapped_column(primary_key=True)
    crew_id: Mapped[int] = mapped_column(ForeignKey("crews.id"))
    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id"))
    begins_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    why: Mapped[str] = mapped_column(String(500), default="")

    crew: Mapped[Crew] = relationship()
    department: Mapped[Department] = relationship()
