"""PyPI's `three`, a GeoReport client other cities' programs are built on, works against us over real HTTP, unchanged."""

from __future__ import annotations

import itertools
import threading
import warnings
from collections.abc import Iterator
from types import ModuleType

import pytest
from flask import Flask
from werkzeug.serving import make_server

from crew_app.extensions import db
from crew_app.models import Case
from crew_app.services.api_keys import make_api_key
from crew_app.services.cases import close_by_office
from crew_app.transaction import transaction


@pytest.fixture
def three(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Written for Python 2; this name is all it misses in JSON mode."""
    monkeypatch.setattr(itertools, "ifilter", filter, raising=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it comes with a parser of XML whose patterns are spelled as of old
        import three
    return three


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/open311/v2"
    server.shutdown()
    thread.join()
    server.server_close()


def test_three_lists_services_posts_a_case_reads_it_back_and_sees_it_close(
    app: Flask, city, three: ModuleType, address: str
) -> None:
    with transaction() as tx:
        key = make_api_key(tx, "three")[1]
    program = three.Three(address, api_key=key, jurisdiction="boston.gov")
    assert program.discovery()["endpoints"][0]["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert {service["service_code"] for service in program.services()} == {"pothole", "tree"}
    assert program.services("pothole") == {"service_code": "pothole", "attributes": []}
    [posted] = program.post("pothole", address="12 Main St", name="Jane Doe", phone="617 555 0100", description="A hole")
    number = posted["service_request_id"]
    assert program.token(number) == [{"service_request_id": number, "token": number}]
    [read] = program.request(number)
    assert (read["status"], read["address"], read["description"]) == ("open", "12 Main St", "A hole")
    assert [one["service_request_id"] for one in program.requests("pothole", status="open")] == [number]
    with transaction() as tx:
        case = tx.session.scalars(db.select(Case)).one()
        close_by_office(tx, case.id, "fixed", None, "Filled.", city.person_ids["dora"])
    [read] = program.request(number)
    assert (read["status"], read["status_notes"]) == ("closed", "It is fixed. Filled.")
    assert program.requests(status="open", count=10) == []
    assert program.post("none", address="x")[0]["code"] == 404
    program.session.close()
