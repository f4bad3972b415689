"""What the office's deeds need to know: cases as they are, what changed them last, deeds done and asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, func, or_, select
from sqlalchemy.orm import joinedload

from crew_app.extensions import AnySession
from crew_app.models import (
    Assignment,
    Case,
    Closure,
    Crew,
    DeedCase,
    DeedState,
    Department,
    EventRow,
    Loan,
    OfficeDeed,
    Person,
    Service,
    Surge,
    Suspicion,
)
from crew_app.queries.dossier import CASES_IN_EVENTS
from crew_app.workflow import WAITING_STATUSES, Status

# What a deed of the office can change of a case, and undoing it puts back. Not the round, which only ever goes up.
CASE_COLUMNS = (
    "status", "outcome", "outcome_detail", "closing_note", "closed_at", "waiting", "is_urgent", "held_since", "held_why",
    "pinned_crew_id", "review_reason", "merged_into_id",
    "latitude", "longitude", "address", "district_id", "place_problem",
)  # fmt: skip
# The events that say how a case got where it is; the others tell of reading, notes and photos.
MOVING = (
    "case_opened", "case_imported", "case_assigned", "case_unassigned", "case_progressed", "case_closed", "closure_settled",
    "case_reopened", "case_withdrawn", "case_marked_urgent", "case_held", "case_released", "case_pinned", "case_placed",
    "case_merged", "case_split",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CaseState:
    """A case as it is. `values`: by name of column, in JSON's terms; and `assignment`, the open one's id, and `settled`,
    the closings of it that the office has decided about: id -> [when, who, accepted]; and `doubts`, likewise.
    """

    number: str
    round: int
    crew_id: int | None
    by_dispatch: bool  # in the crew's hands because dispatch said so, and the crew has not set out
    values: dict[str, Any]

    @property
    def status(self) -> Status:
        return Status(self.values["status"])

    @property
    def standing(self) -> tuple[str, int | None]:
        """(status, assignment), where everything that dispatch may give out, or has given out by itself, waits."""
        if self.by_dispatch or self.status in WAITING_STATUSES:
            return "waits", None
        return self.status, self.values["assignment"]


def lock_cases(session: AnySession, ids: Collection[int]) -> None:
    """Hold the cases until the transaction ends, in the order of their ids, so that two who want the same wait in turn."""
    session.execute(select(Case.id).where(Case.id.in_(ids)).order_by(Case.id).with_for_update())


def case_states(session: AnySession, ids: Collection[int]) -> dict[int, CaseState]:
    """Each of the cases that exists, as the database has it."""
    columns = [getattr(Case, name) for name in CASE_COLUMNS]
    cases = session.execute(
        select(Case.id, Case.number, Case.round, *columns, Assignment.id, Assignment.crew_id, Assignment.explanation)
        .outerjoin(Assignment, and_(Assignment.case_id == Case.id, Assignment.ended_at.is_(None)))
        .where(Case.id.in_(ids))
    )
    settled: dict[int, dict[str, Any]] = {}
    decisions = select(Closure.case_id, Closure.id, Closure.settled_at, Closure.settled_by_id, Closure.accepted)
    for case_id, closure_id, *decision in session.execute(
        decisions.where(Closure.case_id.in_(ids), Closure.settled_at.is_not(None))
    ):
        settled.setdefault(case_id, {})[closure_id] = [_in_json(value) for value in decision]
    doubts: dict[int, dict[str, Any]] = {}
    looked_at = select(Suspicion.case_id, Suspicion.id, Suspicion.settled_at, Suspicion.settled_by_id, Suspicion.decision)
    rows = session.execute(looked_at.where(Suspicion.case_id.in_(ids), Suspicion.settled_at.is_not(None)))
    for case_id, suspicion_id, at, by, said in rows:
        doubts.setdefault(case_id, {})[str(suspicion_id)] = [_in_json(at), by, said]
    states = {}
    for case_id, number, round_, *values, assignment_id, crew_id, explanation in cases:
        named = dict(zip(CASE_COLUMNS, map(_in_json, values), strict=True))
        named |= {"assignment": assignment_id, "settled": settled.get(case_id, {}), "doubts": doubts.get(case_id, {})}
        by_dispatch = bool(explanation) and explanation.get("by") not in ("person", "crew") and named["status"] == Status.ASSIGNED
        states[case_id] = CaseState(number, round_, crew_id, by_dispatch, named)
    return states


def _in_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def case_of_another(session: AnySession, ids: Collection[int], department_id: int) -> Case | None:
    """One of these cases that is not this department's, if there is any."""
    return session.scalar(select(Case).where(Case.id.in_(ids), Case.department_id != department_id).order_by(Case.id).limit(1))


def case_numbers(session: AnySession, ids: Collection[int]) -> dict[int, str]:
    return dict(session.execute(select(Case.id, Case.number).where(Case.id.in_(ids))).all())


def last_moves(session: AnySession, ids: Collection[int]) -> dict[int, EventRow]:
    """For each case the event that brought it where it is."""
    newest = select(func.max(EventRow.seq)).where(EventRow.case_id.in_(ids), EventRow.kind.in_(MOVING)).group_by(EventRow.case_id)
    return {event.case_id: event for event in session.scalars(select(EventRow).where(EventRow.seq.in_(newest)))}


def events_by_seq(session: AnySession, seqs: Iterable[int]) -> dict[int, EventRow]:
    return {event.seq: event for event in session.scalars(select(EventRow).where(EventRow.seq.in_(list(seqs))))}


def cases_named_in(events: Iterable[EventRow]) -> set[int]:
    """The ids of other cases that events name."""
    return {event.body[key] for event in events for key in CASES_IN_EVENTS if event.body.get(key) is not None}


def named_in(session: AnySession, events: Iterable[EventRow]) -> tuple[dict[int, Person], dict[int, Crew]]:
    """The people and the crews that events name, by id."""
    events = list(events)
    people = {event.person_id for event in events} - {None}
    crews = {event.body.get(key) for event in events for key in ("crew_id", "from_crew_id")} - {None}
    return (
        {person.id: person for person in session.scalars(select(Person).where(Person.id.in_(people)))},
        {crew.id: crew for crew in session.scalars(select(Crew).where(Crew.id.in_(crews)))},
    )


def ended_alone(session: AnySession, person_id: int, since: datetime) -> int:
    """How many cases this person closed or withdrew since then with nobody's yes; not those that came along with another."""
    alone = EventRow.body["approved_by_id"].as_integer().is_(None) & EventRow.body["with_case_id"].as_integer().is_(None)
    by_office = EventRow.body["closure_id"].as_string().is_(None)
    return session.scalars(
        select(func.count()).where(
            EventRow.at > since,
            EventRow.person_id == person_id,
            EventRow.kind.in_(("case_closed", "case_withdrawn")),
            alone & by_office,
        )
    ).one()


# Deeds.


def deeds_asked(session: AnySession, since: datetime, person_id: int | None = None) -> Sequence[OfficeDeed]:
    """What waits for a second person's yes and was asked for since then, the oldest first."""
    asked = select(OfficeDeed).options(joinedload(OfficeDeed.person)).where(OfficeDeed.state == DeedState.ASKED)
    if person_id is not None:
        asked = asked.where(OfficeDeed.person_id == person_id)
    return session.scalars(asked.where(OfficeDeed.asked_at > since).order_by(OfficeDeed.asked_at, OfficeDeed.id)).all()


def deeds_waiting(session: AnySession, since: datetime) -> int:
    """How many wait for a second person's yes."""
    asked = select(func.count()).where(OfficeDeed.state == DeedState.ASKED, OfficeDeed.asked_at > since)
    return session.scalar(asked.select_from(OfficeDeed)) or 0


def deeds_decided(session: AnySession, asked_before: datetime, limit: int) -> Sequence[OfficeDeed]:
    """What a second person said yes or no to, or nobody said anything to in time; the latest first."""
    return session.scalars(
        select(OfficeDeed)
        .options(joinedload(OfficeDeed.person), joinedload(OfficeDeed.decided_by))
        .where(
            or_(OfficeDeed.decided_at.is_not(None), (OfficeDeed.state == DeedState.ASKED) & (OfficeDeed.asked_at <= asked_before))
        )
        .order_by(OfficeDeed.id.desc())
        .limit(limit)
    ).all()


def deeds_done(session: AnySession, since: datetime, before_id: int | None, limit: int) -> Sequence[OfficeDeed]:
    """The latest first, from the one before `before_id` on."""
    done = select(OfficeDeed).options(joinedload(OfficeDeed.person), joinedload(OfficeDeed.decided_by))
    done = done.where(OfficeDeed.state == DeedState.DONE, OfficeDeed.done_at > since)
    if before_id is not None:
        done = done.where(OfficeDeed.id < before_id)
    return session.scalars(done.order_by(OfficeDeed.id.desc()).limit(limit)).all()


def deed_cases(session: AnySession, deed_id: int, limit: int | None = None) -> Sequence[DeedCase]:
    """What it did to each case; those it had to leave alone first."""
    order = (DeedCase.left.is_(None), DeedCase.case_id)
    rows = select(DeedCase).options(joinedload(DeedCase.case).joinedload(Case.service)).where(DeedCase.deed_id == deed_id)
    return session.scalars(rows.order_by(*order).limit(limit)).all()


def deed_changes(session: AnySession, deed_id: int) -> Sequence[Row[Any]]:
    """(case_id, before, after, is_undone) of all its cases; there may be thousands."""
    columns = (DeedCase.case_id, DeedCase.before, DeedCase.after, DeedCase.is_undone)
    return session.execute(select(*columns).where(DeedCase.deed_id == deed_id).order_by(DeedCase.case_id)).all()


def deed_case_ids(session: AnySession, deed_id: int) -> Sequence[int]:
    return session.scalars(select(DeedCase.case_id).where(DeedCase.deed_id == deed_id)).all()


def first_cases(session: AnySession, deed_ids: Collection[int], each: int) -> dict[int, list[DeedCase]]:
    """For each deed the first few cases it did something to, service loaded."""
    place = func.row_number().over(partition_by=DeedCase.deed_id, order_by=DeedCase.case_id).label("place")
    shown = DeedCase.deed_id.in_(deed_ids) & DeedCase.left.is_(None)
    ranked = select(DeedCase.deed_id, DeedCase.case_id, place).where(shown).subquery()
    rows = session.scalars(
        select(DeedCase)
        .join(ranked, and_(ranked.c.deed_id == DeedCase.deed_id, ranked.c.case_id == DeedCase.case_id))
        .where(ranked.c.place <= each)
        .options(joinedload(DeedCase.case).joinedload(Case.service))
        .order_by(DeedCase.deed_id, DeedCase.case_id)
    )
    found: dict[int, list[DeedCase]] = {deed_id: [] for deed_id in deed_ids}
    for row in rows:
        found[row.deed_id].append(row)
    return found


def make_up_of(session: AnySession, deed_id: int) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """([(service, how many)], [(status now, how many)]) of a deed's cases, the most first."""

    def counted(column: Any, *joins: Any) -> list[tuple[str, int]]:
        how_many = select(column, func.count()).select_from(DeedCase).join(Case, Case.id == DeedCase.case_id)
        for join in joins:
            how_many = how_many.join(join)
        rows = session.execute(how_many.where(DeedCase.deed_id == deed_id).group_by(column).order_by(func.count().desc(), column))
        return [(name, count) for name, count in rows]

    return counted(Service.name, Case.service), counted(Case.status)


# Crews.


def jobs_in_hand(session: AnySession, crew_id: int) -> list[int]:
    """The ids of the cases a crew holds."""
    return list(session.scalars(select(Assignment.case_id).where(Assignment.crew_id == crew_id, Assignment.ended_at.is_(None))))


def loans_running(session: AnySession, now: datetime) -> Sequence[Loan]:
    return session.scalars(
        select(Loan)
        .options(joinedload(Loan.crew), joinedload(Loan.department))
        .where(Loan.begins_at <= now, Loan.ends_at > now)
        .order_by(Loan.ends_at, Loan.id)
    ).all()


def surges_of(session: AnySession, limit: int) -> Sequence[Surge]:
    """The latest first."""
    return session.scalars(select(Surge).order_by(Surge.id.desc()).limit(limit)).all()


def deed_of_surge(session: AnySession, surge_id: int) -> OfficeDeed | None:
    """The deed that began it."""
    began = select(OfficeDeed).where(OfficeDeed.kind == "surge", OfficeDeed.form["surge"].as_integer() == surge_id)
    return session.scalar(began.order_by(OfficeDeed.id).limit(1))


def surge_crews(session: AnySession, surge_id: int) -> Sequence[Crew]:
    return session.scalars(
        select(Crew).options(joinedload(Crew.department)).where(Crew.surge_id == surge_id).order_by(Crew.code)
    ).all()


def surge_people(session: AnySession, surge_id: int) -> Sequence[Person]:
    return session.scalars(
        select(Person).join(Crew, Crew.id == Person.crew_id).where(Crew.surge_id == surge_id).order_by(Person.email)
    ).all()


def departments(session: AnySession) -> Sequence[Department]:
    return session.scalars(select(Department).order_by(Department.name)).all()


def active_crews(session: AnySession) -> Sequence[Crew]:
    return session.scalars(
        select(Crew).options(joinedload(Crew.department)).where(Crew.is_active.is_(True)).order_by(Crew.code)
    ).all()
