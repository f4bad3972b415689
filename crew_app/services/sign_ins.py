"""Who is signed in where; and how that ends: by the person, by somebody above, by a new password, or by time."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import contains_eager, joinedload

from crew_app.errors import NotFound
from crew_app.extensions import AnySession
from crew_app.models import Door, Person, Proof, SignIn
from crew_app.models.sign_in import IDLE
from crew_app.transaction import Tx

# Built once: it is asked with every request.
_WHO_ASKS = (
    select(SignIn)
    .join(SignIn.person)
    .where(SignIn.digest == bindparam("digest"))
    .options(contains_eager(SignIn.person).joinedload(Person.crew))
)
BROWSERS = (
    ("Edg/", "Edge"),
    ("Firefox/", "Firefox"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


def begin_sign_in(tx: Tx, person_id: int, door: Door, proof: Proof = Proof.PASSWORD, browser: str = "") -> str:
    """The word for the cookie: 144 random bits, which are written down nowhere."""
    word = secrets.token_urlsafe(18)
    row = SignIn(
        digest=digest_of(word), person_id=person_id, door=door, proof=proof, browser=browser, began_at=tx.now, seen_at=tx.now
    )
    tx.session.add(row)
    tx.session.flush()
    return word


def sign_in_of(session: AnySession, word: str, now: datetime) -> SignIn | None:
    """The sign-in that this word of a cookie stands for, with its person, if it still holds."""
    found = session.scalar(_WHO_ASKS, {"digest": digest_of(word)})
    return found if found is not None and found.holds(now) else None


def see_sign_in(tx: Tx, sign_in_id: int) -> None:
    tx.session.execute(update(SignIn).where(SignIn.id == sign_in_id, SignIn.ended_at.is_(None)).values(seen_at=tx.now))


def end_word(tx: Tx, word: str, by: int | None = None) -> None:
    """Whatever browser still has it: signed out."""
    tx.session.execute(
        update(SignIn).where(SignIn.digest == digest_of(word), SignIn.ended_at.is_(None)).values(ended_at=tx.now, ended_by=by)
    )


def end_sign_in(tx: Tx, person_id: int, sign_in_id: int, by: int) -> None:
    """NotFound if it is not this person's."""
    row = tx.session.get(SignIn, sign_in_id)
    if row is None or row.person_id != person_id:
        raise NotFound("There is no such sign-in.")
    if row.ended_at is None:
        row.ended_at, row.ended_by = tx.now, by


def end_sign_ins(tx: Tx, person_id: int, by: int, keep: int | None = None) -> None:
    """All of a person's, but for the one to `keep`. What a phone has not sent stays there and comes after the next sign-in."""
    rows = update(SignIn).where(SignIn.person_id == person_id, SignIn.ended_at.is_(None))
    tx.session.execute((rows if keep is None else rows.where(SignIn.id != keep)).values(ended_at=tx.now, ended_by=by))


def sign_ins_of(session: AnySession, person_id: int, now: datetime) -> Sequence[SignIn]:
    """Those that hold, the last used first."""
    since = now - max(IDLE.values())
    rows = session.scalars(
        select(SignIn)
        .where(SignIn.person_id == person_id, SignIn.ended_at.is_(None), SignIn.seen_at > since)
        .options(joinedload(SignIn.person))
        .order_by(SignIn.seen_at.desc(), SignIn.id.desc())
    )
    return [row for row in rows if row.holds(now)]


def digest_of(word: str) -> str:
    return hashlib.sha256(word.encode()).hexdigest()


def browser_words(user_agent: str) -> str:
    """ "Firefox on Linux": enough to know one's own by, too little to follow anybody with."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "A browser")
    system = next((name for mark, name in SYSTEMS if re.search(rf"\b{mark}\b", user_agent)), "")
    return f"{browser} on {system}" if system else browser
