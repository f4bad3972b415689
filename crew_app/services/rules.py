"""The city's routing rules: changed, tried, and asked whenever a case is taken in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select

from crew_app.errors import BadInput, Conflict, NotFound
from crew_app.extensions import AnySession
from crew_app.mapping import to_rule
from crew_app.models import Crew, Department, District, RoutingRule, Service
from crew_app.queries.rules import cases_to_try, last_position, rules_in_order
from crew_app.routing import Facts, Rule, first_match
from crew_app.services.promises import city_zone
from crew_app.services.settings import add_setting, change_setting
from crew_app.transaction import Tx

TRIED_ON = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Sending:
    """Where a case goes: a department, and perhaps one crew of it, or the office first. `rule_id`: because of that rule."""

    department_id: int
    crew_id: int | None = None
    queue: str = ""
    rule_id: int | None = None

    @property
    def goal(self) -> tuple[int, int | None, str]:
        return self.department_id, self.crew_id, self.queue


class Router:
    """The rules that are switched on, read once for many cases."""

    def __init__(self, session: AnySession) -> None:
        self.rules = [to_rule(row) for row in rules_in_order(session) if row.is_on]
        self.zone = city_zone()

    def send(
        self, service_id: int, usual_department_id: int, district_id: int | None, opened: datetime, answers: Mapping[str, Any]
    ) -> Sending:
        """`usual_department_id`: where it goes if no rule says otherwise."""
        return _send(self.rules, Facts(service_id, district_id, opened.astimezone(self.zone), answers), usual_department_id)


def _send(rules: Iterable[Rule], facts: Facts, usual_department_id: int) -> Sending:
    rule = first_match(rules, facts)
    if rule is None:
        return Sending(usual_department_id)
    return Sending(rule.department_id or usual_department_id, rule.crew_id, rule.queue, rule.id)


# ---- trying ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Moved:
    """A case that would have gone elsewhere."""

    case: Row[Any]
    before: Sending
    after: Sending


@dataclass(frozen=True, slots=True)
class TryOut:
    looked_at: int
    reached: int  # the rule would have been the one that decides
    moved: Sequence[Moved]


def try_rule(session: AnySession, tried: RoutingRule, now: datetime) -> TryOut:
    """What last week's cases would have done with this rule switched on, beside what they do without it."""
    zone = city_zone()
    rows = rules_in_order(session)
    without = [to_rule(row) for row in rows if row.is_on and row.id != tried.id]
    with_it = [to_rule(row) for row in rows if row.is_on or row.id == tried.id]
    cases = cases_to_try(session, now - TRIED_ON)
    reached, moved = 0, []
    for case in cases:
        facts = Facts(case.service_id, case.district_id, case.opened_at.astimezone(zone), case.answers)
        before, after = (_send(rules, facts, case.department_id) for rules in (without, with_it))
        reached += after.rule_id == tried.id
        if before.goal != after.goal:
            moved.append(Moved(case, before, after))
    return TryOut(len(cases), reached, moved)


# ---- changing --------------------------------------------------------------------------------------------------------


def add_rule(tx: Tx, values: Mapping[str, Any], person_id: int) -> RoutingRule:
    """Last in the order, and switched off: it is tried first."""
    rule = RoutingRule(position=last_position(tx.session) + 1, is_on=False, **_checked(tx, values))
    add_setting(tx, rule, person_id)
    return rule


def change_rule(tx: Tx, rule_id: int, values: Mapping[str, Any], person_id: int) -> RoutingRule:
    """A rule that says something else is another rule: it is switched off until somebody has tried it."""
    rule = get_rule(tx.session, rule_id)
    checked = _checked(tx, values)
    if any(getattr(rule, name) != value for name, value in checked.items()):
        change_setting(tx, rule, {**checked, "is_on": False}, person_id)
    return rule


def switch_rule(tx: Tx, rule_id: int, is_on: bool, person_id: int) -> None:
    change_setting(tx, get_rule(tx.session, rule_id), {"is_on": is_on}, person_id)


def remove_rule(tx: Tx, rule_id: int, person_id: int) -> None:
    change_setting(tx, get_rule(tx.session, rule_id), {"is_removed": True}, person_id)


def move_rule(tx: Tx, rule_id: int, up: bool, person_id: int) -> None:
    """One place earlier or later in the order. Conflict if it is first or last already."""
    rows = list(rules_in_order(tx.session))
    rows = rows if up else rows[::-1]
    place = rows.index(get_rule(tx.session, rule_id))
    if place == 0:
        raise Conflict("This rule is first already." if up else "This rule is last already.", code="cannot-move")
    edge = rows[place - 1].position
    beyond = rows[place - 2].position if place > 1 else edge + (-1 if up else 1)
    change_setting(tx, rows[place], {"position": (edge + beyond) / 2}, person_id)


def get_rule(session: AnySession, rule_id: int) -> RoutingRule:
    rule = session.get(RoutingRule, rule_id)
    if rule is None or rule.is_removed:
        raise NotFound("There is no such rule.")
    return rule


def _checked(tx: Tx, values: Mapping[str, Any]) -> dict[str, Any]:
    """The columns, if all that they name is there; BadInput names what is not."""
    session, errors = tx.session, {}
    service = session.get(Service, values["service_id"]) if values["service_id"] else None
    crew = session.get(Crew, values["crew_id"]) if values["crew_id"] else None
    if values["service_id"] and service is None:
        errors["service"] = ["There is no such service."]
    known = set(session.scalars(select(District.id).where(District.id.in_(values["district_ids"]))))
    if known != set(values["district_ids"]):
        errors["district"] = ["There is no such district."]
    if values["question"] and not _may_be_answered(service, values["question"], values["answers"]):
        errors["answer"] = ["The service does not ask this."]
    if values["crew_id"] and (crew is None or not crew.is_active):
        errors["to"] = ["There is no such crew."]
    elif values["department_id"] and session.get(Department, values["department_id"]) is None:
        errors["to"] = ["There is no such department."]
    if errors:
        raise BadInput("Please look at the form again.", errors=errors)
    return {**values, "department_id": crew.department_id if crew else values["department_id"]}


def _may_be_answered(service: Service | None, question: str, answers: Sequence[str]) -> bool:
    asked = next((one for one in service.questions if one["code"] == question), None) if service else None
    return asked is not None and set(answers) <= {str(value["key"]) for value in asked.get("values", [])}
