"""SQLite's index of the words of cases and of who reported them (FTS5). PostgreSQL keeps its own, by an index expression.

Not by triggers: our connections trust no code inside the database file (trusted_schema=OFF), which forbids them. So
every transaction that opens a case, brings in the city's file or changes a place leaves the index in step, as its last
step (transaction.py).
"""

from __future__ import annotations

import json
from collections.abc import Collection

from sqlalchemy import text

from crew_app.extensions import AnySession

FORGET = text("DELETE FROM case_words WHERE rowid IN (SELECT value FROM json_each(:ids))")
LEARN = text(
    """
    INSERT INTO case_words (rowid, said, reporter)
    SELECT id, number || ' ' || address || ' ' || description, coalesce(
        (SELECT group_concat(coalesce(name, '') || ' ' || coalesce(email, '') || ' ' || coalesce(phone, ''), ' ')
         FROM reports WHERE reports.case_id = cases.id), '')
    FROM cases WHERE id IN (SELECT value FROM json_each(:ids))
    """
)


def learn_words(session: AnySession, case_ids: Collection[int]) -> None:
    """Bring what the index holds about these cases up to their rows, which are flushed."""
    if not case_ids or session.get_bind().dialect.name != "sqlite":
        return
    ids = json.dumps(sorted(case_ids))
    session.execute(FORGET, {"ids": ids})
    session.execute(LEARN, {"ids": ids})
