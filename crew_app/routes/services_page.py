"""The services: what each promises, from which day on, and what it asks whoever reports."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from crew_app.errors import BadInput, NotFound
from crew_app.extensions import db
from crew_app.guards import Action, require
from crew_app.languages import ENGLISH, LANGUAGES
from crew_app.models import Service
from crew_app.queries.settings import choices, history_of, levels_of, levels_today
from crew_app.routes.office_pages import office_pages
from crew_app.services.catalogue import add_level, add_question, name_service, remove_level, remove_question
from crew_app.transaction import system_clock, transaction
from crew_app.wire.changes import change_words
from crew_app.wire.forms import EmptyForm, read_form
from crew_app.wire.setup_forms import DATATYPES, LevelForm, NameForm, QuestionForm
from crew_app.wire.times import in_city

bp = office_pages("services_page", __name__)


@bp.get("")
def show() -> str:
    today = in_city(system_clock()).date()
    return render_template("console/services.html", services=choices(db.session).services, levels=levels_today(db.session, today))


@bp.get("/<int:service_id>")
def service(service_id: int) -> str:
    return _page(_service(service_id))


@bp.post("/<int:service_id>/names")
def name(service_id: int) -> Any:
    service = _service(service_id)
    require(Action.SET_RULES, service)
    try:
        form = read_form(NameForm(), request.form)
        with transaction() as tx:
            name_service(tx, tx.session.merge(service), form["language"], form["name"], current_user.id)
    except BadInput as problem:
        return _page(_service(service_id), "name", problem), problem.status
    flash("Kept. Residents who read this language see it so.")
    return redirect(url_for("services_page.service", service_id=service_id), 303)


@bp.post("/<int:service_id>/levels")
def promise(service_id: int) -> Any:
    service = _service(service_id)
    require(Action.SET_RULES, service)
    try:
        form = read_form(LevelForm(), request.form)
        days = int(form["days"]) if form["days"] else None
        with transaction() as tx:
            today = in_city(tx.now).date()
            add_level(tx, tx.session.merge(service), days, form["calendar"], form["holds_from"], today, current_user.id)
    except BadInput as problem:
        return _page(_service(service_id), "level", problem), problem.status
    flash("Kept. Cases that are open keep the promise they were given.")
    return redirect(url_for("services_page.service", service_id=service_id), 303)


@bp.post("/<int:service_id>/levels/<int:level_id>/remove")
def take_back(service_id: int, level_id: int) -> Any:
    service = _service(service_id)
    require(Action.SET_RULES, service)
    read_form(EmptyForm(), request.form)
    with transaction() as tx:
        remove_level(tx, service, level_id, current_user.id)
    flash("Removed. Cases that were opened under it keep their promise.")
    return redirect(url_for("services_page.service", service_id=service_id), 303)


@bp.post("/<int:service_id>/questions")
def ask(service_id: int) -> Any:
    service = _service(service_id)
    require(Action.SET_RULES, service)
    try:
        form = read_form(QuestionForm(), request.form)
        with transaction() as tx:
            add_question(tx, tx.session.merge(service), QuestionForm.question(form), current_user.id)
    except BadInput as problem:
        return _page(_service(service_id), "question", problem), problem.status
    flash("It is asked from now on, on the city’s page and by every app that reports through Open311.")
    return redirect(url_for("services_page.service", service_id=service_id), 303)


@bp.post("/<int:service_id>/questions/<code>/remove")
def ask_no_more(service_id: int, code: str) -> Any:
    service = _service(service_id)
    require(Action.SET_RULES, service)
    read_form(EmptyForm(), request.form)
    with transaction() as tx:
        remove_question(tx, tx.session.merge(service), code, current_user.id)
    flash("It is asked no more. Answers that were given stay with their cases.")
    return redirect(url_for("services_page.service", service_id=service_id), 303)


def _service(service_id: int) -> Service:
    service = db.session.get(Service, service_id)
    if service is None or not service.is_active:
        raise NotFound("There is no such service.")
    return service


def _page(service: Service, refused: str = "", problem: BadInput | None = None) -> str:
    return render_template(
        "console/service.html",
        service=service,
        levels=levels_of(db.session, service.id),
        today=in_city(system_clock()).date(),
        datatypes=DATATYPES,
        languages=[language for language in LANGUAGES.values() if language is not ENGLISH],
        changes=history_of(db.session, "service", str(service.id)),
        change_words=change_words,
        refused=refused,
        problem=problem,
        given=request.form if problem else {},
    )
