"""What a crew's phones are to be woken for. Written with the change, sent after it (subscribers/web_push.py)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from crew_app.extensions import AnySession
from crew_app.models import Person, PushNotice, PushSubscription
from crew_app.transaction import Tx

# After so many refusals in a row that time does not mend, the address is given up; the app makes a new one at its start.
GIVE_UP_AFTER = 20
# Worth telling for so long; after it the phone has pulled by itself or is off.
GOOD_FOR = timedelta(hours=12)


class NoticeKind(StrEnum):
    """All that a push says, beside how many. What it is about, the phone asks the city."""

    NEW_JOB = "new_job"
    JOB_AWAY = "job_away"
    URGENT = "urgent"
    MESSAGE = "message"


def subscribe(tx: Tx, person_id: int, endpoint: str, p256dh: str, auth: str) -> PushSubscription:
    """This browser is this person's from now on, whoever had it before; what the other was still to be told is dropped."""
    known = tx.session.scalar(select(PushSubscription).where(PushSubscription.endpoint == endpoint).with_for_update())
    if known is None:
        known = PushSubscription(endpoint=endpoint, person_id=person_id, created_at=tx.now)
        tx.session.add(known)
    elif known.person_id != person_id:
        tx.session.execute(delete(PushNotice).where(PushNotice.subscription_id == known.id))
    known.person_id, known.p256dh, known.auth, known.refusals = person_id, p256dh, auth, 0
    return known


def unsubscribe(tx: Tx, person_id: int, endpoint: str) -> None:
    """Wake this browser no more. Another person's stays: the address alone is no proof that it is one's own."""
    known = tx.session.scalar(
        select(PushSubscription).where(PushSubscription.endpoint == endpoint, PushSubscription.person_id == person_id)
    )
    if known is not None:
        forget(tx, known.id)


def forget(tx: Tx, subscription_id: int) -> None:
    tx.session.execute(delete(PushNotice).where(PushNotice.subscription_id == subscription_id))
    tx.session.execute(delete(PushSubscription).where(PushSubscription.id == subscription_id))


def note(tx: Tx, crew_id: int, kind: NoticeKind) -> None:
    """Wake all phones of this crew for something of this kind."""
    for subscription_id in tx.session.scalars(_OF_CREW.where(Person.crew_id == crew_id)):
        known = tx.session.get(PushNotice, (subscription_id, kind), with_for_update=True)
        if known is not None and tx.now - known.noted_at <= GOOD_FOR:
            known.count += 1
            continue
        if known is None:
            known = PushNotice(subscription_id=subscription_id, kind=kind)
            tx.session.add(known)
        known.count, known.attempts, known.noted_at, known.due_at = 1, 0, tx.now, tx.now
    tx.is_to_be_told = True


_OF_CREW = (
    select(PushSubscription.id)
    .join(Person, Person.id == PushSubscription.person_id)
    .where(Person.enabled.is_(True))
    .order_by(PushSubscription.id)
)


def is_any_due(session: AnySession, now: datetime) -> bool:
    return session.scalar(select(PushNotice.kind).where(PushNotice.due_at <= now).limit(1)) is not None


def due_notices(session: AnySession, now: datetime, most: int) -> Sequence[PushNotice]:
    """What is to be sent now, the urgent first, with its subscription."""
    return session.scalars(
        select(PushNotice)
        .options(joinedload(PushNotice.subscription))
        .where(PushNotice.due_at <= now)
        .order_by((PushNotice.kind == NoticeKind.URGENT).desc(), PushNotice.due_at, PushNotice.subscription_id, PushNotice.kind)
        .limit(most)
    ).all()


def settle_sent(tx: Tx, subscription_id: int, kind: str, count: int) -> None:
    """It was delivered. What was noted meanwhile is still to be told."""
    notice = tx.session.get(PushNotice, (subscription_id, kind), with_for_update=True)
    if notice is None:
        return
    notice.subscription.refusals = 0
    if notice.count > count:
        notice.count, notice.attempts, notice.due_at = notice.count - count, 0, tx.now
    else:
        tx.session.delete(notice)


def settle_later(tx: Tx, subscription_id: int, kind: str, retry_after: timedelta | None) -> None:
    """The push service cannot now: again when it says, or ever later, as long as it is worth telling."""
    notice = tx.session.get(PushNotice, (subscription_id, kind), with_for_update=True)
    if notice is None:
        return
    notice.attempts += 1
    pause = max(retry_after or timedelta(0), timedelta(seconds=min(5 * 2**notice.attempts, 3600)))
    if tx.now + pause - notice.noted_at > GOOD_FOR:
        tx.session.delete(notice)
    else:
        notice.due_at = tx.now + pause


def settle_refused(tx: Tx, subscription_id: int, kind: str) -> None:
    """The push service does not take it, and would not take it later."""
    notice = tx.session.get(PushNotice, (subscription_id, kind), with_for_update=True)
    if notice is None:
        return
    subscription = notice.subscription
    subscription.refusals += 1
    tx.session.delete(notice)
    tx.session.flush()
    if subscription.refusals >= GIVE_UP_AFTER:
        forget(tx, subscription.id)
