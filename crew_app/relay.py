"""Tells what was written: reads the event log after commit and calls SUBSCRIBERS (subscribers/__init__.py).

At least once for each subscriber: how far it was told is stored, so a crash between commit and telling loses nothing,
and a subscriber that fails is tried again, ever later, without holding up the others. After ten failures a person
must look (`deliveries.is_dead`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import select

from crew_app.adapters.lease import lease
from crew_app.events import event_from_row
from crew_app.extensions import db
from crew_app.models import Delivery, EventRow, Subscription
from crew_app.subscribers import SUBSCRIBERS
from crew_app.subscribers.subscriber import Subscriber
from crew_app.transaction import system_clock, transaction

GIVE_UP_AFTER = 10


def deliver_pending(now: datetime | None = None) -> int:
    """Tell every subscriber what it has not been told; returns how many events were told. One relay runs at a time."""
    now = now or system_clock()
    told = 0
    with lease("relay", waits=False) as mine:
        if mine:
            # Round and round, a few at a time from each: a hundred photos must not keep an urgent case from dispatch.
            while count := sum(_tell_new(subscriber, now) for subscriber in SUBSCRIBERS):
                told += count
            told += sum(_tell_again(subscriber, now) for subscriber in SUBSCRIBERS)
    return told


def _tell_new(subscriber: Subscriber, now: datetime) -> int:
    db.session.rollback()
    subscription = db.session.get(Subscription, subscriber.name)
    told_seq = subscription.told_seq if subscription else 0
    rows = db.session.scalars(
        select(EventRow).where(EventRow.seq > told_seq).order_by(EventRow.seq).limit(subscriber.at_once)
    ).all()
    if not rows:
        return 0
    last_seq = rows[-1].seq
    failed = _tell(subscriber, [row for row in rows if row.kind in subscriber.kinds])
    with transaction(now) as tx:
        row = tx.session.get(Subscription, subscriber.name)
        if row is None:
            row = Subscription(subscriber=subscriber.name)
            tx.session.add(row)
        row.told_seq = last_seq
        for seq, error in failed:
            tx.session.merge(
                Delivery(subscriber=subscriber.name, seq=seq, attempts=1, next_at=now + timedelta(seconds=5), error=error)
            )
    return len(rows)


def _tell_again(subscriber: Subscriber, now: datetime) -> int:
    due = db.session.execute(
        select(Delivery.seq, EventRow)
        .join(EventRow, EventRow.seq == Delivery.seq)
        .where(Delivery.subscriber == subscriber.name, Delivery.is_dead.is_(False), Delivery.next_at <= now)
        .order_by(Delivery.seq)
        .limit(subscriber.at_once)
    ).all()
    for seq, event_row in due:
        failed = _tell(subscriber, [event_row])
        with transaction(now) as tx:
            delivery = tx.session.get_one(Delivery, (subscriber.name, seq))
            if not failed:
                tx.session.delete(delivery)
                continue
            delivery.attempts += 1
            delivery.error = failed[0][1]
            delivery.is_dead = delivery.attempts >= GIVE_UP_AFTER
            delivery.next_at = now + timedelta(seconds=min(5 * 2**delivery.attempts, 3600))
    return len(due)


def _tell(subscriber: Subscriber, rows: Sequence[EventRow]) -> list[tuple[int, str]]:
    """Call the subscriber; returns (sequence number, error) of what failed."""
    events = [(row.seq, event_from_row(row.kind, row.case_id, row.person_id, row.body)) for row in rows]
    # One that looks at all there is to do needs to be woken once, not once for each event.
    if subscriber.once:
        events = events[-1:]
    failed = []
    for seq, event in events:
        try:
            subscriber.react(event)
        except Exception as error:
            db.session.rollback()
            current_app.logger.exception("subscriber %s failed at event %s", subscriber.name, seq)
            failed.append((seq, f"{type(error).__name__}: {error}"[:500]))
    return failed
