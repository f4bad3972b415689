"""Residents are forgotten, and their cases stay: when they ask, and by themselves so long after a case was closed.

A backup made before still has them; so the list of forgotten cases lies beside the backups, and a restore forgets them again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import func, inspect, or_, select, update

from crew_app.adapters.backup_folder import BackupFolder
from crew_app.extensions import AnySession
from crew_app.models import Case, ContactLook, Erasure, Follower, Report, SignIn
from crew_app.services.followers import forget
from crew_app.transaction import Tx

FORGOTTEN_AT_ONCE = 1000
DAYS_OF_A_MONTH = 30.44
SIGN_INS_KEPT = timedelta(days=365)
LIST = "erasures.json"
# What says who somebody is, and what it becomes. The case's own words are published already, blotted (wire/story.py).
FORGOTTEN = {"name": None, "email": None, "phone": None, "words": ""}
_KNOWN = or_(Report.name.is_not(None), Report.email.is_not(None), Report.phone.is_not(None), Report.words != "")


def forget_reporter(tx: Tx, case_id: int, person_id: int | None) -> bool:
    """Forget who reported this case; False if nobody is known. The case, its photos and its history stay.

    Where somebody asked for it, no letter follows either; by itself, a city ends nobody's following of a street or a service.
    """
    if tx.session.scalar(select(Report.id).where(Report.case_id == case_id, _KNOWN).limit(1)) is None:
        return False
    if person_id is not None:
        _end_letters(tx, [case_id])
    tx.session.execute(update(Report).where(Report.case_id == case_id).values(FORGOTTEN))
    tx.session.add(Erasure(at=tx.now, case_id=case_id, person_id=person_id))
    return True


def _end_letters(tx: Tx, case_ids: Iterable[int]) -> None:
    """To the addresses that these cases' reporters gave, whatever they follow. Before the addresses are forgotten."""
    addresses = select(func.lower(Report.email)).where(Report.case_id.in_(case_ids), Report.email.is_not(None))
    for follower_id in tx.session.scalars(select(Follower.id).where(func.lower(Follower.email).in_(addresses))).all():
        forget(tx, follower_id)


def forget_the_old(tx: Tx, months: int) -> int:
    """Reporters of cases closed longer ago than that, a thousand at once; whom the office searched for then; sign-ins long over."""
    long_ago = tx.now - timedelta(days=months * DAYS_OF_A_MONTH)
    old = tx.session.scalars(
        select(Case.id)
        .where(Case.closed_at < long_ago, select(Report.id).where(Report.case_id == Case.id, _KNOWN).exists())
        .order_by(Case.id)
        .limit(FORGOTTEN_AT_ONCE)
    ).all()
    for case_id in old:
        forget_reporter(tx, case_id, None)
    tx.session.execute(
        update(ContactLook).where(ContactLook.at < long_ago, ContactLook.searched != "").values(searched="(forgotten)")
    )
    tx.session.execute(SignIn.__table__.delete().where(SignIn.ended_at < tx.now - SIGN_INS_KEPT))  # type: ignore[attr-defined]
    return len(old)


def keep_list(session: AnySession, backups: BackupFolder) -> None:
    """Beside the backups: numbers of cases alone, no words."""
    ids = session.scalars(select(Erasure.case_id).order_by(Erasure.id)).all()
    if not ids:
        return
    with TemporaryDirectory(prefix="crew311-erasures-") as folder:
        path = Path(folder) / LIST
        path.write_text(json.dumps(sorted(set(ids))))
        backups.put(path, LIST)


def forget_again(tx: Tx, backups: BackupFolder, identity: str = "") -> int:
    """After a restore: whoever was forgotten since the backup was made is forgotten again; returns how many reports."""
    if not backups.holds(LIST):
        return 0
    with TemporaryDirectory(prefix="crew311-erasures-") as folder:
        path = Path(folder) / LIST
        backups.fetch(LIST, path, identity)
        ids: Iterable[int] = json.loads(path.read_text())
    known = tx.session.scalars(select(Report.case_id).where(Report.case_id.in_(ids), _KNOWN).distinct()).all()
    if inspect(tx.connection).has_table(Follower.__tablename__):
        _end_letters(tx, known)
    tx.session.execute(update(Report).where(Report.case_id.in_(known)).values(FORGOTTEN))
    if inspect(tx.connection).has_table(Erasure.__tablename__):
        tx.session.add_all(Erasure(at=tx.now, case_id=case_id, person_id=None) for case_id in known)
    return len(known)


def erased_at(session: AnySession, case_id: int) -> datetime | None:
    return session.scalar(select(Erasure.at).where(Erasure.case_id == case_id).order_by(Erasure.id.desc()).limit(1))
