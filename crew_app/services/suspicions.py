"""What looks odd about a crew's deed is written down for a person to look at, once; and the photos that come late take it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from crew_app.events import SuspicionRaised, SuspicionSettled
from crew_app.extensions import AnySession
from crew_app.mapping import to_evidence
from crew_app.models import Case, Closure, Operation, Suspicion
from crew_app.queries.suspicions import (
    announced_photos,
    awaited_photos_of,
    deeds_without_photos,
    given_for,
    suspicions_about,
)
from crew_app.services.cases import get_locked
from crew_app.services.closures import review_reason_now
from crew_app.suspicions import PHOTOS_COME_WITHIN, PHOTOS_MISSING, SUSPICIOUS, Evidence, suspicions_of
from crew_app.transaction import Tx

CAME = "came"


@dataclass(frozen=True, slots=True)
class KnownDeed:
    """Who did what to which case, and what speaks for it and against it."""

    case: Case
    crew_id: int
    person_id: int
    evidence: Evidence


def known_deed(session: AnySession, operation_id: str, now: datetime) -> KnownDeed | None:
    """None if it is about no case that exists, or there is nothing to judge: neither a closing nor photos."""
    closure = session.get(Closure, operation_id)
    operation = session.get(Operation, operation_id)
    photos = announced_photos(session, operation_id)
    source = closure or operation
    if source is None or source.case_id is None or source.crew_id is None or (closure is None and not photos):
        return None
    case = session.get(Case, source.case_id)
    if case is None:
        return None
    evidence = to_evidence(case, closure, operation, photos, given_for(session, case, photos), now)
    return KnownDeed(case, source.crew_id, source.person_id, evidence)


def raise_suspicions(tx: Tx, operation_id: str) -> list[Suspicion]:
    """Look at a deed by every rule; write down what was not found before."""
    deed = known_deed(tx.session, operation_id, tx.now)
    if deed is None:
        return []
    known = {suspicion.code for suspicion in suspicions_about(tx.session, operation_id)}
    found = {code: facts for code, facts in suspicions_of(deed.evidence).items() if code not in known}
    if not found:
        return []
    case = get_locked(tx, deed.case.id)
    return [_raise(tx, case, deed, operation_id, code, facts) for code, facts in found.items()]


def _raise(tx: Tx, case: Case, deed: KnownDeed, operation_id: str, code: str, facts: dict[str, object]) -> Suspicion:
    suspicion = Suspicion(
        code=code, operation_id=operation_id, case_id=case.id, crew_id=deed.crew_id, person_id=deed.person_id, facts=facts,
        raised_at=tx.now,
    )  # fmt: skip
    _write_down(tx, case, suspicion)
    return suspicion


def _write_down(tx: Tx, case: Case, suspicion: Suspicion) -> None:
    tx.session.add(suspicion)
    case.review_reason = case.review_reason or SUSPICIOUS
    case.updated_at = tx.now
    raised = SuspicionRaised(case_id=case.id, crew_id=suspicion.crew_id, code=suspicion.code, operation_id=suspicion.operation_id)
    tx.emit(raised)


def doubt_closing(tx: Tx, case: Case, closure: Closure, code: str) -> None:
    """Somebody beside the rules doubts a crew's closing; once for each closing. The caller holds the case."""
    if code not in {suspicion.code for suspicion in suspicions_about(tx.session, closure.id)}:
        suspicion = Suspicion(
            code=code, operation_id=closure.id, case_id=case.id, crew_id=closure.crew_id, person_id=closure.person_id, facts={},
            raised_at=tx.now,
        )  # fmt: skip
        _write_down(tx, case, suspicion)


def ask_for_photos(tx: Tx) -> int:
    """Photos that should have come a day ago: somebody must ask for them. Returns for how many deeds."""
    return sum(
        bool(raise_suspicions(tx, operation_id))
        for operation_id in deeds_without_photos(tx.session, tx.now - PHOTOS_COME_WITHIN, PHOTOS_MISSING)
    )


def settle_what_came(tx: Tx, operation_id: str) -> None:
    """The last of a deed's photos is here: nobody need ask for them any more."""
    for suspicion in suspicions_about(tx.session, operation_id):
        is_open = suspicion.code == PHOTOS_MISSING and suspicion.settled_at is None
        if is_open and not awaited_photos_of(tx.session, operation_id):
            write_decision(tx, get_locked(tx, suspicion.case_id), [suspicion], CAME, None)


def write_decision(
    tx: Tx, case: Case, suspicions: Sequence[Suspicion], decision: str, person_id: int | None, why: str = ""
) -> None:
    """The same about all that looked odd of one deed."""
    for suspicion in suspicions:
        suspicion.settled_at, suspicion.settled_by_id, suspicion.decision = tx.now, person_id, decision
    case.review_reason, case.updated_at = review_reason_now(tx, case), tx.now
    first = suspicions[0]
    tx.emit(
        SuspicionSettled(
            case_id=case.id,
            person_id=person_id,
            crew_id=first.crew_id,
            operation_id=first.operation_id,
            decision=decision,
            why=why or None,
        )
    )
