"""Follow a case, a service, a district: by e-mail after a yes, or by feed. Every letter leads back here, where it can be ended."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for

from crew_app.errors import BadInput, NotFound
from crew_app.extensions import db
from crew_app.languages import language, t
from crew_app.models import Case, Follower
from crew_app.queries.public import district_by_code, districts_by_name, public_case, public_service, public_services
from crew_app.services.followers import confirm, follow, follower_with, forget
from crew_app.transaction import transaction
from crew_app.wire.forms import EmptyForm, FollowForm, read_form
from crew_app.wire.letters import what_is_followed

bp = Blueprint("follow", __name__)


@bp.after_request
def forbid_keeping(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"  # the address of this page is a key
    return response


@bp.get("/")
def page() -> str:
    return _page()


@bp.post("/")
def ask() -> Any:
    if current_app.extensions["mailer"] is None:
        raise NotFound(t("This city sends no e-mail. Follow by feed."))
    try:
        form = read_form(FollowForm(), request.form)
        case, service, district = _what(form)
    except BadInput as problem:
        return _page(problem), problem.status
    ids = {"case_id": case and case.id, "service_id": service and service.id, "district_id": district and district.id}
    code = language().code
    with transaction() as tx:
        follow(tx, form["email"], code, **ids)
    flash(t("Look into your e-mail: we have sent you a question. Say yes there, and you follow."))
    return redirect(url_for("public.case", number=case.number) if case else url_for("follow.page"), 303)


@bp.get("/<token>")
def show(token: str) -> str:
    """A button, and not the mere opening, says yes: mail scanners open every address they find."""
    follower = _follower(token)
    return render_template(
        "public/following.html", follower=follower, what=what_is_followed(follower, current_app.config["CITY_NAME"])
    )


@bp.post("/<token>/yes")
def say_yes(token: str) -> Any:
    follower_id = _follower(token).id
    read_form(EmptyForm(), request.form)
    with transaction() as tx:
        confirm(tx, follower_id)
    flash(t("You follow it now. We write when there is news."))
    return redirect(url_for("follow.show", token=token), 303)


@bp.post("/<token>/stop")
def stop(token: str) -> Any:
    """Mail programs press this, too (RFC 8058), with a form of their own; twice is as good as once."""
    follower = follower_with(db.session, token)
    follower_id = follower.id if follower else None
    if follower_id is not None:
        with transaction() as tx:
            forget(tx, follower_id)
    flash(t("You follow it no more, and your address is deleted here."))
    return redirect(url_for("follow.page"), 303)


def _follower(token: str) -> Follower:
    follower = follower_with(db.session, token)
    if follower is None:
        raise NotFound(t("Nobody follows anything by this address any more."))
    return follower


def _what(form: dict[str, Any]) -> tuple[Case | None, Any, Any]:
    """(case, service, district) as chosen; BadInput names what there is not."""
    case = public_case(db.session, form["case"]) if form["case"] else None
    service = public_service(db.session, form["service"]) if form["service"] else None
    district = district_by_code(db.session, form["district"]) if form["district"] else None
    missing = {
        name: [t("There is no such thing. Choose another.")]
        for name, found in (("case", case), ("service", service), ("district", district))
        if form[name] and found is None
    }
    if missing:
        raise BadInput(t("Please look at the form again."), errors=missing)
    return (case, None, None) if case else (None, service, district)


def _page(problem: BadInput | None = None) -> str:
    given = request.form if problem else request.args
    return render_template(
        "public/follow.html",
        services=public_services(db.session),
        districts=districts_by_name(db.session),
        has_mail=current_app.extensions["mailer"] is not None,
        problem=problem,
        errors=problem.errors if problem else {},
        given=given,
    )
