"""Crews, as their phones let us know of them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update

from crew_app.models import Crew
from crew_app.transaction import Tx

# A phone pulls every minute; that it did is worth a write only so often.
CONTACT_NOTED_EVERY = timedelta(minutes=5)


def contact_is_news(crew: Crew, now: datetime) -> bool:
    return crew.last_contact_at is None or now - crew.last_contact_at >= CONTACT_NOTED_EVERY


def note_contact(tx: Tx, crew: Crew) -> None:
    """The crew's phone spoke to us just now: dispatch may give it new work."""
    crew.last_contact_at = tx.now


def note_news(tx: Tx, crew_id: int) -> None:
    """Something of the crew's day has changed: its phones are told at their next pull.

    Counted by the database itself: whoever counts second waits until the first has committed, so a phone that saw a number
    saw all that belongs to it.
    """
    tx.session.execute(update(Crew).where(Crew.id == crew_id).values(news_seq=Crew.news_seq + 1))
