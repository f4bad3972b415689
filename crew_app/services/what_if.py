"""What moving cases to a crew would cost, reckoned before anybody does it. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from flask import current_app

from crew_app.errors import BadInput
from crew_app.extensions import AnySession
from crew_app.mapping import LAST_JOB_COUNTS_FOR, crew_place, to_open_case
from crew_app.models import Crew
from crew_app.queries.feed import last_job_place
from crew_app.queries.moves import case_states, jobs_in_hand
from crew_app.queries.planning import declines, open_cases_among
from crew_app.services.assignments import order_jobs
from crew_app.services.planning import crews_ready
from crew_app.services.territories import Territories
from crew_app.workflow import IN_HAND_STATUSES, Status
from dispatch.eligibility import refusal_in_plan
from dispatch.parts import UNDER_WAY
from dispatch.replay.policies import PROMISES_KEPT
from dispatch.route import Stop, order_stops
from dispatch.types import CrewOnDuty, CrewRoute, OpenCase, Refusal, Stage
from dispatch.what_if import CasePrice, CrewPrice, Price, Ways, drive, late_s, with_jobs


def price_of_move(session: AnySession, case_ids: Sequence[int], crew_id: int, now: datetime) -> Price:
    """What changes for the crew that would get these cases and for those that have them now.

    Rounds are taken in the order in which phones show them; a new job goes where the next plan would put it: where it costs
    least, or, in a city that does not plan, by when it is due and then the nearest first. BadInput names what does not exist.
    """
    states = case_states(session, case_ids)
    taker_row = session.get(Crew, crew_id)
    if taker_row is None or not taker_row.is_active:
        raise BadInput("There is no such crew.", errors={"crew": ["not an active crew"]})
    if len(states) < len(set(case_ids)):
        raise BadInput("There is no such case.", errors={"cases": [f"unknown: {i}" for i in case_ids if i not in states]})
    givers = sorted({state.crew_id for state in states.values() if state.crew_id is not None} - {crew_id})
    crews = [taker_row, *(session.get_one(Crew, giver) for giver in givers)]
    lists = {crew.id: order_jobs(session, crew, now) or jobs_in_hand(session, crew.id) for crew in crews}
    jobs = open_jobs(session, {*case_ids, *(i for ids in lists.values() for i in ids)})
    on_duty = {crew.id: crew for crew in crews_ready(session, now)}
    seen = [on_duty.get(crew.id) or _off_duty(session, crew, len(lists[crew.id]), now) for crew in crews]
    ways = Ways.between(seen, list(jobs.values()), current_app.extensions["legs_of"])
    moved = [jobs[i] for i in dict.fromkeys(case_ids) if i in jobs and i not in lists[crew_id]]
    at = now.timestamp()
    priced, rounds = [], {}
    for crew in seen:
        before = [jobs[i] for i in lists[crew.id] if i in jobs]
        kept = [job for job in before if job.id not in states]
        after = place_jobs(crew, before, moved, at, ways) if crew.id == crew_id else kept
        rounds[crew.id] = drive(crew, after, at, ways)
        route = drive(crew, before, at, ways)
        late = late_s(route, jobs, at), late_s(rounds[crew.id], jobs, at)
        priced.append(CrewPrice(crew, crew.id in on_duty, route, rounds[crew.id], *late))
    taker, new_round = seen[0], rounds[crew_id]
    room = taker.capacity - len(lists[crew_id]) - len(moved)
    cases = tuple(_case_price(i, states[i].number, jobs.get(i), taker, new_round, has_room=room >= 0) for i in states)
    return Price(tuple(priced), cases, ways.legs.source)


def open_jobs(session: AnySession, ids: set[int]) -> dict[int, OpenCase]:
    """By id, those that are open and at a place that can be trusted."""
    declined_by = declines(session, ids)

    def stage(status: str) -> Stage:
        if status not in IN_HAND_STATUSES:
            return Stage.WAITING
        return Stage.SEEN if status == Status.ASSIGNED else Stage(status)

    territories = Territories(session)
    return {
        row.id: replace(
            to_open_case(
                row,
                stage(row.status),
                declined_by.get(row.id, frozenset()),
                stays=False,
                territory_ids=territories.of_place(row.latitude, row.longitude),
            ),
            pinned_to=None,
        )
        for row in open_cases_among(session, ids)
    }


def _off_duty(session: AnySession, crew: Crew, load: int, now: datetime) -> CrewOnDuty:
    """As if it began now, at its last place or its depot."""
    point, place = crew_place(crew, last_job_place(session, crew.id, now - LAST_JOB_COUNTS_FOR), now)
    return CrewOnDuty(
        id=crew.id,
        code=crew.code,
        department_id=crew.department_id,
        point=point,
        capacity=crew.capacity,
        load=load,
        skills=frozenset(crew.skills),
        district_ids=frozenset(crew.district_ids),
        territory_ids=Territories(session).of_crew(crew),
        place=place,
        lent_to=frozenset(crew.lent_department_ids),
    )


def place_jobs(crew: CrewOnDuty, jobs: Sequence[OpenCase], moved: Sequence[OpenCase], now: float, ways: Ways) -> list[OpenCase]:
    if current_app.config["DISPATCH_POLICY"] == "planned":
        return with_jobs(crew, jobs, moved, now, ways, PROMISES_KEPT)
    by_id = {job.id: job for job in (*jobs, *moved)}
    return [by_id[i] for i in order_stops(crew.point, [_stop(job) for job in by_id.values()], now)]


def _stop(job: OpenCase) -> Stop:
    return Stop(job.id, job.point, job.due_at, is_fixed=job.stage in UNDER_WAY)


def _case_price(
    case_id: int, number: str, job: OpenCase | None, taker: CrewOnDuty, new_round: CrewRoute, *, has_room: bool
) -> CasePrice:
    if job is None:
        return CasePrice(case_id, number)
    place = new_round.case_ids.index(case_id)
    ends_at = new_round.stops[place].ends_at
    refusal = refusal_in_plan(taker, job)
    if refusal is None and not has_room:
        refusal = Refusal.FULL
    if refusal is None and taker.shift_ends_at is not None and ends_at > taker.shift_ends_at:
        refusal = Refusal.NO_TIME
    return CasePrice(case_id, number, refusal, place + 1, ends_at, job.due_at)
