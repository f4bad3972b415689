from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from crew_app.extensions import Model
from crew_app.models.types import Json, UtcDateTime


class Operation(Model):
    """Something a crew did, as its phone sent it, with the answer it got. The same id gets the same answer for ever."""

    __tablename__ = "operations"
    __table_args__ = (Index("uq_operations_device_seq", "device_id", "seq", unique=True),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)  # a UUID made on the phone
    device_id: Mapped[str] = mapped_column(ForeignKey("devices.id"))
    seq: Mapped[int]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    crew_id: Mapped[int | None] = mapped_column(ForeignKey("crews.id"))
    # No foreign key: what a phone names may not exist here, and the work is kept all the same.
    case_id: Mapped[int | None] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(32))
    digest: Mapped[str] = mapped_column(String(64))  # SHA-256 of the intent: the same id may not say another thing
    body: Mapped[dict[str, Any]] = mapped_column(Json)
    verdict: Mapped[str] = mapped_column(String(32), index=True)
    answer: Mapped[dict[str, Any]] = mapped_column(Json)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
