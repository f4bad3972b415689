from __future__ import annotations

from enum import StrEnum

from flask_login import UserMixin
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crew_app.extensions import Model
from crew_app.models.crew import Crew
from crew_app.models.department import Department


class Role(StrEnum):
    CREW = "crew"
    CALL_TAKER = "call_taker"
    DISPATCHER = "dispatcher"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


class Person(Model, UserMixin):
    """Somebody who signs in. Residents never do."""

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)  # stored in lower case
    name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(16))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    crew_id: Mapped[int | None] = mapped_column(ForeignKey("crews.id"), index=True)
    enabled: Mapped[bool] = mapped_column(default=True)
    # The second step of signing in, where it is set up (services/second_step.py): the secret, sealed; the half minute of the
    # last code that was taken, so that none is taken twice; digests of the codes on paper, a word each.
    code_secret: Mapped[str | None] = mapped_column(String(200))
    code_step: Mapped[int] = mapped_column(default=0, server_default="0")
    recovery_digests: Mapped[str] = mapped_column(String(800), default="", server_default="")
    city_account: Mapped[str | None] = mapped_column(String(255), unique=True)  # who they are to the city's own sign-in

    department: Mapped[Department | None] = relationship()
    crew: Mapped[Crew | None] = relationship()

    @property
    def is_active(self) -> bool:  # what Flask-Login asks before it lets anybody in
        return self.enabled
