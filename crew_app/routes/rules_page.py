"""The city's rules: read in their order, ticked together, tried on last week's cases, and only then switched on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from crew_app.errors import BadInput, Conflict, NotFound
from crew_app.extensions import db
from crew_app.guards import THE_CITY, Action, require
from crew_app.models import RoutingRule, Service
from crew_app.queries.rules import rules_in_order
from crew_app.queries.settings import choices, history_of
from crew_app.routes.office_pages import office_pages
from crew_app.services.rules import add_rule, change_rule, get_rule, move_rule, remove_rule, switch_rule, try_rule
from crew_app.transaction import Tx, system_clock, transaction
from crew_app.wire.changes import change_words
from crew_app.wire.forms import EmptyForm, read_form
from crew_app.wire.rules import WEEKDAYS, RuleForm, RuleWords

bp = office_pages("rules_page", __name__)

# What a button does to a rule, and what is said after it.
BUTTONS: dict[str, tuple[Callable[[Tx, int, int], None], str]] = {
    "on": (lambda tx, rule, by: switch_rule(tx, rule, True, by), "The rule is on. It holds for cases from now on."),
    "off": (lambda tx, rule, by: switch_rule(tx, rule, False, by), "The rule is off."),
    "up": (lambda tx, rule, by: move_rule(tx, rule, True, by), "Moved up."),
    "down": (lambda tx, rule, by: move_rule(tx, rule, False, by), "Moved down."),
    "remove": (remove_rule, "Removed. You can undo it under Changes."),
}


@bp.get("")
def show() -> str:
    chosen = choices(db.session)
    return render_template("console/rules.html", rules=rules_in_order(db.session), say=_words(chosen), choices=chosen)


@bp.get("/new")
def new() -> str:
    service = request.args.get("service", "")
    found = db.session.get(Service, int(service)) if service.isascii() and service.isdigit() and len(service) < 10 else None
    return _rule_page(None, found)


@bp.post("")
def add() -> Any:
    try:
        values = _read()
        with transaction() as tx:
            rule_id = add_rule(tx, values, current_user.id).id
    except BadInput as problem:
        service = request.form.get("service", "")
        return _rule_page(None, db.session.get(Service, int(service)) if service.isdigit() else None, problem), problem.status
    flash("Kept, and switched off. Below is what it would have done last week.")
    return redirect(url_for("rules_page.rule", rule_id=rule_id), 303)


@bp.get("/<int:rule_id>")
def rule(rule_id: int) -> str:
    found = get_rule(db.session, rule_id)
    return _rule_page(found, found.service)


@bp.post("/<int:rule_id>")
def change(rule_id: int) -> Any:
    found = get_rule(db.session, rule_id)
    require(Action.SET_RULES, found)
    try:
        values = _read()
        with transaction() as tx:
            was_on = get_rule(tx.session, rule_id).is_on
            is_on = change_rule(tx, rule_id, values, current_user.id).is_on
    except BadInput as problem:
        return _rule_page(get_rule(db.session, rule_id), found.service, problem), problem.status
    flash("Kept. The rule is off until you have tried it and switch it on." if was_on and not is_on else "Kept.")
    return redirect(url_for("rules_page.rule", rule_id=rule_id), 303)


@bp.post("/<int:rule_id>/<name>")
def press(rule_id: int, name: str) -> Any:
    if name not in BUTTONS:
        raise NotFound("There is no such thing to do to a rule.")
    require(Action.SET_RULES, get_rule(db.session, rule_id))
    read_form(EmptyForm(), request.form)
    do, said = BUTTONS[name]
    try:
        with transaction() as tx:
            do(tx, rule_id, current_user.id)
        flash(said)
    except Conflict as problem:
        flash(problem.detail)
    return redirect(url_for("rules_page.show"), 303)


def _read() -> dict[str, Any]:
    """The columns of the rule that was sent; nobody writes rules for another department's service."""
    form = RuleForm()
    values = form.columns(read_form(form, request.form))
    service = db.session.get(Service, values["service_id"]) if values["service_id"] else None
    require(Action.SET_RULES, service or THE_CITY)
    return values


def _rule_page(rule: RoutingRule | None, service: Service | None, problem: BadInput | None = None) -> str:
    chosen = choices(db.session)
    return render_template(
        "console/rule.html",
        rule=rule,
        service=service,
        problem=problem,
        given=request.form if problem else None,
        choices=chosen,
        say=_words(chosen),
        weekdays=WEEKDAYS,
        tried=try_rule(db.session, rule, system_clock()) if rule else None,
        changes=history_of(db.session, "rule", str(rule.id)) if rule else [],
        change_words=change_words,
    )


def _words(chosen: Any) -> RuleWords:
    return RuleWords(*({row.id: row for row in rows} for rows in (chosen.districts, chosen.departments, chosen.all_crews)))
