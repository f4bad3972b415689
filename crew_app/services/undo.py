"""Undo: a deed of the office is taken back as a unit, case by case where it still is as the deed left it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update

from crew_app.errors import Conflict, NotFound
from crew_app.events import (
    CaseAssigned,
    CaseClosed,
    CaseHeld,
    CaseMarkedUrgent,
    CaseMerged,
    CasePinned,
    CasePlaced,
    CaseReleased,
    CaseReopened,
    CaseSplit,
    CaseUnassigned,
    CaseWithdrawn,
    ClosureNeedsReview,
    ClosureSettled,
    DuplicateJoined,
    DuplicateParted,
    Event,
)
from crew_app.models import UNDO_WITHIN, Assignment, Case, Closure, Crew, DeedCase, DeedState, OfficeDeed, Suspicion
from crew_app.queries.moves import CaseState, case_states, deed_changes, lock_cases
from crew_app.services.loans import end_loan
from crew_app.services.office_deeds import Left, Result, ask, is_as_left, left_as_changed, needs_second_person, write_down
from crew_app.services.quarantine import open_again
from crew_app.services.surge import end_surge
from crew_app.transaction import Tx
from crew_app.workflow import OPEN_STATUSES, Status

ENDED = (Status.CLOSED, Status.WITHDRAWN)
_MOMENTS = ("closed_at", "held_since")
# Deeds that are about crews and no case.
UNDO_OTHERWISE: dict[str, Callable[[Tx, dict[str, Any]], None]] = {
    "lend": lambda tx, form: end_loan(tx, form["loan"]),
    "surge": lambda tx, form: end_surge(tx, form["surge"]),
    "kept": lambda tx, form: open_again(tx, form["work"]),
}


def undo_deed(tx: Tx, deed_id: int, person_id: int, why: str = "", asked: OfficeDeed | None = None) -> Result:
    """Put back what the deed changed; an undo is a deed itself, and can be undone.

    A case goes back to what it was if nobody changed it since: then all its values are equal, but for the round, which
    goes up if whose hands it is in changes, and `updated_at`. Where dispatch by itself has given it out since, that gives
    way. A case that somebody else changed is left as it is. Undoing what ended cases needs nobody; where cases would be
    ended by it (an undone reopening), the rule for endings holds. `asked`: the request a second person has said yes to.
    Conflict if it is too late, undone already, or nothing could be put back.
    """
    deed = tx.session.get(OfficeDeed, deed_id, with_for_update=True)
    if deed is None or deed.state != DeedState.DONE or deed.done_at is None:
        raise NotFound("There is no such deed.")
    if deed.undone_at is not None:
        raise Conflict("This is undone already.", code="already-undone")
    if tx.now - deed.done_at > UNDO_WITHIN:
        raise Conflict(f"This is more than {UNDO_WITHIN.days} days ago. Do the opposite instead.", code="too-late")
    undo = asked or OfficeDeed(
        kind="undo",
        person_id=person_id,
        asked_at=tx.now,
        why=why[:500],
        form={"kind": deed.kind, "form": deed.form, "cases": deed.cases},
        undoes_id=deed.id,
    )
    if deed.kind in UNDO_OTHERWISE:
        UNDO_OTHERWISE[deed.kind](tx, deed.form)
        deed.undone_at = tx.now
        write_down(tx, undo, {}, ())
        return Result(undo, (), ())
    rows = {row.case_id: row for row in deed_changes(tx.session, deed.id) if row.after and not row.is_undone}
    lock_cases(tx.session, rows)
    now = case_states(tx.session, rows)
    fit, left = _sort_out(tx, list(rows.values()), now)
    done = [row.case_id for row in fit]
    ending = sum(_would_end(row, now[row.case_id]) for row in fit)
    if ending and asked is None and needs_second_person(tx, person_id, ending):
        states = {case_id: now[case_id] for case_id in done}
        request = ask(tx, "undo", person_id, states, undo.form, why or "Undoing it ends cases.", deed.id)
        return Result(request, (), tuple(left))
    if not fit and asked is None:
        return Result(None, (), tuple(left))
    _put_back(tx, fit, now, undo)
    _mark(tx, deed.id, done, is_undone=True)
    deed.undone_at = None if left else tx.now
    if deed.undoes_id is not None:  # the undo of an undo: what was undone is done again
        _mark(tx, deed.undoes_id, done, is_undone=False)
        tx.session.get_one(OfficeDeed, deed.undoes_id, with_for_update=True).undone_at = None
    write_down(tx, undo, now, done, left)
    return Result(undo, tuple(done), tuple(left))


def _mark(tx: Tx, deed_id: int, case_ids: list[int], *, is_undone: bool) -> None:
    rows = update(DeedCase).where(DeedCase.deed_id == deed_id, DeedCase.case_id.in_(case_ids))
    tx.session.execute(rows.values(is_undone=is_undone), execution_options={"synchronize_session": False})


def _sort_out(tx: Tx, rows: Sequence[Row[Any]], now: Mapping[int, CaseState]) -> tuple[list[Row[Any]], list[Left]]:
    """(what can be put back, what cannot)."""
    as_left = [row for row in rows if is_as_left(now[row.case_id], row.after)]
    left = left_as_changed(tx, [row.case_id for row in rows if not is_as_left(now[row.case_id], row.after)])
    holders = {row.before["assignment"] for row in as_left if row.before.get("assignment") is not None}
    gone = set(
        tx.session.scalars(
            select(Assignment.id)
            .join(Crew, Crew.id == Assignment.crew_id)
            .where(Assignment.id.in_(holders), Crew.is_active.is_(False))
        )
    )
    fit = [row for row in as_left if row.before.get("assignment") not in gone]
    return fit, left + [Left(row.case_id, "crew_gone") for row in as_left if row.before.get("assignment") in gone]


def _would_end(row: Row[Any], now: CaseState) -> bool:
    return row.before.get("status") in ENDED and now.status not in ENDED


# ---- put back --------------------------------------------------------------------------------------------------------


def _put_back(tx: Tx, rows: Sequence[Row[Any]], now: Mapping[int, CaseState], undo: OfficeDeed) -> None:
    """A few statements for all: thousands were ended in a few, too."""
    why = f"Undone: {undo.why}" if undo.why else "Undone."
    holders = _crews_of(tx, rows)
    cases, ended, opened = [], [], []
    for row in rows:
        was, state = row.before, now[row.case_id]
        holder = was.get("assignment", state.values["assignment"])
        is_moved = (was.get("status", state.status), holder) != (state.status, state.values["assignment"])
        round_ = state.round + is_moved
        columns = {name: _from_json(name, value) for name, value in was.items() if name not in ("assignment", "settled", "doubts")}
        cases.append({"id": row.case_id, "round": round_, "updated_at": tx.now, **columns})
        if holder != state.values["assignment"]:
            if state.values["assignment"] is not None:
                ended.append({"id": state.values["assignment"], "ended_at": tx.now, "ended_why": why[:200]})
            if holder is not None:
                opened.append({"id": holder, "ended_at": None, "ended_why": None, "round": round_})
        if "settled" in was:
            _put_back_decisions(tx, row, state)
        if "doubts" in was:
            _put_back_doubts(tx, row, state)
        for event in _events(tx, row, state, round_, holders.get(holder), why, undo):
            tx.emit(event)
    tx.session.flush()
    for model, changed in ((Assignment, ended), (Assignment, opened), (Case, cases)):
        if changed:
            tx.session.execute(update(model), sorted(changed, key=sorted))  # one statement for each set of columns
    tx.session.expire_all()


def _crews_of(tx: Tx, rows: Sequence[Row[Any]]) -> dict[int | None, int]:
    ids = {row.before["assignment"] for row in rows if row.before.get("assignment") is not None}
    return dict(tx.session.execute(select(Assignment.id, Assignment.crew_id).where(Assignment.id.in_(ids))).all())


def _from_json(name: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if name in _MOMENTS and value is not None else value


def _put_back_doubts(tx: Tx, row: Row[Any], now: CaseState) -> None:
    """What the office decided about deeds that looked odd."""
    for suspicion_id in {*row.before["doubts"], *now.values["doubts"]}:
        at, by, decision = row.before["doubts"].get(suspicion_id, (None, None, None))
        suspicion = tx.session.get_one(Suspicion, int(suspicion_id))
        suspicion.settled_at = datetime.fromisoformat(at) if at else None
        suspicion.settled_by_id, suspicion.decision = by, decision


def _put_back_decisions(tx: Tx, row: Row[Any], now: CaseState) -> None:
    """What the office decided about closings that needed a look."""
    for closure_id in {*row.before["settled"], *now.values["settled"]}:
        at, by, accepted = row.before["settled"].get(closure_id, (None, None, None))
        closure = tx.session.get_one(Closure, closure_id)
        closure.settled_at = datetime.fromisoformat(at) if at else None
        closure.settled_by_id, closure.accepted = by, accepted


def _events(tx: Tx, row: Row[Any], now: CaseState, round_: int, crew_id: int | None, why: str, undo: OfficeDeed) -> Iterator[Event]:
    """What undoing it means for the case, in the words that phones, residents and the desk know."""
    case: dict[str, Any] = {"case_id": row.case_id, "person_id": undo.person_id}
    was, had = row.before, now.values
    status = was.get("status", now.status)
    if now.status in ENDED and status not in ENDED:
        yield CaseReopened(**case, round=round_, why=why)
    elif status == Status.CLOSED and (now.status != status or was.get("outcome", had["outcome"]) != had["outcome"]):
        yield CaseClosed(**case, outcome=was.get("outcome") or "", round=round_, approved_by_id=undo.decided_by_id)
    elif status == Status.WITHDRAWN and now.status != status:
        yield CaseWithdrawn(**case, round=round_, why=why, approved_by_id=undo.decided_by_id)
    if "merged_into_id" in was:
        yield from _merge_events(case, was["merged_into_id"], had["merged_into_id"], round_, why)
    holder = was.get("assignment", had["assignment"])
    if holder != had["assignment"] and crew_id is not None:
        yield CaseAssigned(**case, crew_id=crew_id, round=round_, from_crew_id=now.crew_id, why=why)
    elif holder is None and now.crew_id is not None and status in OPEN_STATUSES:
        yield CaseUnassigned(**case, from_crew_id=now.crew_id, round=round_, why=why)
    elif "pinned_crew_id" in was:
        yield CasePinned(**case, crew_id=was["pinned_crew_id"], why=why)
    if "is_urgent" in was:
        yield CaseMarkedUrgent(**case, is_urgent=was["is_urgent"], why=why)
    if "held_since" in was:
        locked_with = crew_id or (now.crew_id if holder == had["assignment"] else None)
        yield CaseHeld(**case, crew_id=locked_with, why=why) if was["held_since"] else CaseReleased(**case, crew_id=locked_with)
    if {"latitude", "longitude", "place_problem", "address"} & was.keys():
        yield CasePlaced(**case)
    for closure_id in sorted({*was.get("settled", had["settled"])} ^ {*had["settled"]}):
        closure = tx.session.get_one(Closure, closure_id)
        if closure.settled_at is None:
            yield ClosureNeedsReview(**case, closure_id=closure.id, crew_id=closure.crew_id, reason=closure.review_reason or "")
        else:
            yield ClosureSettled(**case, closure_id=closure.id, accepted=bool(closure.accepted))


def _merge_events(case: dict[str, Any], into_id: int | None, from_id: int | None, round_: int, why: str) -> Iterator[Event]:
    if from_id is not None:
        yield CaseSplit(**case, from_case_id=from_id, round=round_, why=why)
        yield DuplicateParted(case_id=from_id, person_id=case["person_id"], other_case_id=case["case_id"])
    if into_id is not None:
        yield CaseMerged(**case, into_case_id=into_id, round=round_)
        yield DuplicateJoined(case_id=into_id, person_id=case["person_id"], other_case_id=case["case_id"])
