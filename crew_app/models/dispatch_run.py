from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from crew_app.extensions import Model
from crew_app.models.types import Json, UtcDateTime


class DispatchRun(Model):
    """One time that dispatch changed something: by which policy, what it weighed, what it did, what the plan costs."""

    __tablename__ = "dispatch_runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    policy: Mapped[str] = mapped_column(String(16))
    cases: Mapped[int]  # open cases that were looked at
    crews: Mapped[int]
    given: Mapped[int]  # cases that waited and have a crew now
    moved: Mapped[int]  # from one crew to another
    skipped: Mapped[int]  # decided, but the case had changed meanwhile: the next run sees to it
    took_ms: Mapped[int]
    cost: Mapped[dict[str, Any] | None] = mapped_column(Json)  # the plan's objective (dispatch.types.Cost); None: no plan
