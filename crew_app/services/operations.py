"""What a crew did, as its phone sends it: taken in order, once, and kept whatever it says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError

from crew_app.errors import BadInput, Conflict
from crew_app.mapping import to_case_view
from crew_app.models import QuarantinedWork
from crew_app.models.at_hand import CaseAtHand, DeviceAtHand, OperationAtHand, Sender
from crew_app.queries.cases import assignment_of_round
from crew_app.queries.push import AtHand, device_at_hand, look_up
from crew_app.services.deeds import DEEDS, Deed
from crew_app.services.write_down import write_down
from crew_app.transaction import Tx
from crew_app.wire.phone import intent_digest, iso, read_operation
from sync.clocks import DoneAt, estimate_done_at
from sync.reconcile import reconcile
from sync.types import CaseView, Closure, Kind, Refusal, Verdict
from sync.types import Operation as Intent

NO_CASE_YET = CaseView(round=0, status="received", crew_id=None)
# The world is broken, not the operation: the phone tries the whole push again.
NOT_THE_OPERATIONS_FAULT = (OperationalError, InterfaceError, InternalError)


@dataclass(frozen=True, slots=True)
class PushAnswer:
    results: list[dict[str, Any]]
    expected_seq: int


@dataclass(frozen=True, slots=True)
class Sent:
    """One operation of a push: as it came, and as it was read."""

    raw: Any
    digest: str
    operation: dict[str, Any]
    errors: dict[str, Any]
    # Why it cannot be applied although it can be read; found out by trying.
    failed: Mapping[str, Any] | None = None


def record_push(tx: Tx, sender: Sender, device_id: str, app_version: str, raw_operations: list[Any]) -> PushAnswer:
    """Take a phone's operations in the order of their numbers; answer each; remember the answers.

    Conflict if the device is another person's outbox. One transaction: all answers hold, or none.
    """
    device = _lock_device(tx, sender, device_id)
    sent = [Sent(raw, intent_digest(raw), *read_operation(raw)) for raw in raw_operations]
    emitted = len(tx.events)
    try:
        return _take(tx, sender, device, app_version, sent)
    except NOT_THE_OPERATIONS_FAULT:
        raise
    except Exception:
        # One of them cannot be applied. Nothing was written yet: now each by itself, so that it stops no other.
        del tx.events[emitted:]
        return _take_each(tx, sender, device, app_version, sent)


def _lock_device(tx: Tx, sender: Sender, device_id: str) -> DeviceAtHand:
    device = device_at_hand(tx.connection, device_id)
    if device is None:
        return DeviceAtHand(device_id, sender.person_id, last_seq=0, revoked_at=None, is_new=True)
    if device.person_id != sender.person_id:
        raise Conflict("This outbox belongs to another person.", errors={"device": ["another person's"]}, code="device-not-yours")
    return device


def _take(tx: Tx, sender: Sender, device: DeviceAtHand, app_version: str, sent: list[Sent]) -> PushAnswer:
    """Look up all they name, judge one after the other in memory, write it all down: or nothing of it."""
    with tx.session.begin_nested():
        at_hand = look_up(tx.connection, device, [one.operation for one in sent if not one.errors])
        results: list[dict[str, Any]] = []
        for one in sent:
            result = _answer(tx, sender, at_hand, one)
            if result is None:  # a number too far ahead: what comes before it has not arrived
                break
            results.append(result)
        write_down(tx, at_hand, app_version)
    return PushAnswer(results, at_hand.last_seq + 1)


def _take_each(tx: Tx, sender: Sender, device: DeviceAtHand, app_version: str, sent: list[Sent]) -> PushAnswer:
    """One by one, each whole or not at all; what cannot be applied is kept in quarantine."""
    answer = PushAnswer([], device.last_seq + 1)
    for one in sent:
        emitted = len(tx.events)
        try:
            taken = _take(tx, sender, device, app_version, [one])
        except NOT_THE_OPERATIONS_FAULT:
            raise
        except BadInput as error:
            del tx.events[emitted:]
            taken = _take(tx, sender, device, app_version, [replace(one, failed=error.errors)])
        except Exception:
            # Ours to mend, not the crew's to lose: one operation we cannot apply must not hold up the others.
            current_app.logger.exception("operation %s could not be applied; it is kept in quarantine", one.operation.get("id"))
            del tx.events[emitted:]
            words = {"operation": ["could not be applied; the office has it"]}
            taken = _take(tx, sender, device, app_version, [replace(one, failed=words)])
        if not taken.results:
            break
        device = replace(device, last_seq=taken.expected_seq - 1, is_new=False)
        answer = PushAnswer([*answer.results, *taken.results], taken.expected_seq)
    return answer


def _answer(tx: Tx, sender: Sender, at_hand: AtHand, sent: Sent) -> dict[str, Any] | None:
    if sent.errors:
        return _quarantine_unreadable(tx, sender, at_hand, sent)
    operation, device = sent.operation, at_hand.device
    known = at_hand.operations.get(operation["id"])
    if known is not None:
        if known.digest == sent.digest and known.person_id == sender.person_id:
            # A phone that had to begin a new device numbers its kept work anew: the answer stands, and whoever pulls
            # for the new device is shown it.
            if operation["seq"] == at_hand.last_seq + 1:
                at_hand.last_seq += 1
                known.device_id, known.seq = device.id, at_hand.last_seq
            # Only which photos are still missing is as of now.
            return {**known.answer, "photos_missing": at_hand.awaited.get(known.id, [])}
        words = {"id": ["was used before for something else"]}
        return _quarantine(tx, sender, device, sent, Refusal.ID_REUSED, words)
    if operation["seq"] <= at_hand.last_seq:
        words = {"seq": ["was used before for another operation"]}
        return _quarantine(tx, sender, device, sent, Refusal.SEQ_REUSED, words)
    if operation["seq"] > at_hand.last_seq + 1:
        return None
    at_hand.last_seq = operation["seq"]
    answer = _judge(tx, sender, at_hand, sent)
    at_hand.add(
        OperationAtHand(
            id=operation["id"],
            device_id=device.id,
            seq=operation["seq"],
            person_id=sender.person_id,
            crew_id=sender.crew_id,
            case_id=(answer["case"] or {}).get("id"),
            kind=operation["kind"],
            digest=sent.digest,
            body=sent.raw,
            verdict=answer["verdict"],
            answer=answer,
            received_at=tx.now,
        )
    )
    return answer


def _judge(tx: Tx, sender: Sender, at_hand: AtHand, sent: Sent) -> dict[str, Any]:
    operation, device = sent.operation, at_hand.device
    if sent.failed is not None:
        return _quarantine(tx, sender, device, sent, Refusal.UNREADABLE, sent.failed)
    if device.revoked_at is not None:
        return _quarantine(tx, sender, device, sent, Refusal.DEVICE_REVOKED, {})
    case = None if operation["case"] is None else at_hand.case(operation["case"])
    if case is None and operation["case"] is not None:
        words = {"case": ["there is no such case"]}
        return _quarantine(tx, sender, device, sent, Refusal.UNKNOWN_CASE, words)
    if clash := _photo_clash(operation, at_hand):
        return _quarantine(tx, sender, device, sent, Refusal.UNREADABLE, clash)
    return _apply(tx, sender, at_hand, case, sent)


def _apply(tx: Tx, sender: Sender, at_hand: AtHand, case: CaseAtHand | None, sent: Sent) -> dict[str, Any]:
    """Decide by the sync rule, and carry out."""
    operation = sent.operation
    kind, payload = Kind(operation["kind"]), operation["payload"]
    assignment = assignment_of_round(case) if case else None
    done = _done_at(tx, operation, assignment.assigned_at if assignment else None)
    closure = None
    if kind is Kind.CLOSE:
        closure = Closure(operation["id"], sender.crew_id, operation["round"], payload["outcome"], done.at)
    intent = Intent(operation["id"], kind, sender.crew_id, operation["round"], sent.digest, closure)
    outcome = reconcile(to_case_view(case, assignment) if case else NO_CASE_YET, intent)
    deed = Deed(operation["id"], sender, at_hand, case, assignment, payload, operation, done, outcome)
    touched = DEEDS[kind](tx, deed)
    missing = at_hand.awaited.get(operation["id"], [])
    return _result(operation["id"], outcome.verdict, review=outcome.review, case=touched, photos_missing=missing)


def _done_at(tx: Tx, operation: dict[str, Any], assigned_at: Any) -> DoneAt:
    age = None if operation["age_ms"] is None else timedelta(milliseconds=operation["age_ms"])
    return estimate_done_at(tx.now, operation["made_at"], age, assigned_at)


def _photo_clash(operation: dict[str, Any], at_hand: AtHand) -> dict[str, Any]:
    """A photo's id that already stands for another picture, by field; photos never change cases."""
    clashes = {
        str(index): {"id": ["stands for another photo already"]}
        for index, ref in enumerate(operation["payload"].get("photos", []))
        if ref["id"] in at_hand.photo_ids
    }
    return {"payload": {"photos": clashes}} if clashes else {}


def _quarantine_unreadable(tx: Tx, sender: Sender, at_hand: AtHand, sent: Sent) -> dict[str, Any]:
    """Keep it, and let the numbers go on if its number at least is plain: one unreadable deed is no dam."""
    given = sent.raw if isinstance(sent.raw, dict) else {}
    if type(given.get("seq")) is int and given["seq"] == at_hand.last_seq + 1:
        at_hand.last_seq += 1
    return _quarantine(tx, sender, at_hand.device, sent, Refusal.UNREADABLE, sent.errors)


def _quarantine(
    tx: Tx, sender: Sender, device: DeviceAtHand, sent: Sent, reason: Refusal, errors: Mapping[str, Any]
) -> dict[str, Any]:
    given = sent.raw.get("id") if isinstance(sent.raw, dict) else None
    operation_id = given if isinstance(given, str) else None
    keep_in_quarantine(tx, sender.person_id, device.id, operation_id, reason, errors, sent.digest, json.dumps(sent.raw))
    return _result(operation_id, Verdict.QUARANTINED, reason=reason, errors=errors)


def keep_in_quarantine(
    tx: Tx,
    person_id: int,
    device_id: str | None,
    operation_id: str | None,
    reason: str,
    errors: Mapping[str, Any],
    digest: str,
    raw: str,
) -> None:
    """Keep what was sent, once, as plain ASCII, for a person to look at."""
    kept = tx.session.scalar(
        select(QuarantinedWork.id).where(QuarantinedWork.person_id == person_id, QuarantinedWork.digest == digest)
    )
    if kept is None:
        tx.session.add(
            QuarantinedWork(
                received_at=tx.now,
                person_id=person_id,
                device_id=device_id,
                operation_id=_plain(operation_id),
                reason=reason,
                errors=json.loads(json.dumps(errors).replace("\\u0000", "")),
                digest=digest,
                raw=raw,
            )
        )
        tx.session.flush()


def _plain(text: str | None) -> str | None:
    return None if text is None else text.encode("ascii", "backslashreplace").decode().replace("\x00", "")[:100]


def _result(
    operation_id: str | None,
    verdict: Verdict,
    *,
    review: str | None = None,
    reason: str | None = None,
    errors: Mapping[str, Any] | None = None,
    case: CaseAtHand | None = None,
    photos_missing: list[str] | None = None,
) -> dict[str, Any]:
    return {
        "id": operation_id,
        "verdict": verdict.value,
        "review": review,
        "reason": reason,
        "errors": errors or {},
        "case": _case_now(case) if case else None,
        "photos_missing": photos_missing or [],
    }


def _case_now(case: CaseAtHand) -> dict[str, Any]:
    return {
        "id": case.id,
        "number": case.number,
        "status": case.status,
        "round": case.round,
        "updated_at": iso(case.updated_at),
    }
