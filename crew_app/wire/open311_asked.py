"""GeoReport v2 as clients ask: read as generously as their habits demand, each mistake named.

An empty parameter is one that was not sent; an unknown one is left aside, for clients send what their own city needs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from crew_app.errors import BadInput
from crew_app.models import Service
from crew_app.wire.forms import ANSWER, EMAIL, read_answers
from crew_app.wire.moments import read_moment

MOST_ROWS = 1000
LONGEST_SPAN = timedelta(days=90)
SLOP = timedelta(hours=2)  # ninety days of a wall clock hold an hour more in autumn
MOST_PAGES = 1_000_000
LONGEST_DESCRIPTION = 4000
MOST_EXTRA_ATTRIBUTES = 50
LONGEST_URL, MOST_URLS = 1000, 10

_ATTRIBUTE = re.compile(r"attribute\[([^\]]{1,200})\](\[\])?")
_LONGEST = {"first_name": 100, "last_name": 100, "phone": 40, "email": 254, "address_string": 300, "address_id": 100,
            "zipcode": 16}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestsAsked:
    """Which service requests somebody wants to read. None: no bound."""

    numbers: list[str] | None = None
    service_codes: list[str] | None = None
    is_closed: bool | None = None
    opened: tuple[datetime | None, datetime | None] = (None, None)  # from, to
    updated: tuple[datetime | None, datetime | None] = (None, None)
    page: int = 1
    page_size: int = MOST_ROWS
    extensions: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestPosted:
    description: str
    address: str
    zipcode: str
    latitude: float | None
    longitude: float | None
    answers: dict[str, Any]
    name: str | None
    email: str | None
    phone: str | None
    media_urls: list[str]
    external_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatePosted:
    number: str
    update_id: str
    status: str
    updated_at: datetime
    description: str
    name: str | None
    email: str | None
    phone: str | None
    media_urls: list[str]


def read_requests_asked(args: MultiDict[str, str], zone: ZoneInfo, now: datetime) -> RequestsAsked:
    reader = _Reader(args, zone)
    paging: dict[str, Any] = {
        "page": reader.whole("page", 1, MOST_PAGES),
        # More than the most there is means the most there is: clients ask for 100 and 500 of whoever it is.
        "page_size": min(reader.whole("page_size", reader.whole("per_page", MOST_ROWS, 10**6), 10**6), MOST_ROWS),
        "extensions": wants_extensions(args),
    }
    if numbers := reader.listed("service_request_id"):
        reader.check()
        return RequestsAsked(numbers=numbers[:MOST_ROWS], **paging)
    statuses = frozenset(word.lower() for word in reader.listed("status"))
    if not statuses <= {"open", "closed"}:
        reader.errors["status"] = "status is open, closed, or both with a comma."
    updated = reader.moment("updated_after"), reader.moment("updated_before")
    opened: tuple[datetime | None, datetime | None] = reader.moment("start_date"), reader.moment("end_date")
    reader.check()
    if any(opened) or not any(updated):  # what changed lately may be old
        opened = _span(*opened, now)
    return RequestsAsked(
        # A code may hold a comma itself, so the whole of it counts as one, too.
        service_codes=[reader.text("service_code"), *reader.listed("service_code")] if reader.text("service_code") else None,
        is_closed=None if len(statuses) != 1 else "closed" in statuses,
        opened=opened,
        updated=updated,
        **paging,
    )


def wants_extensions(args: MultiDict[str, str]) -> bool:
    return args.get("extensions", "").strip().lower() in ("true", "1", "yes")


def read_updates_span(args: MultiDict[str, str], zone: ZoneInfo, now: datetime) -> tuple[datetime, datetime]:
    reader = _Reader(args, zone)
    start, end = reader.moment("start_date"), reader.moment("end_date")
    reader.check()
    return _span(start, end, now)


def read_request_posted(form: MultiDict[str, str], service: Service, zone: ZoneInfo) -> RequestPosted:
    """BadInput names every parameter that cannot be used."""
    reader = _Reader(form, zone)
    latitude, longitude = reader.degrees("lat", 90), reader.degrees("long", 180)
    address = reader.text("address_string")
    if not address and (number := reader.text("address_id")):
        address = f"Address number {number}"  # of a register we do not have; a person finds the place
    if (latitude is None) != (longitude is None) and "lat" not in reader.errors and "long" not in reader.errors:
        reader.errors["long" if longitude is None else "lat"] = "lat and long go together."
    if latitude is None and not address and not reader.errors:
        reader.errors["lat"] = "Say where it is: lat and long, address_string or address_id."
    answers, external_id = _read_attributes(reader, form, service)
    posted = RequestPosted(
        description=reader.words("description"),
        address=address,
        zipcode=reader.text("zipcode"),
        latitude=latitude,
        longitude=longitude,
        answers=answers,
        name=" ".join(part for part in (reader.text("first_name"), reader.text("last_name")) if part) or None,
        email=reader.email(),
        phone=reader.text("phone") or None,
        media_urls=reader.addresses("media_url"),
        external_id=external_id,
    )
    reader.check()
    return posted


def _read_attributes(reader: _Reader, form: MultiDict[str, str], service: Service) -> tuple[dict[str, Any], str | None]:
    """Answers to the service's own questions; what else was sent is kept beside them. And what the sender calls it."""
    asked = {str(question["code"]) for question in service.questions if question.get("variable", True)}
    ours: MultiDict[str, str] = MultiDict()
    others: dict[str, Any] = {}
    for name in form:
        if match := _ATTRIBUTE.fullmatch(name):
            code, given = match[1], [text for text in form.getlist(name) if text.strip()]
            if code in asked:
                ours.setlist(ANSWER + code, ours.getlist(ANSWER + code) + given)
            elif given and len(others) < MOST_EXTRA_ATTRIBUTES and "\x00" not in code + given[0]:
                others[code] = given[0][:LONGEST_DESCRIPTION]
    try:
        answers = read_answers(service.questions, ours)
    except BadInput as problem:
        answers = {}
        for name, words in problem.errors.items():
            reader.errors[f"attribute[{name.removeprefix(ANSWER)}]"] = " ".join(words)
    external_id = others.get("fixmystreet_id") or others.get("external_id")
    return answers | others, str(external_id)[:120] if external_id else None


UPDATE_STATUSES = frozenset(
    (
        "open", "closed", "fixed", "in_progress", "planned", "action_scheduled", "investigating", "duplicate",
        "not_councils_responsibility", "no_further_action", "internal_referral", "cancelled", "reopen", "for_triage", "unchanged",
    )
)  # fmt: skip


def read_update_posted(form: MultiDict[str, str], zone: ZoneInfo) -> UpdatePosted:
    reader = _Reader(form, zone)
    for name in ("service_request_id", "update_id", "status", "updated_datetime", "description"):
        if not reader.text(name):
            reader.errors[name] = f"Bad request: {name}"
    status = reader.text("status").lower()
    if status and status not in UPDATE_STATUSES:
        reader.errors["status"] = f"status is one of {', '.join(sorted(UPDATE_STATUSES))}."
    updated_at = reader.moment("updated_datetime")
    posted = UpdatePosted(
        number=reader.text("service_request_id"),
        update_id=reader.text("update_id")[:120],
        status=status,
        updated_at=updated_at or datetime.min.replace(tzinfo=UTC),
        description=reader.words("description"),
        name=" ".join(part for part in (reader.text("first_name"), reader.text("last_name")) if part) or None,
        email=reader.email(),
        phone=reader.text("phone") or None,
        media_urls=reader.addresses("media_url"),
    )
    reader.check()
    return posted


def _span(start: datetime | None, end: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    """Both ends of at most 90 days; BadInput if the ends lie further apart or the wrong way round."""
    if start is None:
        end = end or now
        start = end - LONGEST_SPAN
    elif end is None:
        end = start + LONGEST_SPAN
    if end < start:
        raise BadInput("Cannot be read.", errors={"end_date": ["end_date lies before start_date."]})
    if end - start > LONGEST_SPAN + SLOP:
        raise BadInput("Cannot be read.", errors={"end_date": ["start_date and end_date may lie 90 days apart at most."]})
    return start, end


class _Reader:
    """One request's parameters; what is wrong with them is collected and said together."""

    def __init__(self, given: MultiDict[str, str], zone: ZoneInfo) -> None:
        self.given, self.zone = given, zone
        self.errors: dict[str, str] = {}

    def check(self) -> None:
        if self.errors:
            raise BadInput("Cannot be read.", errors={name: [words] for name, words in self.errors.items()})

    def text(self, name: str) -> str:
        text = (self.given.get(name) or "").strip()
        if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
            self.errors[name] = f"{name} holds a character that cannot be kept."
            return ""
        if len(text) > (longest := _LONGEST.get(name, LONGEST_DESCRIPTION)):
            self.errors[name] = f"{name} may have {longest} characters at most."
            return ""
        return text

    def words(self, name: str) -> str:
        return self.text(name).replace("\r\n", "\n")

    def listed(self, name: str) -> list[str]:
        return [part for part in (part.strip() for part in self.given.get(name, "").split(",")) if part and "\x00" not in part]

    def whole(self, name: str, otherwise: int, most: int) -> int:
        text = self.text(name)
        if not text:
            return otherwise
        if not re.fullmatch(r"[0-9]{1,9}", text, re.ASCII) or not 1 <= int(text) <= most:
            self.errors[name] = f"{name} is a whole number from 1."
            return otherwise
        return int(text)

    def degrees(self, name: str, limit: int) -> float | None:
        text = self.text(name)
        if not text:
            return None
        if not re.fullmatch(r"[+-]?[0-9]{1,3}(\.[0-9]{1,20})?", text, re.ASCII) or abs(float(text)) > limit:
            self.errors[name] = f"{name} is a number of degrees from -{limit} to {limit}."
            return None
        return float(text)

    def email(self) -> str | None:
        text = self.text("email")
        if text and not EMAIL.match(text):
            self.errors["email"] = "email is an address like name@example.org."
        return text or None

    def addresses(self, name: str) -> list[str]:
        """Addresses in the web, sent once or often, under this name or with brackets behind it."""
        given = [text.strip() for key in (name, f"{name}[]") for text in self.given.getlist(key) if text.strip()]
        if any(len(text) > LONGEST_URL or not re.fullmatch(r"https?://[^\s\x00-\x1f\ud800-\udfff]+", text) for text in given):
            self.errors[name] = f"{name} is an address that begins with http:// or https://."
        return given[:MOST_URLS]

    def moment(self, name: str) -> datetime | None:
        text = self.text(name)
        moment = read_moment(text, self.zone) if text else None
        if text and moment is None:
            self.errors[name] = f"{name} is a time like 2026-11-30T12:00:00Z."
        return moment
