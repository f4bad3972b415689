"""The city's people: who they are, what they may do, and that a role comes from above only."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from crew_app.errors import BadInput, NotAllowed, NotFound
from crew_app.extensions import db
from crew_app.guards import Action, may_give, own_department, require
from crew_app.models import Crew, Person, Role
from crew_app.queries.settings import choices, history_of, people
from crew_app.routes.office_pages import office_pages
from crew_app.services.people import change_person, employ, give_new_password, switch_person
from crew_app.services.second_step import take_away
from crew_app.services.sign_ins import end_sign_ins, sign_ins_of
from crew_app.transaction import system_clock, transaction
from crew_app.wire.changes import change_words
from crew_app.wire.forms import EmptyForm, read_form
from crew_app.wire.setup_forms import PersonForm

bp = office_pages("people_page", __name__)


@bp.get("")
def show() -> str:
    require(Action.MANAGE_PEOPLE)
    return render_template("console/people.html", people=people(db.session, own_department(current_user)))


@bp.get("/new")
def new() -> str:
    require(Action.MANAGE_PEOPLE)
    return _page(None)


@bp.post("")
def add() -> Any:
    require(Action.MANAGE_PEOPLE)
    try:
        values = _read()
        with transaction() as tx:
            person, words = employ(tx, values, current_user.id)
            person_id = person.id
    except BadInput as problem:
        return _page(None, problem), problem.status
    return _page(_person(person_id), words=words)


@bp.get("/<int:person_id>")
def person(person_id: int) -> str:
    found = _person(person_id)
    require(Action.MANAGE_PEOPLE)
    if own_department(current_user) is not None:
        require(Action.MANAGE_PEOPLE, found)
    return _page(found)


@bp.post("/<int:person_id>")
def change(person_id: int) -> Any:
    require(Action.MANAGE_PEOPLE, _person(person_id))
    try:
        values = _read()
        with transaction() as tx:
            change_person(tx, tx.session.get_one(Person, person_id, with_for_update=True), values, current_user.id)
    except BadInput as problem:
        return _page(_person(person_id), problem), problem.status
    flash("Kept.")
    return redirect(url_for("people_page.person", person_id=person_id), 303)


@bp.post("/<int:person_id>/<any(on, off):what>")
def switch(person_id: int, what: str) -> Any:
    require(Action.MANAGE_PEOPLE, _person(person_id))
    read_form(EmptyForm(), request.form)
    with transaction() as tx:
        switch_person(tx, tx.session.get_one(Person, person_id, with_for_update=True), what == "on", current_user.id)
    flash("They can sign in again." if what == "on" else "They are out, and cannot sign in any more.")
    return redirect(url_for("people_page.person", person_id=person_id), 303)


@bp.post("/<int:person_id>/password")
def password(person_id: int) -> str:
    """The new password is shown this once."""
    require(Action.MANAGE_PEOPLE, _person(person_id))
    read_form(EmptyForm(), request.form)
    with transaction() as tx:
        words = give_new_password(tx, tx.session.get_one(Person, person_id, with_for_update=True), current_user.id)
    return _page(_person(person_id), words=words)


@bp.post("/<int:person_id>/sign-out")
def sign_out(person_id: int) -> Any:
    """Out of every browser and phone; a password that is still good lets them in again."""
    require(Action.MANAGE_PEOPLE, _person(person_id))
    read_form(EmptyForm(), request.form)
    with transaction() as tx:
        end_sign_ins(tx, person_id, current_user.id)
    flash("They are signed out everywhere. What a phone has not sent stays on it until they sign in again.")
    return redirect(url_for("people_page.person", person_id=person_id), 303)


@bp.post("/<int:person_id>/no-second-step")
def no_second_step(person_id: int) -> Any:
    """For whoever lost phone and paper."""
    require(Action.MANAGE_PEOPLE, _person(person_id))
    read_form(EmptyForm(), request.form)
    with transaction() as tx:
        take_away(tx, tx.session.get_one(Person, person_id, with_for_update=True), current_user.id)
    flash("Their second step is taken away. Ask them to set up a new one.")
    return redirect(url_for("people_page.person", person_id=person_id), 303)


def _person(person_id: int) -> Person:
    found = db.session.get(Person, person_id)
    if found is None:
        raise NotFound("There is no such person.")
    return found


def _read() -> dict[str, Any]:
    """The columns that were sent; nobody gives a role that is not below their own, nor a place in another department."""
    values = PersonForm.columns(read_form(PersonForm(), request.form))
    if not may_give(current_user, Role(values["role"])):
        raise NotAllowed("Only somebody above can give this role.", code="not-above")
    own = own_department(current_user)
    if own is not None:
        crew = db.session.get(Crew, values["crew_id"]) if values["crew_id"] else None
        if own != (crew.department_id if crew else values["department_id"]):
            raise NotAllowed("Choose your own department, or one of its crews.", code="other-department")
    return values


def _page(person: Person | None, problem: BadInput | None = None, words: str = "") -> str:
    own, chosen = own_department(current_user), choices(db.session)
    return render_template(
        "console/person.html",
        person=person,
        roles=[role for role in Role if may_give(current_user, role)],
        crews=[crew for crew in chosen.crews if own in (None, crew.department_id)],
        departments=[department for department in chosen.departments if own in (None, department.id)],
        is_bound=own is not None,
        words=words,
        problem=problem,
        given=request.form if problem else None,
        sign_ins=sign_ins_of(db.session, person.id, system_clock()) if person else [],
        changes=history_of(db.session, "person", str(person.id)) if person else [],
        change_words=change_words,
    )
