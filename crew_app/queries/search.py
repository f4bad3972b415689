"""Finding cases by words: every word must begin one of theirs, in any order, so "main pot" finds a pothole on Main St.

SQLite has a table of words for it (adapters/word_index.py), PostgreSQL an index on an expression: what stands here must be
that very expression (migration 0010). Punctuation parts words and means nothing in either.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, column, false, func, literal_column, or_, select, table

from crew_app.extensions import AnySession
from crew_app.models import Case, Report

CASE_WORDS = "to_tsvector('simple', regexp_replace(cases.number || ' ' || cases.address || ' ' || cases.description, '[^[:alnum:]]+', ' ', 'g'))"
REPORTER_WORDS = (
    "to_tsvector('simple', regexp_replace("
    "coalesce(reports.name, '') || ' ' || coalesce(reports.email, '') || ' ' || coalesce(reports.phone, ''), '[^[:alnum:]]+', ' ', 'g'))"
)


def words_of(said: str) -> list[str]:
    return [word for word in re.split(r"[\W_]+", said.lower()) if word]


def cases_that_say(session: AnySession, said: str) -> ColumnElement[bool]:
    """Number, address or description; digits alone may also be a number without its year and zeros: 4711 is 26-004711."""
    words = words_of(said)
    if not words:
        return false()
    found: ColumnElement[bool]
    if session.get_bind().dialect.name == "sqlite":
        found = Case.id.in_(_rows_of_index("said", words))
    else:
        found = literal_column(CASE_WORDS).op("@@")(_as_tsquery(words))
    if words == [said.strip()] and said.strip().isdecimal() and len(words[0]) < 10:
        found = or_(found, and_(Case.id == int(said), Case.number.endswith(f"-{int(said):06d}")))
    return found


def reported_by(session: AnySession, who: str) -> ColumnElement[bool]:
    """Name, e-mail address or telephone. Whoever asks must be allowed to know."""
    words = words_of(who)
    if not words:
        return false()
    if session.get_bind().dialect.name == "sqlite":
        return Case.id.in_(_rows_of_index("reporter", words))
    return Case.id.in_(select(Report.case_id).where(literal_column(REPORTER_WORDS).op("@@")(_as_tsquery(words))))


def _rows_of_index(part: str, words: list[str]) -> Select[int]:
    wanted = " ".join(f'"{word}"*' for word in words)
    return (
        select(column("rowid", Integer))
        .select_from(table("case_words"))
        .where(column("case_words").op("MATCH")(f"{part} : ({wanted})"))
    )


def _as_tsquery(words: list[str]) -> ColumnElement[Any]:
    return func.to_tsquery("simple", " & ".join(f"{word}:*" for word in words))
