from __future__ import annotations

from datetime import time

from sqlalchemy import Time
from sqlalchemy.orm import Mapped, mapped_column

from crew_app.extensions import Model


class WorkingHours(Model):
    """When the city works on a day of the week; the migration made all seven. Without times it does not."""

    __tablename__ = "working_hours"

    weekday: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 0 is Monday
    opens: Mapped[time | None] = mapped_column(Time)
    closes: Mapped[time | None] = mapped_column(Time)
