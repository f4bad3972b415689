"""One town with canaries in it, crawled whole: what leaks, out of how many canaries and surfaces."""

from __future__ import annotations

import logging
import sys
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "authz"), str(HERE.parents[1])]

from canaries import found_in, plant  # noqa: E402
from flask import Flask  # noqa: E402
from flask_migrate import upgrade  # noqa: E402
from surfaces import addresses, read_all  # noqa: E402
from town import build_town  # noqa: E402

from config import TestConfig  # noqa: E402
from crew_app.adapters.web_push import Answer, Fate  # noqa: E402
from crew_app.extensions import db  # noqa: E402
from crew_app.factory import create_app  # noqa: E402
from crew_app.models import Case, Crew, Person, Photo, PushSubscription  # noqa: E402
from crew_app.services import notices  # noqa: E402
from crew_app.services.notices import NoticeKind  # noqa: E402
from crew_app.subscribers.web_push import send_notices  # noqa: E402
from crew_app.transaction import Tx, transaction  # noqa: E402


@dataclass
class Found:
    canaries: int = 0
    surfaces: int = 0
    pushes: int = 0
    leaks: list[str] = field(default_factory=list)


class _Listener(logging.Handler):
    """Everything any logger says."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(self.format(record))


class _Recorder:
    """Stands where pushes leave the house."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def check(self, endpoint: str) -> object:
        return object()

    def send(self, target: object, payload: bytes, *, ttl_s: int, urgency: str, topic: str) -> Answer:
        self.said.append(f"{payload.decode()} {urgency} {topic}")
        return Answer(Fate.DELIVERED)


def crawl(folder: Path) -> Found:
    app = create_app(TestConfig(folder, DATABASE_URL=f"sqlite:///{folder / 'crew311.sqlite'}"))
    listener = _Listener()
    logging.getLogger().addHandler(listener)
    app.logger.addHandler(listener)
    try:
        with app.app_context():
            upgrade()
            with transaction() as tx:
                names = build_town(tx)
                _subscribe_all(tx)
            with transaction() as tx:
                planted = plant(tx)
            numbers = list(db.session.scalars(db.select(Case.number)))
            photos = list(db.session.scalars(db.select(Photo.id).where(Photo.published_at.is_(None))))
            db.session.rollback()
        asked = addresses(names, numbers, photos)
        found = Found(canaries=len(planted), surfaces=len(asked) + 2)
        for address, text in read_all(app, asked):
            own = {canary for canary in planted if canary in address}  # who asks with it is told it back
            found.leaks += [f"{planted[c]} ({c}) at {address}" for c in found_in(text, planted) if c not in own]
        with app.app_context():
            pushed = _push(app)
        found.pushes = len(pushed)
        for surface, said in (("a push", pushed), ("the log", listener.said)):
            found.leaks += [f"{planted[c]} ({c}) in {surface}" for c in found_in("\n".join(said), planted)]
        return found
    finally:
        logging.getLogger().removeHandler(listener)
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def _subscribe_all(tx: Tx) -> None:
    """Every crew has a phone that can be woken."""
    for person in tx.session.scalars(db.select(Person).where(Person.crew_id.is_not(None))):
        where = f"https://push.example/{person.id}"
        tx.session.add(PushSubscription(endpoint=where, person_id=person.id, p256dh="x", auth="x", created_at=tx.now))


def _push(app: Flask) -> list[str]:
    """What leaves for the phones of every crew, for every kind of news."""
    recorder = _Recorder()
    app.extensions["push_sender"] = recorder
    for kind in NoticeKind:
        with transaction() as tx:
            for crew_id in tx.session.scalars(db.select(Crew.id)).all():
                notices.note(tx, crew_id, kind)
        send_notices()
    return recorder.said
