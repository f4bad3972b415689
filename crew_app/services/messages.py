"""What the office lets a crew know: its own words, and what it did to the crew's jobs with the reason why."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from crew_app.errors import BadInput, NotFound
from crew_app.models import Case, Crew, Message, MessageKind
from crew_app.services.crews import note_news
from crew_app.services.notices import NoticeKind, note
from crew_app.transaction import Tx

LONGEST = 1000


def write_to_crew(tx: Tx, crew_id: int, text: str, person_id: int, case_id: int | None = None) -> Message:
    """Somebody of the office writes to a crew. NotFound if there is no such crew; BadInput if there is nothing to say."""
    if not text.strip():
        raise BadInput("Write something first.", errors={"text": ["is empty"]})
    if len(text) > LONGEST:
        raise BadInput("This is too long for a phone.", errors={"text": [f"more than {LONGEST} characters"]})
    crew = tx.session.get(Crew, crew_id)
    if crew is None or not crew.is_active:
        raise NotFound("There is no such crew.")
    if case_id is not None and tx.session.get(Case, case_id) is None:
        raise NotFound("There is no such case.")
    return tell_crew(tx, crew_id, MessageKind.WORDS, case_id, text.strip(), person_id)


def tell_crew(
    tx: Tx, crew_id: int, kind: MessageKind, case_id: int | None = None, why: str = "", person_id: int | None = None
) -> Message:
    """Let a crew know what became of a case. Its phones show it at their next pull, and are woken for it.

    `why`: in the words of whoever did it; `person_id`: who did, None for dispatch.
    """
    message = Message(crew_id=crew_id, kind=kind, case_id=case_id, person_id=person_id, text=why, sent_at=tx.now)
    tx.session.add(message)
    tx.session.flush()
    note_news(tx, crew_id)
    note(tx, crew_id, NOTICE_OF.get(kind, NoticeKind.MESSAGE))
    return message


# What is told of a job that went away is a notice of its own: it may be sent later than words that wait for an answer.
NOTICE_OF: dict[MessageKind, NoticeKind] = {
    MessageKind.TAKEN: NoticeKind.JOB_AWAY,
    MessageKind.WITHDRAWN: NoticeKind.JOB_AWAY,
    MessageKind.MERGED: NoticeKind.JOB_AWAY,
    MessageKind.URGENT: NoticeKind.URGENT,
}


def mark_read(tx: Tx, crew_id: int, ids: Collection[int], person_id: int) -> None:
    """Those of a crew's messages that somebody of it has read; what was read before keeps its first reader."""
    unread = tx.session.scalars(
        select(Message).where(Message.crew_id == crew_id, Message.id.in_(ids), Message.read_at.is_(None))
    ).all()
    for message in unread:
        message.read_at, message.read_by_id = tx.now, person_id
    if unread:
        note_news(tx, crew_id)
