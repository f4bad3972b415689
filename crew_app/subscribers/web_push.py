"""Something happened to a crew's jobs: its phones are noted, and then woken.

Noting is a row (services/notices.py), sending is a request to somebody else's server: it happens outside of every
transaction, several at a time, beside dispatch and never before it (jobs.py).
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import select

from crew_app.adapters.lease import lease
from crew_app.adapters.web_push import Answer, Fate, PushSender, Target
from crew_app.events import CaseAssigned, Event
from crew_app.extensions import db
from crew_app.models import Case, Person, PushNotice, PushSubscription
from crew_app.services import notices
from crew_app.services.notices import NoticeKind
from crew_app.transaction import system_clock, transaction

AT_ONCE = 8
MOST_IN_A_RUN = 500
URGENCY = {NoticeKind.URGENT: "high", NoticeKind.MESSAGE: "normal", NoticeKind.NEW_JOB: "normal", NoticeKind.JOB_AWAY: "normal"}


def note_new_job(event: Event) -> None:
    """A job in a crew's hands wakes its phones; one that it found itself does not."""
    assert isinstance(event, CaseAssigned)
    if db.session.scalar(select(PushSubscription.id).limit(1)) is None:
        return
    giver = db.session.get(Person, event.person_id) if event.person_id is not None else None
    if giver is not None and giver.crew_id == event.crew_id:
        return
    is_urgent = db.session.scalar(select(Case.is_urgent).where(Case.id == event.case_id))
    with transaction() as tx:
        notices.note(tx, event.crew_id, NoticeKind.URGENT if is_urgent else NoticeKind.NEW_JOB)


def send_notices(now: datetime | None = None) -> int:
    """Send what is due; returns how many were delivered. One at a time: a second run leaves it to the first."""
    sender: PushSender | None = current_app.extensions["push_sender"]
    if sender is None:
        return 0
    with lease("web_push", waits=False) as mine:
        return _send_due(sender, now or system_clock()) if mine else 0


def _send_due(sender: PushSender, now: datetime) -> int:
    db.session.rollback()
    due = notices.due_notices(db.session, now, MOST_IN_A_RUN)
    sent = [_Sending(notice) for notice in due]
    db.session.rollback()  # sending takes a while; hold no snapshot meanwhile
    away: dict[str, Answer] = {}

    def send(sending: _Sending) -> Answer:
        host = urlsplit(sending.target.endpoint).netloc
        if host in away:  # asked a moment ago, and it was not there: the others wait with it
            return away[host]
        answer = sender.send(sending.target, sending.payload, ttl_s=sending.ttl_s, urgency=sending.urgency, topic=sending.kind)
        if answer.fate is Fate.LATER:
            away[host] = answer
        return answer

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(send, sent))
    for sending, answer in zip(sent, answers, strict=True):
        with transaction(now) as tx:
            if answer.fate is Fate.DELIVERED:
                notices.settle_sent(tx, sending.subscription_id, sending.kind, sending.count)
            elif answer.fate is Fate.GONE:
                notices.forget(tx, sending.subscription_id)
            elif answer.fate is Fate.LATER:
                notices.settle_later(tx, sending.subscription_id, sending.kind, answer.retry_after)
            else:
                notices.settle_refused(tx, sending.subscription_id, sending.kind)
        if answer.fate is not Fate.DELIVERED:
            current_app.logger.info("a push was not delivered (%s): %s", answer.fate, answer.why)
    return sum(answer.fate is Fate.DELIVERED for answer in answers)


class _Sending:
    """What is needed to send a notice, read while the row was at hand."""

    def __init__(self, notice: PushNotice) -> None:
        subscription = notice.subscription
        self.subscription_id, self.kind, self.count = notice.subscription_id, notice.kind, notice.count
        self.target = Target(subscription.endpoint, subscription.p256dh, subscription.auth)
        # Nothing of what it is about: a lock screen is read by whoever passes.
        self.payload = json.dumps({"kind": notice.kind, "count": notice.count}).encode()
        self.urgency = URGENCY[NoticeKind(notice.kind)]
        self.ttl_s = int(notices.GOOD_FOR.total_seconds())
