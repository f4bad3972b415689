"""What everybody of the city decides for themselves: their password, the second step of signing in, and where they are signed in."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user

from crew_app.adapters.qr_code import qr_code
from crew_app.doors import current_sign_in
from crew_app.errors import BadInput
from crew_app.extensions import db
from crew_app.limits import slow_down_guessing
from crew_app.models import Person
from crew_app.routes.office_pages import office_pages
from crew_app.services.people import change_own_password, is_password_of
from crew_app.services.second_step import new_secret, secret_address, set_up, take_away
from crew_app.services.sign_ins import end_sign_in, end_sign_ins, sign_ins_of
from crew_app.transaction import system_clock, transaction
from crew_app.wire.forms import EmptyForm, NewPasswordForm, PasswordForm, SecondStepForm, read_form

bp = office_pages("account", __name__)

SET_UP_WITHIN_S = 900


@bp.get("")
def show() -> str:
    return _page()


@bp.post("/password")
def password() -> Any:
    try:
        form = read_form(NewPasswordForm(), request.form)
        _check_password(form["password"])
        with transaction() as tx:
            change_own_password(tx, _me(tx), form["new"])
            end_sign_ins(tx, current_user.id, current_user.id, keep=_own_sign_in())
    except BadInput as problem:
        return _page(problem), problem.status
    return _done("Your password is changed. Everywhere else you are signed out.")


@bp.post("/sign-ins/<int:sign_in_id>/end")
def end(sign_in_id: int) -> Any:
    read_form(EmptyForm(), request.form)
    with transaction() as tx:
        end_sign_in(tx, current_user.id, sign_in_id, current_user.id)
    return _done("That browser is signed out.")


@bp.post("/sign-ins/end-others")
def end_others() -> Any:
    read_form(EmptyForm(), request.form)
    with transaction() as tx:
        end_sign_ins(tx, current_user.id, current_user.id, keep=_own_sign_in())
    return _done("You are signed out everywhere else.")


@bp.get("/second-step")
def second_step() -> str:
    return _second_step_page(new_secret())


@bp.post("/second-step")
def set_up_second_step() -> Any:
    form = read_form(SecondStepForm(), request.form)
    secret = current_app.extensions["seal"].open(form["sealed"], SET_UP_WITHIN_S)
    if secret is None:
        flash("That took longer than a quarter of an hour. Here is a new code to photograph.")
        return redirect(url_for("account.second_step"), 303)
    try:
        _check_password(form["password"])
        with transaction() as tx:
            paper = set_up(tx, current_app.extensions["seal"], _me(tx), secret, form["code"])
            end_sign_ins(tx, current_user.id, current_user.id, keep=_own_sign_in())
    except BadInput as problem:
        return _second_step_page(secret, problem), problem.status
    return render_template("console/account_paper.html", paper=paper)


@bp.post("/second-step/off")
def second_step_off() -> Any:
    try:
        _check_password(read_form(PasswordForm(), request.form)["password"])
        with transaction() as tx:
            take_away(tx, _me(tx), current_user.id)
    except BadInput as problem:
        return _page(problem, asked="off"), problem.status
    return _done("Signing in asks for the password alone again.")


def _me(tx: Any) -> Person:
    person: Person = tx.session.get_one(Person, current_user.id, with_for_update=True)
    return person


def _own_sign_in() -> int | None:
    found = current_sign_in()
    return found.id if found else None


def _check_password(password: str) -> None:
    """Whoever finds a desk unlocked changes nothing of it."""
    was_right = slow_down_guessing(current_user.email)
    if not is_password_of(current_user, password):
        raise BadInput("Please look at the form again.", errors={"password": ["This is not your password."]})
    was_right()


def _done(words: str) -> Any:
    flash(words)
    return redirect(url_for("account.show"), 303)


def _page(problem: BadInput | None = None, asked: str = "password") -> str:
    rows = sign_ins_of(db.session, current_user.id, system_clock())
    return render_template(
        "console/account.html",
        person=current_user,
        sign_ins=rows,
        here=_own_sign_in(),
        problem=problem,
        asked=asked,
        paper_left=len(current_user.recovery_digests.split()),
    )


def _second_step_page(secret: str, problem: BadInput | None = None) -> str:
    address = secret_address(secret, current_user.email, current_app.config["CITY_NAME"])
    sealed = current_app.extensions["seal"].close(secret)
    grouped = " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
    return render_template(
        "console/account_second_step.html", picture=qr_code(address), secret=grouped, sealed=sealed, problem=problem
    )
