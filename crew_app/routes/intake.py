"""Taking a call: what, where, in whose words, and what the caller is told. All of it by keyboard; whole without script."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from crew_app.addresses import find_places
from crew_app.errors import BadInput, Conflict
from crew_app.extensions import db
from crew_app.guards import Action, require
from crew_app.models import Case, Service
from crew_app.queries.addresses import known_places
from crew_app.queries.cases import active_services, case_by_number
from crew_app.queries.duplicates import likely_the_same
from crew_app.routes.office_pages import office_pages
from crew_app.services.cases import NewReport
from crew_app.services.intake import take_call
from crew_app.services.promises import Promises
from crew_app.transaction import system_clock, transaction
from crew_app.wire.forms import ANSWER, BesideForm, CallForm, PlaceAsked, read_all, read_answers, read_form
from crew_app.wire.promise import promise_words
from dispatch.types import Point

bp = office_pages("intake", __name__)


@bp.context_processor
def own_words() -> dict[str, Any]:
    return {"answer": ANSWER, "promise_words": promise_words}


@bp.before_request
def only_who_takes_calls() -> None:
    require(Action.TAKE_CALLS)


@bp.get("")
def show() -> str:
    return _page(taken=case_by_number(db.session, request.args.get("taken", "")))


@bp.post("")
def take() -> Any:
    try:
        report, joins = _read_call()
        with transaction() as tx:
            number = take_call(tx, report, current_user.id, joins).number
    except (BadInput, Conflict) as problem:
        return _page(problem), problem.status
    flash(f"Taken. The number is {number}.")
    return redirect(url_for("intake.show", taken=number), 303)


@bp.get("/places")
def places() -> Any:
    """What was typed as a place may mean these."""
    asked = read_form(PlaceAsked(), request.args)["q"]
    found = find_places(asked, known_places(db.session, asked)) if len(asked) > 1 else []
    return {"places": [{"address": f.address, "lat": f.latitude, "lon": f.longitude, "about": f.is_about} for f in found]}


@bp.get("/questions")
def questions() -> str:
    """The part of the page that asks what the service asks."""
    service = _service(read_form(BesideForm(), request.args)["service"])
    return render_template("console/intake_questions.html", service=service, given=MultiDict(), errors={})


@bp.get("/beside")
def beside() -> str:
    """The part of the page that says what is known beside the call: the same trouble nearby, and what is promised."""
    asked = read_form(BesideForm(), request.args)
    return render_template("console/intake_beside.html", **_beside(_service(asked["service"]), asked["lat"], asked["lon"]))


def _service(code: str) -> Service | None:
    return next((service for service in active_services(db.session) if service.code == code), None) if code else None


def _beside(service: Service | None, latitude: float | None, longitude: float | None) -> dict[str, Any]:
    now = system_clock()
    due = Promises(db.session).due(service, now) if service else None
    has_place = service is not None and latitude is not None and longitude is not None
    same = likely_the_same(db.session, service, Point(latitude, longitude), now) if has_place else []  # type: ignore[arg-type]
    return {"service": service, "due": due, "same": same, "has_place": has_place}


def _read_call() -> tuple[NewReport, str]:
    """The report, and the case it is about if the caller knows one."""
    service = _service(request.form.get("service", ""))
    own = MultiDict((name, value) for name, value in request.form.items(multi=True) if not name.startswith(ANSWER))
    form, answers = read_all(
        lambda: _read_own(own, service),
        lambda: read_answers(service.questions if service else [], request.form) if service else {},
    )
    if form["lat"] is None:  # without script, or typed and not chosen: a place that is sure is taken
        sure = [found for found in find_places(form["address"], known_places(db.session, form["address"])) if not found.is_about]
        if len(sure) == 1:
            form["address"], form["lat"], form["lon"] = sure[0].address, sure[0].latitude, sure[0].longitude
    report = NewReport(
        service_code=form["service"],
        description=form["description"],
        address=form["address"],
        latitude=form["lat"],
        longitude=form["lon"],
        channel="phone",
        source="Constituent Call",
        answers=answers,
        name=form["name"] or None,
        email=form["email"] or None,
        phone=form["phone"] or None,
    )
    return report, form["joins"]


def _read_own(own: MultiDict[str, str], service: Service | None) -> dict[str, Any]:
    form = read_form(CallForm(), own)
    if service is None:
        raise BadInput("Please look at the form again.", errors={"service": ["Choose what it is about from the list."]})
    return form


def _page(problem: BadInput | Conflict | None = None, taken: Case | None = None) -> str:
    given: MultiDict[str, str] = request.form if problem else MultiDict()
    return render_template(
        "console/intake.html",
        services=active_services(db.session),
        given=given,
        problem=problem,
        errors=problem.errors if problem else {},
        taken=taken,
        **_beside(_service(given.get("service", "")), None, None),
    )
