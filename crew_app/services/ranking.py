"""What each crew on duty would make of a case, as it is now: why this crew, and why not that one. Reads only."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from flask import current_app

from crew_app.extensions import AnySession
from crew_app.models import Crew
from crew_app.queries.moves import case_states
from crew_app.services.assignments import order_jobs
from crew_app.services.planning import crews_ready
from crew_app.services.what_if import open_jobs, place_jobs
from dispatch.distance import metres_between
from dispatch.eligibility import refusal_in_plan
from dispatch.types import CrewOnDuty, OpenCase, Refusal
from dispatch.what_if import Ranked, Ways, drive


def rank_crews(session: AnySession, case_id: int, now: datetime) -> list[Ranked]:
    """Those that can take it, the least added way first; then the others, the nearest first. Empty: it has no known place."""
    state = case_states(session, [case_id])[case_id]
    job = open_jobs(session, {case_id}).get(case_id)
    if job is None:
        return []
    job = replace(job, pinned_to=state.values["pinned_crew_id"])
    ranked = [_rank(session, crew, job, state.crew_id == crew.id, now) for crew in crews_ready(session, now)]
    return sorted(
        ranked, key=lambda one: (one.refusal is not None, one.added_m if one.refusal is None else one.away_m, one.crew.code)
    )


def _rank(session: AnySession, crew: CrewOnDuty, job: OpenCase, has_it: bool, now: datetime) -> Ranked:
    whether = Ranked(crew, has_it, metres_between(crew.point, job.point), refusal_in_plan(crew, job))
    if whether.refusal is None and not has_it and crew.load >= crew.capacity:
        whether = replace(whether, refusal=Refusal.FULL)
    if whether.refusal is not None:
        return whether
    ids = [i for i in order_jobs(session, session.get_one(Crew, crew.id), now) if i != job.id]
    jobs = open_jobs(session, {*ids})
    kept = [jobs[i] for i in ids if i in jobs]
    at = now.timestamp()
    ways = Ways.between([crew], [*kept, job], current_app.extensions["legs_of"])
    before = drive(crew, kept, at, ways)
    after = drive(crew, place_jobs(crew, kept, [job], at, ways), at, ways)
    ends_at = next(stop.ends_at for stop in after.stops if job.id in stop.case_ids)
    is_over = crew.shift_ends_at is not None and ends_at > crew.shift_ends_at
    return replace(
        whether,
        refusal=Refusal.NO_TIME if is_over else None,
        added_m=after.metres - before.metres,
        ends_at=ends_at,
        late_s=max(0.0, ends_at - job.due_at) if job.due_at is not None else 0.0,
    )
