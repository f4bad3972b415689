"""What became of a deed, as it is answered: to the desk in JSON, to whoever has no script in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from crew_app.errors import Conflict
from crew_app.extensions import AnySession
from crew_app.queries.moves import case_numbers, cases_named_in, named_in
from crew_app.queries.picture import cases_among
from crew_app.routes.phone import JsonAnswer
from crew_app.services.office_deeds import Left, Result
from crew_app.transaction import Tx, transaction
from crew_app.wire.deeds import LEFT_WORDS, deed_body, left_words, who_did
from crew_app.wire.picture import cases_in_columns

# Of more, the live picture tells soon enough.
MOST_TOLD = 500


def say_left(session: AnySession, left: Sequence[Left], now: datetime) -> list[dict[str, Any]]:
    """For each case that was left alone: why, and who did what to it when."""
    events = [one.event for one in left if one.event is not None]
    people, crews = named_in(session, events)
    numbers = case_numbers(session, {one.case_id for one in left} | cases_named_in(events))
    return [
        {
            "case": one.case_id,
            "number": numbers.get(one.case_id),
            "why": one.why,
            "words": one.problem.detail if one.problem else left_words(one.why, one.event, people, crews, numbers, now),
            "who": who_did(one.event, people) if one.event else None,
            "at": int(one.event.at.timestamp()) if one.event else None,
            "what": one.event.kind if one.event else None,
        }
        for one in left
    ]


def deed_answer(do: Callable[[Tx], Result]) -> JsonAnswer:
    """Do it, as one change: 200 with what was done, 202 where a second person must say yes, 409 where nothing could be done.

    With the cases as they are now and the number of which that is true: whoever did it need not wait for the live picture to
    do the next thing to them.
    """
    with transaction() as tx:
        result = do(tx)
        tx.session.flush()
        left = say_left(tx.session, result.left, tx.now)
        body: dict[str, Any] = {
            "deed": deed_body(result.deed, tx.now) if result.deed else None,
            "done": list(result.done),
            "left": left,
        }
        ids = {*result.done, *result.beside, *(one.case_id for one in result.left)}
        if 0 < len(ids) <= MOST_TOLD:
            rows = cases_among(tx.session, ids)
            body |= {"cases": cases_in_columns(rows), "gone": sorted(ids - {row.id for row in rows})}
            tx.wants_seq = True
    if tx.seq is not None:
        body["seq"] = tx.seq
    is_refused = bool(left) and not result.done and not result.is_asked
    if is_refused:
        codes = {one["why"] for one in left}
        code = "refused" if codes == {"refused"} else "changed"
        words = left[0]["words"] if len(left) == 1 else f"None of these {len(left):,} cases is as it was. {LEFT_WORDS['changed']}"
        body |= Conflict(words, code=code).body()
    answer = JsonAnswer(body)
    answer.status_code = 409 if is_refused else 202 if result.is_asked else 200
    if is_refused:
        answer.content_type = "application/problem+json"
    return answer
