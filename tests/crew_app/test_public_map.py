"""The public map: what is reported around here, and nothing that is not everybody's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from crew_app.extensions import db
from crew_app.models import Case, Service
from crew_app.services.cases import close_by_office, withdraw_case
from crew_app.services.merges import merge_case
from crew_app.transaction import transaction


def marks(client: FlaskClient, bbox: str | None = None) -> dict[str, Any]:
    answer = client.get("/map/cases.json", query_string={"bbox": bbox} if bbox else {})
    assert answer.status_code == 200, answer.text
    return {feature["properties"]["number"]: feature for feature in answer.json["features"]}


def number_of(case_id: int) -> str:
    return db.session.get_one(Case, case_id).number


def test_a_mark_says_what_and_where_and_nothing_else(client: FlaskClient, city, report) -> None:
    number = number_of(report(description="Call Ann, 617-555-0100", latitude=42.351234567, longitude=-71.0612345))
    answer = client.get("/map/cases.json")
    assert answer.json["complete"] is True
    assert answer.json["features"] == [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [-71.06123, 42.35123]},
            "properties": {"number": number, "service": "Pothole", "status": "received", "words": "Received"},
        }
    ]
    assert "Ann" not in answer.text and "Ann" not in client.get("/map/", headers={"Accept": "text/html"}).text


def test_only_the_part_asked_for_is_answered(client: FlaskClient, city, report) -> None:
    west, east = number_of(report(longitude=-71.10)), number_of(report(longitude=-71.05))
    assert set(marks(client)) == {west, east}
    assert set(marks(client, "-71.12,42.3,-71.08,42.4")) == {west}
    page = client.get("/map/?bbox=-71.12,42.3,-71.08,42.4", headers={"Accept": "text/html"}).text
    assert west in page and east not in page


def test_what_residents_may_not_know_of_is_not_on_the_map(client: FlaskClient, city, report) -> None:
    hidden = report()
    with transaction() as tx:
        tx.session.query(Service).filter_by(code="pothole").update({"is_public": False})
    assert marks(client) == {}
    assert number_of(hidden) not in client.get("/map/", headers={"Accept": "text/html"}).text


def test_what_is_withdrawn_or_one_with_another_is_not_on_the_map(client: FlaskClient, city, report) -> None:
    kept, withdrawn, twin, placeless = report(), report(), report(), report(latitude=None)
    with transaction() as tx:
        withdraw_case(tx, withdrawn, "By mistake.", city.person_ids["dora"])
        merge_case(tx, twin, kept, city.person_ids["dora"])
    assert set(marks(client)) == {number_of(kept)}, f"nor {number_of(placeless)}, which is nowhere"


def test_a_case_dealt_with_stays_for_a_month(client: FlaskClient, city, report) -> None:
    lately, long_ago = report(), report()
    with transaction() as tx:
        for case_id in (lately, long_ago):
            close_by_office(tx, case_id, "fixed", None, "", city.person_ids["dora"])
    with transaction() as tx:
        tx.session.get_one(Case, long_ago).closed_at = datetime.now(UTC) - timedelta(days=31)
    found = marks(client)
    assert [feature["properties"]["words"] for feature in found.values()] == ["Done"]
    assert set(found) == {number_of(lately)}


@pytest.mark.parametrize("bbox", ["", "1,2,3", "a,b,c,d", "-71,42,-72,43", "0,0,nan,1", "-200,0,0,1", "0,-91,1,0", "1e999,0,1,1"])
def test_a_part_that_is_none_is_named(client: FlaskClient, city, bbox: str) -> None:
    answer = client.get("/map/cases.json", query_string={"bbox": bbox}, headers={"Accept": "application/json"})
    assert answer.status_code == 400
    assert "bbox" in answer.json["errors"]


def test_the_page_is_whole_without_script(client: FlaskClient, city, report) -> None:
    number = number_of(report(address="12 Main St"))
    page = client.get("/map/", headers={"Accept": "text/html"}).text
    assert f'href="/cases/{number}"' in page and "12 Main St" in page
    assert "data-public-map hidden" in page, "the map is shown by script alone"
    report_form = client.get("/report?service=pothole", headers={"Accept": "text/html"}).text
    assert "data-place-map hidden" in report_form and 'name="lat"' in report_form
