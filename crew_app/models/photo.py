from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crew_app.extensions import Model
from crew_app.models.closure import Closure
from crew_app.models.types import Json, UtcDateTime


class PhotoKind(StrEnum):
    REPORTED = "reported"
    BEFORE = "before"
    AFTER = "after"


class PhotoState(StrEnum):
    AWAITED = "awaited"  # announced by a closure; bytes not all here
    VERIFIED = "verified"  # every byte is on disk and the SHA-256 is the announced one
    RENDERED = "rendered"  # and a clean copy to show has been made
    UNREADABLE = "unreadable"  # kept as it came, but it is no picture we can show


class Photo(Model):
    """A picture of a case. The original is kept as it came and shown to nobody; copies without metadata are shown."""

    __tablename__ = "photos"
    __table_args__ = (
        # What crews announced and still have on their phones: few among millions, and every desk asks for them.
        Index(
            "ix_photos_awaited",
            "operation_id",
            sqlite_where=text("verified_at IS NULL AND operation_id IS NOT NULL"),
            postgresql_where=text("verified_at IS NULL AND operation_id IS NOT NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)  # a UUID made where the picture was taken
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    closure_id: Mapped[str | None] = mapped_column(ForeignKey("closures.id"), index=True)
    operation_id: Mapped[str | None] = mapped_column(String(36), index=True)  # the crew's deed that announced it
    kind: Mapped[str] = mapped_column(String(16))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int] = mapped_column(BigInteger)  # bytes
    state: Mapped[str] = mapped_column(String(16), default=PhotoState.AWAITED)
    announced_at: Mapped[datetime] = mapped_column(UtcDateTime)
    verified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_hidden: Mapped[bool] = mapped_column(default=False)  # by moderation
    # The areas blurred in what is shown, each (left, top, width, height) in hundredths of the picture, and which copies
    # those are. None and "": the clean ones, whole.
    blurred: Mapped[list[list[float]] | None] = mapped_column(Json)
    copy: Mapped[str] = mapped_column(String(16), default="")
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # a resident's photo that everybody may see
    remote_url: Mapped[str | None] = mapped_column(String(1000))  # an imported case's picture, never fetched by us

    closure: Mapped[Closure | None] = relationship()

    @property
    def is_public(self) -> bool:
        """May everybody see it? A crew's photo at once, a resident's once the office has said so."""
        return self.is_showable and (self.kind != PhotoKind.REPORTED or self.published_at is not None)

    @property
    def is_showable(self) -> bool:
        return self.state == PhotoState.RENDERED and not self.is_hidden
