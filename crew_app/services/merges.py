"""Several cases about one trouble: one is dealt with, the others are merged into it and share its fate.

A merge is one edge, `Case.merged_into_id`, and nothing is moved along it: each case keeps its reporters, photos and
notes, so that a split gives back all of it, and whoever reported it hears of its end through the case they know. Only a
case that stands alone is merged, and only into one that stands alone, so the edges are trees and no circle can form.

What happens to the root happens to the rest a moment later, one level at a time (subscribers/merges.py): share_fate asks
what is to be done, so it may be called at any time and twice.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from crew_app.errors import BadInput, Conflict, NotFound
from crew_app.events import CaseClosed, CaseMarkedUrgent, CaseMerged, CaseReopened, DuplicateJoined
from crew_app.models import Case
from crew_app.queries.cases import root_id
from crew_app.services.cases import end_assignment, get_locked, part, reopen_case
from crew_app.transaction import Tx
from crew_app.workflow import OPEN_STATUSES, Status, check_move


def merge_case(tx: Tx, case_id: int, into_id: int, person_id: int) -> Case:
    """A person says that both are one trouble: `into_id` is dealt with, `case_id` shares its fate. A new round for it.

    Into a case that is merged itself means into the one that is dealt with. BadInput if that is the same case; Conflict
    if one of them is closed, or this one is merged already.
    """
    target_id = root_id(tx.session, into_id)
    if target_id is None:
        raise NotFound("There is no such case.")
    if target_id == case_id:
        raise BadInput("Choose another case.", errors={"other": ["That is the same case, or one that is merged with it."]})
    case, target = _lock_all(tx, (case_id, target_id))
    for one in (case, target):
        if one.merged_into_id is not None:
            raise Conflict(f"{one.number} is merged already. Split it off first.", code="merged")
        if one.status not in OPEN_STATUSES:
            raise Conflict(f"{one.number} is not open any more. Only open cases can be merged.", code="not-open")
    check_move(Status(case.status), Status.MERGED)
    from_crew_id = end_assignment(tx, case, f"merged into {target.number}")
    case.status, case.round, case.updated_at, case.waiting = Status.MERGED, case.round + 1, tx.now, None
    case.merged_into_id, case.pinned_crew_id, target.updated_at = target.id, None, tx.now
    tx.emit(CaseMerged(case_id=case.id, person_id=person_id, into_case_id=target.id, round=case.round, from_crew_id=from_crew_id))
    tx.emit(DuplicateJoined(case_id=target.id, person_id=person_id, other_case_id=case.id))
    if case.is_urgent and not target.is_urgent:  # what somebody found urgent stays so
        target.is_urgent = True
        tx.emit(CaseMarkedUrgent(case_id=target.id, person_id=person_id, is_urgent=True, why=f"{case.number} was urgent."))
    return case


def split_case(tx: Tx, case_id: int, why: str, person_id: int | None) -> Case:
    """It is another trouble after all: it waits on its own, with everything that was merged into it. A new round."""
    case = get_locked(tx, case_id)
    if case.merged_into_id is None:
        raise Conflict("This case is not merged.", code="not-merged")
    if case.status == Status.CLOSED:
        return reopen_case(tx, case_id, why, person_id)
    check_move(Status(case.status), Status.RECEIVED)
    case.status, case.round, case.updated_at = Status.RECEIVED, case.round + 1, tx.now
    part(tx, case, why, person_id)
    return case


def share_fate(tx: Tx, case_id: int, person_id: int | None) -> None:
    """Bring what is merged into a case to where that case is: closed with it, or waiting with it.

    A case withdrawn as a mistake takes nobody's report with it: the others stand alone again.
    """
    duplicates = tx.session.scalars(select(Case.id).where(Case.merged_into_id == case_id)).all()
    by_id = {case.id: case for case in _lock_all(tx, (case_id, *duplicates))}
    case = by_id.pop(case_id)
    for duplicate in by_id.values():
        if duplicate.merged_into_id != case_id:
            continue
        if case.status == Status.WITHDRAWN and duplicate.status == Status.MERGED:
            split_case(tx, duplicate.id, f"{case.number} was withdrawn", None)
        elif case.status == Status.CLOSED:
            _close_with(tx, duplicate, case, person_id)
        elif case.status != Status.WITHDRAWN and duplicate.status == Status.CLOSED:
            check_move(Status(duplicate.status), Status.MERGED)
            duplicate.status, duplicate.updated_at, duplicate.closing_note = Status.MERGED, tx.now, ""
            duplicate.outcome = duplicate.outcome_detail = duplicate.closed_at = None
            tx.emit(CaseReopened(case_id=duplicate.id, person_id=person_id, round=duplicate.round))


def _close_with(tx: Tx, duplicate: Case, case: Case, person_id: int | None) -> None:
    """It ended as the case it was merged into did; never before it was reported, which would prettify its service level."""
    closed_at = max(case.closed_at or tx.now, duplicate.opened_at)
    end = (Status.CLOSED, case.outcome, case.outcome_detail, case.closing_note, closed_at)
    if end == (duplicate.status, duplicate.outcome, duplicate.outcome_detail, duplicate.closing_note, duplicate.closed_at):
        return
    if duplicate.status != Status.CLOSED:
        check_move(Status(duplicate.status), Status.CLOSED)
    duplicate.status, duplicate.outcome, duplicate.outcome_detail, duplicate.closing_note, duplicate.closed_at = end
    duplicate.updated_at = tx.now
    tx.emit(
        CaseClosed(
            case_id=duplicate.id, person_id=person_id, outcome=case.outcome or "", round=duplicate.round, with_case_id=case.id
        )
    )


def lock_with_root(tx: Tx, case_id: int) -> tuple[Case, Case]:
    """(the case, the one that is dealt with for it: itself if it stands alone), held until the transaction ends."""
    target_id = root_id(tx.session, case_id)
    if target_id is None:
        raise NotFound("There is no such case.")
    case, *others = _lock_all(tx, (case_id, target_id))
    return case, (others or [case])[0]


def _lock_all(tx: Tx, ids: Iterable[int]) -> list[Case]:
    """The cases, in the order asked for, each once; locked in the order of their ids, so that two who merge wait in turn."""
    wanted = list(dict.fromkeys(ids))
    by_id = {case_id: get_locked(tx, case_id) for case_id in sorted(wanted)}
    return [by_id[case_id] for case_id in wanted]
