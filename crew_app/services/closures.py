"""A crew's closing of a case, as the sync rule decided; and the office's decision where the rule left one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from crew_app.errors import Conflict, NotFound
from crew_app.events import CaseClosed, ClosureAdded, ClosureNeedsReview, ClosureSettled, PhotosComplete, PhotoVerified
from crew_app.models import Case, Closure, Person, PhotoState
from crew_app.models.at_hand import CaseAtHand, ClosureAtHand, PhotoAtHand, Sender
from crew_app.queries.push import AtHand
from crew_app.queries.suspicions import has_open_suspicion
from crew_app.services.cases import end_assignment
from crew_app.services.merges import lock_with_root
from crew_app.suspicions import SUSPICIOUS
from crew_app.transaction import Tx
from crew_app.workflow import Status
from sync.clocks import DoneAt
from sync.types import Outcome, Verdict


def record_closure(
    tx: Tx, at_hand: AtHand, case: CaseAtHand, sender: Sender, operation: dict[str, Any], done: DoneAt, outcome: Outcome
) -> ClosureAtHand:
    """Write down a closure with the photos it announces, and move the case if the rule said so."""
    payload = operation["payload"]
    place = payload["place"] or {}
    closure = ClosureAtHand(
        id=operation["id"],
        case_id=case.id,
        crew_id=sender.crew_id,
        person_id=sender.person_id,
        round_seen=operation["round"],
        outcome=payload["outcome"],
        outcome_detail=payload["detail"],
        note=payload["note"],
        minutes=payload["minutes"],
        materials=payload["materials"],
        made_at=operation["made_at"],
        done_at=done.at,
        received_at=tx.now,
        clock_is_doubtful=done.is_doubtful,
        latitude=place.get("lat"),
        longitude=place.get("lon"),
        accuracy_m=place.get("accuracy_m"),
        counts=outcome.verdict is Verdict.COUNTED,
        review_reason=outcome.review,
        photos_announced=len(payload["photos"]),
    )
    case.closures.append(closure)
    at_hand.new_closures.append(closure)
    announce_photos(tx, at_hand, case.id, closure.id, payload["photos"], closure.id)
    case.updated_at = tx.now
    if outcome.review:
        case.review_reason = outcome.review
        tx.emit(
            ClosureNeedsReview(
                case_id=case.id, person_id=sender.person_id, closure_id=closure.id, crew_id=sender.crew_id, reason=outcome.review
            )
        )
    if outcome.verdict is Verdict.COUNTED:
        _close(tx, case, closure, outcome, sender.person_id)
    return closure


def announce_photos(
    tx: Tx, at_hand: AtHand, case_id: int, operation_id: str, refs: list[dict[str, Any]], closure_id: str | None = None
) -> None:
    """Write down the photos an operation brings; those whose bytes came before it are verified at once."""
    for ref in refs:
        photo = PhotoAtHand(
            id=ref["id"],
            case_id=case_id,
            closure_id=closure_id,
            operation_id=operation_id,
            kind=ref["kind"],
            sha256=ref["sha256"],
            size=ref["size"],
            announced_at=tx.now,
        )
        at_hand.photo_ids.add(photo.id)
        at_hand.new_photos.append(photo)
        if (photo.id, photo.sha256, photo.size) in at_hand.arrived:
            photo.state, photo.verified_at = PhotoState.VERIFIED, tx.now
            tx.emit(PhotoVerified(case_id=case_id, photo_id=photo.id))
        else:
            at_hand.awaited.setdefault(operation_id, []).append(photo.id)
    if refs and operation_id in at_hand.awaited:
        at_hand.awaited[operation_id].sort()
    elif refs and closure_id:
        tx.emit(PhotosComplete(case_id=case_id, closure_id=closure_id))


def _close(tx: Tx, case: CaseAtHand, closure: ClosureAtHand, outcome: Outcome, person_id: int) -> None:
    end_assignment(tx, case, "closed")
    was_closed = case.status == Status.CLOSED
    case.status, case.waiting = Status.CLOSED, None
    if outcome.leading == closure.id:
        show_closure(case, closure)
    if not was_closed or outcome.leading == closure.id:
        tx.emit(
            CaseClosed(
                case_id=case.id,
                person_id=person_id,
                outcome=case.outcome or closure.outcome,
                round=case.round,
                closure_id=outcome.leading,
                crew_id=closure.crew_id,
            )
        )
    elif not outcome.review:  # whatever a phone is to be shown needs an event, or no pull brings it
        tx.emit(ClosureAdded(case_id=case.id, person_id=person_id, closure_id=closure.id, crew_id=closure.crew_id))


def show_closure(case: Case | CaseAtHand, closure: Closure | ClosureAtHand) -> None:
    """What residents read of the case is what this closure says. Nothing ends before it was reported."""
    case.outcome, case.outcome_detail = closure.outcome, closure.outcome_detail
    case.closing_note, case.closed_at = closure.note, max(closure.done_at, case.opened_at)


def settle_closure(tx: Tx, closure_id: str, accept: bool, person_id: int, why: str = "") -> Closure:
    """A person of the office decides about a closure that needed review.

    Accepted: the case is closed with it, or the one it was merged into, for they are one trouble. Dismissed: the case
    stays as it is; closure and photos stay in its history.
    """
    closure = tx.session.get(Closure, closure_id)
    if closure is None:
        raise NotFound("There is no such closure.")
    case, root = lock_with_root(tx, closure.case_id)
    if closure.review_reason is None or closure.settled_at is not None:
        by = tx.session.get(Person, closure.settled_by_id) if closure.settled_by_id is not None else None
        raise Conflict(f"{by.name if by else 'Somebody'} has decided this already.", code="already-settled")
    closure.settled_at, closure.settled_by_id, closure.accepted = tx.now, person_id, accept
    case.review_reason, case.updated_at = review_reason_now(tx, case), tx.now
    if accept and root.status != Status.WITHDRAWN:
        end_assignment(tx, root, "closed: the office accepted an earlier closing")
        root.status, root.waiting, root.updated_at = Status.CLOSED, None, tx.now
        show_closure(root, closure)
        tx.emit(
            CaseClosed(
                case_id=root.id,
                person_id=person_id,
                outcome=closure.outcome,
                round=root.round,
                closure_id=closure.id,
                crew_id=closure.crew_id,
            )
        )
    tx.emit(
        ClosureSettled(
            case_id=case.id,
            person_id=person_id,
            closure_id=closure.id,
            accepted=accept,
            crew_id=closure.crew_id,
            why=why or None,
        )
    )
    return closure


def review_reason_now(tx: Tx, case: Case) -> str | None:
    """Why somebody must still look at the case: the first closing nobody has decided about, or something odd; None: no more."""
    tx.session.flush()
    first = tx.session.scalar(
        select(Closure.review_reason)
        .where(Closure.case_id == case.id, Closure.review_reason.is_not(None), Closure.settled_at.is_(None))
        .order_by(Closure.received_at, Closure.id)
        .limit(1)
    )
    return first or (SUSPICIOUS if has_open_suspicion(tx.session, case.id) else None)
