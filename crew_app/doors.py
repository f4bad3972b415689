"""Coming in and going out: what a request's cookie stands for, and what happens to it.

The cookie holds one random word; who it stands for is a row (models/sign_in.py), so a sign-in can be ended from elsewhere.
Each coming in makes a new word and ends the old one: a word somebody planted before is worth nothing after.
"""

from __future__ import annotations

from flask import Flask, Response, current_app, g, request, session
from flask_login import current_user
from sqlalchemy.exc import OperationalError

from crew_app.extensions import db, login
from crew_app.models import Door, Person, Proof, SignIn
from crew_app.services.sign_ins import begin_sign_in, browser_words, end_word, see_sign_in, sign_in_of
from crew_app.transaction import system_clock, transaction

WORD = "_user_id"  # where Flask-Login looks


def bind_doors(app: Flask) -> None:
    login.init_app(app)
    login.session_protection = None  # a phone changes its address all day
    app.after_request(keep_seen)

    @login.user_loader
    def load_person(word: str) -> Person | None:
        found = sign_in_of(db.session, word, system_clock())
        g.sign_in = found
        g.sign_in_to_see = found.id if found is not None and found.is_to_be_seen(system_clock()) else None
        return found.person if found is not None else None


def current_sign_in() -> SignIn | None:
    """That of the request; None if nobody is signed in."""
    found: SignIn | None = g.get("sign_in") if current_user.is_authenticated else None
    return found


def come_in(person: Person, door: Door, proof: Proof = Proof.PASSWORD) -> None:
    """Sign somebody in, in this browser. Nothing of whoever was here before goes on."""
    before = session.get(WORD)
    person_id = person.id
    browser = browser_words(request.user_agent.string)
    with transaction() as tx:
        if before is not None:
            end_word(tx, before, person_id)
        word = begin_sign_in(tx, person_id, door, proof, browser)
    current_app.logger.info("signed in: person %s at the %s by %s", person_id, door.value, proof.value)
    session.clear()
    session.permanent = True  # it outlives the browser: a crew must not be signed out in mid-shift
    session[WORD] = word


def go_out() -> None:
    """Sign out, here and for whoever may have copied the cookie."""
    word = session.get(WORD)
    if word is not None:
        with transaction() as tx:
            end_word(tx, word)
    session.clear()
    g.pop("sign_in", None)


def keep_seen(response: Response) -> Response:
    """Write down now and then that a sign-in is in use. If that cannot be written now, it will be at another time."""
    sign_in_id: int | None = g.pop("sign_in_to_see", None)
    if sign_in_id is None:
        return response
    try:
        with transaction() as tx:
            see_sign_in(tx, sign_in_id)
    except (OperationalError, OSError):
        current_app.logger.warning("it could not be written down that a sign-in is in use")
    return response
