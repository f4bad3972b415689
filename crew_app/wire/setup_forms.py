"""The forms with which the city says how it works; routing rules have a file of their own (wire/rules.py)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates, validates_schema

from crew_app.languages import ENGLISH, LANGUAGES
from crew_app.models import Role
from crew_app.service_level import Hours
from crew_app.wire.forms import EMAIL, FormId, Line
from crew_app.wire.rules import FormClock
from crew_app.workflow import ClosingOutcome

LONGEST_PLAN = timedelta(days=92)
DATATYPES = {
    "singlevaluelist": "One of a list",
    "multivaluelist": "Several of a list",
    "string": "A few words",
    "text": "Words",
    "number": "A number",
    "datetime": "A day or a moment",
}


class FormDay(fields.Field[date]):
    """A day from a form, like 2026-12-25."""

    def __init__(self) -> None:
        super().__init__(required=True, error_messages={"required": "Choose a day."})

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        try:
            return (
                date.fromisoformat(str(value)) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", str(value), re.ASCII) else self._no()
            )
        except ValueError:
            return self._no()

    def _no(self) -> date:
        raise ValidationError("Choose a day, like 2026-12-25.")


def _week_form() -> type[Schema]:
    names = {f"{edge}_{day}": FormClock(load_default=None) for day in range(7) for edge in ("opens", "closes")}
    return Schema.from_dict(names, name="WeekForm")  # type: ignore[arg-type]


class HoursForm(_week_form()):  # type: ignore[misc]
    """Two times for each day of the week, Monday first; a day without them is free."""

    @validates_schema(skip_on_field_errors=True)
    def check(self, form: dict[str, Any], **_: Any) -> None:
        errors = {}
        for day in range(7):
            opens, closes = form[f"opens_{day}"], form[f"closes_{day}"]
            if (opens is None) != (closes is None):
                errors[f"closes_{day}"] = ["Give both times, or neither."]
            elif opens is not None and opens >= closes:
                errors[f"closes_{day}"] = ["The end must come after the beginning."]
        if errors:
            raise ValidationError(errors)

    @staticmethod
    def week(form: Mapping[str, Any]) -> list[Hours]:
        return [(form[f"opens_{day}"], form[f"closes_{day}"]) if form[f"opens_{day}"] else None for day in range(7)]


class HolidayForm(Schema):
    day = FormDay()
    name = Line(120, "Give it a name.")


class ReplyForm(Schema):
    """Words to close a case with. Nothing chosen: any."""

    service = FormId(load_default=None)
    outcome = fields.String(load_default="", validate=validate.OneOf(["", *ClosingOutcome], error="Choose one from the list."))
    text = Line(2000, "Write the words first.")


class NameForm(Schema):
    """What a service is called in a language; empty: by its own name."""

    language = fields.String(
        required=True,
        validate=validate.OneOf([code for code in LANGUAGES if code != ENGLISH.code], error="Choose the language."),
        error_messages={"required": "Choose the language."},
    )
    name = Line(160)


class LevelForm(Schema):
    """What is promised: so many days, or nothing."""

    days = fields.String(
        load_default="", validate=validate.Regexp(r"^([0-9]{1,4})?\Z", error="Write a number of days, or nothing.")
    )
    calendar = fields.String(
        required=True,
        validate=validate.OneOf(["business", "calendar"], error="Choose how days are counted."),
        error_messages={"required": "Choose how days are counted."},
    )
    holds_from = FormDay()


class QuestionForm(Schema):
    description = Line(300, "Write the question.")
    datatype = fields.String(required=True, validate=validate.OneOf(list(DATATYPES), error="Choose the kind of answer."))
    required = fields.Boolean(load_default=False)
    values = Line(4000)  # one to a line

    @validates_schema(skip_on_field_errors=True)
    def check_values(self, form: dict[str, Any], **_: Any) -> None:
        if form["datatype"].endswith("list") and len(_lines(form["values"])) < 2:
            raise ValidationError("Write at least two answers, each on a line of its own.", "values")

    @staticmethod
    def question(form: Mapping[str, Any]) -> dict[str, Any]:
        """In GeoReport v2 attribute form, but for its code."""
        names = _lines(form["values"]) if form["datatype"].endswith("list") else []
        values = [{"key": re.sub(r"\s+", "_", name.lower()), "name": name} for name in names]
        return {"datatype": form["datatype"], "required": form["required"], "description": form["description"], "values": values}


class ShiftsForm(Schema):
    """Shifts of one crew: the same hours on some days of a span."""

    crew = FormId(load_default=None)
    first = FormDay()
    last = FormDay()
    day = fields.List(fields.Integer(validate=validate.Range(0, 6)), load_default=list)
    begins = FormClock(load_default=None)
    ends = FormClock(load_default=None)

    @validates_schema(skip_on_field_errors=True)
    def check(self, form: dict[str, Any], **_: Any) -> None:
        errors = {name: ["Write a time like 08:30."] for name in ("begins", "ends") if form[name] is None}
        if not errors and form["begins"] == form["ends"]:
            errors["ends"] = ["The two times are the same."]
        if not form["first"] <= form["last"] <= form["first"] + LONGEST_PLAN:
            errors["last"] = [f"Choose a day after the first, at most {LONGEST_PLAN.days} days later."]
        if errors:
            raise ValidationError(errors)


class AnyDay(FormDay):
    """A day, or none."""

    def __init__(self) -> None:
        fields.Field.__init__(self, load_default=None)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date | None:  # type: ignore[override]
        return super()._deserialize(value, attr, data, **kwargs) if str(value).strip() else None


class AuditForm(Schema):
    """Which rows of the books somebody wants to read."""

    person = FormId(load_default=None)
    book = fields.String(load_default="")  # so are these two, where the books are
    number = Line(64)
    since = AnyDay()
    until = AnyDay()
    before = fields.String(load_default="")


class PersonForm(Schema):
    name = Line(120, "Write the name.")
    email = Line(254, "Write the e-mail address.")
    role = fields.String(
        required=True, validate=validate.OneOf(list(Role), error="Choose a role."), error_messages={"required": "Choose a role."}
    )
    crew = FormId(load_default=None)
    department = FormId(load_default=None)

    @validates("email")
    def check_email(self, email: str, data_key: str) -> None:
        if not EMAIL.match(email):
            raise ValidationError("Write an e-mail address like name@example.org.")

    @staticmethod
    def columns(form: Mapping[str, Any]) -> dict[str, Any]:
        names = {"crew": "crew_id", "department": "department_id"}
        return {names.get(name, name): value for name, value in form.items()}


def _lines(text: str) -> list[str]:
    return list(dict.fromkeys(line.strip() for line in text.split("\n") if line.strip()))
