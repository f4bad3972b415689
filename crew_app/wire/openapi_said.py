"""What each route does, takes and answers, for `/openapi.json`; or why it is left out. A house test misses no route."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import Schema

from crew_app.wire import desk, phone
from crew_app.wire.forms import FollowForm
from crew_app.wire.open311_asked import LONGEST_DESCRIPTION, UPDATE_STATUSES

Json = dict[str, Any]
# By media type: the name of a shape below, a JSON schema, or None where the format's own rules say it all.
Kinds = Mapping[str, str | Json | None]
Takes = Mapping[str, type[Schema] | tuple[type[Schema], ...] | Json]

DESCRIPTION = (
    "Everything a program can ask this city: Open311 GeoReport v2 for other people's apps, open data and feeds, the crew's "
    "phone app and the dispatcher's desk. Times are ISO 8601 with a zone or seconds since 1970, places WGS 84 in degrees. "
    "Refusals are RFC 9457 problem+json (below /open311 in the specification's own shape) and name each field that is wrong."
)

# --- why a route is not in it: by blueprint, or by endpoint

OF_THE_OFFICE = "a page for people of the office, with its forms; what a program may do is /console/api"
OF_THE_APP = "a file of the phone app or of a page, as it was built"
LEFT_OUT: dict[str, str] = {
    "account": "pages on which somebody changes their own password, second step and sign-ins",
    "ways_in": "pages between the password and the office: a code, or the city's own sign-in",
    **dict.fromkeys(
        (
            "case_list", "case_page", "case_photos", "changes_page", "crews_page", "desk", "hours_page", "intake", "job_sheets",
            "people_page", "phones_page", "quarantine", "replies_page", "rules_page", "services_page", "shifts_page",
            "territories_page", "audit", "approvals.show", "approvals.say", "deeds.show", "deeds.show_one", "deeds.undo",
            "extra_hands.show", "extra_hands.lend", "extra_hands.begin", "extra_hands.end", "review.show", "review.decide",
        ),
        OF_THE_OFFICE,
    ),
    "pwa": OF_THE_APP,
    "openapi": "this description itself",
    "public.sign_in": "the door of the office; programs have keys",
    "public.take_sign_in": "the door of the office; programs have keys",
    "public.sign_out": "the door of the office; programs have keys",
    "uploads.options": "what tus 1.0.0 says of OPTIONS",
}  # fmt: skip

# --- who may come in, and how somebody is sent away

SECURITY: dict[str, Json] = {
    "session": {"type": "apiKey", "in": "cookie", "name": "session", "description": "POST /sign-in or /sync/v1/sign-in gives it."},
}
PROBLEM: Kinds = {"application/problem+json": "Problem"}


@dataclass(frozen=True, slots=True)
class Surface:
    """A part of the surface that signs in and refuses in one way. `headers`: what each request that changes something has."""

    name: str
    refusals: Kinds
    signed_in: str = ""
    headers: Mapping[str, Json] = field(default_factory=dict)


RESIDENTS = Surface("residents", {"text/html": None, **PROBLEM})
OPEN311 = Surface("open311", {"application/json": "Open311Errors", "text/xml": None})
CREWS = Surface(
    "crew's phone", {"application/json": "Problem", **PROBLEM}, "session", {"X-Crew311": {"type": "string", "enum": ["1"]}}
)
TUS = Surface("crew's phone", CREWS.refusals, "session", {"X-Crew311": {"type": "string", "enum": ["1"]}})
DESK = Surface("desk", PROBLEM, "session")
MACHINES = Surface("machines", RESIDENTS.refusals)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """`answers`: by status, by media type. `path`: schemas of variables of the address that say more than its rule does."""

    surface: Surface
    does: str
    query: Mapping[str, Json] = field(default_factory=dict)
    path: Mapping[str, Json] = field(default_factory=dict)
    headers: Mapping[str, Json] = field(default_factory=dict)
    takes: Takes | None = None
    answers: Mapping[int, Kinds]


# --- shapes

TEXT: Json = {"type": "string"}
TEXT_OR_NULL: Json = {"type": ["string", "null"]}
WHOLE: Json = {"type": "integer"}
WHOLE_OR_NULL: Json = {"type": ["integer", "null"]}
YES_OR_NO: Json = {"type": "boolean"}
MOMENT: Json = {"type": "string", "format": "date-time"}
MOMENT_OR_NULL: Json = {"type": ["string", "null"], "format": "date-time"}
DEGREES: Json = {"type": ["number", "null"], "minimum": -180, "maximum": 180}
ASKED_MOMENT: Json = {"type": "string", "description": "A time like 2026-11-30T12:00:00Z; without a zone, the city's own."}
ID: Json = {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}
UUID: Json = {"type": "string", "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"}


def shape(optional: Mapping[str, Any] | None = None, /, **properties: Any) -> Json:
    """An object that has all of these, and perhaps some of the optional ones."""
    return {"type": "object", "required": list(properties), "properties": {**properties, **(optional or {})}}


def listed(items: Any) -> Json:
    return {"type": "array", "items": items if isinstance(items, dict) else {"$ref": f"#/components/schemas/{items}"}}


def ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


SHAPES: dict[str, Json] = {
    "Problem": shape({"errors": {"type": "object"}}, type=TEXT, title=TEXT, status=WHOLE, detail=TEXT),
    "Open311Errors": listed(shape(code=WHOLE, description=TEXT)),
    "Discovery": shape(
        changeset=MOMENT, contact=TEXT, key_service=TEXT,
        endpoints=listed(shape(specification=TEXT, url=TEXT, changeset=MOMENT, type=TEXT, formats=listed(TEXT))),
    ),
    "Service": shape(
        service_code=TEXT, service_name=TEXT, description=TEXT_OR_NULL, metadata=YES_OR_NO, type={"const": "realtime"},
        keywords=TEXT_OR_NULL, group=TEXT_OR_NULL,
    ),
    "ServiceDefinition": shape(
        service_code=TEXT,
        attributes=listed(
            shape(
                variable=YES_OR_NO, code=TEXT, required=YES_OR_NO, datatype_description=TEXT_OR_NULL, order=WHOLE, description=TEXT,
                datatype={"enum": ["string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"]},
                values=listed(shape(key=TEXT, name=TEXT)),
            )
        ),
    ),
    "ServiceRequest": shape(
        {
            "media_urls": listed(TEXT),
            "attributes": listed(shape(code=TEXT, name=TEXT, values=listed(shape(key=TEXT, name=TEXT)))),
            "extended_attributes": {"type": "object"},
            "notes": listed(shape(datetime=MOMENT, description=TEXT, type=TEXT, summary=TEXT)),
        },
        service_request_id=TEXT, status={"enum": ["open", "closed"]}, status_notes=TEXT_OR_NULL, service_name=TEXT,
        service_code=TEXT, description=TEXT_OR_NULL, agency_responsible=TEXT, service_notice=TEXT_OR_NULL,
        requested_datetime=MOMENT, updated_datetime=MOMENT, expected_datetime=MOMENT_OR_NULL, address=TEXT_OR_NULL,
        address_id=TEXT_OR_NULL, zipcode=TEXT_OR_NULL, lat=DEGREES, long=DEGREES, media_url=TEXT_OR_NULL,
    ),
    "RequestUpdate": shape(
        {"extras": {"type": "object"}},
        update_id=TEXT, service_request_id=TEXT, status={"enum": sorted(UPDATE_STATUSES)}, updated_datetime=MOMENT,
        description=TEXT, media_url={"type": ["array", "null"], "items": TEXT},
    ),
    "BulkRequest": shape(
        service_request_id=TEXT, requested_datetime=MOMENT, updated_datetime=MOMENT, closed_date=MOMENT_OR_NULL,
        status_description={"enum": ["open", "closed"]}, status_notes=TEXT_OR_NULL, source=TEXT_OR_NULL, service_name=TEXT,
        service_subtype=TEXT_OR_NULL, description=TEXT_OR_NULL, agency_responsible=TEXT, address=TEXT_OR_NULL, lat=DEGREES,
        long=DEGREES,
    ),
    "Cases": shape(
        {"complete": YES_OR_NO},
        type={"const": "FeatureCollection"},
        features=listed(shape(type={"const": "Feature"}, geometry={"type": ["object", "null"]}, properties={"type": "object"})),
    ),
    "Feed": shape(
        version=TEXT, title=TEXT, home_page_url=TEXT, feed_url=TEXT,
        items=listed(shape(id=TEXT, url=TEXT, title=TEXT, content_text=TEXT, date_published=MOMENT, date_modified=MOMENT)),
    ),
    "Column": shape(legacy=TEXT_OR_NULL, current=TEXT_OR_NULL, new=TEXT_OR_NULL, meaning=TEXT),
    "Basemap": shape({"bytes": WHOLE, "bounds": listed({"type": "number"}), "credit": TEXT}, url=TEXT_OR_NULL),
    "Me": shape(
        person=shape(id=WHOLE, name=TEXT, role=TEXT), crew={"type": ["object", "null"]}, city=shape(name=TEXT, timezone=TEXT),
        asks=listed(TEXT), outcomes=listed(shape(code=TEXT, needs=TEXT_OR_NULL)),
    ),
    "Page": shape({"jobs": {"type": ["array", "object"]}, "gone": listed(WHOLE)}, v={"const": 1}, cursor=TEXT),
    "Pushed": shape(
        {"page": {"type": ["object", "null"]}},
        v={"const": 1}, epoch=TEXT, device=UUID, received_at=MOMENT, results=listed({"type": "object"}), expected_seq=WHOLE,
    ),
    "Deed": shape(
        {"first": listed({"type": "object"}), "mine": YES_OR_NO, "expires": WHOLE},
        id=WHOLE, kind=TEXT, words=TEXT, state=TEXT, cases=WHOLE, why=TEXT, person=TEXT, at=WHOLE, approved_by=TEXT_OR_NULL,
        undoes=WHOLE_OR_NULL, undone_at=WHOLE_OR_NULL, undo_until=WHOLE_OR_NULL,
    ),
    "DeedAnswer": shape(
        deed={"anyOf": [ref("Deed"), {"type": "null"}]}, done=listed(WHOLE),
        left=listed(shape(case=WHOLE, number=TEXT_OR_NULL, why=TEXT, words=TEXT, who=TEXT_OR_NULL, at=WHOLE_OR_NULL, what=TEXT_OR_NULL)),
    ),
    "News": shape(
        {"cases": {"type": "object"}, "gone": listed(WHOLE), "crews": {"type": "object"}},
        v={"const": 1}, epoch=TEXT, seq=WHOLE, now=WHOLE, reset=YES_OR_NO,
    ),
}  # fmt: skip

PAGE: Mapping[int, Kinds] = {200: {"text/html": None}}
REDIRECT: Kinds = {"text/html": None}
CSV: Mapping[int, Kinds] = {200: {"text/csv": None}}
DONE: Mapping[int, Kinds] = {200: {"application/json": {"type": "object"}}}
DEED: Mapping[int, Kinds] = {200: {"application/json": "DeedAnswer"}, 202: {"application/json": "DeedAnswer"}}
PAGING: Mapping[str, Json] = {
    "page": {"type": "integer", "minimum": 1, "maximum": 1_000_000},
    "page_size": {"type": "integer", "minimum": 1, "maximum": 1_000_000, "description": "1,000 at most are given."},
    "extensions": {"type": "string", "enum": ["true", "false"]},
}
BBOX: Json = {
    "type": "string", "description": "west,south,east,north in degrees", "example": "-71.2,42.2,-71.0,42.4",
}  # fmt: skip
REQUEST_POSTED: Json = {
    "type": "object",
    "required": ["api_key", "service_code"],
    "description": "A place is needed: lat and long, address_string or address_id. attribute[code] answers the service's own questions.",
    "properties": {
        "api_key": TEXT,
        "service_code": TEXT,
        "lat": {"type": "number", "minimum": -90, "maximum": 90},
        "long": {"type": "number", "minimum": -180, "maximum": 180},
        "address_string": {"type": "string", "maxLength": 300},
        "description": {"type": "string", "maxLength": LONGEST_DESCRIPTION},
        "email": {"type": "string", "maxLength": 254},
        "first_name": {"type": "string", "maxLength": 100},
        "last_name": {"type": "string", "maxLength": 100},
        "phone": {"type": "string", "maxLength": 40},
        "media_url": {"type": "string", "format": "uri"},
    },
}
UPDATE_POSTED: Json = {
    "type": "object",
    "required": ["api_key", "service_request_id", "update_id", "status", "updated_datetime", "description"],
    "properties": {
        "api_key": TEXT,
        "service_request_id": TEXT,
        "update_id": TEXT,
        "status": {"enum": [status.upper() for status in sorted(UPDATE_STATUSES)]},
        "updated_datetime": MOMENT,
        "description": TEXT,
    },
}
REPORT_SENT: Json = {
    "type": "object",
    "required": ["service"],
    "description": "A place is needed: address, or lat and lon. answer:code answers the service's own questions.",
    "properties": {
        **dict.fromkeys(("service", "address", "description", "name", "email", "phone", "lat", "lon"), TEXT),
        "photo": {"type": "string", "format": "binary"},
    },
}


def both(said: str | Json) -> Mapping[int, Kinds]:
    """GeoReport's two formats; the XML is the specification's own."""
    return {200: {"application/json": said, "text/xml": None}}


TUS_VERSION: Mapping[str, Json] = {"Tus-Resumable": {"type": "string", "enum": ["1.0.0"]}}
UPLOAD: Mapping[str, Json] = {"upload_id": {"type": "string", "pattern": "^[0-9a-f]{32}$"}}
AFTER: Mapping[str, Json] = {"after": {"type": "integer", "minimum": 0, "maximum": 10**18 - 1}, "crews": TEXT}

SAID: dict[str, Said] = {
    # residents
    "public.home": Said(surface=RESIDENTS, does="The city's front door.", answers=PAGE),
    "public.report": Said(
        surface=RESIDENTS, does="The form to report with.", query={"service": TEXT}, answers=PAGE
    ),
    "public.take_report": Said(
        surface=RESIDENTS, does="Report a problem.", takes={"multipart/form-data": REPORT_SENT}, answers={303: REDIRECT},
    ),
    "public.find": Said(surface=RESIDENTS, does="To the case of this number.", query={"number": TEXT}, answers={303: REDIRECT}),
    "public.case": Said(surface=RESIDENTS, does="One case as anybody may read it.", answers=PAGE),
    "public.not_fixed": Said(
        surface=RESIDENTS,
        does="Say of a closed case that it is still not fixed: it goes back to the same crew.",
        takes={
            "multipart/form-data": {
                "type": "object",
                "properties": {"words": {"type": "string", "maxLength": 1000}, "photo": {"type": "string", "format": "binary"}},
            }
        },
        answers={303: REDIRECT},
    ),
    "public_map.page": Said(surface=RESIDENTS, does="What is reported around here.", query={"bbox": BBOX}, answers=PAGE),
    "public_map.cases": Said(
        surface=RESIDENTS, does="The same as GeoJSON.", query={"bbox": BBOX}, answers={200: {"application/json": "Cases"}}
    ),
    "photos.show": Said(
        surface=RESIDENTS, does="A picture of a case.", answers={200: {"image/jpeg": None}, 302: REDIRECT, 304: {}}
    ),
    "feeds.cases": Said(
        surface=RESIDENTS, does="The cases that changed last: of the city, of a service, of a district.",
        query={"service": TEXT, "district": TEXT},
        answers={
            200: {"application/atom+xml": None, "application/rss+xml": None, "application/feed+json": "Feed"},
            304: {},
        },
    ),
    "follow.page": Said(surface=RESIDENTS, does="Follow a service, a district, the city.", answers=PAGE),
    "follow.ask": Said(
        surface=RESIDENTS,
        does="Ask for news by e-mail; a question is sent to the address first.",
        takes={"application/x-www-form-urlencoded": FollowForm},
        answers={303: REDIRECT},
    ),
    "follow.show": Said(surface=RESIDENTS, does="What somebody follows, for whoever has the letter.", answers=PAGE),
    "follow.say_yes": Said(surface=RESIDENTS, does="Yes, send news.", answers={303: REDIRECT}),
    "follow.stop": Said(surface=RESIDENTS, does="No more news; the address is deleted (RFC 8058).", answers={303: REDIRECT}),
    "data.page": Said(surface=RESIDENTS, does="What there is of open data, and what its columns mean.", answers=PAGE),
    "data.dictionary": Said(
        surface=RESIDENTS, does="The columns and their meaning.", answers={200: {"application/json": listed("Column")}}
    ),
    "data.cases_csv": Said(
        surface=RESIDENTS, does="Every public case; with `since`, what changed.", answers=CSV,
        query={"columns": {"type": "string", "enum": ["new", "current", "legacy"]}, "since": ASKED_MOMENT},
    ),
    "data.cases_geojson": Said(
        surface=RESIDENTS, does="The same as GeoJSON.", query={"since": ASKED_MOMENT},
        answers={200: {"application/geo+json": "Cases"}},
    ),
    "data.cases_parquet": Said(
        surface=RESIDENTS, does="The same as GeoParquet.", query={"since": ASKED_MOMENT},
        answers={200: {"application/vnd.apache.parquet": None}},
    ),
    "dashboard.page": Said(surface=RESIDENTS, does="How the city does.", answers=PAGE),
    "dashboard.download": Said(surface=RESIDENTS, does="One of its figures.", answers=CSV),
    "basemap.about": Said(
        surface=RESIDENTS, does="Where the streets are.", answers={200: {"application/json": "Basemap"}, 304: {}}
    ),
    "basemap.tiles": Said(
        surface=RESIDENTS, does="The streets, by ranges of one PMTiles file.", query={"v": TEXT},
        answers={200: {"application/vnd.pmtiles": None}, 206: {"application/vnd.pmtiles": None}, 304: {}},
    ),
    "basemap.districts": Said(
        surface=RESIDENTS, does="The districts as GeoJSON.", answers={200: {"application/json": "Cases"}, 304: {}}
    ),
    "well_known.security_txt": Said(
        surface=RESIDENTS, does="Where to write about a hole in the city's security.", answers={200: {"text/plain": None}}
    ),
    # Open311
    "open311.discovery": Said(surface=OPEN311, does="Service discovery.", answers=both("Discovery")),
    "open311.discovery_beside": Said(surface=OPEN311, does="The same, where some clients look.", answers=both("Discovery")),
    "open311.services": Said(surface=OPEN311, does="What can be reported.", answers=both(listed("Service"))),
    "open311.definition": Said(surface=OPEN311, does="What a service asks.", answers=both("ServiceDefinition")),
    "open311.requests": Said(
        surface=OPEN311, does="Service requests of 90 days, 1,000 at most in a page. service_request_id overrides the rest.",
        answers=both(listed("ServiceRequest")),
        query={
            "service_request_id": TEXT, "service_code": TEXT, "status": {"type": "string", "enum": ["open", "closed", "open,closed"]},
            "start_date": ASKED_MOMENT, "end_date": ASKED_MOMENT, "updated_after": ASKED_MOMENT, "updated_before": ASKED_MOMENT,
            **PAGING,
        },
    ),
    "open311.request_alone": Said(
        surface=OPEN311, does="One service request.", query={"extensions": PAGING["extensions"]},
        answers=both(listed("ServiceRequest")),
    ),
    "open311.token": Said(
        surface=OPEN311, does="The number behind a token; here they are the same.",
        answers=both(listed(shape(service_request_id=TEXT, token=TEXT))),
    ),
    "open311.take": Said(
        surface=OPEN311, does="Report a problem; photos as media[] in multipart.",
        takes={"application/x-www-form-urlencoded": REQUEST_POSTED, "multipart/form-data": REQUEST_POSTED},
        answers=both(listed(shape(service_request_id=TEXT, service_notice=TEXT_OR_NULL, account_id=TEXT_OR_NULL))),
    ),
    "open311.updates": Said(
        surface=OPEN311, does="mySociety's updates of 90 days.", query={"start_date": ASKED_MOMENT, "end_date": ASKED_MOMENT},
        answers=both(listed("RequestUpdate")),
    ),
    "open311.take_updates": Said(
        surface=OPEN311, does="Say something to a request.",
        takes={"application/x-www-form-urlencoded": UPDATE_POSTED, "multipart/form-data": UPDATE_POSTED},
        answers=both(listed(shape(update_id=TEXT))),
    ),
    "open311.bulk": Said(
        surface=OPEN311, does="GeoReport Bulk: all there ever was, or what changed.", query={"updated_after": ASKED_MOMENT},
        answers={200: {"application/json": listed("BulkRequest"), "text/xml": None, "text/csv": None}},
    ),
    # the crew's phone
    "phone.sign_in": Said(
        surface=CREWS, does="Sign in; the answer sets the cookie.", takes={"application/json": phone.SignInSchema},
        answers={200: {"application/json": "Me"}},
    ),
    "phone.sign_out": Said(surface=CREWS, does="Sign out.", answers=DONE),
    "phone.me": Said(surface=CREWS, does="Who is signed in.", answers={200: {"application/json": "Me"}}),
    "phone.services": Said(
        surface=CREWS, does="What a crew can open a case for.", answers={200: {"application/json": shape(services=listed({"type": "object"}))}}
    ),
    "phone.push": Said(
        surface=CREWS, does="What was done in the field, in order (docs/sync-protocol.md).",
        takes={"application/json": phone.EnvelopeSchema}, answers={200: {"application/json": "Pushed"}},
    ),
    "phone.pull": Said(
        surface=CREWS, does="The crew's jobs, or what changed since a cursor.",
        query={
            "device": UUID, "cursor": TEXT, "held": {"type": "integer", "minimum": 0, "maximum": 10**9 - 1},
            "unsent": {"type": "integer", "minimum": 0, "maximum": 10**9 - 1}, "brief": TEXT, "columns": TEXT,
        },
        answers={200: {"application/json": "Page"}},
    ),
    "uploads.create": Said(
        surface=TUS, does="Begin a photo (tus 1.0.0).",
        headers={
            **TUS_VERSION, "Upload-Length": {"type": "integer", "minimum": 1, "maximum": phone.MAX_PHOTO_BYTES},
            "Upload-Metadata": {"type": "string", "description": "photo (a UUID) and sha256, each in base64"},
        },
        answers={201: {"text/html": None}},
    ),
    "uploads.look": Said(
        surface=TUS, does="How far a photo has come.", path=UPLOAD, headers=TUS_VERSION, answers={200: {"text/html": None}}
    ),
    "uploads.append": Said(
        surface=TUS, does="Go on with a photo.", path=UPLOAD,
        headers={**TUS_VERSION, "Upload-Offset": {"type": "integer", "minimum": 0, "maximum": phone.MAX_PHOTO_BYTES}},
        takes={"application/offset+octet-stream": {"type": "string", "format": "binary"}}, answers={204: {}},
    ),
    "uploads.terminate": Said(surface=TUS, does="Drop a photo.", path=UPLOAD, headers=TUS_VERSION, answers={204: {}}),
    "web_push.key": Said(
        surface=CREWS, does="The key to subscribe with.", answers={200: {"application/json": shape(key=TEXT_OR_NULL)}}
    ),
    "web_push.put_subscription": Said(
        surface=CREWS, does="Wake this phone.", takes={"application/json": phone.PushSubscriptionSchema}, answers=DONE
    ),
    "web_push.delete_subscription": Said(
        surface=CREWS, does="Wake it no more.", takes={"application/json": phone.PushAddressSchema}, answers=DONE
    ),
    # the desk
    "live.picture": Said(surface=DESK, does="The whole city as it is now.", answers=DONE),
    "live.outlines": Said(surface=DESK, does="Its districts.", answers={200: {"application/json": "Cases"}}),
    "live.changes": Said(surface=DESK, does="What changed after a number.", query=AFTER, answers={200: {"application/json": "News"}}),
    "live.stream": Said(
        surface=DESK, does="The same as server-sent events.", query=AFTER,
        answers={200: {"text/event-stream": None}, 503: PROBLEM},
    ),
    "live.case": Said(surface=DESK, does="One case in detail.", answers=DONE),
    "moves.do": Said(
        surface=DESK, does="Do something to cases that are as they were seen (docs/console-api.md).",
        path={"name": {"type": "string", "enum": list(desk.BODIES)}}, answers=DEED,
        takes={"application/json": tuple(dict.fromkeys(desk.BODIES.values()))},
    ),
    "moves.hand_over": Said(
        surface=DESK, does="All a crew has in hand, to another crew.", takes={"application/json": desk.HandOverBody}, answers=DEED
    ),
    "moves.what_if": Said(
        surface=DESK, does="The price of a move; nothing is written.", takes={"application/json": desk.WhatIfBody},
        answers={200: {"application/json": shape(source=TEXT, words=TEXT, crews=listed({}), cases=listed({}))}},
    ),
    "moves.why": Said(
        surface=DESK, does="Why this crew.", answers={200: {"application/json": shape(case=WHOLE, words=TEXT, crews=listed({}))}}
    ),
    "deeds.list_deeds": Said(
        surface=DESK, does="What the office did, the latest first.", query={"before": ID},
        answers={200: {"application/json": shape(deeds=listed("Deed"), next=WHOLE_OR_NULL)}},
    ),
    "deeds.undo_in_json": Said(surface=DESK, does="Take a deed back.", takes={"application/json": desk.WhyBody}, answers=DEED),
    "approvals.list_asked": Said(
        surface=DESK, does="What waits for a second person.", answers={200: {"application/json": shape(asked=listed("Deed"))}}
    ),
    "approvals.say_in_json": Said(
        surface=DESK, does="Say yes or no to it.", takes={"application/json": desk.ApprovalBody}, answers=DEED
    ),
    "review.list_items": Said(
        surface=DESK, does="What needs a look.",
        query={"kind": {"type": "string", "enum": ["closing", "doubt", "kept"]}, "page": ID},
        answers={200: {"application/json": shape(items=listed({"type": "object"}), counts={"type": "object"}, next=WHOLE_OR_NULL)}},
    ),
    "review.decide_in_json": Said(surface=DESK, does="Decide it, once.", takes={"application/json": desk.ReviewBody}, answers=DEED),
    "extra_hands.list_loans": Said(
        surface=DESK, does="Crews lent to other departments.", answers={200: {"application/json": shape(loans=listed({"type": "object"}))}}
    ),
    "extra_hands.lend_in_json": Said(surface=DESK, does="Lend a crew.", takes={"application/json": desk.LendBody}, answers=DEED),
    "extra_hands.list_surges": Said(
        surface=DESK, does="Crews for emergencies.", answers={200: {"application/json": shape(surges=listed({"type": "object"}))}}
    ),
    "extra_hands.begin_in_json": Said(
        surface=DESK, does="Put temporary crews on duty.", takes={"application/json": desk.SurgeBody},
        answers={200: {"application/json": shape(deed={"type": "object"}, surge=WHOLE, crews=WHOLE, sign_ins=listed({"type": "object"}))}},
    ),
    "extra_hands.end_in_json": Said(
        surface=DESK, does="Send them home.", takes={"application/json": desk.EmptyBody}, answers=DEED
    ),
    # machines
    "health.healthz": Said(surface=MACHINES, does="Is the process up?", answers={200: {"application/json": shape(status=TEXT)}}),
    "health.readyz": Said(
        surface=MACHINES, does="May it get traffic?",
        answers={key: {"application/json": shape(status=TEXT, checks={"type": "object"})} for key in (200, 503)},
    ),
    "metrics.metrics": Said(
        surface=MACHINES, does="Figures for Prometheus, for whoever sends METRICS_TOKEN as a bearer; without one, for this machine.",
        answers={200: {"text/plain": None, "application/openmetrics-text": None}},
    ),
}  # fmt: skip
