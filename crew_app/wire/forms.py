"""The forms of the pages the server renders: read strictly, unknown fields refused, each mistake named in words."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from marshmallow import Schema, ValidationError, fields, pre_load, validate, validates, validates_schema
from werkzeug.datastructures import MultiDict

from crew_app.errors import BadInput
from crew_app.languages import mark, said, t, tn
from crew_app.wire.fields import MAX_ID, Words
from crew_app.wire.times import city_moment
from crew_app.workflow import OUTCOME_NEEDS_DETAIL, ClosingOutcome

ANSWER = "answer:"  # what the name of a field begins with that answers one of the service's own questions
LONGEST_ANSWER = 4000
LONGEST_LIST = 256 * 1024
MOST_AREAS = 20  # to blur in one photo
EMAIL = re.compile(r"^[^@\s<>]+@[^@\s<>]+\.[^@\s<>.]+$")


class Line(Words):
    """Words from a form: trimmed, with the line ends browsers send made plain. `needed`: what to say if there are none."""

    def __init__(self, longest: int, needed: str = "", **kwargs: Any) -> None:
        self.needed = needed
        messages = {"required": needed or mark("Missing.")}
        super().__init__(longest, error_messages=messages, **({"required": True} if needed else {"load_default": ""}), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs).replace("\r\n", "\n").strip()
        if self.needed and not text:
            raise ValidationError(said(self.needed))
        return text


class FormNumber(fields.Field[float | None]):
    """A number somebody typed, within bounds; nothing typed is None."""

    def __init__(self, least: float, most: float, **kwargs: Any) -> None:
        super().__init__(load_default=None, **kwargs)
        self.least, self.most = least, most

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float | None:
        text = str(value).strip().replace("−", "-")
        if not text:
            return None
        number = float(text) if re.fullmatch(r"-?[0-9]{1,9}(\.[0-9]{0,20})?", text, re.ASCII) else math.nan
        if not self.least <= number <= self.most:
            raise ValidationError(
                t("Write a number from {least} to {most}, like 42.3601.", least=f"{self.least:g}", most=f"{self.most:g}")
            )
        return number


class FormId(fields.Field[int | None]):
    """The id of a row, chosen from a list; nothing chosen is None."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int | None:
        text = str(value)
        if not text:
            return None
        if not re.fullmatch(r"[0-9]{1,10}", text, re.ASCII) or not 1 <= int(text) <= MAX_ID:
            raise ValidationError("Choose one from the list.")
        return int(text)


class SignInForm(Schema):
    email = Line(254, mark("Write your e-mail address."))
    password = Words(200, required=True, error_messages={"required": mark("Write your password.")})
    next = fields.String(load_default="")  # judged by whoever goes there


class CodeForm(Schema):
    code = Line(40, "Write the code.")
    next = fields.String(load_default="")


class PasswordForm(Schema):
    password = Words(200, required=True, error_messages={"required": "Write your password."})


class NewPasswordForm(PasswordForm):
    new = Words(200, required=True, error_messages={"required": "Write the new password."})


class SecondStepForm(PasswordForm):
    sealed = fields.String(required=True)  # believed only if it is ours
    code = Line(40, "Write the six digits your app shows now.")


class DeedForm(Schema):
    """What every form for a deed has: the case as it was seen, as "round:status"; empty: it does not matter."""

    seen = fields.String(
        load_default="", validate=validate.Regexp(r"^([0-9]{1,9}:[a-z_]{1,16})?\Z", error="Not a case as it was seen.")
    )


class AssignForm(DeedForm):
    crew = FormId(required=True, error_messages={"required": "Choose a crew."})
    why = Line(500)

    @validates_schema(skip_on_field_errors=True)
    def check_crew(self, form: dict[str, Any], **_: Any) -> None:
        if form["crew"] is None:
            raise ValidationError("Choose a crew.", "crew")


class WhyForm(DeedForm):
    """Taking a case back: a reason helps the crew, but is not asked for."""

    why = Line(200)


class ReasonForm(DeedForm):
    why = Line(500, "Say why. It stays in the case's history.")


class CloseForm(DeedForm):
    outcome = fields.String(
        required=True,
        validate=validate.OneOf(list(ClosingOutcome), error="Choose how it ended."),
        error_messages={"required": "Choose how it ended."},
    )
    detail = Line(500)
    note = Line(4000)

    @validates_schema(skip_on_field_errors=True)
    def check_detail(self, form: dict[str, Any], **_: Any) -> None:
        check_closing(form)


def check_closing(form: dict[str, Any]) -> None:
    """Some outcomes say too little without a detail."""
    outcome = ClosingOutcome(form["outcome"])
    needed = OUTCOME_NEEDS_DETAIL.get(outcome)
    if needed and not form["detail"]:
        raise ValidationError(f"Say {needed}.", "detail")
    if outcome is ClosingOutcome.SCHEDULED and not _is_day(form["detail"]):
        raise ValidationError("Write the day as year-month-day, like 2026-11-30.", "detail")


class PlaceForm(DeedForm):
    lat = FormNumber(-90, 90)
    lon = FormNumber(-180, 180)
    address = Line(300)

    @validates_schema(skip_on_field_errors=True)
    def check_both(self, form: dict[str, Any], **_: Any) -> None:
        for name, word in (("lat", "latitude"), ("lon", "longitude")):
            if form[name] is None:
                raise ValidationError(f"Write the {word}.", name)


class NoteForm(DeedForm):
    text = Line(4000, "Write the note first.")
    is_public = fields.Boolean(load_default=False)


class Areas(fields.Field[list[list[float]]]):
    """Areas of a picture, one a line: left, top, width and height in hundredths of it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[list[float]]:
        lines = [re.split(r"[\s,;]+", line.strip()) for line in str(value).splitlines() if line.strip()]
        if not 1 <= len(lines) <= MOST_AREAS:
            raise ValidationError(f"Mark what is to be blurred: 1 to {MOST_AREAS} areas.")
        areas = [[float(part) for part in line if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,6})?", part, re.ASCII)] for line in lines]
        for number, area in enumerate(areas, 1):
            if (
                len(area) != 4
                or len(lines[number - 1]) != 4
                or max(area[:2]) >= 100
                or not all(0 < side <= 100 for side in area[2:])
            ):
                raise ValidationError(f"Line {number}: write left, top, width and height in hundredths, like 40 25 10 8.")
        return areas


class RedactForm(Schema):
    areas = Areas(required=True, error_messages={"required": "Mark what is to be blurred."})


class HidePhotoForm(Schema):
    why = Line(200, "Say why. It stays in the case's history.")


class FollowUpForm(Schema):
    service = Line(200, "Choose what is left to do.")
    description = Line(4000, "Say what is left to do.")
    seen = Line(40)  # as every form of a case's page sends; a follow-up does not mind


class SettleForm(DeedForm):
    closure = Line(36, "Say which closing.")
    decision = fields.String(
        required=True, validate=validate.OneOf(["accept", "dismiss"]), error_messages={"required": "Accept or dismiss it."}
    )
    why = Line(400)


class ReviewForm(Schema):
    decision = fields.String(
        required=True,
        validate=validate.OneOf(["accept", "dismiss", "reopen", "settle"], error="Choose what to do."),
        error_messages={"required": "Choose what to do."},
    )
    why = Line(400)


class ReviewFilterForm(Schema):
    kind = fields.String(load_default="", validate=validate.OneOf(["", "closing", "doubt", "kept"]))
    page = FormId(load_default=None)


class MergeForm(DeedForm):
    other = Line(64, "Write the number of the other case.")
    keep = fields.String(load_default="other", validate=validate.OneOf(["other", "this"]))  # which one is dealt with


class CityMoment(fields.Field[datetime]):
    """A moment as a browser's field for it sends it, in the city's time."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        text = str(value).strip()
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?", text, re.ASCII):
            raise ValidationError("Say until when.")
        try:
            return city_moment(datetime.fromisoformat(text))
        except (ValueError, OverflowError):
            raise ValidationError("There is no such moment.") from None


class LendForm(Schema):
    crew = FormId(required=True, error_messages={"required": "Choose a crew."})
    department = FormId(required=True, error_messages={"required": "Choose a department."})
    until = CityMoment(required=True, error_messages={"required": "Say until when."})
    why = Line(200)


class SurgeForm(Schema):
    name = Line(120, "Give it a name.")
    until = CityMoment(required=True, error_messages={"required": "Say until when."})
    csv = Words(LONGEST_LIST, load_default="")


class ApprovalForm(Schema):
    decision = fields.String(required=True, validate=validate.OneOf(["yes", "no"]), error_messages={"required": "Say yes or no."})
    cases = FormId(required=True)
    why = Line(200)


class DeedsForm(Schema):
    """Where a page of the list begins."""

    before = FormId(load_default=None)


class ButtonForm(DeedForm):
    """A deed without words."""


class EmptyForm(Schema):
    """A button alone."""


class BoardForm(Schema):
    """The filters in a list's address; an empty one is none."""

    group = fields.String(validate=validate.OneOf(["open", "waiting", "in_hand", "review", "closed", "all"]))
    due = fields.String(validate=validate.OneOf(["", "late", "risk"]))
    department = FormId()
    service = FormId()
    crew = FormId()
    district = FormId()
    q = Line(100)
    reporter = Line(100)
    sort = fields.String(validate=validate.OneOf(["due", "opened", "updated"]))
    page = FormId()

    @pre_load
    def drop_empty(self, given: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {name: value for name, value in given.items() if value != ""}


class SaveViewForm(BoardForm):
    """Some filters under a name. Not whom it was reported by: who asks for that is written down each time."""

    name = Line(60, "Give the view a name.")
    is_shared = fields.Boolean(load_default=False)

    class Meta:
        exclude = ("reporter", "page")


class ReportForm(Schema):
    """A resident's report, but for its photo and the answers to the service's own questions."""

    service = Line(200, mark("Choose what it is about."))
    sent_as = fields.String(load_default="", validate=validate.Regexp(r"^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?\Z"))
    address = Line(300)
    lat = FormNumber(-90, 90)
    lon = FormNumber(-180, 180)
    description = Line(4000)
    name = Line(200)
    email = Line(254)
    phone = Line(40)

    @validates("email")
    def check_email(self, email: str, data_key: str) -> None:
        if email and not EMAIL.match(email):
            raise ValidationError(t("Write an e-mail address like name@example.org."))

    @validates_schema(skip_on_field_errors=True)
    def check_place(self, form: dict[str, Any], **_: Any) -> None:
        errors: dict[str, list[str]] = {}
        if (form["lat"] is None) != (form["lon"] is None):
            errors["lon" if form["lon"] is None else "lat"] = [t("Give both numbers, or neither.")]
        elif form["lat"] is None and not form["address"]:
            errors["address"] = [t("Say where it is: an address, a crossing, or your position.")]
        if errors:
            raise ValidationError(errors)


class NotFixedForm(Schema):
    """What a resident says of a closed case, beside a photo."""

    words = Line(1000)


class FollowForm(Schema):
    """Who wants news, of one case or of all there are of a service and a district."""

    email = Line(254, mark("Write your e-mail address."))
    case = Line(64)
    service = Line(200)
    district = Line(64)

    @validates("email")
    def check_email(self, email: str, data_key: str) -> None:
        if not EMAIL.match(email):
            raise ValidationError(mark("Write an e-mail address like name@example.org."))


class CallForm(ReportForm):
    """A report that a call taker writes down; of the answers it is as with residents'."""

    joins = Line(64)  # the number of the case that it is about


class PlaceAsked(Schema):
    q = Line(300)


class BesideForm(Schema):
    """As much of a call as is known while it is being written down."""

    service = Line(200)
    lat = FormNumber(-90, 90)
    lon = FormNumber(-180, 180)


def read_form(schema: Schema, form: MultiDict[str, str]) -> dict[str, Any]:
    """The form's values; BadInput with what is wrong, field by field.

    A field sent twice is as wrong as an unknown one, unless the schema has a list there (boxes to tick).
    """
    lists = {name for name, field in schema.fields.items() if isinstance(field, fields.List)}
    twice = [name for name in form if len(form.getlist(name)) > 1 and name not in lists]
    if twice:
        raise BadInput(
            t("This form was sent in a way we cannot read."), errors={name: [t("Sent more than once.")] for name in twice}
        )
    try:
        given = {name: form.getlist(name) if name in lists else form[name] for name in form}
        loaded: dict[str, Any] = schema.load(given)
    except ValidationError as error:
        raise BadInput(t("Please look at the form again."), errors=dict(error.normalized_messages())) from None
    return loaded


def read_answers(questions: list[dict[str, Any]], form: MultiDict[str, str]) -> dict[str, Any]:
    """Code -> answer, for the fields named `answer:<code>`; BadInput with what is wrong, field by field."""
    asked = {str(question["code"]): question for question in questions if question.get("variable", True)}
    errors: dict[str, list[str]] = {}
    answers: dict[str, Any] = {}
    for code in {name.removeprefix(ANSWER) for name in form if name.startswith(ANSWER)} - set(asked):
        errors[ANSWER + code] = [t("Unknown field.")]
    for code, question in asked.items():
        given = [text.strip() for text in form.getlist(ANSWER + code) if text.strip()]
        wrong = _wrong_answer(question, given)
        if wrong:
            errors[ANSWER + code] = [wrong]
        elif given:
            answers[code] = given if question.get("datatype") == "multivaluelist" else given[0]
    if errors:
        raise BadInput(t("Please look at the form again."), errors=errors)
    return answers


def read_all(*readers: Callable[[], Any]) -> list[Any]:
    """What each reader finds; one BadInput that names what is wrong in any of them, so that nobody mends twice."""
    found: list[Any] = []
    errors: dict[str, Any] = {}
    for read in readers:
        try:
            found.append(read())
        except BadInput as problem:
            errors |= problem.errors
    if errors:
        raise BadInput(t("Please look at the form again."), errors=errors)
    return found


def _wrong_answer(question: dict[str, Any], given: list[str]) -> str | None:
    kind = question.get("datatype", "string")
    if not given:
        return t("Please answer this.") if question.get("required") else None
    if kind in ("singlevaluelist", "multivaluelist"):
        keys = {str(value["key"]) for value in question.get("values", [])}
        if not set(given) <= keys or (kind == "singlevaluelist" and len(given) > 1):
            return t("Choose one from the list.")
    elif len(given) > 1 or len(given[0]) > LONGEST_ANSWER or "\x00" in given[0]:
        return tn("At most {n} character.", "At most {n} characters.", LONGEST_ANSWER)
    elif kind == "number" and not re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,15})?", given[0], re.ASCII):
        return t("Write a number.")
    elif kind == "datetime" and not _is_moment(given[0]):
        return t("Write a date, like 2026-11-30.")
    return None


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
