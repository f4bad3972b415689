"""What anybody may read: only through here do public pages, feeds, APIs and exports reach cases and photos."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Row, Select, Subquery, or_, select, union_all
from sqlalchemy.orm import defer, joinedload

from crew_app.extensions import AnySession
from crew_app.models import Case, District, EventRow, Note, Photo, PhotoState, Service
from crew_app.workflow import OPEN_STATUSES, Status

IS_PUBLIC: ColumnElement[bool] = Service.is_public.is_(True)  # of a case joined with its service


def public_services(session: AnySession) -> Sequence[Service]:
    """What residents may report, group by group."""
    return session.scalars(
        select(Service).where(Service.is_public.is_(True), Service.is_active.is_(True)).order_by(Service.group, Service.name)
    ).all()


def public_service(session: AnySession, code: str) -> Service | None:
    return session.scalar(select(Service).where(Service.code == code, Service.is_public.is_(True), Service.is_active.is_(True)))


def public_case(session: AnySession, number: str) -> Case | None:
    """The case with this number if its service is one residents may know of."""
    return session.scalar(select(Case).join(Case.service).options(joinedload(Case.service)).where(Case.number == number, IS_PUBLIC))


def case_sent_as(session: AnySession, key: str | None) -> str | None:
    """The number of the case that was reported under this key before."""
    return session.scalar(select(Case.number).where(Case.opened_by_id == key)) if key else None


def latest_public_cases(session: AnySession, limit: int = 10) -> Sequence[Case]:
    return session.scalars(
        select(Case)
        .join(Case.service)
        .options(defer(Case.open_data), joinedload(Case.service))
        .where(IS_PUBLIC, Case.status != Status.WITHDRAWN)
        .order_by(Case.opened_at.desc(), Case.id.desc())
        .limit(limit)
    ).all()


def district_by_code(session: AnySession, code: str) -> District | None:
    return session.scalar(select(District).where(District.code == code).order_by(District.id).limit(1))


def districts_by_name(session: AnySession) -> Sequence[District]:
    return session.scalars(select(District).options(defer(District.boundary)).order_by(District.name, District.id)).all()


def lately_changed(
    session: AnySession, limit: int, service_id: int | None = None, district_id: int | None = None
) -> Sequence[Case]:
    """The public cases that changed last, newest first."""
    wanted = (
        select(Case)
        .join(Case.service)
        .options(defer(Case.open_data), joinedload(Case.service), joinedload(Case.merged_into).load_only(Case.number))
        .where(IS_PUBLIC)
    )
    if service_id is not None:
        wanted = wanted.where(Case.service_id == service_id)
    if district_id is not None:
        wanted = wanted.where(Case.district_id == district_id)
    return session.scalars(wanted.order_by(Case.updated_at.desc(), Case.id.desc()).limit(limit)).all()


Bounds = tuple[float, float, float, float]  # west, south, east, north


def public_cases_within(session: AnySession, bounds: Bounds | None, since: datetime, limit: int) -> Sequence[Case]:
    """The newest that are open or were dealt with since then; None: of the whole city."""
    shown = _on_the_map(bounds, since, limit)
    return session.scalars(
        select(Case)
        .join(shown, shown.c.id == Case.id)
        .options(defer(Case.open_data), joinedload(Case.service))
        .order_by(Case.opened_at.desc(), Case.id.desc())
    ).all()


def public_marks_within(
    session: AnySession, bounds: Bounds | None, since: datetime, limit: int
) -> Sequence[Row[str, str, float | None, float | None, str, dict[str, str]]]:
    """Of the same cases, only what a map draws: number, status, latitude, longitude, service and its names."""
    shown = _on_the_map(bounds, since, limit)
    return session.execute(
        select(Case.number, Case.status, Case.latitude, Case.longitude, Service.name.label("service"), Service.names)
        .join(shown, shown.c.id == Case.id)
        .join(Case.service)
        .order_by(Case.opened_at.desc(), Case.id.desc())
    ).all()


def _on_the_map(bounds: Bounds | None, since: datetime, limit: int) -> Subquery:
    """The ids of the newest. What is open and what was closed lately are each a piece of one index (ix_cases_closed_place), so a
    box costs what the map can show and not what the city has; only those that are shown are then looked up.
    """
    west, south, east, north = bounds or (-180.0, -90.0, 180.0, 90.0)
    public = select(Service.id).where(IS_PUBLIC)

    # "+ 0", for SQLite would rather go through all cases of a latitude, or of a service.
    def half(latitude: ColumnElement[float | None], *is_shown: ColumnElement[bool]) -> Select[int, datetime]:
        box = latitude.between(south, north), Case.longitude.between(west, east)
        return select(Case.id, Case.opened_at).where(*is_shown, *box, (Case.service_id + 0).in_(public))

    is_open = half(Case.latitude.expression, Case.closed_at.is_(None), Case.status.in_(OPEN_STATUSES))
    is_done = half(Case.latitude + 0, Case.closed_at >= since, Case.status.notin_((Status.WITHDRAWN, Status.MERGED)))
    both = union_all(is_open, is_done).subquery()
    return select(both.c.id).order_by(both.c.opened_at.desc(), both.c.id.desc()).limit(limit).subquery()


def public_photos(session: AnySession, case_ids: Iterable[int]) -> dict[int, list[Photo]]:
    """Case -> the pictures anybody may see: crews' own and what the office published of residents', ready and not hidden."""
    photos = session.scalars(
        select(Photo)
        .where(
            Photo.case_id.in_(list(case_ids)),
            or_(Photo.closure_id.is_not(None), Photo.published_at.is_not(None)),
            Photo.state == PhotoState.RENDERED,
            Photo.is_hidden.is_(False),
        )
        .order_by(Photo.announced_at, Photo.id)
    )
    found: dict[int, list[Photo]] = {}
    for photo in photos:
        found.setdefault(photo.case_id, []).append(photo)
    return found


def events_by_case(session: AnySession, case_ids: Iterable[int]) -> dict[int, list[EventRow]]:
    found: dict[int, list[EventRow]] = {}
    for row in session.scalars(select(EventRow).where(EventRow.case_id.in_(list(case_ids))).order_by(EventRow.seq)):
        found.setdefault(row.case_id, []).append(row)
    return found


def public_notes_by_case(session: AnySession, case_ids: Iterable[int]) -> dict[int, list[Note]]:
    found: dict[int, list[Note]] = {}
    wanted = select(Note).where(Note.case_id.in_(list(case_ids)), Note.is_public.is_(True)).order_by(Note.written_at, Note.id)
    for note in session.scalars(wanted):
        found.setdefault(note.case_id, []).append(note)
    return found
