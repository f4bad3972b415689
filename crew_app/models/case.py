from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crew_app.extensions import Model
from crew_app.models.department import Department
from crew_app.models.district import District
from crew_app.models.service import Service
from crew_app.models.types import Json, UtcDateTime
from crew_app.workflow import Status

if TYPE_CHECKING:
    from crew_app.models.assignment import Assignment
    from crew_app.models.closure import Closure


class Case(Model):
    """One trouble at one place, from its first report to its end."""

    __tablename__ = "cases"
    __table_args__ = (
        CheckConstraint("status IN (" + ", ".join(f"'{s}'" for s in Status) + ")", name="status_known"),
        CheckConstraint("latitude IS NULL OR (latitude BETWEEN -90 AND 90)", name="latitude_range"),
        CheckConstraint("longitude IS NULL OR (longitude BETWEEN -180 AND 180)", name="longitude_range"),
        Index("ix_cases_status_department", "status", "department_id"),
        Index("ix_cases_status_due", "status", "due_at"),
        Index("ix_cases_place", "latitude", "longitude"),
        # A map's box, of what is open (closed_at is null) and of what was closed lately: decided in the index alone.
        Index("ix_cases_closed_place", "closed_at", "latitude", "longitude", "status", "opened_at", "service_id"),
        # Feeds: what changed last of a service, of a district.
        Index("ix_cases_service_updated", "service_id", "updated_at"),
        Index("ix_cases_district_updated", "district_id", "updated_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(64), unique=True)  # what people quote
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"))
    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id"))
    district_id: Mapped[int | None] = mapped_column(ForeignKey("districts.id"))
    status: Mapped[str] = mapped_column(String(16), default=Status.RECEIVED)
    outcome: Mapped[str | None] = mapped_column(String(16))
    outcome_detail: Mapped[str | None] = mapped_column(String(500))  # whose; duplicate of; scheduled for
    closing_note: Mapped[str] = mapped_column(Text, default="")
    # +1 each time the office assigns, reassigns, reopens or withdraws; a closure never bumps it.
    round: Mapped[int] = mapped_column(default=0)
    is_urgent: Mapped[bool] = mapped_column(default=False)  # interrupts what is planned
    held_since: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the office keeps it back from dispatch
    held_why: Mapped[str] = mapped_column(String(200), default="")
    # A dispatcher wants this crew and no other; set by a dispatcher who gives the case out by name.
    pinned_crew_id: Mapped[int | None] = mapped_column(ForeignKey("crews.id"))
    review_reason: Mapped[str | None] = mapped_column(String(40), index=True)  # a person in the office must look
    waiting: Mapped[dict[str, Any] | None] = mapped_column(Json)  # why no crew has it: what dispatch said

    description: Mapped[str] = mapped_column(Text, default="")
    answers: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)  # to the service's own questions
    address: Mapped[str] = mapped_column(String(300), default="")
    postcode: Mapped[str] = mapped_column(String(16), default="")
    latitude: Mapped[float | None]  # degrees, WGS 84
    longitude: Mapped[float | None]
    place_problem: Mapped[str | None] = mapped_column(String(32))  # why the place cannot be trusted
    source: Mapped[str] = mapped_column(String(60), default="")
    neighborhood: Mapped[str] = mapped_column(String(120), default="")

    opened_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when the work was done
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)  # when the city last learned something

    parent_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)  # a follow-up of that case
    # The same trouble as that case, and dealt with there. Still so after both are closed; a split ends it.
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    opened_by_id: Mapped[str | None] = mapped_column(
        String(36), unique=True
    )  # the operation that found it in the field, or what a resident's page calls its report

    # What an imported row held that has no column here, and the digest that tells an unchanged row.
    open_data: Mapped[dict[str, Any] | None] = mapped_column(Json)
    import_digest: Mapped[str | None] = mapped_column(String(64))

    service: Mapped[Service] = relationship()
    department: Mapped[Department] = relationship()
    district: Mapped[District | None] = relationship()
    assignments: Mapped[list[Assignment]] = relationship(back_populates="case", order_by="Assignment.id")
    closures: Mapped[list[Closure]] = relationship(back_populates="case", order_by="Closure.done_at, Closure.id")
    merged_into: Mapped[Case | None] = relationship(remote_side=[id], foreign_keys=[merged_into_id])

    def was_on_time(self, now: datetime) -> bool:
        """Closed by its due time, or not yet due; a case without a promise is on time (Boston's rule)."""
        return self.due_at is None or (self.closed_at or now) <= self.due_at
