"""What somebody who reports is told: by when, and how to hear of it again."""

from __future__ import annotations

from datetime import datetime

from crew_app.wire.times import plain_time


def promise_words(due_at: datetime | None, now: datetime) -> str:
    if due_at is None:
        return "We cannot name a day for this. A crew comes when what is more urgent is done."
    return f"We expect it to be done by {plain_time(due_at, now)}."
