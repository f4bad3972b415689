"""The city's rules: the form they are written with, and how they read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import time
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from crew_app.models import Crew, Department, District, RoutingRule, Service
from crew_app.wire.forms import FormId, Line

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
GOAL = re.compile(r"(department|crew):([0-9]{1,9})", re.ASCII)


class FormClock(fields.Field[time | None]):
    """A time of day from a form, like 08:30; nothing given is None."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> time | None:
        if not value:
            return None
        if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", str(value), re.ASCII):
            raise ValidationError("Write a time like 08:30.")
        return time.fromisoformat(str(value))


class RuleForm(Schema):
    """A rule as it is ticked together. Loads to the columns of a RoutingRule."""

    service = FormId(load_default=None)
    district = fields.List(FormId(), load_default=list)
    day = fields.List(fields.Integer(validate=validate.Range(0, 6)), load_default=list)
    begins = FormClock(load_default=None)
    ends = FormClock(load_default=None)
    answer = fields.List(Line(300), load_default=list)  # "code=key"
    to = Line(40)
    queue = Line(120)

    @validates_schema(skip_on_field_errors=True)
    def check(self, form: dict[str, Any], **_: Any) -> None:
        errors: dict[str, list[str]] = {}
        if (form["begins"] is None) != (form["ends"] is None):
            errors["ends" if form["ends"] is None else "begins"] = ["Give both times, or neither."]
        elif form["begins"] is not None and form["begins"] == form["ends"]:
            errors["ends"] = ["The two times are the same."]
        if len({answer.partition("=")[0] for answer in form["answer"]}) > 1:
            errors["answer"] = ["Choose answers to one question; write another rule for the other."]
        if form["to"] and not GOAL.fullmatch(form["to"]):
            errors["to"] = ["Choose one from the list."]
        elif not form["to"] and not form["queue"]:
            errors["to"] = ["Say where the case goes, or hold it for the office."]
        if errors:
            raise ValidationError(errors)

    def columns(self, form: Mapping[str, Any]) -> dict[str, Any]:
        goal = GOAL.fullmatch(form["to"])
        to, number = (goal[1], int(goal[2])) if goal else ("", None)
        pairs = [answer.partition("=") for answer in form["answer"]]
        return {
            "service_id": form["service"],
            "district_ids": sorted({district for district in form["district"] if district}),
            "weekdays": sorted(set(form["day"])),
            "begins": form["begins"],
            "ends": form["ends"],
            "question": pairs[0][0] if pairs else "",
            "answers": sorted({key for _, _, key in pairs}),
            "department_id": number if to == "department" else None,
            "crew_id": number if to == "crew" else None,
            "queue": form["queue"],
        }


class RuleWords:
    """Says rules as people would. Made with what they name."""

    def __init__(self, districts: Mapping[int, District], departments: Mapping[int, Department], crews: Mapping[int, Crew]) -> None:
        self.districts, self.departments, self.crews = districts, departments, crews

    def what(self, rule: RoutingRule) -> str:
        return rule.service.name if rule.service else "Any service"

    def conditions(self, rule: RoutingRule) -> list[str]:
        said = []
        if rule.district_ids:
            names = [self.districts[i].code if i in self.districts else "a district that is gone" for i in rule.district_ids]
            said.append(f"in {'district' if len(names) == 1 else 'districts'} {_listed(names)}")
        if rule.weekdays:
            said.append(_days(rule.weekdays))
        if rule.begins is not None and rule.ends is not None:
            said.append(f"between {rule.begins:%H:%M} and {rule.ends:%H:%M}")
        if rule.question:
            said.append(_answered(rule.service, rule.question, rule.answers))
        return said

    def goal(self, department_id: int | None, crew_id: int | None, queue: str) -> str:
        crew = self.crews.get(crew_id or 0)
        department = self.departments.get(department_id or 0)
        to = crew.code if crew else department.name if department else ""
        if queue:
            return f"{to}, held for the office: {queue}" if to else f"held for the office: {queue}"
        return to


def _days(days: list[int]) -> str:
    if days == [0, 1, 2, 3, 4]:
        return "Monday to Friday"
    if days == [5, 6]:
        return "at the weekend"
    return f"on {_listed([WEEKDAYS[day] for day in days])}"


def _answered(service: Service | None, code: str, answers: list[str]) -> str:
    question = next((one for one in service.questions if one["code"] == code), None) if service else None
    if question is None:
        return f"where {code} is {_listed(answers, 'or')}"
    names = {str(value["key"]): str(value["name"]) for value in question.get("values", [])}
    return f"where “{question['description']}” is {_listed([names.get(key, key) for key in answers], 'or')}"


def _listed(words: list[str], last: str = "and") -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"
