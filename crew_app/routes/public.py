"""Residents: report a problem, follow a case. And the door through which the city's people come in."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage, MultiDict

from crew_app.doors import come_in, go_out
from crew_app.errors import BadInput, Conflict, NotFound, Problem
from crew_app.extensions import db
from crew_app.guards import Action, can, is_at_office
from crew_app.languages import mark, t
from crew_app.limits import slow_down_guessing
from crew_app.models import Case, Door, PhotoKind, Service
from crew_app.queries.cases import family_ids, notes_of, photos_of, root_id, timeline
from crew_app.queries.public import case_sent_as, latest_public_cases, public_case, public_service, public_services
from crew_app.routes.ways_in import go_half_way, safe_next
from crew_app.services.cases import NewReport, open_case
from crew_app.services.not_fixed import CAN_BE_SAID_FOR, say_not_fixed
from crew_app.services.people import person_who_signs_in
from crew_app.services.report_photos import add_reported_photo, check_photo, keep_photo
from crew_app.transaction import system_clock, transaction
from crew_app.wire.forms import ANSWER, NotFixedForm, ReportForm, SignInForm, read_all, read_answers, read_form
from crew_app.wire.story import public_story, what_happens_next
from crew_app.workflow import Status

bp = Blueprint("public", __name__)


@bp.after_request
def forbid_keeping(response: Response) -> Response:
    """A status is true the same minute, and nobody's half-filled form is kept."""
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.context_processor
def common_words() -> dict[str, Any]:
    return {"now": system_clock(), "answer": ANSWER}


@bp.get("/")
def home() -> str:
    return render_template("public/home.html", services=public_services(db.session), latest=latest_public_cases(db.session))


@bp.get("/report")
def report() -> Any:
    """First what, then the rest: each service asks its own questions."""
    code = request.args.get("service", "")
    service = public_service(db.session, code) if code else None
    if service is None:
        return _choose_service(mark("Choose what it is about.") if "service" in request.args else "")
    return _report_page(service)


@bp.post("/report")
def take_report() -> Any:
    service = public_service(db.session, request.form.get("service", ""))
    if service is None:
        return _choose_service(mark("The city has no such service. Choose one of these."))
    try:
        report, photo = _read_report(service)
    except BadInput as problem:
        return _report_page(service, problem), problem.status
    came_before = case_sent_as(db.session, report.sent_as)
    if came_before is not None:  # its answer was lost on the way
        return redirect(url_for("public.case", number=came_before), 303)
    kept = keep_photo(photo.stream) if photo else None
    with transaction() as tx:
        case = open_case(tx, report)
        if kept:
            add_reported_photo(tx, case.id, kept)
        number = case.number
    flash(t("Thank you. We have your report. Its number is {number}.", number=number))
    return redirect(url_for("public.case", number=number), 303)


@bp.get("/find")
def find() -> Any:
    number = request.args.get("number", "").strip()
    return redirect(url_for("public.case", number=number) if number else url_for("public.home"), 303)


@bp.get("/cases/<number>")
def case(number: str) -> str:
    return _case_page(_case_or_404(number))


@bp.post("/cases/<number>/not-fixed")
def not_fixed(number: str) -> Any:
    case = _case_or_404(number)
    photo = request.files.get("photo")
    photo = photo if photo and photo.filename else None
    try:
        form, _ = read_all(lambda: read_form(NotFixedForm(), request.form), lambda: check_photo(photo.stream) if photo else None)
        case_id, kept = case.id, keep_photo(photo.stream) if photo else None
        with transaction() as tx:
            number = say_not_fixed(tx, case_id, form["words"], kept).number
    except (BadInput, Conflict) as problem:
        return _case_page(_case_or_404(number), problem), problem.status
    flash(t("Thank you. It is open again, and it goes back to the same crew."))
    return redirect(url_for("public.case", number=number), 303)


def _case_or_404(number: str) -> Case:
    case = public_case(db.session, number)
    if case is None:
        raise NotFound(
            t("We know no case with the number “{number}”. A number looks like 26-004711. Look at it again.", number=number[:40])
        )
    return case


def _case_page(case: Case, problem: Problem | None = None) -> str:
    root = db.session.get_one(Case, root_id(db.session, case.id))
    together = family_ids(db.session, root.id)  # one trouble, reported more than once: its pictures are everybody's
    photos = [photo for photo in photos_of(db.session, together) if photo.is_public and (photo.closure_id or photo.published_at)]
    photos.sort(key=lambda photo: (photo.closure_id or "", photo.kind != PhotoKind.BEFORE))
    story = public_story(case, timeline(db.session, case.id), notes_of(db.session, case.id))
    same_as = root.number if root is not case else case.outcome_detail if case.outcome == "duplicate" else None
    twin = public_case(db.session, same_as) if same_as else None
    now = system_clock()
    return render_template(
        "public/case.html",
        case=case,
        story=story,
        next=what_happens_next(case, now),
        photos=photos,
        twin=twin,
        problem=problem,
        can_be_doubted=case.status == Status.CLOSED and case.closed_at is not None and now - case.closed_at < CAN_BE_SAID_FOR,
    )


@bp.get("/sign-in")
def sign_in() -> Any:
    if is_at_office():
        return redirect(safe_next(request.args.get("next")), 303)
    return render_template("sign_in.html", next=request.args.get("next", ""))


@bp.post("/sign-in")
def take_sign_in() -> Any:
    try:
        form = read_form(SignInForm(), request.form)
    except BadInput as problem:
        return render_template("sign_in.html", problem=problem, next=request.form.get("next", "")), 400
    was_right = slow_down_guessing(form["email"])
    person = person_who_signs_in(db.session, form["email"], form["password"])
    if person is not None:
        was_right()
    if person is None or not can(person, Action.SEE_ALL_CASES):
        refused = "crew" if person else "wrong"
        current_app.logger.warning(
            "sign-in refused at the office: %s", "not of the office" if person else "wrong address or password"
        )
        return render_template("sign_in.html", refused=refused, next=form["next"], email=form["email"]), 403 if person else 401
    if person.code_secret is not None:
        return go_half_way(person, form["next"])
    come_in(person, Door.OFFICE)
    return redirect(safe_next(form["next"]), 303)


@bp.post("/sign-out")
def sign_out() -> Any:
    go_out()
    flash(t("You are signed out."))
    return redirect(url_for("public.sign_in"), 303)


def _choose_service(problem: str) -> Any:
    return render_template("public/choose.html", services=public_services(db.session), problem=problem), 400 if problem else 200


def _report_page(service: Service, problem: BadInput | None = None) -> str:
    given: MultiDict[str, str] = request.form if problem else MultiDict()
    return render_template(
        "public/report.html", service=service, problem=problem, errors=problem.errors if problem else {}, given=given
    )


def _read_report(service: Service) -> tuple[NewReport, FileStorage | None]:
    """The report and its photo; one BadInput that names everything that is wrong with them."""
    photo = request.files.get("photo")
    photo = photo if photo and photo.filename else None
    own = MultiDict((name, value) for name, value in request.form.items(multi=True) if not name.startswith(ANSWER))
    own.update({name: "" for name in request.files if name != "photo"})  # a file nobody asked for is an unknown field
    form, answers, _ = read_all(
        lambda: read_form(ReportForm(), own),
        lambda: read_answers(service.questions, request.form),
        lambda: check_photo(photo.stream) if photo else None,
    )
    report = NewReport(
        service_code=service.code,
        description=form["description"],
        address=form["address"],
        latitude=form["lat"],
        longitude=form["lon"],
        answers=answers,
        name=form["name"] or None,
        email=form["email"] or None,
        phone=form["phone"] or None,
        sent_as=form["sent_as"] or None,
    )
    return report, photo
