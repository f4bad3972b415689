"""Jobs on paper, for when phones fail: one case, or a crew's whole day. What comes back is typed in where the QR code leads."""

from __future__ import annotations

from collections.abc import Sequence

from flask import current_app, render_template

from crew_app.adapters.qr_code import qr_code
from crew_app.errors import NotFound
from crew_app.extensions import db
from crew_app.models import Case, Crew
from crew_app.queries.cases import case_by_number, notes_of, open_assignment, photos_of
from crew_app.queries.job_sheets import jobs_in_order
from crew_app.routes.office_pages import office_pages
from crew_app.wire.words import OUTCOME_WORDS
from crew_app.workflow import OUTCOME_NEEDS_DETAIL

bp = office_pages("job_sheets", __name__)


@bp.get("/cases/<number>/sheet")
def of_case(number: str) -> str:
    case = case_by_number(db.session, number)
    if case is None:
        raise NotFound("There is no case with this number.")
    held = open_assignment(case)
    return _sheets([case], held.crew if held else None)


@bp.get("/crews/<int:crew_id>/sheets")
def of_crew(crew_id: int) -> str:
    crew = db.session.get(Crew, crew_id)
    if crew is None:
        raise NotFound("There is no such crew.")
    return _sheets(jobs_in_order(db.session, crew_id), crew)


def _sheets(cases: Sequence[Case], crew: Crew | None) -> str:
    return render_template(
        "console/sheets.html",
        cases=cases,
        crew=crew,
        notes={case.id: notes_of(db.session, case.id) for case in cases},
        photos={case.id: [photo for photo in photos_of(db.session, [case.id]) if photo.is_showable][:2] for case in cases},
        qr_code=lambda case: qr_code(f"{current_app.config['PUBLIC_URL']}/console/cases/{case.number}"),
        outcomes=OUTCOME_WORDS,
        needs_detail=OUTCOME_NEEDS_DETAIL,
    )
