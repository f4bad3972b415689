from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crew_app.extensions import Model
from crew_app.models.person import Person
from crew_app.models.types import UtcDateTime


class Door(StrEnum):
    """Through which somebody came in. What is signed in at the phone's door does not open the office's."""

    OFFICE = "office"
    PHONE = "phone"


class Proof(StrEnum):
    """What they showed for who they are."""

    PASSWORD = "password"  # noqa: S105
    CODE = "code"  # and with it one of the codes that change every half minute
    RECOVERY = "recovery"  # or one of those on paper
    CITY = "city"  # the city's own sign-in vouches for them (OIDC)


# How long a sign-in holds without being used, and how long at most. A crew is not signed out in mid-shift, nor in a
# fortnight's holiday; and what a phone has not sent waits there, whatever becomes of the sign-in.
IDLE: dict[str, timedelta] = {Door.OFFICE: timedelta(hours=12), Door.PHONE: timedelta(days=30)}
LONGEST: dict[str, timedelta] = {Door.OFFICE: timedelta(days=7), Door.PHONE: timedelta(days=180)}


class SignIn(Model):
    """Somebody is signed in, in one browser. The cookie holds a random word; here lies its digest, so a stolen backup opens nothing."""

    __tablename__ = "sign_ins"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    door: Mapped[str] = mapped_column(String(8))
    proof: Mapped[str] = mapped_column(String(12))
    browser: Mapped[str] = mapped_column(String(60))  # in words a person knows: "Firefox on Linux"
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))

    person: Mapped[Person] = relationship(foreign_keys=[person_id])

    def holds(self, now: datetime) -> bool:
        return self.ended_at is None and now - self.seen_at < IDLE[self.door] and now - self.began_at < LONGEST[self.door]

    def is_to_be_seen(self, now: datetime) -> bool:
        """Is it time to write down that it is still in use? Not with every request: each would be a write."""
        return now - self.seen_at > IDLE[self.door] / 24
