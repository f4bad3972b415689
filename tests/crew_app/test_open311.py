"""GeoReport v2, row by row: every method of the specification, and every trap other clients and servers fell into.

The markers name the rows: `method` those of the specification (0 to 6) and mySociety's updates, `trap` the sixteen traps of
clients in the wild. `make score-open311` counts them.
"""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient
from open311_client import V2, Open311Client, errors
from sqlalchemy import event
from test_public import picture

from crew_app.extensions import db
from crew_app.models import ApiKey, Case, Department, EventRow, Note, Photo, PhotoState, Report, Service
from crew_app.relay import deliver_pending
from crew_app.services.api_keys import make_api_key, revoke_api_key
from crew_app.services.cases import add_note, close_by_office, reopen_case, withdraw_case
from crew_app.services.merges import merge_case
from crew_app.transaction import transaction

method, trap = pytest.mark.geo_method, pytest.mark.geo_trap
NEEDLE = "Mayor's 24 Hour Hotline:Needle Program:Needle Pickup"
QUESTIONS = [
    {
        "code": "DEPTH",
        "datatype": "singlevaluelist",
        "required": True,
        "description": "How deep is it?",
        "values": [{"key": "1", "name": "A hand"}, {"key": "2", "name": "A foot"}],
    },
    {
        "code": "WHERE",
        "datatype": "multivaluelist",
        "required": False,
        "description": "What does it touch?",
        "values": [{"key": "A", "name": "The lane"}, {"key": "B", "name": "The crossing"}],
    },
    {"code": "NOTE", "datatype": "text", "variable": False, "description": "Stay off the road."},
]


@pytest.fixture
def key(app: Flask) -> str:
    with transaction() as tx:
        return make_api_key(tx, "FixMyCity")[1]


@pytest.fixture
def api(client: FlaskClient, city, key: str) -> Open311Client:
    return Open311Client(client, key)


def add_service(code: str, **given: Any) -> None:
    with transaction() as tx:
        department = tx.session.scalars(db.select(Department)).first()
        assert department is not None
        tx.session.add(Service(code=code, name=given.pop("name", code), department_id=department.id, **given))


def case_of(number: str) -> Case:
    db.session.rollback()
    return db.session.scalars(db.select(Case).where(Case.number == number)).one()


def close(number: str, outcome: str = "fixed", note: str = "Filled it.", at: datetime | None = None, **given: Any) -> None:
    with transaction(at) as tx:
        close_by_office(tx, case_of(number).id, outcome, given.get("detail"), note, given["by"])


def instant(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


# The methods, one by one.


@method("0 GET discovery")
def test_discovery_says_where_how_and_whom_to_ask(api: Open311Client) -> None:
    said = api.json("discovery")
    assert said == json.loads(api.client.get("/open311/discovery.json").data)
    assert set(said) == {"changeset", "contact", "key_service", "endpoints"}
    assert said["endpoints"] == [
        {
            "specification": "http://wiki.open311.org/GeoReport_v2",
            "url": "http://localhost:3110/open311/v2",
            "changeset": said["changeset"],
            "type": "production",
            "formats": ["text/xml", "application/json"],
        }
    ]
    root = api.xml("discovery")
    assert root.tag == "discovery"
    assert root.findtext("endpoints/endpoint/url") == "http://localhost:3110/open311/v2"
    assert [f.text for f in root.findall("endpoints/endpoint/formats/format")] == ["text/xml", "application/json"]


@method("1 GET services")
def test_services_lists_what_residents_may_report(api: Open311Client) -> None:
    add_service(
        "needle", name="Needle", group="Needle Program", keywords="sharp, syringe", description="A needle", questions=QUESTIONS
    )
    add_service("secret", is_public=False)
    add_service("past", is_active=False)
    said = {service["service_code"]: service for service in api.json("services")}
    assert set(said) == {"pothole", "tree", "needle"}
    assert said["needle"] == {
        "service_code": "needle",
        "service_name": "Needle",
        "description": "A needle",
        "metadata": True,
        "type": "realtime",
        "keywords": "sharp, syringe",
        "group": "Needle Program",
    }
    assert said["pothole"]["metadata"] is False and said["pothole"]["description"] is None
    root = api.xml("services")
    assert root.tag == "services" and {child.tag for child in root} == {"service"}
    needle = next(child for child in root if child.findtext("service_code") == "needle")
    assert [needle.findtext(tag) for tag in ("metadata", "type", "group")] == ["true", "realtime", "Needle Program"]


@method("2 GET services/[service_code]")
def test_a_definition_has_the_services_own_questions(api: Open311Client) -> None:
    add_service("hole", questions=QUESTIONS)
    said = api.json("services/hole")
    assert said["service_code"] == "hole" and isinstance(said["attributes"], list)
    depth, where, note = said["attributes"]
    assert depth == {
        "variable": True,
        "code": "DEPTH",
        "datatype": "singlevaluelist",
        "required": True,
        "datatype_description": None,
        "order": 1,
        "description": "How deep is it?",
        "values": [{"key": "1", "name": "A hand"}, {"key": "2", "name": "A foot"}],
    }
    assert [attribute["order"] for attribute in (depth, where, note)] == [1, 2, 3]
    assert (note["variable"], note["required"], note["values"]) == (False, False, [])
    root = api.xml("services/hole")
    assert root.tag == "service_definition" and root.findtext("service_code") == "hole"
    first = root.find("attributes/attribute")
    assert first is not None and first.findtext("required") == "true"
    assert [(v.findtext("key"), v.findtext("name")) for v in first.findall("values/value")] == [("1", "A hand"), ("2", "A foot")]
    assert errors(api.get("services/none.json")) == (404, ["service_code none was not found."])
    assert errors(api.get("services/none.xml"))[0] == 404


@method("3 POST requests")
def test_a_posted_request_is_a_case_at_once(api: Open311Client) -> None:
    answer = api.post(
        email="jane@example.org", first_name="Jane", last_name="Doe", phone="617 555 0100", address_string="12 Main St",
        zipcode="02118", device_id="d", account_id="a", jurisdiction_id="boston.gov",
    )  # fmt: skip
    assert answer.status_code == 200
    [said] = json.loads(answer.data)
    assert set(said) == {"service_request_id", "service_notice", "account_id"}  # the number, and so no token
    assert "we send it to the nearest crew" in said["service_notice"]
    case = case_of(said["service_request_id"])
    assert (case.address, case.postcode, case.latitude, case.longitude) == ("12 Main St", "02118", 42.35, -71.09)
    assert (case.description, case.source) == ("A hole", "FixMyCity")
    report = db.session.scalars(db.select(Report)).one()
    assert (report.channel, report.name, report.email, report.phone) == ("open311", "Jane Doe", "jane@example.org", "617 555 0100")
    deliver_pending()
    assert case_of(case.number).status == "assigned"
    root = ElementTree.fromstring(api.post("requests.xml").data)
    assert root.tag == "service_requests" and root.findtext("request/service_request_id") != case.number


@method("3 POST requests")
@pytest.mark.parametrize(
    ("form", "status", "named"),
    [
        ({"api_key": None}, 403, "No api_key received -- can't proceed with create_request."),
        ({"api_key": "wrong"}, 403, "Invalid api_key received -- can't proceed with create_request."),
        ({"service_code": None}, 400, "service_code"),
        ({"service_code": "none"}, 404, "service_code"),
        ({"lat": None, "long": None}, 400, "Say where it is"),
        ({"long": None}, 400, "long"),
        ({"lat": "north"}, 400, "lat"),
        ({"lat": "91"}, 400, "lat"),
        ({"lat": "nan"}, 400, "lat"),
        ({"email": "jane"}, 400, "email"),
        ({"description": "x" * 4001}, 400, "description"),
        ({"description": "a\x00b"}, 400, "description"),
        ({"media_url": "javascript:alert(1)"}, 400, "media_url"),
    ],
)
def test_a_report_that_cannot_be_taken_says_why(api: Open311Client, form: dict[str, Any], status: int, named: str) -> None:
    for path in ("requests.json", "requests.xml"):
        code, said = errors(api.post(path, **form))
        assert code == status and named in said[0], said
    assert db.session.scalar(db.select(db.func.count()).select_from(Case)) == 0


@method("3 POST requests")
def test_attributes_are_asked_for_as_the_definition_says(api: Open311Client) -> None:
    add_service("hole", questions=QUESTIONS)
    assert errors(api.post(service_code="hole")) == (400, ["attribute[DEPTH]: Please answer this."])
    assert errors(api.post(service_code="hole", **{"attribute[DEPTH]": "9"}))[0] == 400
    number = api.posted(service_code="hole", **{"attribute[DEPTH]": "2", "attribute[WHERE][]": ["A", "B"]})
    assert case_of(number).answers == {"DEPTH": "2", "WHERE": ["A", "B"]}
    said = api.request(number, extensions="true")["attributes"]
    assert said == [
        {"code": "DEPTH", "name": "How deep is it?", "values": [{"key": "2", "name": "A foot"}]},
        {
            "code": "WHERE",
            "name": "What does it touch?",
            "values": [{"key": "A", "name": "The lane"}, {"key": "B", "name": "The crossing"}],
        },
    ]


@method("3 POST requests")
@pytest.mark.parametrize("place", [{"address_string": "12 Main St"}, {"address_id": "545483"}])
def test_an_address_is_place_enough(api: Open311Client, place: dict[str, str]) -> None:
    number = api.posted(lat=None, long=None, **place)
    assert case_of(number).place_problem == "missing"
    assert next(iter(place.values())) in case_of(number).address


@method("4 GET tokens/[token]")
def test_a_token_leads_to_the_request(api: Open311Client) -> None:
    number = api.posted()
    assert api.json(f"tokens/{number}") == [{"service_request_id": number, "token": number}]
    assert api.xml(f"tokens/{number}").findtext("request/service_request_id") == number
    assert errors(api.get("tokens/none.xml"))[0] == 404


@method("5 GET requests")
def test_requests_come_newest_first_with_every_field(api: Open311Client, city) -> None:
    first, second = api.posted(address_string="1 A St"), api.posted(service_code="tree")
    close(first, by=city.person_ids["dora"])
    said = api.json("requests")
    assert [one["service_request_id"] for one in said] == [second, first]
    case = case_of(first)
    assert case.closed_at is not None
    assert said[1] == {
        "service_request_id": first,
        "status": "closed",
        "status_notes": "It is fixed. Filled it.",
        "service_name": "Pothole",
        "service_code": "pothole",
        "description": "A hole",
        "agency_responsible": "Public Works",
        "service_notice": None,
        "requested_datetime": instant(case.opened_at),
        "updated_datetime": instant(case.closed_at),  # of a closed one, when it was closed
        "expected_datetime": instant(case.due_at),
        "address": "1 A St",
        "address_id": None,
        "zipcode": None,
        "lat": 42.35,
        "long": -71.09,
        "media_url": None,
    }
    root = api.xml("requests")
    assert root.tag == "service_requests" and [child.tag for child in root] == ["request", "request"]
    assert root[1].findtext("status") == "closed" and root[1].findtext("lat") == "42.35"


@method("5 GET requests")
def test_requests_are_filtered_as_asked(api: Open311Client, city) -> None:
    hole, tree, past = api.posted(), api.posted(service_code="tree"), api.posted()
    close(hole, by=city.person_ids["dora"])
    now = datetime.now(UTC)
    with transaction() as tx:
        old = tx.session.get_one(Case, case_of(past).id)
        old.opened_at = old.updated_at = now - timedelta(days=100)

    def found(**query: Any) -> set[str]:
        return {one["service_request_id"] for one in api.json("requests", **query)}

    assert found() == {hole, tree}  # ninety days
    assert found(status="open") == {tree} and found(status="closed") == {hole} and found(status="Open,closed") == {hole, tree}
    assert found(service_code="tree") == {tree} and found(service_code="tree,pothole") == {hole, tree}
    assert found(service_request_id=f"{hole},{past},none") == {hole, past}
    assert found(service_request_id=past, status="open", service_code="tree", start_date="nonsense") == {past}  # it overrides
    a_day = timedelta(days=1)
    assert found(start_date=instant(now - 101 * a_day), end_date=instant(now - 99 * a_day)) == {past}
    assert found(start_date=instant(now - 101 * a_day)) == {past}  # ninety days from there
    assert found(end_date=instant(now - 99 * a_day)) == {past}
    assert found(updated_after=instant(now - a_day)) == {hole, tree}
    assert found(updated_before=instant(now - a_day)) == {past}
    assert found(updated_after=instant(now - 101 * a_day), updated_before=instant(now + a_day)) == {hole, tree, past}


@method("5 GET requests")
@pytest.mark.parametrize(
    ("query", "status", "named"),
    [
        ({"status": "done"}, 400, "status"),
        ({"start_date": "yesterday"}, 400, "start_date"),
        ({"end_date": "2026-13-01T00:00:00Z"}, 400, "end_date"),
        ({"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-05-01T00:00:00Z"}, 400, "90 days"),
        ({"start_date": "2026-02-01T00:00:00Z", "end_date": "2026-01-01T00:00:00Z"}, 400, "before"),
        ({"page": "0"}, 400, "page"),
        ({"page_size": "many"}, 400, "page_size"),
        ({"service_code": "none"}, 404, "service_code"),
    ],
)
def test_a_question_that_cannot_be_read_says_why(api: Open311Client, query: dict[str, str], status: int, named: str) -> None:
    for fmt in ("json", "xml"):
        code, said = errors(api.get(f"requests.{fmt}", **query))
        assert code == status and named in said[0]


@method("6 GET requests/[id]")
def test_one_request_is_still_in_a_list(api: Open311Client) -> None:
    number = api.posted()
    assert api.request(number)["service_request_id"] == number
    assert api.xml(f"requests/{number}").findtext("request/service_request_id") == number
    assert errors(api.get("requests/none.json")) == (404, ["service_request_id none was not found."])


@method("GET servicerequestupdates")
def test_updates_tell_what_happened_in_mysocietys_words(api: Open311Client, city) -> None:
    dora = city.person_ids["dora"]
    number, ours, twin, mistake = api.posted(), api.posted(), api.posted(), api.posted()
    deliver_pending()
    close(number, by=dora)
    close(ours, "not_ours", "", detail="Water and Sewer", by=dora)
    one, other, wrong = (case_of(it).id for it in (number, twin, mistake))
    with transaction() as tx:
        reopen_case(tx, one, "not done", dora)
        add_note(tx, one, "The asphalt comes on Friday.", dora, is_public=True)
        add_note(tx, one, "Mind the dog.", dora)
        withdraw_case(tx, wrong, "by mistake", dora)
        merge_case(tx, other, one, dora)
    said = api.json("servicerequestupdates")
    assert [one["update_id"] for one in said] == [str(seq) for seq in sorted(int(one["update_id"]) for one in said)]
    of_one = [(one["status"], one["description"]) for one in said if one["service_request_id"] == number]
    assert of_one == [
        ("action_scheduled", "Sent to a crew."),
        ("fixed", "It is fixed."),
        ("reopen", "Opened again."),
        ("unchanged", "The asphalt comes on Friday."),
    ]
    last = {one["service_request_id"]: one for one in said}
    assert (last[ours]["status"], last[mistake]["status"], last[twin]["status"]) == (
        "not_councils_responsibility", "cancelled", "duplicate",
    )  # fmt: skip
    assert "Water and Sewer" in last[ours]["description"]
    root = api.xml("servicerequestupdates")
    assert root.tag == "service_request_updates" and root[0].tag == "request_update"
    assert root[0].findtext("updated_datetime") == said[0]["updated_datetime"]
    assert api.json("servicerequestupdates", start_date="2020-01-01T00:00:00Z", end_date="2020-02-01T00:00:00Z") == []
    assert errors(api.get("servicerequestupdates.json", start_date="x"))[0] == 400


@method("POST servicerequestupdates")
def test_an_update_is_kept_for_the_office_once(api: Open311Client, city) -> None:
    number = api.posted()
    answer = api.update(number, email="jane@example.org", first_name="Jane", last_name="Doe")
    assert json.loads(answer.data) == [{"update_id": "7"}]
    assert json.loads(api.update(number).data) == [{"update_id": "7"}]  # the answer was lost on the way: asked again
    assert errors(api.update(number, description="Something else")) == (
        400,
        ["update_id: Bad request: update_id 7 already exists"],
    )
    [note] = db.session.scalars(db.select(Note))
    assert (note.text, note.is_public) == ("From FixMyCity: Still there", False)
    assert db.session.scalars(db.select(Report.email).where(Report.channel == "open311-update")).all() == ["jane@example.org"]
    for field in ("service_request_id", "update_id", "status", "updated_datetime", "description"):
        assert errors(api.update(number, **{field: None})) == (400, [f"{field}: Bad request: {field}"])
    assert errors(api.update(number, status="MAYBE"))[0] == 400
    assert errors(api.update("none", update_id="8"))[0] == 404
    assert errors(api.update(number, api_key="wrong"))[0] == 403


@method("POST servicerequestupdates")
def test_only_the_word_reopen_opens_again(api: Open311Client, city) -> None:
    number = api.posted()
    close(number, by=city.person_ids["dora"])
    api.update(number)
    assert case_of(number).status == "closed"
    api.update(number, update_id="8", status="REOPEN")
    assert case_of(number).status == "reopened"


# What clients in the wild do.


@trap(1)
def test_numbers_and_codes_are_strings_with_their_zeros(api: Open311Client) -> None:
    add_service("001")
    number = api.posted(service_code="001")
    assert '"service_code": "001"' in api.get(f"requests/{number}.json").text
    assert isinstance(api.request(number)["service_request_id"], str)
    assert api.json("services/001")["service_code"] == "001"


@trap(2)
@pytest.mark.parametrize("given", ["", "https://example.org/a.jpg", ["https://example.org/a.jpg", "https://example.org/b.jpg"]])
def test_media_url_may_be_empty_one_or_many(api: Open311Client, given: Any) -> None:
    number = api.posted(media_url=given)
    noted = db.session.scalars(db.select(Note.text).where(Note.case_id == case_of(number).id)).all()
    wanted = [given] if isinstance(given, str) else given
    assert all(url in " ".join(noted) for url in wanted if url) and len(noted) == (1 if given else 0)
    assert api.request(number)["media_url"] is None  # nobody has looked at it


@trap(2)
@pytest.mark.parametrize("field", ["media[]", "media", "file1"])
def test_a_picture_sent_along_is_kept_and_not_public_unseen(api: Open311Client, field: str) -> None:
    number = api.posted(**{field: (picture(), "street.jpg")})
    deliver_pending()
    photo = db.session.scalars(db.select(Photo)).one()
    assert (photo.case_id, photo.kind, photo.state) == (case_of(number).id, "reported", "rendered")
    assert api.request(number, extensions="true")["media_urls"] == []
    assert errors(api.post(**{field: (io.BytesIO(b"no picture"), "x.jpg")}))[0] == 400


@trap(3)
def test_nothing_found_is_an_empty_list(api: Open311Client) -> None:
    assert api.json("requests") == [] and api.json("servicerequestupdates") == []
    assert api.get("requests.xml").text.endswith("<service_requests />")


@trap(4)
def test_a_plus_that_became_a_blank_is_read_as_a_plus(api: Open311Client) -> None:
    api.posted()
    answer = api.client.get(f"{V2}/requests.json?start_date=2026-01-01T00:00:00+01:00&end_date=2026-01-02T00:00:00+01:00")
    assert (answer.status_code, json.loads(answer.data)) == (200, [])


@trap(5)
def test_times_are_whole_seconds_and_read_with_or_without_zone_and_fraction(api: Open311Client) -> None:
    number = api.posted()
    for name in ("requested_datetime", "updated_datetime", "expected_datetime"):
        text = api.request(number)[name]
        assert text.endswith("Z") and "." not in text and datetime.fromisoformat(text)
    today = datetime.now(UTC)
    for start in (f"{today - timedelta(days=2):%Y-%m-%d}", f"{today - timedelta(days=2):%Y-%m-%dT%H:%M:%S.123456}",
                  f"{today - timedelta(days=2):%Y-%m-%dT%H:%M}", f"{today - timedelta(days=2):%Y-%m-%d %H:%M:%S}"):  # fmt: skip
        assert [one["service_request_id"] for one in api.json("requests", start_date=start)] == [number]


@trap(6)
@pytest.mark.parametrize("code", [NEEDLE, "a/b/c", "street.json", "v1.2.xml", "100% sure?", "Müll & Sperrgut", "a+b"])
def test_a_service_code_may_hold_anything(api: Open311Client, code: str) -> None:
    add_service(code, questions=QUESTIONS)
    for safe in ("", "/:'"):  # clients quote more or less of it
        for fmt in ("json", "xml"):
            answer = api.client.get(f"{V2}/services/{quote(code, safe=safe)}.{fmt}")
            assert answer.status_code == 200, code
    assert json.loads(api.client.get(f"{V2}/services/{quote(code, safe='')}.json").data)["service_code"] == code
    number = api.posted(service_code=code, **{"attribute[DEPTH]": "1"})
    assert [one["service_request_id"] for one in api.json("requests", service_code=code)] == [number]


@trap(7)
def test_pages_are_capped_and_say_so_and_a_json_address_never_answers_html(api: Open311Client) -> None:
    numbers = [api.posted() for _ in range(5)]
    answer = api.get("requests.json", page_size=2, page=2, status="open")
    assert [one["service_request_id"] for one in json.loads(answer.data)] == [numbers[2], numbers[1]]
    assert (answer.headers["X-Page"], answer.headers["X-Page-Size"]) == ("2", "2")
    following = answer.headers["Link"].partition(">")[0].lstrip("<").removeprefix("http://localhost:3110")
    assert "page=3" in following and "status=open" in following
    last = api.client.get(following)
    assert [one["service_request_id"] for one in json.loads(last.data)] == [numbers[0]] and "Link" not in last.headers
    assert api.get("requests.json", per_page=5000).headers["X-Page-Size"] == "1000"  # never more than that
    for path in ("nothing.json", "requests/a/b.json", "services/none.json", "x/../y.json"):
        refused = api.get(path)
        assert refused.content_type.startswith("application/json"), path
        assert errors(refused)[0] == 404
    refused = api.client.delete(f"{V2}/requests.json")
    assert errors(refused)[0] == 405 and "GET" in refused.headers["Allow"]
    assert errors(api.client.get("/open311/"))[0] == 404


@trap(8)
def test_ninety_days_of_a_wall_clock_are_ninety_days_in_autumn_too(api: Open311Client) -> None:
    assert api.json("requests", start_date="2026-09-01T00:00:00-04:00", end_date="2026-11-30T00:00:00-05:00") == []
    assert errors(api.get("requests.json", start_date="2026-09-01", end_date="2026-12-02"))[0] == 400


@trap(9)
def test_every_request_has_its_number(api: Open311Client) -> None:
    for _ in range(3):
        api.posted()
    assert all(one["service_request_id"] for one in api.json("requests"))
    assert all(child.findtext("service_request_id") for child in api.xml("requests"))


@trap(10)
@pytest.mark.parametrize(
    ("outcome", "detail", "status"),
    [
        ("fixed", None, "fixed"),
        ("made_safe", None, "planned"),
        ("not_found", None, "no_further_action"),
        ("no_access", None, "no_further_action"),
        ("not_ours", "the State", "not_councils_responsibility"),
        ("duplicate", "26-000001", "duplicate"),
        ("scheduled", "2026-12-24", "planned"),
    ],
)
def test_what_was_not_fixed_is_never_called_so(api: Open311Client, city, outcome: str, detail: str | None, status: str) -> None:
    number = api.posted()
    close(number, outcome, "", detail=detail, by=city.person_ids["dora"])
    assert api.request(number)["status"] == "closed"
    assert api.json("servicerequestupdates")[-1]["status"] == status


@trap(11)
def test_work_that_comes_late_is_told_with_the_time_it_came(api: Open311Client, city, job, phone) -> None:
    case_id, round_ = job()
    done = datetime.now(UTC) - timedelta(hours=5)
    phone.push(phone.closing(case_id, round_, made_at=done.isoformat(), age_ms=5 * 3600 * 1000))
    number = db.session.get_one(Case, case_id).number
    told = api.json("servicerequestupdates")[-1]
    told_at = datetime.fromisoformat(told["updated_datetime"])
    assert told["status"] == "fixed" and datetime.now(UTC) - told_at < timedelta(minutes=1)
    case = case_of(number)
    assert case.closed_at is not None
    assert told["extras"] == {"closed_datetime": instant(case.closed_at)}
    assert [one["service_request_id"] for one in api.json("requests", updated_after=instant(told_at))] == [number]
    assert api.request(number, extensions="true")["extended_attributes"]["closed_datetime"] == instant(case.closed_at)


@trap(12)
def test_what_fixmystreet_sends_is_taken_once(api: Open311Client) -> None:
    sent = {
        "description": "Pothole\n\nDeep one\n\nhttps://www.fixmystreet.com/report/123\n",
        "attribute[fixmystreet_id]": "123",
        "attribute[title]": "Pothole",
        "attribute[northing]": "x" * 9000,
        "email": "",
        "account_id": "",
        "extended_description": "something this city does not know",
    }
    number = api.posted(**sent)
    assert case_of(number).answers["fixmystreet_id"] == "123"
    assert api.posted(**sent) == number  # its answer was lost: it sends again
    assert api.posted(**(sent | {"attribute[fixmystreet_id]": "124"})) != number
    assert api.request(number, extensions="true")["attributes"] == []


@trap(13)
def test_errors_are_a_list_with_code_and_description_in_both_formats(api: Open311Client) -> None:
    assert errors(api.get("services/none.json")) == errors(api.get("services/none.xml"))
    code, said = errors(api.post(lat="x", long="y", email="z"))
    assert code == 400 and [line.split(":")[0] for line in said] == ["lat", "long", "email"]  # all of it at once


@trap(14)
@pytest.mark.parametrize("path", ["/open311/discovery", "/open311/v2/discovery"])
def test_discovery_is_there_in_both_formats(client: FlaskClient, path: str) -> None:
    assert client.get(f"{path}.json").content_type == "application/json; charset=utf-8"
    assert client.get(f"{path}.xml").content_type == "text/xml; charset=utf-8"


@trap(15)
@pytest.mark.parametrize("accepted", ["deflate", "gzip, deflate", "br;q=1.0", "*", "identity;q=0"])
def test_any_accept_encoding_gets_what_its_header_says(api: Open311Client, accepted: str) -> None:
    answer = api.client.get(f"{V2}/services.json", headers={"Accept-Encoding": accepted})
    assert answer.status_code == 200
    assert "Content-Encoding" not in answer.headers and json.loads(answer.data)


@trap(16)
def test_discovery_names_contact_and_key_service(api: Open311Client, app: Flask) -> None:
    app.config["CITY_CONTACT"] = "311@boston.test"
    said = api.json("discovery")
    assert "311@boston.test" in said["contact"] and "311@boston.test" in said["key_service"]


# Beyond the tables.


def test_an_empty_parameter_is_one_that_was_not_sent(api: Open311Client) -> None:
    number = api.posted(email="", address_string="", phone=" ", media_url="", **{"attribute[]": ""})
    empty = dict.fromkeys(("status", "service_code", "start_date", "end_date", "service_request_id", "page", "page_size"), "")
    assert [one["service_request_id"] for one in api.json("requests", **empty)] == [number]


def test_any_jurisdiction_is_ours(api: Open311Client) -> None:
    api.posted(jurisdiction_id="somewhere.else")
    assert len(api.json("requests", jurisdiction_id="city.gov")) == 1


def test_a_key_is_kept_as_a_digest_and_can_be_revoked(api: Open311Client, app: Flask, key: str) -> None:
    row = db.session.scalars(db.select(ApiKey)).one()
    assert key not in (row.digest, row.begins_with) and len(row.digest) == 64
    with transaction() as tx:
        revoke_api_key(tx, row.id)
    assert errors(api.post())[0] == 403


def test_keys_are_made_listed_and_revoked_from_the_command_line(app: Flask, api: Open311Client) -> None:
    run = app.test_cli_runner().invoke
    made = run(args=["api-keys", "make", "Another app", "--contact", "it@example.org", "--per-minute", "5"])
    api.api_key = made.output.strip()
    number = api.posted()
    assert case_of(number).source == "Another app"
    listed = run(args=["api-keys", "list"]).output
    assert "Another app" in listed and "5 a minute" in listed and api.api_key not in listed
    assert "refused from now on" in run(args=["api-keys", "revoke", "2"]).output
    assert errors(api.post())[0] == 403 and "revoked" in run(args=["api-keys", "list"]).output
    assert run(args=["api-keys", "revoke", "99"]).exit_code == 1


def test_the_session_of_whoever_is_signed_in_does_not_count(api: Open311Client, signed_in) -> None:
    dora = Open311Client(signed_in("dora"), "")
    assert errors(dora.post())[0] == 403
    elsewhere = {"Origin": "https://elsewhere.test", "Sec-Fetch-Site": "cross-site"}
    assert dora.client.post(f"{V2}/requests.json", data={"api_key": "x"}, headers=elsewhere).status_code == 403
    answer = api.client.get(f"{V2}/services.json", headers=elsewhere)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    sent = {"api_key": api.api_key, "service_code": "pothole", "lat": "42.35", "long": "-71.09"}
    assert api.client.post(f"{V2}/requests.json", data=sent, headers=elsewhere).status_code == 200


def test_private_services_and_words_stay_private(api: Open311Client, city) -> None:
    add_service("secret", is_public=False)
    assert errors(api.post(service_code="secret"))[0] == 404
    assert errors(api.get("services/secret.json"))[0] == 404
    number = api.posted(
        description="Call 617-555-0100 or jane@example.org, ssn 123-45-6789",
        address_string="call 617 555 0100",
        email="me@example.org",
    )
    close(number, note="Spoke to jane@example.org", by=city.person_ids["dora"])
    for text in (api.get(f"requests/{number}.xml", extensions="true").text, api.get("servicerequestupdates.json").text):
        assert not any(secret in text for secret in ("0100", "example.org", "6789"))


def test_hostile_words_cannot_break_either_format(api: Open311Client) -> None:
    hostile = "</description><script>alert(1)</script>]]>&amp; \x0b\ufffe \U0001f573 \u202e"
    number = api.posted(description=hostile)
    root = api.xml(f"requests/{number}")
    assert (root.findtext("request/description") or "").startswith("</description><script>")
    assert api.request(number)["description"] == hostile.strip()


def test_crews_pictures_are_shown_the_finished_work_first(api: Open311Client, city, job, phone) -> None:
    case_id, round_ = job()
    closing = phone.closing(case_id, round_)
    phone.push(closing)
    with transaction() as tx:
        for number, kind in enumerate(("before", "after")):
            tx.session.add(
                Photo(
                    id=f"00000000-0000-7000-8000-00000000000{number}", case_id=case_id, closure_id=closing["id"], kind=kind,
                    sha256="0" * 64, size=1, state=PhotoState.RENDERED, announced_at=tx.now, verified_at=tx.now,
                )
            )  # fmt: skip
    said = api.request(db.session.get_one(Case, case_id).number, extensions="true")
    before, after = (f"http://localhost:3110/photos/00000000-0000-7000-8000-00000000000{n}/large" for n in (0, 1))
    assert said["media_url"] == after and said["media_urls"] == [after, before]
    assert [photo["title"] for photo in said["extended_attributes"]["photos"]] == ["after", "before"]
    assert api.json("servicerequestupdates")[-1]["media_url"] == [after, before]
    assert [note["summary"] for note in said["notes"]] == ["Reported", "Sent to a crew", "It is fixed."]


def test_a_merged_case_is_open_and_names_the_one_it_is_dealt_with_in(api: Open311Client, city) -> None:
    kept, twin = api.posted(), api.posted()
    other, one = case_of(twin).id, case_of(kept).id
    with transaction() as tx:
        merge_case(tx, other, one, city.person_ids["dora"])
    said = api.request(twin, extensions="true")
    assert said["status"] == "open" and kept in said["status_notes"]
    assert said["extended_attributes"]["duplicate"] is True
    assert said["extended_attributes"]["parent_service_request_id"] == kept


def test_reading_a_thousand_requests_takes_a_handful_of_queries(api: Open311Client, app: Flask) -> None:
    for _ in range(20):
        api.posted()
    counted: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *given: counted.append(given[2]))
    api.json("requests", extensions="true")
    assert len([sql for sql in counted if sql.startswith("SELECT")]) <= 8, counted


def test_what_happened_is_written_once(api: Open311Client) -> None:
    api.posted()
    assert db.session.scalars(db.select(EventRow.kind)).all() == ["case_opened"]
