"""A crew's day beside its jobs: when it works, and what the office let it know."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import joinedload

from crew_app.extensions import AnySession
from crew_app.models import Case, Crew, Message, Person, Service, Shift

SHIFTS_SHOWN = timedelta(hours=36)
MESSAGES_SHOWN = timedelta(days=7)
MOST_MESSAGES = 50

# Built once: building them costs more than running them, and every first copy asks both.
_SHIFTS_AROUND = (
    select(Shift)
    .where(Shift.crew_id == bindparam("crew"), Shift.ends_at > bindparam("ended"), Shift.starts_at < bindparam("begins"))
    .order_by(Shift.starts_at, Shift.id)
    .limit(8)
)
_MESSAGES = (
    select(Message)
    .options(joinedload(Message.case).joinedload(Case.service), joinedload(Message.person))
    .where(Message.crew_id == bindparam("crew"), or_(Message.sent_at > bindparam("since"), Message.read_at.is_(None)))
    .order_by(Message.id.desc())
    .limit(MOST_MESSAGES)
)


def news_number(crew: Crew, now: datetime) -> int:
    """Rises with each change of a crew's day, and twice a day by itself, for tomorrow's shift comes without a change."""
    return crew.news_seq + int(now.timestamp()) // 43_200


def shifts_around(session: AnySession, crew_id: int, now: datetime) -> Sequence[Shift]:
    """Those that run, ended a moment ago or begin soon, in order."""
    asked = {"crew": crew_id, "ended": now - timedelta(hours=12), "begins": now + SHIFTS_SHOWN}
    return session.scalars(_SHIFTS_AROUND, asked).all()


def shift_at(session: AnySession, crew_id: int, now: datetime, early: timedelta) -> Shift | None:
    """The shift that runs, the one that ends last if several do; or one that begins within `early`."""
    running = session.scalar(
        select(Shift)
        .where(Shift.crew_id == crew_id, Shift.starts_at <= now, Shift.ends_at > now)
        .order_by(Shift.ends_at.desc(), Shift.id)
        .limit(1)
    )
    return running or session.scalar(
        select(Shift)
        .where(Shift.crew_id == crew_id, Shift.starts_at > now, Shift.starts_at <= now + early)
        .order_by(Shift.starts_at, Shift.id)
        .limit(1)
    )


def messages_for(session: AnySession, crew_id: int, now: datetime) -> Sequence[Message]:
    """What a crew is shown: of the last days, and whatever it has not read; the newest, in order."""
    return session.scalars(_MESSAGES, {"crew": crew_id, "since": now - MESSAGES_SHOWN}).all()[::-1]


def names_of_crew(session: AnySession, crew_id: int) -> list[str]:
    """Who of the crew can sign in."""
    return list(
        session.scalars(select(Person.name).where(Person.crew_id == crew_id, Person.enabled.is_(True)).order_by(Person.name))
    )


def skills_of_department(session: AnySession, department_id: int) -> set[str]:
    """Every skill that any of a department's services needs."""
    rows = session.scalars(select(Service.skills).where(Service.department_id == department_id, Service.is_active.is_(True)))
    return {skill for skills in rows for skill in skills}
