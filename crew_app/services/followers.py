"""Who wants news of which cases, and what they are still to be told. Sent elsewhere (subscribers/followers.py).

Nobody is sent anything who did not say yes in a letter of ours (double opt-in), and every letter ends it by one press. What was
told is kept as the state of the case, so that being called twice writes no letter twice.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, func, or_, select
from sqlalchemy.orm import joinedload

from crew_app.extensions import AnySession
from crew_app.models import Case, Follower, Letter, Note, Service
from crew_app.transaction import Tx

# What may happen to somebody's address whom others put in: so many questions a day, and none twice in an hour.
QUESTIONS_A_DAY = 5
ASK_AGAIN_AFTER = timedelta(hours=1)
# Followers of many cases get what happened in so long as one letter.
GATHER = timedelta(minutes=15)
GIVE_UP_AFTER = 20
QUESTION_HOLDS = timedelta(days=7)
CLOSED_CASE_FOLLOWED = timedelta(days=365)
LONGEST_PAUSE = timedelta(hours=2)


def follow(
    tx: Tx, email: str, language: str, case_id: int | None = None, service_id: int | None = None, district_id: int | None = None
) -> None:
    """Ask this address whether it wants news. Whether it follows already is not told to whoever asks."""
    known = tx.session.scalar(
        select(Follower).where(
            func.lower(Follower.email) == email.lower(),
            Follower.case_id.is_(None) if case_id is None else Follower.case_id == case_id,
            Follower.service_id.is_(None) if service_id is None else Follower.service_id == service_id,
            Follower.district_id.is_(None) if district_id is None else Follower.district_id == district_id,
        )
    )
    if known is None:
        if _asked_lately(tx, email) >= QUESTIONS_A_DAY:
            return
        known = Follower(
            email=email, language=language, token=secrets.token_urlsafe(32), case_id=case_id, service_id=service_id,
            district_id=district_id, asked_at=tx.now, ask_due_at=tx.now,
        )  # fmt: skip
        tx.session.add(known)
    elif known.confirmed_at is None and tx.now - known.asked_at > ASK_AGAIN_AFTER:
        known.asked_at, known.ask_due_at, known.attempts, known.language = tx.now, tx.now, 0, language


def _asked_lately(tx: Tx, email: str) -> int:
    asked = select(func.count()).select_from(Follower).where(
        func.lower(Follower.email) == email.lower(), Follower.asked_at > tx.now - timedelta(days=1)
    )  # fmt: skip
    return tx.session.scalar(asked) or 0


def follower_with(session: AnySession, token: str) -> Follower | None:
    return session.scalar(select(Follower).where(Follower.token == token))


def confirm(tx: Tx, follower_id: int) -> None:
    follower = tx.session.get_one(Follower, follower_id)
    follower.confirmed_at, follower.ask_due_at = follower.confirmed_at or tx.now, None
    if follower.case_id is not None:  # what was so before is no news
        case = tx.session.get_one(Case, follower.case_id)
        tx.session.merge(Letter(follower_id=follower.id, case_id=case.id, state=state_of(tx.session, case)))


def forget(tx: Tx, follower_id: int) -> None:
    """The address is gone from here, with all that was still to be told."""
    tx.session.execute(delete(Letter).where(Letter.follower_id == follower_id))
    tx.session.execute(delete(Follower).where(Follower.id == follower_id))


def forget_idle(tx: Tx) -> None:
    """Addresses nobody needs any more: of whoever did not say yes within a week, and of cases closed a year ago."""
    idle = tx.session.scalars(
        select(Follower.id)
        .outerjoin(Follower.case)
        .where(
            or_(
                and_(Follower.confirmed_at.is_(None), Follower.asked_at < tx.now - QUESTION_HOLDS),
                Case.closed_at < tx.now - CLOSED_CASE_FOLLOWED,
            )
        )
    ).all()
    for follower_id in idle:
        forget(tx, follower_id)


def state_of(session: AnySession, case: Case) -> str:
    """What a follower can be told of a case, in short: another state is news."""
    note = session.scalar(select(func.max(Note.id)).where(Note.case_id == case.id, Note.is_public.is_(True)))
    return f"{case.status} {case.outcome or ''} {case.round if case.status == 'reopened' else ''} {note or ''}"


def note_news(tx: Tx, case_id: int, *, for_many: bool) -> int:
    """Something happened to a case: whoever follows it is to be told; with `for_many`, whoever follows its service or district,
    too. Returns how many.
    """
    case = tx.session.get_one(Case, case_id)
    if not tx.session.get_one(Service, case.service_id).is_public:
        return 0
    of_many = and_(
        Follower.case_id.is_(None),
        or_(Follower.service_id.is_(None), Follower.service_id == case.service_id),
        or_(Follower.district_id.is_(None), Follower.district_id == case.district_id),
    )
    wanted = or_(Follower.case_id == case_id, of_many) if for_many else Follower.case_id == case_id
    followers = tx.session.scalars(select(Follower).where(Follower.confirmed_at.is_not(None), wanted)).all()
    state, told = state_of(tx.session, case), 0
    for follower in followers:
        letter = tx.session.get(Letter, (follower.id, case_id))
        if letter is None:
            letter = Letter(follower_id=follower.id, case_id=case_id, state="")
            tx.session.add(letter)
        if letter.state != state and letter.due_at is None:
            letter.due_at, letter.attempts = tx.now + (timedelta(0) if follower.case_id else GATHER), 0
            told += 1
    return told


def questions_due(session: AnySession, now: datetime, most: int) -> Sequence[int]:
    """Followers still to be asked, by number, the longest waiting first."""
    return session.scalars(select(Follower.id).where(Follower.ask_due_at <= now).order_by(Follower.ask_due_at).limit(most)).all()


def followers_with_news(session: AnySession, now: datetime, most: int) -> Sequence[int]:
    return session.scalars(
        select(Letter.follower_id)
        .where(Letter.due_at <= now)
        .group_by(Letter.follower_id)
        .order_by(func.min(Letter.due_at))
        .limit(most)
    ).all()


def news_for(session: AnySession, follower_id: int) -> Sequence[Letter]:
    """All that this follower is to be told, due or soon, the latest first."""
    return session.scalars(
        select(Letter)
        .join(Letter.case)
        .options(joinedload(Letter.case).joinedload(Case.service), joinedload(Letter.follower))
        .where(Letter.follower_id == follower_id, Letter.due_at.is_not(None))
        .order_by(Case.updated_at.desc())
        .limit(200)
    ).all()


def settle_asked(tx: Tx, follower_id: int) -> None:
    """The question is in the mail; nothing to settle if its address was taken back meanwhile."""
    follower = tx.session.get(Follower, follower_id)
    if follower is not None:
        follower.ask_due_at = None


def settle_told(tx: Tx, follower_id: int, states: dict[int, str]) -> None:
    """Told: case -> the state that was told. What came since is told next."""
    for case_id, state in states.items():
        letter = tx.session.get(Letter, (follower_id, case_id))
        if letter is not None:
            is_news = state_of(tx.session, tx.session.get_one(Case, case_id)) != state
            letter.state, letter.attempts, letter.due_at = state, 0, tx.now if is_news else None


def settle_later(tx: Tx, follower_id: int, case_ids: Sequence[int]) -> None:
    """The mail server did not take it: ever later, and at last not at all. Without cases: the question."""
    follower = tx.session.get(Follower, follower_id)
    if follower is None:
        return
    waiting: list[Letter | Follower | None] = [tx.session.get(Letter, (follower_id, case_id)) for case_id in case_ids]
    for one in waiting or [follower]:
        if one is None:
            continue
        one.attempts += 1
        due = None if one.attempts >= GIVE_UP_AFTER else tx.now + min(timedelta(seconds=30 * 2**one.attempts), LONGEST_PAUSE)
        if isinstance(one, Letter):
            one.due_at = due
        else:
            one.ask_due_at = due
