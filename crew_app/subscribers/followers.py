"""Something happened that residents follow: it is noted for each of them, and then written to them.

Noting is a row (services/followers.py), sending talks to a mail server: outside of every transaction, once a minute (jobs.py).
"""

from __future__ import annotations

from datetime import datetime

from flask import current_app

from crew_app.adapters.lease import lease
from crew_app.adapters.mail import Mailer, Outgoing, Posted
from crew_app.events import CaseClosed, CaseOpened, Event, NoteAdded
from crew_app.extensions import db
from crew_app.languages import speaking
from crew_app.models import Follower
from crew_app.services import followers
from crew_app.transaction import system_clock, transaction
from crew_app.wire.letters import news_letter, question_letter

MOST_IN_A_RUN = 200


def note_followers(event: Event) -> None:
    if isinstance(event, NoteAdded) and not event.is_public:
        return
    if db.session.scalar(db.select(Follower.id).limit(1)) is None:
        return
    with transaction() as tx:
        followers.note_news(tx, event.case_id, for_many=isinstance(event, CaseOpened | CaseClosed))


def send_letters(now: datetime | None = None) -> int:
    """Write what is due; returns how many letters the mail server took. One run at a time."""
    mailer: Mailer | None = current_app.extensions["mailer"]
    if mailer is None:
        return 0
    with lease("mail", waits=False) as mine:
        return _send_due(mailer, now or system_clock()) if mine else 0


def _send_due(mailer: Mailer, now: datetime) -> int:
    db.session.rollback()
    taken = 0
    public_url, city = current_app.config["PUBLIC_URL"], current_app.config["CITY_NAME"]
    # By number, each read when its turn comes: to write takes a while, and who stops meanwhile is gone.
    for follower_id in followers.questions_due(db.session, now, MOST_IN_A_RUN):
        follower = db.session.get(Follower, follower_id)
        if follower is None or follower.ask_due_at is None:
            continue
        with speaking(follower.language):
            taken += _send(mailer, follower_id, question_letter(follower, public_url, city), {}, now)
    for follower_id in followers.followers_with_news(db.session, now, MOST_IN_A_RUN):
        letters = followers.news_for(db.session, follower_id)
        if not letters:
            continue
        states = {letter.case_id: followers.state_of(db.session, letter.case) for letter in letters}
        with speaking(letters[0].follower.language):
            taken += _send(mailer, follower_id, news_letter(letters, states, public_url, city, now), states, now)
    return taken


def _send(mailer: Mailer, follower_id: int, letter: Outgoing, states: dict[int, str], now: datetime) -> bool:
    db.session.rollback()  # sending takes a while; hold no snapshot meanwhile
    posted, why = mailer.send(letter)
    with transaction(now) as tx:
        if posted is Posted.NOBODY_THERE:
            followers.forget(tx, follower_id)
        elif posted is Posted.LATER:
            followers.settle_later(tx, follower_id, list(states))
        elif states:
            followers.settle_told(tx, follower_id, states)
        else:
            followers.settle_asked(tx, follower_id)
    if posted is not Posted.TAKEN:
        current_app.logger.info("a letter was not taken (%s): %s", posted, why)
    return posted is Posted.TAKEN
