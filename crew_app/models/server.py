from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from crew_app.extensions import Model


class Server(Model):
    """One row: which life of this server it is. A restore from backup begins a new one, and phones send again."""

    __tablename__ = "server"

    id: Mapped[int] = mapped_column(primary_key=True)
    epoch: Mapped[str] = mapped_column(String(36))
