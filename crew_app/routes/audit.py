"""Who saw or changed what: searched and taken away by those who lead, each for their own people."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any

from flask import Response, render_template, request, stream_with_context
from flask_login import current_user

from crew_app.errors import BadInput
from crew_app.extensions import db
from crew_app.guards import Action, own_department, require
from crew_app.queries.audit import BOOKS, ROWS_OF_A_PAGE, AuditAsked, AuditRow, audit_page, whole_audit
from crew_app.queries.settings import people
from crew_app.routes.office_pages import office_pages
from crew_app.wire.forms import read_form
from crew_app.wire.setup_forms import AuditForm
from crew_app.wire.spreadsheet import safe_cell
from crew_app.wire.times import city_zone

bp = office_pages("audit", __name__)


@bp.get("")
def show() -> Any:
    require(Action.SEE_WHO_LOOKED)
    problem: BadInput | None = None
    rows: list[AuditRow] = []
    try:
        form = read_form(AuditForm(), request.args)
        rows = audit_page(db.session, _asked(form), _before(form["before"]))
    except BadInput as error:
        problem = error
    last = rows[-1] if len(rows) == ROWS_OF_A_PAGE else None
    page = render_template(
        "console/audit.html",
        rows=[(row, what_words(row)) for row in rows],
        people=people(db.session, own_department(current_user)),
        books=BOOKS,
        given=request.args,
        problem=problem,
        older={**request.args, "before": f"{last.at.isoformat()}|{last.book}|{last.row_id}"} if last else None,
    )
    return page, problem.status if problem else 200


@bp.get("/rows.csv")
def rows_csv() -> Response:
    require(Action.SEE_WHO_LOOKED)
    asked = _asked(read_form(AuditForm(), request.args))
    answer = Response(stream_with_context(_lines(asked)), mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return answer


def what_words(row: AuditRow) -> str:
    return row.what.replace("_", " ").capitalize()


def _lines(asked: AuditAsked) -> Iterator[str]:
    line = io.StringIO()
    writer = csv.writer(line)
    writer.writerow(["when", "who", "book", "what", "case"])
    for row in whole_audit(db.session, asked):
        writer.writerow([row.at.isoformat(), safe_cell(row.person), row.book, safe_cell(what_words(row)), row.number])
        if line.tell() > 64_000:
            yield line.getvalue()
            line.seek(0)
            line.truncate()
    yield line.getvalue()


def _asked(form: dict[str, Any]) -> AuditAsked:
    if form["book"] not in ("", *BOOKS):
        raise BadInput("Please look at the form again.", errors={"book": ["Choose one of the list."]})
    zone = city_zone()
    since = datetime.combine(form["since"], time(), zone) if form["since"] else None
    until = datetime.combine(form["until"], time(), zone) + timedelta(days=1) if form["until"] else None
    return AuditAsked(
        person_id=form["person"],
        book=form["book"],
        number=form["number"],
        since=since,
        until=until,
        department_id=own_department(current_user),
    )


def _before(text: str) -> tuple[datetime, str, int] | None:
    if not text:
        return None
    try:
        at, book, row_id = text.split("|")
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None or not row_id.isdecimal() or len(row_id) > 18:
            raise ValueError(text)
        return moment, book, int(row_id)
    except ValueError:
        raise BadInput("That is no page of this list.", errors={"before": ["Not a row of this list."]}) from None
