"""A call is taken: the case, its place, its answers, whoever called; or the caller is added to a case that is there."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from crew_app.extensions import db
from crew_app.models import Case, EventRow, Report, Service
from crew_app.services.cases import close_by_office
from crew_app.transaction import transaction

CALL = {"service": "pothole", "address": "12 Main St", "lat": "42.35", "lon": "-71.1", "description": "Deep."}


@pytest.fixture
def cal(signed_in):
    return signed_in("cal")


def latest() -> Case:
    db.session.rollback()
    return db.session.scalars(select(Case).order_by(Case.id.desc()).limit(1)).one()


def cases() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Case)) or 0


def test_a_call_becomes_a_case_and_the_taker_is_told_what_to_say(cal, city) -> None:
    answer = cal.post("/console/intake", data={**CALL, "name": "Ruth", "phone": "617-555-0100"})
    case = latest()
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/console/intake?taken={case.number}")
    assert (case.address, case.latitude, case.source, case.description) == ("12 Main St", 42.35, "Constituent Call", "Deep.")
    report = db.session.scalars(select(Report).where(Report.case_id == case.id)).one()
    assert (report.channel, report.name, report.phone) == ("phone", "Ruth", "617-555-0100")
    assert db.session.scalar(select(EventRow.person_id).where(EventRow.kind == "case_opened")) == city.person_ids["cal"]
    page = cal.get(answer.headers["Location"]).text
    assert case.number in page and "We expect it to be done by" in page


def test_a_caller_who_knows_of_a_case_is_added_to_it(cal, report, city) -> None:
    there = db.session.get_one(Case, report(address="14 Main St"))
    number = there.number
    answer = cal.post("/console/intake", data={**CALL, "name": "Ruth", "joins": number})
    assert answer.status_code == 303
    case = latest()
    assert (case.status, case.merged_into_id) == ("merged", there.id)
    assert "It was reported before" in cal.get(answer.headers["Location"]).text


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"service": ""}, "service"),
        ({"service": "no such"}, "service"),
        ({"address": "", "lat": "", "lon": ""}, "address"),
        ({"lat": "91"}, "lat"),
        ({"lon": ""}, "lon"),
        ({"email": "ruth"}, "email"),
        ({"joins": "26-999999"}, "joins"),
        ({"answer:x": "1"}, "answer:x"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_wrong_is_named_what_was_typed_is_kept_and_nothing_is_opened(cal, city, change: dict[str, str], field: str) -> None:
    answer = cal.post("/console/intake", data={**CALL, "name": "Ruth", **change})
    assert answer.status_code == 400
    assert f"#call-{field}" in answer.text
    assert 'value="Ruth"' in answer.text
    assert cases() == 0


def test_a_case_that_is_closed_meanwhile_is_said_and_the_call_is_not_lost(cal, report, city) -> None:
    case_id = report()
    number = db.session.get_one(Case, case_id).number
    with transaction() as tx:
        close_by_office(tx, case_id, "fixed", None, "", city.person_ids["dora"])
    answer = cal.post("/console/intake", data={**CALL, "joins": number})
    assert answer.status_code == 409
    assert "not open any more" in answer.text and "Deep." in answer.text
    assert cases() == 1


def test_an_address_the_city_knows_gets_its_place_though_nothing_was_chosen(cal, report) -> None:
    report(address="12 Main St", latitude=42.36, longitude=-71.07)
    cal.post("/console/intake", data={**CALL, "address": "12 main st", "lat": "", "lon": ""})
    assert (latest().address, latest().latitude) == ("12 Main St", 42.36)
    cal.post("/console/intake", data={**CALL, "address": "9 Nowhere Ln", "lat": "", "lon": ""})
    assert (latest().address, latest().place_problem) == ("9 Nowhere Ln", "missing"), "taken all the same; somebody sets the place"


def test_places_are_suggested_while_they_are_typed(cal, report) -> None:
    report(address="12 Main St", latitude=42.36, longitude=-71.07)
    report(address="20 Main St", latitude=42.37, longitude=-71.07)

    def places(q: str) -> list[dict[str, Any]]:
        return cal.get("/console/intake/places", query_string={"q": q}).json["places"]

    assert places("12 mai") == [{"address": "12 Main St", "lat": 42.36, "lon": -71.07, "about": False}]
    assert places("16 main")[0]["about"] is True
    assert places("m") == []
    assert places("zzz") == []


def test_what_is_known_beside_the_call_is_the_promise_and_the_same_trouble_nearby(cal, report) -> None:
    near, far = (db.session.get_one(Case, report(latitude=42.35 + north)).number for north in (0.0001, 0.01))
    beside = cal.get("/console/intake/beside?service=pothole&lat=42.35&lon=-71.1").text
    assert near in beside and far not in beside and "It is this one" in beside
    assert "We expect it to be done by" in beside
    assert "Nobody has reported this here" in cal.get("/console/intake/beside?service=tree&lat=42.35&lon=-71.1").text


def test_a_service_asks_its_own_questions_and_the_answers_are_kept(cal, city) -> None:
    with transaction() as tx:
        service = tx.session.scalars(select(Service).where(Service.code == "pothole")).one()
        values = [{"key": "big", "name": "Big"}, {"key": "small", "name": "Small"}]
        service.questions = [
            {"code": "size", "datatype": "singlevaluelist", "required": True, "description": "How big?", "values": values}
        ]
    assert "How big?" in cal.get("/console/intake/questions?service=pothole").text
    refused = cal.post("/console/intake", data=CALL)
    assert refused.status_code == 400 and "How big?" in refused.text
    assert cal.post("/console/intake", data={**CALL, "answer:size": "big"}).status_code == 303
    assert latest().answers == {"size": "big"}


def test_crews_take_no_calls(signed_in, city) -> None:
    assert signed_in("rosa").post("/console/intake", data=CALL).status_code == 403
    assert cases() == 0
