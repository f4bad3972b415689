"""A second person's yes or no to a deed that one may not do alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, update

from crew_app.errors import Conflict, NotAllowed, NotFound
from crew_app.events import CaseClosed, CaseWithdrawn, Event
from crew_app.models import Assignment, Case, DeedCase, DeedState, OfficeDeed
from crew_app.queries.moves import CaseState, case_states, deed_changes, lock_cases
from crew_app.services.office_deeds import Result, left_as_changed, write_down
from crew_app.services.undo import undo_deed
from crew_app.transaction import Tx
from crew_app.workflow import OPEN_STATUSES, Status


def decide(tx: Tx, deed_id: int, person_id: int, is_approved: bool, why: str, cases_seen: int) -> Result:
    """Say yes or no to what somebody else asked for; who asked may only say no.

    With a yes it is done: to each case that is still as it was then, but for what dispatch did by itself; the others are
    left. `cases_seen`: how many the person who decides was shown. Conflict if that is out of date, or it is decided already.
    """
    deed = tx.session.get(OfficeDeed, deed_id, with_for_update=True)
    if deed is None:
        raise NotFound("Nobody has asked for this.")
    _check_open(tx, deed)
    if is_approved and deed.person_id == person_id:
        raise NotAllowed("Somebody else must say yes to what you asked for.", code="second-person")
    if is_approved and deed.cases != cases_seen:
        raise Conflict(f"It was about {cases_seen:,} cases and is about {deed.cases:,} now. Look again.", code="grown")
    deed.decided_by_id, deed.decided_at, deed.decided_why = person_id, tx.now, why[:500]
    if not is_approved:
        deed.state = DeedState.REFUSED
        return Result(deed, (), ())
    return _undo(tx, deed) if deed.kind == "undo" else _end(tx, deed)


def _check_open(tx: Tx, deed: OfficeDeed) -> None:
    if deed.state != DeedState.ASKED:
        by = f"{deed.decided_by.name} has" if deed.decided_by else "Somebody has"
        raise Conflict(f"{by} decided this already.", code="already-decided")
    if tx.now > deed.asked_until:
        raise Conflict("Nobody said yes within a day, so this is off. Ask again if it is still wanted.", code="expired")


def _undo(tx: Tx, deed: OfficeDeed) -> Result:
    assert deed.undoes_id is not None
    _forget_request(tx, deed)
    return undo_deed(tx, deed.undoes_id, deed.person_id, deed.why, asked=deed)


def _end(tx: Tx, deed: OfficeDeed) -> Result:
    asked = {row.case_id: row.before["standing"] for row in deed_changes(tx.session, deed.id)}
    lock_cases(tx.session, asked)
    before = case_states(tx.session, asked)
    fit = [i for i, state in before.items() if state.status in OPEN_STATUSES and list(state.standing) == asked[i]]
    left = left_as_changed(tx, sorted(before.keys() - set(fit)))
    _forget_request(tx, deed)
    ENDS[deed.kind](tx, fit, before, deed)
    write_down(tx, deed, before, fit, left)
    return Result(deed, tuple(fit), tuple(left))


def _forget_request(tx: Tx, deed: OfficeDeed) -> None:
    """What is done to each case takes the place of what was asked."""
    tx.session.execute(delete(DeedCase).where(DeedCase.deed_id == deed.id).execution_options(synchronize_session=False))


# Thousands at once: a few statements instead of some for each. To one case they do what services/cases.py does.


def _close(tx: Tx, ids: Sequence[int], before: Mapping[int, CaseState], deed: OfficeDeed) -> None:
    said = {"outcome": deed.form["outcome"], "outcome_detail": deed.form["detail"] or None, "closing_note": deed.form["note"]}
    _end_all(tx, ids, "closed by the office", status=Status.CLOSED, closed_at=tx.now, **said)
    _emit_all(
        tx,
        ids,
        lambda case_id: CaseClosed(
            case_id=case_id,
            person_id=deed.person_id,
            outcome=deed.form["outcome"],
            round=before[case_id].round,
            approved_by_id=deed.decided_by_id,
        ),
    )


def _withdraw(tx: Tx, ids: Sequence[int], before: Mapping[int, CaseState], deed: OfficeDeed) -> None:
    _end_all(tx, ids, "withdrawn", status=Status.WITHDRAWN, round=Case.round + 1)
    _emit_all(
        tx,
        ids,
        lambda case_id: CaseWithdrawn(
            case_id=case_id,
            person_id=deed.person_id,
            round=before[case_id].round + 1,
            why=deed.why,
            approved_by_id=deed.decided_by_id,
        ),
    )


ENDS: dict[str, Callable[[Tx, Sequence[int], Mapping[int, CaseState], OfficeDeed], None]] = {"close": _close, "withdraw": _withdraw}


def _end_all(tx: Tx, ids: Sequence[int], ended_why: str, **values: Any) -> None:
    tx.session.flush()
    hands = update(Assignment).where(Assignment.case_id.in_(ids), Assignment.ended_at.is_(None))
    whole = update(Case).where(Case.id.in_(ids))
    as_is = {"synchronize_session": False}
    tx.session.execute(hands.values(ended_at=tx.now, ended_why=ended_why), execution_options=as_is)
    tx.session.execute(whole.values(waiting=None, updated_at=tx.now, **values), execution_options=as_is)
    tx.session.expire_all()


def _emit_all(tx: Tx, ids: Sequence[int], event_of: Callable[[int], Event]) -> None:
    for case_id in ids:
        tx.emit(event_of(case_id))
