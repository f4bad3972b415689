"""The office's ways in beside the password: the code of the second step, and the city's own sign-in."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask import session as flask_session

from crew_app.adapters.city_sign_in import NotVouched
from crew_app.doors import come_in
from crew_app.errors import BadInput, NotFound
from crew_app.extensions import db
from crew_app.guards import Action, can
from crew_app.limits import slow_down_guessing
from crew_app.models import Door, Person, Proof
from crew_app.routes.office_pages import forbid_keeping
from crew_app.services.people import person_of_city_account
from crew_app.services.second_step import prove
from crew_app.transaction import transaction
from crew_app.wire.forms import CodeForm, read_form

bp = Blueprint("ways_in", __name__)
bp.after_request(forbid_keeping)

# In the cookie, sealed: whose password was right, and for how many seconds the second step may follow.
HALF_WAY, HALF_WAY_S = "half_way", 300
# A path of ours: not //elsewhere, not /\elsewhere, and no control character or blank, which browsers drop before they read it.
OWN_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


def go_half_way(person: Person, then: str) -> Any:
    """The password was right; nobody is signed in by that."""
    flask_session.clear()
    flask_session[HALF_WAY] = current_app.extensions["seal"].close(str(person.id))
    return redirect(url_for("ways_in.code", next=then or None), 303)


@bp.get("/code")
def code() -> Any:
    if _who_is_half_way() is None:
        return redirect(url_for("public.sign_in"), 303)
    return render_template("console/sign_in_code.html", next=request.args.get("next", ""))


@bp.post("/code")
def take_code() -> Any:
    person = _who_is_half_way()
    if person is None:
        return redirect(url_for("public.sign_in"), 303)
    try:
        form = read_form(CodeForm(), request.form)
    except BadInput as problem:
        return render_template("console/sign_in_code.html", problem=problem, next=request.form.get("next", "")), 400
    was_right = slow_down_guessing(f"code of {person.id}")
    with transaction() as tx:
        person = tx.session.get_one(Person, person.id, with_for_update=True)
        proof = prove(tx, current_app.extensions["seal"], person, form["code"])
    if proof is None:
        current_app.logger.warning("sign-in refused at the office: wrong code")
        return render_template("console/sign_in_code.html", refused=True, next=form["next"]), 401
    was_right()
    come_in(person, Door.OFFICE, proof)
    return redirect(safe_next(form["next"]), 303)


@bp.get("/city")
def city() -> Any:
    """To the city's own sign-in, where it has one."""
    city_sign_in = current_app.extensions["city_sign_in"]
    if city_sign_in is None:
        raise NotFound("This city has no sign-in of its own.")
    try:
        return city_sign_in.way_there(current_app.config["PUBLIC_URL"].rstrip("/") + url_for("ways_in.back_from_city"))
    except NotVouched as error:
        current_app.logger.error("the city's sign-in is away: %s", error)
        return render_template("sign_in.html", refused="city-away"), 503


@bp.get("/city/back")
def back_from_city() -> Any:
    city_sign_in = current_app.extensions["city_sign_in"]
    if city_sign_in is None:
        raise NotFound("This city has no sign-in of its own.")
    try:
        account = city_sign_in.who_came_back()
    except NotVouched as error:
        current_app.logger.warning("the city's sign-in vouched for nobody: %s", error)
        return render_template("sign_in.html", refused="city-no"), 403
    with transaction() as tx:
        person = person_of_city_account(tx, account.subject, account.email)
    if person is None or not can(person, Action.SEE_ALL_CASES):
        return render_template("sign_in.html", refused="crew" if person else "city-unknown"), 403
    come_in(person, Door.OFFICE, Proof.CITY)
    return redirect(url_for("desk.show"), 303)


def _who_is_half_way() -> Person | None:
    """Whose password was right a moment ago, in this browser; nobody is signed in by that."""
    person_id = current_app.extensions["seal"].open(flask_session.get(HALF_WAY, ""), HALF_WAY_S)
    person = db.session.get(Person, int(person_id)) if person_id else None
    return person if person is not None and person.enabled and person.code_secret is not None else None


def safe_next(path: str | None) -> str:
    """Where to go after signing in: an address of ours, or the console."""
    return path if path and OWN_PATH.fullmatch(path) else url_for("desk.show")
