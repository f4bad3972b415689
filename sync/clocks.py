"""When was it done? Two clocks answer: the phone's wall clock, and how long ago the phone says it was.

The age is measured on the phone's monotonic clock, which no one sets, so it is believed before the wall clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

SKEW_TOLERATED = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class DoneAt:
    at: datetime
    is_doubtful: bool  # the two clocks disagree by more than 10 minutes, or one says the impossible


def estimate_done_at(received_at: datetime, made_at: datetime, age: timedelta | None, not_before: datetime | None) -> DoneAt:
    """Estimate when work was done.

    `age`: time on the phone's monotonic clock from the deed to the sending, or None if the phone was restarted in
    between. `not_before`: when the case was given to the crew; a deed before that is a wrong clock. Never later than
    `received_at`. Where only the wall clock is left it is believed within [not_before, received_at].
    """
    if age is not None and age >= timedelta(0):
        at = received_at - age
        doubtful = abs(made_at - at) > SKEW_TOLERATED
    else:
        at = made_at
        doubtful = made_at > received_at + SKEW_TOLERATED
    if not_before is not None and at < not_before:
        doubtful = doubtful or not_before - at > SKEW_TOLERATED
        at = not_before
    return DoneAt(min(at, received_at), doubtful)
