"""Something changed that dispatch may have to answer: who goes where now?"""

from __future__ import annotations

from datetime import datetime
from time import perf_counter

from flask import current_app

from crew_app.adapters.lease import lease
from crew_app.events import Event
from crew_app.extensions import db
from crew_app.services.planning import POLICIES, Done, carry_out, look, thinking_of
from crew_app.transaction import system_clock, transaction


def assign_whoever_waits(_event: Event) -> None:
    run_dispatch()


def run_dispatch(*, is_thorough: bool = False, now: datetime | None = None) -> Done:
    """Look, think, carry out, by the city's policy. One at a time: a second one waits, and sees what the first did."""
    policy = POLICIES[current_app.config["DISPATCH_POLICY"]]
    with lease("dispatch", waits=True):
        now = now or system_clock()
        db.session.rollback()
        picture = look(db.session, now)
        db.session.rollback()  # thinking takes a while; hold no snapshot meanwhile
        began = perf_counter()
        orders = policy(picture, thinking_of(current_app.extensions, current_app.config, is_thorough))
        with transaction(now) as tx:
            return carry_out(tx, picture, orders, perf_counter() - began)
