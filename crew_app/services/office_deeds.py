"""What the office does, written down with what each case was before it and after it, so that it can be undone as a unit.

A deed that ends cases needs a second person's yes when it ends several at once, or more than a person can have looked at;
then it is written down as asked for, and done when that person says so (services/approvals.py).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select

from crew_app.errors import BadInput, Conflict
from crew_app.models import ASKED_FOR, Case, DeedCase, DeedState, EventRow, OfficeDeed, Person
from crew_app.queries.moves import MOVING, CaseState, case_states, deeds_asked, ended_alone, last_moves, lock_cases
from crew_app.transaction import Tx
from crew_app.workflow import OPEN_STATUSES

# Closing and withdrawing: a case that one of these reaches is worked on by nobody any more.
ENDINGS = ("close", "withdraw")
# Nobody looks at more cases than this in a minute and decides that each is done (Boston, 12 February 2015: 9,000 in two
# hours, without the work done).
ENDED_ALONE_PER_MINUTE = 25
MINUTE = timedelta(minutes=1)
TOO_FAST = f"More than {ENDED_ALONE_PER_MINUTE} cases ended within a minute."
# A deed that changes one of these has to do with whose hands the case is in, even where it did not change that.
_WITH_STANDING = {"status", "assignment", "held_since", "latitude", "longitude", "place_problem"}

DoToOne = Callable[[Tx, Case], Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A case somebody means, as they saw it: its round, and its status; None: they do not say."""

    case_id: int
    round: int | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """A case that a deed left alone, and why: `unknown`, `changed` (by that event), `refused` (in words), `crew_gone`."""

    case_id: int
    why: str
    event: EventRow | None = None
    problem: Conflict | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """`deed`: what was done, or is asked for; None if nothing could be. `beside`: cases that were not meant, but changed along."""

    deed: OfficeDeed | None
    done: tuple[int, ...]
    left: tuple[Left, ...]
    beside: tuple[int, ...] = ()

    @property
    def is_asked(self) -> bool:
        return self.deed is not None and self.deed.state == DeedState.ASKED


def do_deed(
    tx: Tx,
    kind: str,
    wanted: Sequence[Wanted],
    person_id: int,
    form: Mapping[str, Any],
    do_to_one: DoToOne,
    why: str = "",
    reaches: Collection[int] = (),
) -> Result:
    """Do one thing to each of the cases that is as it was seen, and leave the others; all of it is one deed.

    `kind` and `form`: what it is called and what was asked for. Several endings, or too many a minute, are only asked for.
    `reaches`: cases that it may change along, whatever they are now; undoing it puts those back, too.
    BadInput if the form does not fit the city, or if no reason is given where a second person will want one.
    """
    by_id = {one.case_id: one for one in wanted}
    lock_cases(tx.session, {*by_id, *reaches})
    before = case_states(tx.session, {*by_id, *reaches})
    fit, left = _as_seen(tx, by_id, before)
    if kind in ENDINGS:
        if len(wanted) > 1 and not why:
            raise BadInput("Say why.", errors={"why": ["The second person who says yes to this needs a reason."]})
        over = [case_id for case_id in fit if before[case_id].status not in OPEN_STATUSES]
        fit = [case_id for case_id in fit if before[case_id].status in OPEN_STATUSES]
        left += left_as_changed(tx, over)
        if fit and needs_second_person(tx, person_id, len(fit)):
            return Result(ask(tx, kind, person_id, {i: before[i] for i in fit}, form, why or TOO_FAST), (), tuple(left))
    done, began = [], len(tx.events)
    for case_id in fit:
        emitted = len(tx.events)
        try:
            do_to_one(tx, tx.session.get_one(Case, case_id))
            done.append(case_id)
        except Conflict as problem:
            if len(tx.events) != emitted:  # refused half-way: then all of it is undone
                raise
            left.append(Left(case_id, "refused", problem=problem))
    beside = {event.case_id for event in tx.events[began:] if event.kind in MOVING} - {*done}
    if not done or not beside <= before.keys():  # undoing it here would undo half of it
        return Result(None, tuple(done), tuple(left))
    deed = OfficeDeed(kind=kind, person_id=person_id, asked_at=tx.now, why=why[:500], form=dict(form))
    write_down(tx, deed, before, done, left, beside)
    return Result(deed, tuple(done), tuple(left), tuple(beside))


def _as_seen(tx: Tx, wanted: Mapping[int, Wanted], now: Mapping[int, CaseState]) -> tuple[list[int], list[Left]]:
    """(those that are as they were seen, the others), in the order asked for."""

    def is_as_seen(one: Wanted) -> bool:
        state = now[one.case_id]
        return one.round in (None, state.round) and one.status in (None, state.status)

    fit = [case_id for case_id, one in wanted.items() if case_id in now and is_as_seen(one)]
    changed = [case_id for case_id, one in wanted.items() if case_id in now and not is_as_seen(one)]
    return fit, [Left(case_id, "unknown") for case_id in wanted if case_id not in now] + left_as_changed(tx, changed)


def left_as_changed(tx: Tx, ids: Sequence[int]) -> list[Left]:
    events = last_moves(tx.session, ids) if ids else {}
    return [Left(case_id, "changed", events.get(case_id)) for case_id in ids]


# ---- what it changed -------------------------------------------------------------------------------------------------


def write_down(
    tx: Tx,
    deed: OfficeDeed,
    before: Mapping[int, CaseState],
    done: Sequence[int],
    left: Sequence[Left] = (),
    beside: Collection[int] = (),
) -> None:
    """The deed is done: keep what it changed of each case, those `beside` the ones that were meant included, and which it left."""
    tx.session.flush()
    after = case_states(tx.session, {*done, *beside})
    deed.state, deed.done_at, deed.cases = DeedState.DONE, tx.now, len(done)
    tx.session.add(deed)
    tx.session.flush()
    rows: list[dict[str, Any]] = []
    for case_id in (*done, *sorted(beside)):
        was, became = changes(before[case_id], after[case_id])
        rows.append(_row(deed, case_id, before=was, after=became))
    rows += [
        _row(deed, one.case_id, left=one.why, stopped_by_seq=one.event.seq if one.event else None)
        for one in left
        if one.why != "unknown"
    ]
    if rows:
        tx.session.execute(insert(DeedCase).execution_options(render_nulls=True), rows)


def _row(deed: OfficeDeed, case_id: int, **values: Any) -> dict[str, Any]:
    blank = {"before": {}, "after": {}, "is_undone": False, "left": None, "stopped_by_seq": None}
    return {"deed_id": deed.id, "case_id": case_id, **blank, **values}


def changes(before: CaseState, after: CaseState) -> tuple[dict[str, Any], dict[str, Any]]:
    """The values that differ: (as they were, as they became). `standing` says whose hands it was left in, if that matters."""
    names = {name for name, value in before.values.items() if after.values[name] != value}
    if names & _WITH_STANDING:
        names |= {"status", "assignment"}
    became = {name: after.values[name] for name in sorted(names)}
    if names & _WITH_STANDING:
        became["standing"] = list(after.standing)
    return {name: before.values[name] for name in sorted(names)}, became


def is_as_left(now: CaseState, became: Mapping[str, Any]) -> bool:
    """Is what a deed changed still as it left it? What dispatch has done by itself since does not count."""
    if "standing" in became and list(now.standing) != became["standing"]:
        return False
    unlike = ("standing", "status", "assignment", "waiting")
    return all(now.values[name] == value for name, value in became.items() if name not in unlike)


# ---- a second person -------------------------------------------------------------------------------------------------


def needs_second_person(tx: Tx, person_id: int, cases: int) -> bool:
    """May this person not end so many cases now, alone? Holds the person, so that two requests at once are counted both."""
    if cases > 1:
        return True
    tx.session.execute(select(Person.id).where(Person.id == person_id).with_for_update())
    return ended_alone(tx.session, person_id, tx.now - MINUTE) + cases > ENDED_ALONE_PER_MINUTE


def ask(
    tx: Tx,
    kind: str,
    person_id: int,
    states: Mapping[int, CaseState],
    form: Mapping[str, Any],
    why: str,
    undoes_id: int | None = None,
) -> OfficeDeed:
    """Write down what somebody wants to do, with how each case stands now. The same asked for again joins what waits already."""
    tx.session.flush()
    asked = next(
        (
            deed
            for deed in deeds_asked(tx.session, tx.now - ASKED_FOR, person_id)
            if (deed.kind, deed.why, deed.form, deed.undoes_id) == (kind, why[:500], dict(form), undoes_id)
        ),
        None,
    )
    if asked is None:
        asked = OfficeDeed(
            kind=kind, state=DeedState.ASKED, person_id=person_id, asked_at=tx.now, why=why[:500], form=dict(form),
            undoes_id=undoes_id,
        )  # fmt: skip
        tx.session.add(asked)
        tx.session.flush()
    known = set(tx.session.scalars(select(DeedCase.case_id).where(DeedCase.deed_id == asked.id)))
    rows = [
        _row(asked, case_id, before={"standing": list(state.standing)}) for case_id, state in states.items() if case_id not in known
    ]
    if rows:
        tx.session.execute(insert(DeedCase).execution_options(render_nulls=True), rows)
    asked.cases = len(known) + len(rows)
    return asked
