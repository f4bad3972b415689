from __future__ import annotations

from datetime import time

from sqlalchemy import ForeignKey, String, Time
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crew_app.extensions import Model
from crew_app.models.crew import Crew
from crew_app.models.department import Department
from crew_app.models.service import Service
from crew_app.models.types import Json


class RoutingRule(Model):
    """Where cases of some kind go when they are taken in (crew_app/routing.py). Removed ones stay, for the record."""

    __tablename__ = "routing_rules"

    id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[float]  # they are asked in this order; a rule moves by getting a number between two others
    is_on: Mapped[bool] = mapped_column(default=False)
    is_removed: Mapped[bool] = mapped_column(default=False)
    service_id: Mapped[int | None] = mapped_column(ForeignKey("services.id"))
    district_ids: Mapped[list[int]] = mapped_column(Json, default=list)
    weekdays: Mapped[list[int]] = mapped_column(Json, default=list)  # 0 is Monday
    begins: Mapped[time | None] = mapped_column(Time)  # the city's wall time
    ends: Mapped[time | None] = mapped_column(Time)
    question: Mapped[str] = mapped_column(String(200), default="")  # the code of one of the service's questions
    answers: Mapped[list[str]] = mapped_column(Json, default=list)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    crew_id: Mapped[int | None] = mapped_column(ForeignKey("crews.id"))
    queue: Mapped[str] = mapped_column(String(120), default="")

    service: Mapped[Service | None] = relationship()
    department: Mapped[Department | None] = relationship()
    crew: Mapped[Crew | None] = relationship()
