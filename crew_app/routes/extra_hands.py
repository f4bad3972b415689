"""More hands for a while: a crew lent to another department, and an emergency's temporary crews, each with its own end."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_login import current_user

from crew_app.errors import BadInput, Conflict, NotFound
from crew_app.extensions import db
from crew_app.guards import THE_CITY, Action, require
from crew_app.models import Crew, OfficeDeed, Surge
from crew_app.queries.moves import active_crews, deed_of_surge, departments, loans_running, surge_crews, surges_of
from crew_app.routes.deed_answers import deed_answer
from crew_app.routes.office_pages import office_pages
from crew_app.routes.phone import JsonAnswer
from crew_app.services.loans import lend_crew
from crew_app.services.office_deeds import Result
from crew_app.services.people import hash_password
from crew_app.services.surge import start_surge
from crew_app.services.undo import undo_deed
from crew_app.transaction import Tx, system_clock, transaction
from crew_app.wire import forms
from crew_app.wire.desk import EmptyBody, LendBody, SurgeBody, read_body
from crew_app.wire.forms import read_form
from crew_app.wire.temporary_crews import COLUMNS, TemporaryCrew, read_temporary_crews

bp = office_pages("extra_hands", __name__)

SURGES_SHOWN = 10
# Read aloud at a counter and typed with cold hands: nothing that looks like something else.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


@bp.get("/extra-hands")
def show() -> str:
    return _hands_page()


def _hands_page(refused: str = "", problem: BadInput | Conflict | None = None, sign_ins: Sequence[dict[str, Any]] = ()) -> str:
    now = system_clock()
    return render_template(
        "console/extra_hands.html",
        loans=loans_running(db.session, now),
        surges=[(surge, surge_crews(db.session, surge.id)) for surge in surges_of(db.session, SURGES_SHOWN)],
        crews=active_crews(db.session),
        departments=departments(db.session),
        columns=COLUMNS,
        refused=refused,
        problem=problem,
        sign_ins=sign_ins,
        given=request.form if refused else {},
    )


@bp.post("/extra-hands/lend")
def lend() -> Any:
    require(Action.MOVE_WORK)
    try:
        form = read_form(forms.LendForm(), request.form)
        require(Action.MOVE_WORK, db.session.get(Crew, form["crew"] or 0))
        with transaction() as tx:
            lend_crew(tx, form["crew"] or 0, form["department"] or 0, form["until"], form["why"], current_user.id)
    except (BadInput, Conflict) as problem:
        return _hands_page("lend", problem), problem.status
    flash("Lent. Dispatch gives it that department’s cases, too, until then.")
    return redirect(url_for("extra_hands.show"), 303)


@bp.post("/extra-hands/surge")
def begin() -> Any:
    """The list as a file, or pasted. The passwords are shown with the answer, this once."""
    require(Action.MOVE_WORK, THE_CITY)
    try:
        form = read_form(forms.SurgeForm(), request.form)
        given = request.files.get("file")
        deed, sign_ins = _start(form["name"], form["until"], given.read() if given and given.filename else form["csv"])
    except (BadInput, Conflict) as problem:
        return _hands_page("surge", problem), problem.status
    flash(f"{deed.form['crews']} temporary crews are on duty.")
    return _hands_page(sign_ins=sign_ins)


@bp.post("/extra-hands/surge/<int:surge_id>/end")
def end(surge_id: int) -> Any:
    require(Action.MOVE_WORK, THE_CITY)
    read_form(forms.EmptyForm(), request.form)
    try:
        with transaction() as tx:
            _end(tx, surge_id)
    except Conflict as problem:
        return _hands_page("end", problem), problem.status
    flash("Over. The temporary crews are off duty; what they had not begun waits for others.")
    return redirect(url_for("extra_hands.show"), 303)


@bp.get("/api/loans")
def list_loans() -> Response:
    return JsonAnswer(
        {
            "loans": [
                {"id": loan.id, "crew": loan.crew_id, "department": loan.department_id, "until": _seconds(loan.ends_at)}
                for loan in loans_running(db.session, system_clock())
            ]
        }
    )


@bp.post("/api/crews/<int:crew_id>/lend")
def lend_in_json(crew_id: int) -> Response:
    crew = db.session.get(Crew, crew_id)
    if crew is None:
        raise NotFound("There is no such crew.")
    require(Action.MOVE_WORK, crew)
    form = read_body(LendBody(), request.get_data())
    until = _moment(form["until"])
    return deed_answer(lambda tx: Result(lend_crew(tx, crew_id, form["department"], until, form["why"], current_user.id), (), ()))


@bp.get("/api/surges")
def list_surges() -> Response:
    return JsonAnswer({"surges": [_surge_body(surge) for surge in surges_of(db.session, SURGES_SHOWN)]})


@bp.post("/api/surges")
def begin_in_json() -> Response:
    require(Action.MOVE_WORK, THE_CITY)
    form = read_body(SurgeBody(), request.get_data())
    deed, sign_ins = _start(form["name"], _moment(form["until"]), form["csv"])
    return JsonAnswer({"deed": {"id": deed.id}, "surge": deed.form["surge"], "crews": deed.form["crews"], "sign_ins": sign_ins})


@bp.post("/api/surges/<int:surge_id>/end")
def end_in_json(surge_id: int) -> Response:
    require(Action.MOVE_WORK, THE_CITY)
    read_body(EmptyBody(), request.get_data())
    return deed_answer(lambda tx: _end(tx, surge_id))


def _start(name: str, until: datetime, content: bytes | str) -> tuple[OfficeDeed, list[dict[str, Any]]]:
    """The deed, and who may sign in with which password. A good hash is slow: all are made before anything is locked."""
    crews = read_temporary_crews(content)
    passwords = {crew.email: _new_password() for crew in crews if crew.email}
    hashes = {email: hash_password(password) for email, password in passwords.items()}
    with transaction() as tx:
        deed = start_surge(tx, name, until, crews, hashes, current_user.id)
    return deed, [_sign_in(crew, passwords[crew.email]) for crew in crews if crew.email]


def _end(tx: Tx, surge_id: int) -> Result:
    """To end it is to undo its beginning: it is over, and what its crews did stays done."""
    deed = deed_of_surge(tx.session, surge_id)
    if deed is None:
        raise NotFound("There is no such emergency.")
    return undo_deed(tx, deed.id, current_user.id, "Ended early.")


def _new_password() -> str:
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))


def _sign_in(crew: TemporaryCrew, password: str) -> dict[str, Any]:
    return {"row": crew.row, "crew": crew.code, "person": crew.person, "email": crew.email, "password": password}


def _surge_body(surge: Surge) -> dict[str, Any]:
    crews = surge_crews(db.session, surge.id)
    return {
        "id": surge.id,
        "name": surge.name,
        "from": _seconds(surge.begins_at),
        "until": _seconds(surge.ends_at),
        "crews": [crew.id for crew in crews],
    }


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
