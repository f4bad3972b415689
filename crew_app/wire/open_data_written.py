"""The city's cases as open data: in Boston's three generations of columns, and what each column means.

The other direction is wire/open_data.py: what is written here is read there into equal cases (to the second, with line
breaks become blanks and no stop before a remark; of the hour that autumn repeats, the new columns alone tell which it is).
"""

from __future__ import annotations

import csv
import io
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from crew_app.languages import mark
from crew_app.wire.open_data import COLUMNS, CURRENT, LEGACY, NEW, read_closing
from crew_app.wire.spreadsheet import safe_cell
from crew_app.wire.words import without_contacts
from crew_app.workflow import Status


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


HEADS: dict[str, tuple[str, ...]] = {
    LEGACY: _names(
        "case_enquiry_id open_dt target_dt closed_dt ontime case_status closure_reason case_title subject "
        "reason type queue department submittedphoto closedphoto location fire_district pwd_district "
        "city_council_district police_district neighborhood neighborhood_services_district ward precinct "
        "location_street_name location_zipcode latitude longitude source"
    ),
    CURRENT: _names(
        "case_enquiry_id open_dt sla_target_dt closed_dt on_time case_status closure_reason case_title "
        "subject reason type queue department submitted_photo closed_photo location fire_district "
        "pwd_district city_council_district police_district neighborhood neighborhood_services_district ward "
        "precinct location_street_name location_zipcode latitude longitude geom_4326 source"
    ),
    NEW: _names(
        "case_id open_date case_topic service_name assigned_department assigned_team case_status "
        "closure_reason closure_comments close_date target_close_date on_time report_source full_address "
        "street_number street_name zip_code neighborhood public_works_district city_council_district "
        "fire_district police_district ward precinct submitted_photo closed_photo longitude latitude"
    ),
}
GENERATIONS = {"legacy": LEGACY, "current": CURRENT, "new": NEW}  # as they are asked for

# What each column means, by its name in COLUMNS.
DICTIONARY: dict[str, str] = {
    "case_id": mark("The number of the case, the one people quote. Never used twice."),
    "open_date": mark("When it was reported."),
    "target_close_date": mark("By when the service level promises an end; blank where nothing is promised."),
    "close_date": mark("When the work was done, by the clock of whoever did it; blank while it is open."),
    "on_time": mark("ONTIME if it was closed by its target, is not due yet, or has no target; else OVERDUE."),
    "case_status": mark("Open or Closed; in the new columns also In progress, while a crew has it."),
    "closure_reason": mark("How it ended and what the crew or the office wrote, with contact details blotted out."),
    "closure_comments": mark("More about its end, where the city's file had it."),
    "case_title": mark("The title; the service's name unless the city's file had another."),
    "subject": mark("The part of the city that answers for the service."),
    "case_topic": mark("The group the service belongs to (Boston's “reason”)."),
    "service_name": mark("What was reported (Boston's “type”)."),
    "assigned_team": mark("The team or queue, where the city's file had it."),
    "assigned_department": mark("The department that deals with it: its code; in the new columns its name."),
    "submitted_photo": mark(
        "Addresses of residents' pictures that somebody in the city has looked at; several with “ | ” between."
    ),
    "closed_photo": mark("Addresses of the crew's pictures; several with “ | ” between."),
    "full_address": mark("The place in words."),
    "street_number": mark("House number, where the city's file had it."),
    "street_name": mark("Street, where the city's file had it."),
    "zip_code": mark("Postcode."),
    "neighborhood": mark("Neighbourhood."),
    "neighborhood_services_district": mark("District of neighbourhood services, where the city's file had it."),
    "public_works_district": mark("Public Works district."),
    "city_council_district": mark("City Council district, where the city's file had it."),
    "fire_district": mark("Fire district, where the city's file had it."),
    "police_district": mark("Police district, where the city's file had it."),
    "ward": mark("Ward, where the city's file had it."),
    "precinct": mark("Precinct, where the city's file had it."),
    "latitude": mark("Degrees north, WGS 84; blank if the place is not known."),
    "longitude": mark("Degrees east, WGS 84 (in Boston below zero)."),
    "report_source": mark("How it reached the city."),
}
EXTRA_COLUMN = mark("The place once more, as extended well-known binary (hexadecimal, SRID 4326).")  # geom_4326

_PHRASES = {
    "fixed": "Case Resolved",
    "made_safe": "Case Made Safe",
    "not_found": "Case Invalid",
    "no_access": "Case No Access",
    "not_ours": "Case Referred",
    "duplicate": "Duplicate of Existing Case",
    "scheduled": "Case Scheduled",
}
_IN_PROGRESS = (Status.ASSIGNED, Status.EN_ROUTE, Status.ON_SITE)


@dataclass(frozen=True, slots=True)
class Publishing:
    """What stays the same from the first row to the last."""

    zone: ZoneInfo
    now: datetime


def published(row: Any, reported_urls: Sequence[str], closed_urls: Sequence[str], publishing: Publishing) -> dict[str, Any]:
    """One case by the names in COLUMNS: times aware, degrees numbers, everything else words without contact details."""
    kept: Mapping[str, str] = row.open_data or {}
    is_closed = row.status in (Status.CLOSED, Status.WITHDRAWN)
    closed_at = (row.closed_at or row.updated_at) if is_closed else None
    on_time = row.due_at is None or (closed_at or publishing.now) <= row.due_at
    said = {name: without_contacts(kept[name]) if kept.get(name) else "" for name in _KEPT}
    if not said["public_works_district"] and row.district_kind == "public_works":
        said["public_works_district"] = row.district_code.zfill(2)  # as Boston writes it: 01
    return said | {
        "case_id": row.number,
        "open_date": row.opened_at,
        "target_close_date": row.due_at,
        "close_date": closed_at,
        "on_time": "ONTIME" if on_time else "OVERDUE",
        "case_status": _status_word(row.status, kept) if not is_closed else "Closed",
        "closure_reason": without_contacts(_closure_reason(row, kept, closed_at, publishing.zone)) if closed_at else "",
        "case_title": said["case_title"] or row.service,
        "subject": said["subject"] or row.subject,
        "case_topic": said["case_topic"] or row.topic,
        "service_name": row.service,
        "assigned_department": row.department,
        "department_code": row.department_code,
        "submitted_photo": " | ".join(reported_urls) or kept.get("submitted_photo", ""),
        "closed_photo": " | ".join(closed_urls) or kept.get("closed_photo", ""),
        "full_address": without_contacts(" ".join(row.address.split())),
        "zip_code": row.postcode,
        "neighborhood": row.neighborhood,
        "latitude": row.latitude,
        "longitude": row.longitude,
        "report_source": row.source,
    }


_KEPT = (
    "case_title", "subject", "case_topic", "assigned_team", "closure_comments", "street_number", "street_name",
    "neighborhood_services_district", "public_works_district", "city_council_district", "fire_district", "police_district",
    "ward", "precinct",
)  # fmt: skip


def _status_word(status: str, kept: Mapping[str, str]) -> str:
    return "In progress" if status in _IN_PROGRESS else kept.get("case_status", "Open")


def _closure_reason(row: Any, kept: Mapping[str, str], closed_at: datetime, zone: ZoneInfo) -> str:
    """The city's own remark while it says what is so; else one of the same shape."""
    stamp = f"Case Closed. Closed date : {closed_at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
    if row.status == Status.WITHDRAWN:
        return f"{stamp} Internal Case Withdrawn"
    remark = kept.get("closure_reason", "")
    ended = (row.outcome, row.outcome_detail, row.closing_note)
    if remark and read_closing(remark, kept.get("closure_comments", "")) == ended:
        return remark
    note = " ".join((row.closing_note or "").split()).lstrip(" .:-").rstrip(" :")
    detail = f"[{row.outcome_detail.replace(']', ')')}]" if row.outcome_detail else ""
    return " ".join(part for part in (stamp, _PHRASES.get(row.outcome or "", "Case Noted"), detail, note) if part)


def csv_lines(cases: Iterable[Mapping[str, Any]], generation: str, zone: ZoneInfo) -> Iterator[str]:
    """Header and rows, each a line that no spreadsheet takes for a formula."""
    columns = [(name, _writer_of(name, generation, zone)) for name in _columns_of(generation)]
    line = io.StringIO()
    writer = csv.writer(line)
    writer.writerow(HEADS[generation])
    for case in cases:
        writer.writerow([write(case, name) for name, write in columns])
        if line.tell() > 60_000:
            yield line.getvalue()
            line.seek(0)
            line.truncate()
    yield line.getvalue()


def _columns_of(generation: str) -> list[str]:
    """The names in COLUMNS of a generation's columns, in its order."""
    at = (LEGACY, CURRENT, NEW).index(generation)
    canonical = {names[at]: name for name, names in COLUMNS.items() if names[at]}
    return [canonical.get(head, head) for head in HEADS[generation]]


def _writer_of(name: str, generation: str, zone: ZoneInfo) -> Callable[[Mapping[str, Any], str], Any]:
    """How a column is written; decided once, for there are millions of cells."""
    is_new = generation == NEW
    if name == "geom_4326":
        return _geometry_cell
    if name in ("open_date", "target_close_date", "close_date"):
        kept, mark_of_zone = (UTC, "+00") if is_new else (zone, "")
        return lambda case, name: f"{case[name].astimezone(kept):%Y-%m-%d %H:%M:%S}{mark_of_zone}" if case[name] else ""
    if name == "assigned_department" and not is_new:
        return lambda case, name: safe_cell(case["department_code"])
    if name == "case_status" and not is_new:
        return lambda case, name: "Closed" if case[name] == "Closed" else "Open"
    if name in ("latitude", "longitude"):
        return lambda case, name: "" if case[name] is None else case[name]
    return lambda case, name: safe_cell(case[name].strip()) if case[name] else ""


def _geometry_cell(case: Mapping[str, Any], name: str) -> str:
    return point_wkb(case["longitude"], case["latitude"], srid=4326).hex().upper() if case["latitude"] is not None else ""


def point_wkb(longitude: float, latitude: float, srid: int | None = None) -> bytes:
    """A point in well-known binary, little-endian; with an SRID in PostGIS's extension of it."""
    if srid is None:
        return struct.pack("<BIdd", 1, 1, longitude, latitude)
    return struct.pack("<BIIdd", 1, 0x20000001, srid, longitude, latitude)


def geojson_feature(case: Mapping[str, Any]) -> dict[str, Any]:
    """A case as RFC 7946 has it, with the names of the new columns; no geometry where the place is not known."""
    place = None
    if case["latitude"] is not None:
        place = {"type": "Point", "coordinates": [case["longitude"], case["latitude"]]}
    return {"type": "Feature", "id": case["case_id"], "geometry": place, "properties": typed_properties(case, as_text=True)}


def typed_properties(case: Mapping[str, Any], *, as_text: bool = False) -> dict[str, Any]:
    """The new columns but for the place, blanks as None; times as they are, or as text with Z."""
    said: dict[str, Any] = {}
    for name in HEADS[NEW]:
        if name not in ("longitude", "latitude"):
            value = case[name]
            said[name] = f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if as_text and isinstance(value, datetime) else value or None
    return said


BULK_HEAD = _names(
    "service_request_id requested_datetime updated_datetime closed_date status_description status_notes "
    "source service_name service_subtype description agency_responsible address lat long"
)


def bulk_row(row: Any, case: Mapping[str, Any]) -> dict[str, Any]:
    """A case in the form of GeoReport Bulk."""

    def instant(moment: datetime | None) -> str | None:
        return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if moment else None

    values = (
        case["case_id"], instant(row.opened_at), instant(row.updated_at), instant(case["close_date"]),
        "closed" if case["case_status"] == "Closed" else "open", case["closure_reason"] or None, case["report_source"] or None,
        case["service_name"], case["case_topic"] or None, without_contacts(row.description) or None, case["assigned_department"],
        case["full_address"] or None, case["latitude"], case["longitude"],
    )  # fmt: skip
    return dict(zip(BULK_HEAD, values, strict=True))


def dictionary_body() -> list[dict[str, Any]]:
    """Each column with its name in every generation and what it means."""
    return [
        {"legacy": legacy or None, "current": current or None, "new": new or None, "meaning": DICTIONARY[name]}
        for name, (legacy, current, new) in COLUMNS.items()
    ] + [{"legacy": None, "current": "geom_4326", "new": None, "meaning": EXTRA_COLUMN}]
