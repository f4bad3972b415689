from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crew_app.extensions import Model
from crew_app.models.case import Case
from crew_app.models.event_log import Sequence
from crew_app.models.person import Person
from crew_app.models.types import Json, UtcDateTime

UNDO_WITHIN = timedelta(days=30)
ASKED_FOR = timedelta(days=1)


class DeedState(StrEnum):
    ASKED = "asked"  # waits for a second person's yes
    DONE = "done"
    REFUSED = "refused"


class OfficeDeed(Model):
    """One thing somebody in the office did, or asks to do, to one case or to many: what is undone is undone as this unit."""

    __tablename__ = "office_deeds"
    __table_args__ = (Index("ix_office_deeds_state", "state", "asked_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(24))  # as wire/deeds.py has words for it
    state: Mapped[str] = mapped_column(String(8), default=DeedState.DONE)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    why: Mapped[str] = mapped_column(String(500), default="")
    form: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)  # what was asked for: the crew, the outcome ...
    cases: Mapped[int] = mapped_column(default=0)  # how many it changed; while it is asked for, how many it is about
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))  # the second person
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_why: Mapped[str] = mapped_column(String(500), default="")
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("office_deeds.id"), index=True)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the whole of it

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    decided_by: Mapped[Person | None] = relationship(foreign_keys=[decided_by_id])

    @property
    def undo_until(self) -> datetime | None:
        """None: it is not done, or undone already."""
        return self.done_at + UNDO_WITHIN if self.done_at is not None and self.undone_at is None else None

    @property
    def asked_until(self) -> datetime:
        """Nobody need say yes to what was asked for longer ago."""
        return self.asked_at + ASKED_FOR


class DeedCase(Model):
    """What a deed did to one case: the values it changed, before and after. `after` empty: nothing (not yet, or left alone)."""

    __tablename__ = "deed_cases"

    deed_id: Mapped[int] = mapped_column(ForeignKey("office_deeds.id"), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True, index=True)
    before: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    is_undone: Mapped[bool] = mapped_column(default=False)
    left: Mapped[str | None] = mapped_column(String(16))  # why it was left alone
    stopped_by_seq: Mapped[int | None] = mapped_column(Sequence)  # the event that stood in the way

    case: Mapped[Case] = relationship()
