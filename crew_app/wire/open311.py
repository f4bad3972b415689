"""GeoReport v2 on the wire: what a city says, in XML and in JSON, with the fields and names of the specification.

One structure serves both: a list is an array in JSON, and in XML an element of the list's name with its entries in it.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

from crew_app.models import Case, EventRow, Note, Photo, Service
from crew_app.wire.spreadsheet import safe_cell
from crew_app.wire.story import public_story, what_happens_next
from crew_app.wire.words import public_outcome, without_contacts
from crew_app.wire.xml_text import xml_text
from crew_app.workflow import OPEN_STATUSES, Status

CONTENT_TYPES = {"xml": "text/xml; charset=utf-8", "json": "application/json; charset=utf-8"}
SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
CHANGESET = "2026-11-25T00:00:00Z"  # when this surface last changed

# What an entry of a list is called in XML.
_ENTRY = {
    "attributes": "attribute",
    "endpoints": "endpoint",
    "errors": "error",
    "formats": "format",
    "media_urls": "media_url",
    "notes": "note",
    "photos": "photo",
    "service_request_updates": "request_update",
    "service_requests": "request",
    "services": "service",
    "values": "value",
}


def render(root: str, said: Any, fmt: str) -> bytes:
    if fmt == "json":
        return json.dumps(said, ensure_ascii=False).encode()
    return ElementTree.tostring(_element(root, said), encoding="utf-8", xml_declaration=True, short_empty_elements=True)


def stream_bulk(rows: Iterable[Mapping[str, Any]], fmt: str) -> Iterator[str]:
    """Rows of one form, one after the other, in CSV, JSON or XML."""
    if fmt == "csv":
        line = io.StringIO()
        writer = csv.writer(line)
        for number, row in enumerate(rows):
            if number == 0:
                writer.writerow(row)
            writer.writerow([safe_cell(value) for value in row.values()])
            yield line.getvalue()
            line.seek(0)
            line.truncate()
    elif fmt == "json":
        yield "["
        for number, row in enumerate(rows):
            yield ("," if number else "") + "\n" + json.dumps(row, ensure_ascii=False)
        yield "\n]"
    else:
        yield "<?xml version='1.0' encoding='utf-8'?>\n<service_requests>"
        for row in rows:
            yield ElementTree.tostring(_element("request", row), encoding="unicode")
        yield "</service_requests>"


def _element(name: str, said: Any) -> ElementTree.Element:
    element = ElementTree.Element(name)
    if isinstance(said, Mapping):
        element.extend(_element(key, value) for key, value in said.items())
    elif isinstance(said, list):
        element.extend(_element(_ENTRY[name], value) for value in said)
    elif isinstance(said, bool):
        element.text = "true" if said else "false"
    elif said is not None:
        element.text = xml_text(str(said))
    return element


def instant(moment: datetime | None) -> str | None:
    """Whole seconds and Z: what every client reads, and what survives being sent back in a query."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if moment else None


def discovery_body(public_url: str, city: str, contact: str) -> dict[str, Any]:
    return {
        "changeset": CHANGESET,
        "contact": f"{city} 311: {contact}",
        "key_service": f"Reading needs no key. To report through a program of your own, ask for a key: {contact}",
        "endpoints": [
            {
                "specification": SPECIFICATION,
                "url": f"{public_url}/open311/v2",
                "changeset": CHANGESET,
                "type": "production",
                "formats": ["text/xml", "application/json"],
            }
        ],
    }


def service_body(service: Service) -> dict[str, Any]:
    return {
        "service_code": service.code,
        "service_name": service.name,
        "description": service.description or None,
        "metadata": bool(service.questions),
        "type": "realtime",
        "keywords": service.keywords or None,
        "group": service.group or None,
    }


def definition_body(service: Service) -> dict[str, Any]:
    return {
        "service_code": service.code,
        "attributes": [
            {
                "variable": question.get("variable", True),
                "code": question["code"],
                "datatype": question.get("datatype", "string"),
                "required": bool(question.get("required")),
                "datatype_description": question.get("datatype_description") or None,
                "order": order,
                "description": question.get("description") or question["code"],
                "values": [{"key": str(value["key"]), "name": value["name"]} for value in question.get("values", [])],
            }
            for order, question in enumerate(service.questions, 1)
        ],
    }


def open_or_closed(status: str) -> str:
    """The two words GeoReport has. A merged case is open until the one it was merged into is closed."""
    return "open" if status in (*OPEN_STATUSES, Status.MERGED) else "closed"


def request_body(case: Case, photo_urls: Sequence[str]) -> dict[str, Any]:
    """One service request. `updated_datetime` is when the city learned of it: a crew without signal closed it before."""
    return {
        "service_request_id": case.number,
        "status": open_or_closed(case.status),
        "status_notes": status_notes(case) or None,
        "service_name": case.service.name,
        "service_code": case.service.code,
        "description": without_contacts(case.description) or None,
        "agency_responsible": case.department.name,
        "service_notice": None,
        "requested_datetime": instant(case.opened_at),
        "updated_datetime": instant(case.updated_at),
        "expected_datetime": instant(case.due_at),
        "address": without_contacts(case.address) or None,
        "address_id": None,
        "zipcode": case.postcode or None,
        "lat": case.latitude,
        "long": case.longitude,
        "media_url": photo_urls[0] if photo_urls else None,
    }


def status_notes(case: Case) -> str:
    if case.status == Status.CLOSED:
        return " ".join(
            part for part in (public_outcome(case.outcome, case.outcome_detail), without_contacts(case.closing_note)) if part
        )
    if case.status == Status.WITHDRAWN:
        return "This report was withdrawn."
    if case.status == Status.MERGED:
        return f"Reported before. It is dealt with as {case.merged_into.number}." if case.merged_into else ""
    return ""


def extensions_body(
    case: Case,
    photos: Sequence[Photo],
    photo_urls: Sequence[str],
    events: Sequence[EventRow],
    notes: Sequence[Note],
    parent_number: str | None,
) -> dict[str, Any]:
    """What `extensions=true` adds, under the names Boston, Chicago and San Francisco use."""
    asked = {str(question["code"]): question for question in case.service.questions}
    answers = [(asked[code], answer) for code, answer in case.answers.items() if code in asked]
    return {
        "media_urls": list(photo_urls),
        "attributes": [
            {
                "code": question["code"],
                "name": question.get("description") or question["code"],
                "values": _answer_values(question, answer),
            }
            for question, answer in answers
        ],
        "extended_attributes": {
            "channel": case.source or None,
            "neighborhood": case.neighborhood or None,
            "closed_datetime": instant(case.closed_at),
            "duplicate": case.status == Status.MERGED or case.outcome == "duplicate",
            "parent_service_request_id": parent_number,
            "photos": [
                {"media_url": url, "title": photo.kind, "created_at": instant(photo.verified_at)}
                for photo, url in zip(photos, photo_urls, strict=True)
            ],
        },
        "notes": [
            {
                "datetime": instant(step.at),
                "description": step.text or step.title,
                "type": step.icon,
                "summary": step.title,
            }
            for step in public_story(case, events, notes)
        ],
    }


def _answer_values(question: Mapping[str, Any], answer: Any) -> list[dict[str, str]]:
    names = {str(value["key"]): str(value["name"]) for value in question.get("values", [])}
    given = [str(one) for one in (answer if isinstance(answer, list) else [answer])]
    return [{"key": one, "name": names[one]} if one in names else {"key": "", "name": without_contacts(one)} for one in given]


def received_body(case: Case, now: datetime) -> dict[str, Any]:
    """The answer to a report: its number, and what happens next."""
    return {"service_request_id": case.number, "service_notice": what_happens_next(case, now) or None, "account_id": None}


def errors_body(status: int, descriptions: Sequence[str]) -> list[dict[str, Any]]:
    return [{"code": status, "description": description} for description in descriptions]


# What a closing means to mySociety's programs. "closed" alone would be shown as fixed, which only `fixed` is.
_UPDATE_OF_OUTCOME = {
    "fixed": "fixed",
    "made_safe": "planned",
    "not_found": "no_further_action",
    "no_access": "no_further_action",
    "not_ours": "not_councils_responsibility",
    "duplicate": "duplicate",
    "scheduled": "planned",
}
_UPDATE_OF_EVENT = {
    "case_assigned": ("action_scheduled", "Sent to a crew."),
    "case_unassigned": ("open", "Waiting for another crew."),
    "case_progressed": ("in_progress", "A crew is on its way."),
    "case_reopened": ("reopen", "Opened again."),
    "case_withdrawn": ("cancelled", "This report was withdrawn."),
    "case_merged": ("duplicate", "Somebody else reported the same. Both are dealt with together."),
    "case_split": ("open", "Dealt with on its own again."),
}
UPDATE_EVENTS = (*_UPDATE_OF_EVENT, "case_closed", "note_added")


def update_body(event: EventRow, case: Case, note: Note | None, photo_urls: Sequence[str]) -> dict[str, Any]:
    """One update. Its time is when the city learned of it: readers drop what seems older than what they have."""
    said: dict[str, Any] = {"update_id": str(event.seq), "service_request_id": case.number}
    if event.kind == "case_closed":
        outcome = event.body.get("outcome") or None
        is_last = case.status == Status.CLOSED and outcome == case.outcome
        status = _UPDATE_OF_OUTCOME.get(outcome or "", "closed")
        words = status_notes(case) if is_last else public_outcome(outcome, None)
        said |= {"status": status, "description": words, "media_url": list(photo_urls) or None}
        if is_last:
            said["extras"] = {"closed_datetime": instant(case.closed_at)}
    elif event.kind == "note_added":
        said |= {"status": "unchanged", "description": without_contacts(note.text if note else ""), "media_url": None}
    else:
        status, words = _UPDATE_OF_EVENT[event.kind]
        if event.kind == "case_progressed" and event.body.get("status") == Status.ON_SITE:
            words = "A crew is there."
        said |= {"status": status, "description": words, "media_url": None}
    return said | {"updated_datetime": instant(event.at)}
