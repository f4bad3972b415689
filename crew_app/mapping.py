"""Rows become core values here, and nowhere else."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from crew_app.models import Case, Crew, Operation, Photo, RoutingRule, Shift
from crew_app.models import Closure as ClosureRow
from crew_app.models.at_hand import AssignmentAtHand, CaseAtHand, ClosureAtHand
from crew_app.routing import Rule
from crew_app.suspicions import Evidence, PhotoSeen
from dispatch.route import Stop
from dispatch.types import CrewOnDuty, OpenCase, Point, Stage
from sync.types import CaseView, Closure

# A position older than this says little about where a crew is now; its last job, then its depot, say more.
FRESH_POSITION = timedelta(minutes=10)
# A crew's last job says where it is for this long; after it, its depot is the better guess.
LAST_JOB_COUNTS_FOR = timedelta(hours=4)


def to_case_view(case: CaseAtHand, assignment: AssignmentAtHand | None) -> CaseView:
    """`assignment`: the one of the case's present round. The closures are those that count in it."""
    return CaseView(
        round=case.round,
        status=case.status,
        crew_id=assignment.crew_id if assignment else None,
        closures=tuple(to_closure(c) for c in case.closures if c.counts and c.round_seen == case.round),
    )


def to_closure(row: ClosureAtHand) -> Closure:
    return Closure(row.id, row.crew_id, row.round_seen, row.outcome, row.done_at)


def to_open_case(
    row: Row[Any], stage: Stage, declined_by: frozenset[int], *, stays: bool, territory_ids: frozenset[int]
) -> OpenCase:
    """From a row of queries.planning.open_cases. `stays`: it may not be taken from the crew that has it."""
    return OpenCase(
        id=row.id,
        point=Point(row.latitude, row.longitude),
        department_id=row.department_id,
        opened_at=row.opened_at.timestamp(),
        due_at=row.due_at.timestamp() if row.due_at else None,
        skills=frozenset(row.skills),
        district_id=row.district_id,
        territory_ids=territory_ids,
        declined_by=declined_by,
        is_urgent=row.is_urgent,
        # Held, in a crew's hands, means locked in its place on the round; not for a crew that has gone home.
        is_held=row.held_since is not None and (row.crew_id is None or stage is not Stage.WAITING),
        pinned_to=row.crew_id if stays else row.pinned_crew_id,
        service=row.service,
        work_s=row.work_minutes * 60.0,
        stage=stage,
        crew_id=None if stage is Stage.WAITING else row.crew_id,
        position=row.position,
    )


def to_crew_on_duty(
    crew: Crew,
    shift: Shift,
    load: int,
    last_job: Point | None,
    now: datetime,
    contact_minutes: int,
    *,
    on_duty_until: datetime,
    is_on_urgent: bool = False,
    borrowed_by: Collection[int] = (),
    territory_ids: frozenset[int] = frozenset(),
) -> CrewOnDuty:
    """`last_job`: where the crew closed or reached a case last in this shift, if it did. `on_duty_until`: when it goes home.

    `borrowed_by`: other departments it works for now, beside those it always does.
    """
    point, place = crew_place(crew, last_job, now)
    # A crew that never had a phone is reached by radio. One that had is given the first minutes of its shift to
    # switch it on.
    heard_at = max(crew.last_contact_at, shift.starts_at) if crew.last_contact_at else now
    rest = timedelta(minutes=shift.break_minutes)
    return CrewOnDuty(
        id=crew.id,
        code=crew.code,
        department_id=crew.department_id,
        point=point,
        capacity=crew.capacity,
        load=load,
        skills=frozenset(crew.skills if shift.skills is None else shift.skills),
        district_ids=frozenset(crew.district_ids),
        territory_ids=territory_ids,
        on_break=shift.break_since is not None,
        in_contact=contact_minutes <= 0 or now - heard_at <= timedelta(minutes=contact_minutes),
        place=place,
        free_at=max(now, shift.break_since + rest).timestamp() if shift.break_since else None,
        shift_ends_at=on_duty_until.timestamp(),
        break_from=shift.break_from.timestamp() if shift.break_from and not shift.break_since else None,
        break_s=rest.total_seconds() if shift.break_from else 0.0,
        lent_to=frozenset((*crew.lent_department_ids, *borrowed_by)),
        on_urgent=is_on_urgent,
    )


def crew_place(crew: Crew, last_job: Point | None, now: datetime) -> tuple[Point, str]:
    """Where the crew is thought to be, and how that is known: "position", "job" or "depot"."""
    fresh = crew.last_placed_at is not None and now - crew.last_placed_at <= FRESH_POSITION
    if fresh and crew.last_latitude is not None and crew.last_longitude is not None:
        return Point(crew.last_latitude, crew.last_longitude), "position"
    if last_job is not None:
        return last_job, "job"
    return Point(crew.depot_latitude, crew.depot_longitude), "depot"


def to_stop(case: Case | Row[Any]) -> Stop:
    """From a case, or a row with its id, latitude, longitude, due_at and status."""
    assert case.latitude is not None and case.longitude is not None
    return Stop(
        case_id=case.id,
        point=Point(case.latitude, case.longitude),
        due_at=case.due_at.timestamp() if case.due_at else None,
        is_fixed=case.status in ("en_route", "on_site"),
    )


def to_rule(row: RoutingRule) -> Rule:
    return Rule(
        id=row.id,
        service_id=row.service_id,
        district_ids=frozenset(row.district_ids),
        weekdays=frozenset(row.weekdays),
        begins=row.begins,
        ends=row.ends,
        question=row.question,
        answers=frozenset(row.answers),
        department_id=row.department_id,
        crew_id=row.crew_id,
        queue=row.queue,
    )


def to_evidence(
    case: Case,
    closure: ClosureRow | None,
    operation: Operation | None,
    photos: Sequence[Photo],
    also_of: Mapping[str, tuple[str, ...]],
    now: datetime,
) -> Evidence:
    """`also_of`: SHA-256 -> the numbers of cases that had the same bytes."""
    seen = tuple(PhotoSeen(p.announced_at, p.verified_at is not None, also_of.get(p.sha256, ())) for p in photos)
    if closure is None:
        return Evidence(now=now, photos=seen)
    return Evidence(
        now=now,
        received_at=closure.received_at,
        made_at=closure.made_at,
        done_at=closure.done_at,
        age_is_known=operation is None or operation.body.get("age_ms") is not None,
        outcome=closure.outcome,
        due_at=case.due_at,
        case_place=_point(case.latitude, case.longitude) if case.place_problem is None else None,
        phone_place=_point(closure.latitude, closure.longitude),
        accuracy_m=closure.accuracy_m or 0.0,
        photos=seen,
    )


def _point(latitude: float | None, longitude: float | None) -> Point | None:
    return None if latitude is None or longitude is None else Point(latitude, longitude)
