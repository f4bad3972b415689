"""Somebody of the office decides about a deed that looked odd, or about work that could not be applied."""

from __future__ import annotations

from collections.abc import Sequence

from crew_app.errors import Conflict, NotFound
from crew_app.models import Case, MessageKind, OfficeDeed, Person, QuarantinedWork, Suspicion
from crew_app.queries.suspicions import suspicions_about
from crew_app.services.cases import reopen_case
from crew_app.services.messages import tell_crew
from crew_app.services.office_deeds import Result, Wanted, do_deed, write_down
from crew_app.services.quarantine import settle_quarantined
from crew_app.services.suspicions import write_decision
from crew_app.suspicions import suspicion_words
from crew_app.transaction import Tx


def decide_doubt(tx: Tx, operation_id: str, decision: str, why: str, person_id: int) -> Result:
    """ "accept": the closing stands; "reopen": it was not done, and the case waits again. The crew is told either way.

    Conflict, with who it was, if somebody has decided; NotFound if nothing about this deed looked odd.
    """
    suspicions = suspicions_about(tx.session, operation_id)
    if not suspicions:
        raise NotFound("Nothing about this looks odd.")
    form = {"operation": operation_id, "decision": decision}
    wanted = [Wanted(suspicions[0].case_id)]
    return do_deed(
        tx, "doubt", wanted, person_id, form, lambda tx, case: _decide(tx, case, operation_id, decision, why, person_id), why
    )


def _decide(tx: Tx, case: Case, operation_id: str, decision: str, why: str, person_id: int) -> None:
    suspicions = suspicions_about(tx.session, operation_id)  # again, now that the case is held
    still_open = [one for one in suspicions if one.settled_at is None]
    if not still_open:
        raise Conflict(f"{_who_decided(tx, suspicions)} has decided this already.", code="already-settled")
    if decision == "reopen":
        said = why or " ".join(suspicion_words(one.code, one.facts) for one in still_open)
        reopen_case(tx, case.id, said[:500], person_id)
    write_decision(tx, case, still_open, decision, person_id, why)


def _who_decided(tx: Tx, suspicions: Sequence[Suspicion]) -> str:
    by = next((one.settled_by_id for one in suspicions if one.settled_by_id is not None), None)
    return tx.session.get_one(Person, by).name if by is not None else "The city"


def settle_kept(tx: Tx, work_id: int, how: str, person_id: int) -> OfficeDeed:
    """Kept work is dealt with: it is off the list, stays kept whole, and its crew is told how."""
    work = settle_quarantined(tx, work_id, person_id, how)
    deed = OfficeDeed(kind="kept", person_id=person_id, asked_at=tx.now, form={"work": work.id})
    write_down(tx, deed, {}, ())
    _tell_of_kept(tx, work, how, person_id)
    return deed


def _tell_of_kept(tx: Tx, work: QuarantinedWork, how: str, person_id: int) -> None:
    sender = tx.session.get_one(Person, work.person_id)
    if sender.crew_id is None:  # in no crew any more
        return
    sent = f"The office has looked at what {sender.name}’s phone sent and could not be applied."
    tell_crew(tx, sender.crew_id, MessageKind.WORDS, None, f"{sent} {how}".strip(), person_id)
