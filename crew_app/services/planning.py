"""Who goes where: look at the city, think, carry it out. Three steps, because thinking takes a second and must hold up
no crew's closing: nothing is locked meanwhile, and whatever changed in between is left for the next run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import Row, select
from sqlalchemy.orm import selectinload

from crew_app.events import CaseUnassigned, JobsReordered
from crew_app.extensions import AnySession
from crew_app.mapping import LAST_JOB_COUNTS_FOR, to_crew_on_duty, to_open_case
from crew_app.models import Case, DispatchRun
from crew_app.queries.cases import crews_on_duty, last_job_places, open_assignment
from crew_app.queries.planning import (
    borrowed,
    crews_on_urgent_work,
    declines,
    last_contacts,
    lists_of,
    loads,
    on_duty_until,
    open_cases,
)
from crew_app.services.cases import end_assignment, hand_over
from crew_app.services.territories import Territories
from crew_app.transaction import Tx
from crew_app.workflow import IN_HAND_STATUSES, Status
from dispatch.assign import assign_free_crews, plan_assignments
from dispatch.distance import LegsOf, legs_by_air
from dispatch.engine import INTERPRETED, Engine
from dispatch.plan import plan_day
from dispatch.replay.policies import PROMISES_KEPT
from dispatch.types import (
    Assignment,
    Budget,
    Candidate,
    Cost,
    CrewOnDuty,
    DayPlan,
    Decision,
    OpenCase,
    Option,
    Plan,
    Rules,
    Stage,
    StillWaiting,
)

# A phone that has been silent for longer may hold closings we have not heard of: what it has read stays its own.
QUIET_AFTER = timedelta(minutes=10)
# What a crew brings home undone is its own for so long after its shift: its phone may still have closings to send.
GOES_HOME_WITHIN = timedelta(hours=1)
# A crew is told of a new order when it begins otherwise; what comes late in the day changes too often to be news.
NEXT_STOPS = 3
WHY_MOVED = "Planned anew, with less driving and less lateness for all crews together."


@dataclass(frozen=True, slots=True)
class Picture:
    """The city as dispatch saw it at one moment. `rows`: each open case as it was read, by id."""

    now: datetime
    rows: Mapping[int, Row[Any]]
    cases: list[OpenCase]
    crews: list[CrewOnDuty]


@dataclass(frozen=True, slots=True)
class Thinking:
    """What the planner may use: how long, which engine, how far it is by which way."""

    budget: Budget
    engine: Engine = INTERPRETED
    legs_of: LegsOf = legs_by_air
    rules: Rules = PROMISES_KEPT  # what `flask replay` plays, too


@dataclass(frozen=True, slots=True)
class Move:
    """A case into a crew's hands, out of another's if one has it; `crew_id` None: it waits again."""

    case_id: int
    crew_id: int | None
    metres: float | None = None
    explanation: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Orders:
    """What is to be done. `lists`: crew -> its jobs in the order to visit them, where a plan was made."""

    policy: str
    moves: tuple[Move, ...]
    waiting: tuple[StillWaiting, ...]
    lists: dict[int, tuple[int, ...]] = field(default_factory=dict)
    cost: Cost | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What a run did, counted."""

    given: int
    moved: int
    skipped: int
    waiting: tuple[StillWaiting, ...]


# ---- look ----------------------------------------------------------------------------------------------------------


def crews_ready(session: AnySession, now: datetime) -> list[CrewOnDuty]:
    """The crews whose shift is running, as dispatch sees them."""
    held = loads(session)
    places = last_job_places(session, now - LAST_JOB_COUNTS_FOR)
    on_urgent = crews_on_urgent_work(session)
    until = on_duty_until(session, now, since=now)
    borrowed_by = borrowed(session, now)
    contact_minutes = current_app.config["CREW_CONTACT_MINUTES"]
    territories = Territories(session)
    return [
        to_crew_on_duty(
            shift.crew,
            shift,
            held.get(shift.crew_id, 0),
            places.get(shift.crew_id),
            now,
            contact_minutes,
            on_duty_until=until[shift.crew_id],
            is_on_urgent=shift.crew_id in on_urgent,
            borrowed_by=borrowed_by.get(shift.crew_id, ()),
            territory_ids=territories.of_crew(shift.crew),
        )
        for shift in crews_on_duty(session, now)
    ]


def look(session: AnySession, now: datetime) -> Picture:
    """Every open case that a crew can be sent to or has, and every crew on duty."""
    rows = {row.id: row for row in open_cases(session)}
    declined_by = declines(session)
    heard = last_contacts(session)
    territories = Territories(session)
    at_work = on_duty_until(session, now, since=now - GOES_HOME_WITHIN).keys()
    cases = [
        to_open_case(
            row,
            _stage(row, heard, at_work),
            declined_by.get(row.id, frozenset()),
            stays=row.crew_id in at_work and _stays(row, heard, now),
            territory_ids=territories.of_place(row.latitude, row.longitude),
        )
        for row in rows.values()
    ]
    return Picture(now, rows, cases, crews_ready(session, now))


def _stage(row: Row[Any], heard: Mapping[int, datetime], at_work: Container[int]) -> Stage:
    if row.status not in IN_HAND_STATUSES or row.crew_id is None:
        return Stage.WAITING
    if row.status != Status.ASSIGNED:
        return Stage(row.status)
    if row.crew_id not in at_work and row.pinned_crew_id is None:
        return Stage.WAITING  # left over by a crew that went home: whoever works now may do it
    return Stage.SEEN if _knows(row, heard) else Stage.GIVEN


def _knows(row: Row[Any], heard: Mapping[int, datetime]) -> bool:
    """The crew said so, or its phone has asked since."""
    return row.accepted_at is not None or (row.crew_id in heard and heard[row.crew_id] >= row.assigned_at)


def _stays(row: Row[Any], heard: Mapping[int, datetime], now: datetime) -> bool:
    """A crew that knows of the job and has been silent for a while may be at it, or done with it."""
    is_given = row.status == Status.ASSIGNED and row.crew_id is not None
    return is_given and _knows(row, heard) and (row.crew_id not in heard or now - heard[row.crew_id] > QUIET_AFTER)


# ---- think ---------------------------------------------------------------------------------------------------------


def nearest(picture: Picture, thinking: Thinking) -> Orders:
    """Each case to the nearest crew with room, as it arrives."""
    return _orders("nearest", plan_assignments(_waiting_cases(picture), picture.crews))


def on_free(picture: Picture, thinking: Thinking) -> Orders:
    """The nearest case to each crew that has nothing to do; everything else waits."""
    return _orders("on_free", assign_free_crews(_waiting_cases(picture), picture.crews))


def planned(picture: Picture, thinking: Thinking) -> Orders:
    """A round for every crew, all together as short and as punctual as the time allows, from the rounds there are."""
    plan = plan_day(
        picture.cases,
        picture.crews,
        picture.now.timestamp(),
        rules=thinking.rules,
        legs_of=thinking.legs_of,
        budget=thinking.budget,
        engine=thinking.engine,
    )
    return Orders(
        "planned",
        tuple(_moves_of(picture, plan)),
        plan.waiting,
        {route.crew_id: route.case_ids for route in plan.routes},
        plan.cost,
    )


POLICIES: dict[str, Callable[[Picture, Thinking], Orders]] = {"nearest": nearest, "on_free": on_free, "planned": planned}


def thinking_of(app_extensions: Mapping[str, Any], config: Mapping[str, Any], is_thorough: bool) -> Thinking:
    """As the city set it: for an event a fifth of the seconds that the rolling plan gets each minute."""
    iterations, seconds = config["DISPATCH_ITERATIONS"], config["DISPATCH_SECONDS"] / (1 if is_thorough else 5)
    budget = Budget(iterations=iterations) if iterations else Budget(seconds=seconds, read_clock=time.monotonic)
    return Thinking(budget, app_extensions.get("dispatch_engine", INTERPRETED), app_extensions.get("legs_of", legs_by_air))


def _waiting_cases(picture: Picture) -> list[OpenCase]:
    return [case for case in picture.cases if case.stage is Stage.WAITING]


def _orders(policy: str, plan: Plan) -> Orders:
    moves = tuple(Move(given.case_id, given.crew_id, given.metres, _nearest_explained(policy, given)) for given in plan.assignments)
    return Orders(policy, moves, plan.waiting)


def _moves_of(picture: Picture, plan: DayPlan) -> list[Move]:
    """Where the plan's rounds differ from the lists the crews have."""
    codes = {crew.id: crew.code for crew in picture.crews}
    moves = []
    for route in plan.routes:
        for case_id in route.case_ids:
            holder = picture.rows[case_id].crew_id
            if holder != route.crew_id:
                decision = plan.decisions[case_id]
                explanation = _plan_explained(decision, plan, codes.get(holder) if holder is not None else None)
                moves.append(Move(case_id, route.crew_id, decision.chosen.added_metres, explanation))
    moves += [Move(h.case_id, None) for h in plan.hand_overs if h.to_crew_id is None]
    return moves


def _nearest_explained(policy: str, given: Assignment) -> dict[str, Any]:
    return {
        "by": policy,
        "nearer": [_candidate(c) for c in given.nearer],
        "runner_up": _candidate(given.runner_up) if given.runner_up else None,
        "considered": given.considered,
    }


def _plan_explained(decision: Decision, plan: DayPlan, from_code: str | None) -> dict[str, Any]:
    return {
        "by": "planned",
        "chosen": _option(decision.chosen),
        "runners_up": [_option(option) for option in decision.runners_up],
        "refused": [{"crew": option.code, "refusal": option.refusal} for option in decision.refused],
        "considered": decision.considered,
        "distance": plan.distance_source,
        **({"from": from_code} if from_code else {}),
    }


def _candidate(candidate: Candidate) -> dict[str, Any]:
    return {"crew": candidate.code, "metres": round(candidate.metres), "refusal": candidate.refusal}


def _option(option: Option) -> dict[str, Any]:
    return {
        "crew": option.code,
        "place": option.place_in_route,
        "metres": round(option.added_metres),
        "minutes": round(option.added_s / 60),
        "late_minutes": round(option.added_late_s / 60),
        "cost_m": round(option.added_cost_m),
    }


def dispatch_within(tx: Tx, policy: str | None = None) -> Orders:
    """Look, think and carry out in one transaction, where nobody waits for it (a demo, a test); by the city's policy."""
    picture = look(tx.session, tx.now)
    thinking = thinking_of(current_app.extensions, current_app.config, is_thorough=True)
    orders = POLICIES[policy or current_app.config["DISPATCH_POLICY"]](picture, thinking)
    carry_out(tx, picture, orders)
    return orders


# ---- carry out -----------------------------------------------------------------------------------------------------


def carry_out(tx: Tx, picture: Picture, orders: Orders, took_s: float = 0.0) -> Done:
    """Write down what was decided; all of it, or nothing. A case that changed since it was looked at is left alone."""
    ids = [move.case_id for move in orders.moves]
    cases = {
        case.id: case
        for case in tx.session.scalars(
            select(Case).where(Case.id.in_(ids)).order_by(Case.id).with_for_update(of=Case).options(selectinload(Case.assignments))
        )
    }
    todo = [move for move in orders.moves if _is_as_seen(cases[move.case_id], picture.rows[move.case_id])]
    from_crews = {move.case_id: end_assignment(tx, cases[move.case_id], "planned anew") for move in todo}
    tx.session.flush()  # before new ones are written: only one may be open
    positions = {case_id: n for jobs in orders.lists.values() for n, case_id in enumerate(jobs)}
    for move in todo:
        _move(tx, cases[move.case_id], move, from_crews[move.case_id], positions.get(move.case_id))
    _reorder(tx, orders, {move.case_id for move in todo})
    taken_back = {move.case_id for move in todo if move.crew_id is None}
    _say_why_waiting(tx, picture, orders.waiting, taken_back)
    moved = sum(from_crew is not None for from_crew in from_crews.values())
    done = Done(len(todo) - moved, moved, len(orders.moves) - len(todo), orders.waiting)
    if todo:
        tx.session.add(
            DispatchRun(
                at=tx.now,
                policy=orders.policy,
                cases=len(picture.cases),
                crews=len(picture.crews),
                given=done.given,
                moved=done.moved,
                skipped=done.skipped,
                took_ms=round(took_s * 1000),
                cost=asdict(orders.cost) if orders.cost else None,
            )
        )
    return done


def _is_as_seen(case: Case, row: Row[Any]) -> bool:
    held = open_assignment(case)
    return (case.round, case.status, held.crew_id if held else None) == (row.round, row.status, row.crew_id)


def _move(tx: Tx, case: Case, move: Move, from_crew_id: int | None, position: int | None) -> None:
    if move.crew_id is not None:
        why = WHY_MOVED if from_crew_id is not None else None
        hand_over(tx, case, move.crew_id, move.metres, move.explanation, why=why, from_crew_id=from_crew_id, position=position)
    elif from_crew_id is not None:
        case.status, case.round, case.updated_at = Status.RECEIVED, case.round + 1, tx.now
        tx.emit(CaseUnassigned(case_id=case.id, from_crew_id=from_crew_id, round=case.round, why=WHY_MOVED))


def _reorder(tx: Tx, orders: Orders, moved: set[int]) -> None:
    """Keep the plan's order; tell a crew whose next stops come in another one, unless a moved job tells it anyway."""
    if not orders.lists:
        return
    before: dict[int, list[tuple[int, int]]] = {}
    for assignment in lists_of(tx.session, list(orders.lists)):
        planned = orders.lists[assignment.crew_id]
        position = planned.index(assignment.case_id) if assignment.case_id in planned else None
        if assignment.case_id not in moved:
            last = len(planned) if assignment.position is None else assignment.position
            before.setdefault(assignment.crew_id, []).append((last, assignment.case_id))
        if assignment.position != position:
            assignment.position = position
    for crew_id, jobs in orders.lists.items():
        was = [case_id for _, case_id in sorted(before.get(crew_id, []))]
        if jobs and not moved & set(jobs) and was[:NEXT_STOPS] != list(jobs[:NEXT_STOPS]):
            tx.emit(JobsReordered(case_id=jobs[0], crew_id=crew_id))


def _say_why_waiting(tx: Tx, picture: Picture, waiting: tuple[StillWaiting, ...], taken_back: set[int]) -> None:
    reasons = {w.case_id: {"why": w.why.value, "nearest": [_candidate(c) for c in w.nearest]} for w in waiting}
    waits = {i for i in reasons if picture.rows[i].crew_id is None} | taken_back
    changed = [i for i, reason in reasons.items() if i in waits and picture.rows[i].waiting != reason]
    for case in tx.session.scalars(select(Case).where(Case.id.in_(changed))):
        case.waiting = reasons[case.id]
