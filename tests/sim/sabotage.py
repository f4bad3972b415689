"""Bugs to plant into the server, from outside; and the names of those that `sabotage.mjs` builds into the phone.

Never an option of the product: only the simulator's launcher knows them. Each must turn the run red. What a city's
server loses with its power (synchronous=NORMAL, a photo that was not flushed) is planted in `make score-power`: here the
server's process dies, its disk does not.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest import mock

from flask import request
from werkzeug.datastructures import Headers

import crew_app.guards as guards
import crew_app.routes.phone as phone_routes
import crew_app.routes.uploads as uploads
import crew_app.services.deeds as deeds
import crew_app.services.operations as operations
import crew_app.services.pull as pull
import crew_app.transaction as transactions
from crew_app.extensions import db
from crew_app.models import Device
from crew_app.transaction import transaction
from sync.types import Verdict

IN_THE_PHONE = (
    "relaxed",
    "drop_on_401",
    "drop_on_403",
    "drop_on_500",
    "portal_is_success",
    "retry_with_new_id",
    "cleared_at_sign_out",
    "evidence_skipped",
    "new_life_ignored",
    "cursor_without_jobs",
    "received_when_sent",
    "gone_ignored",
    "order_ignored",
    "forgotten_comes_back",
    "looks_by_the_wall_clock",
    "work_without_a_name",
)


def room_of(name: str) -> Any:
    """The service that calls this: it may move from one to the other."""
    return next(room for room in (operations, deeds) if hasattr(room, name))


class _Nameless:
    """The request as it was before it said whose work it carries."""

    def __getattr__(self, name: str) -> Any:
        if name != "headers":
            return getattr(request, name)
        headers = Headers(list(request.headers))
        headers.remove("X-Crew311-Person")
        return headers


class _Rollback(Exception):
    pass


@contextmanager
def ack_before_commit() -> Iterator[None]:
    """Every fourth push is answered although its transaction is rolled back."""
    count = 0

    @contextmanager
    def hasty() -> Iterator[Any]:
        nonlocal count
        count += 1
        try:
            with transaction() as tx:
                yield tx
                if count % 4 == 0:
                    raise _Rollback
        except _Rollback:
            db.session.rollback()

    with mock.patch.object(phone_routes, "transaction", hasty):
        yield


@contextmanager
def dedupe_off() -> Iterator[None]:
    real = operations._answer

    def twice(tx: Any, person: Any, at_hand: Any, sent: Any) -> Any:
        if sent.errors or sent.operation["id"] not in at_hand.operations:
            return real(tx, person, at_hand, sent)
        seq = at_hand.last_seq + 1
        raw = {**sent.raw, "id": str(uuid.UUID(int=int(uuid.UUID(sent.raw["id"])) ^ seq)), "seq": seq}
        again = operations.Sent(raw, operations.intent_digest(raw), *operations.read_operation(raw))
        return {**(real(tx, person, at_hand, again) or {}), "id": sent.raw["id"]}

    with mock.patch.object(operations, "_answer", twice):
        yield


@contextmanager
def digest_unchecked() -> Iterator[None]:
    with mock.patch.object(uploads, "matches", lambda *_: True), mock.patch.object(uploads, "_checksum", lambda: None):
        yield


@contextmanager
def old_round_counts() -> Iterator[None]:
    room = room_of("reconcile")
    real = room.reconcile

    def blind(view: Any, intent: Any) -> Any:
        return real(view, replace(intent, crew_id=view.crew_id or intent.crew_id, round_seen=view.round))

    with mock.patch.object(room, "reconcile", blind):
        yield


@contextmanager
def conflict_is_silent() -> Iterator[None]:
    room = room_of("record_closure")
    real = room.record_closure

    def quiet(tx: Any, at_hand: Any, case: Any, person: Any, operation: Any, done: Any, outcome: Any) -> Any:
        closure = real(tx, at_hand, case, person, operation, done, outcome)
        if outcome.verdict is Verdict.NEEDS_REVIEW:
            closure.review_reason = case.review_reason = None
        return closure

    with mock.patch.object(room, "record_closure", quiet):
        yield


@contextmanager
def cursor_runs_ahead() -> Iterator[None]:
    """As if a later number had been committed before an earlier one."""
    real = pull.life_and_newest

    def ahead(session: Any) -> tuple[str, int]:
        epoch, newest = real(session)
        return epoch, newest + 1

    with mock.patch.object(pull, "life_and_newest", ahead):
        yield


@contextmanager
def refused_is_thrown_away() -> Iterator[None]:
    with mock.patch.object(operations, "keep_in_quarantine", lambda *_: None):
        yield


@contextmanager
def closing_untold() -> Iterator[None]:
    """It was there once: a closing that neither leads nor needs a look left no event."""
    real = transactions.Tx.emit

    def emit(tx: Any, event: Any) -> None:
        if event.kind != "closure_added":
            real(tx, event)

    with mock.patch.object(transactions.Tx, "emit", emit):
        yield


@contextmanager
def anybodys_device() -> Iterator[None]:
    """Whoever is signed in is taken for the one who did it, whatever name the work carries."""
    real = operations._lock_device

    def trusting(tx: Any, sender: Any, device_id: str) -> Any:
        device = tx.session.get(Device, device_id)
        if device is not None:
            device.person_id = sender.person_id
            tx.session.flush()
        return real(tx, sender, device_id)

    with mock.patch.object(operations, "_lock_device", trusting), mock.patch.object(guards, "request", _Nameless()):
        yield


IN_THE_SERVER: dict[str, Callable[[], Any]] = {
    it.__name__: it
    for it in (
        ack_before_commit,
        dedupe_off,
        digest_unchecked,
        old_round_counts,
        conflict_is_silent,
        cursor_runs_ahead,
        refused_is_thrown_away,
        closing_untold,
        anybodys_device,
    )
}
NAMES = (*IN_THE_PHONE, *IN_THE_SERVER)
