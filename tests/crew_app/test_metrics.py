"""What wakes somebody: figures that move when the thing they are about happens, and nobody else's business."""

from __future__ import annotations

import json
import logging
import os
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from crew_app.adapters.request_log import JsonLines
from crew_app.extensions import db
from crew_app.models import Delivery, EventRow
from crew_app.transaction import system_clock, transaction


def figure(client: FlaskClient, name: str) -> float:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            if sample.name == name:
                return sample.value
    raise AssertionError(f"{name} is not among the figures")


def test_a_worker_that_stands_still_shows_in_the_lag(client: FlaskClient, report, dispatched) -> None:
    report()
    dispatched()
    assert figure(client, "crew311_event_lag_seconds") == 0
    with transaction() as tx:
        tx.session.add(EventRow(at=tx.now - timedelta(minutes=10), kind="case_placed", case_id=1, body={}))
    assert 590 < figure(client, "crew311_event_lag_seconds") < 700


def test_what_was_given_up_is_counted(client: FlaskClient, report) -> None:
    assert figure(client, "crew311_deliveries_dead") == 0
    with transaction() as tx:
        tx.session.add(Delivery(subscriber="photos", seq=1, attempts=10, next_at=tx.now, is_dead=True))
    assert figure(client, "crew311_deliveries_dead") == 1


def test_open_cases_and_free_disk_are_told(client: FlaskClient, report) -> None:
    report()
    assert figure(client, "crew311_open_cases") == 1
    assert 0 < figure(client, "crew311_disk_free_ratio") <= 1


def test_how_long_answers_took_is_told_by_route_not_by_address(client: FlaskClient) -> None:
    counted = 'crew311_http_request_seconds_count{method="GET",route="/healthz",status="200"} '

    def count() -> float:
        lines = client.get("/metrics").text.splitlines()
        return sum(float(line.removeprefix(counted)) for line in lines if line.startswith(counted))

    before = count()
    client.get("/healthz")
    assert count() == before + 1
    client.get("/cases/secret-number")
    assert "secret-number" not in client.get("/metrics").text


def test_strangers_see_no_figures(app, client: FlaskClient) -> None:
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "203.0.113.7"}).status_code == 404
    app.config["METRICS_TOKEN"] = "a long secret"
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer a long secre"}).status_code == 404
    asked = client.get("/metrics", headers={"Authorization": "Bearer a long secret"}, environ_base={"REMOTE_ADDR": "203.0.113.7"})
    assert asked.status_code == 200


def test_a_clock_set_back_takes_the_server_out_of_traffic(client: FlaskClient, report) -> None:
    report()
    assert client.get("/readyz").status_code == 200
    with transaction() as tx:
        tx.session.get_one(EventRow, db.session.query(EventRow.seq).order_by(EventRow.seq.desc()).first()[0]).at = (
            system_clock() + timedelta(minutes=5)
        )
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["checks"]["clock"] is False


def test_every_answer_has_an_id_and_a_proxys_is_kept(client: FlaskClient) -> None:
    assert len(client.get("/healthz").headers["X-Request-Id"]) == 16
    assert client.get("/healthz", headers={"X-Request-Id": "proxy-12345678"}).headers["X-Request-Id"] == "proxy-12345678"
    for bad in ("x" * 65, "short", "new\u00a0line-and-more"):
        assert client.get("/healthz", headers={"X-Request-Id": bad}).headers["X-Request-Id"] != bad


def test_a_line_of_the_log_is_json_with_the_route_and_without_the_address(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "crew311.requests"):
        client.get("/cases/77?q=rosa@city.test")
    (record,) = [record for record in caplog.records if record.name == "crew311.requests"]
    line = json.loads(JsonLines().format(record))
    assert (line["says"], line["method"], line["status"], line["route"]) == ("answered", "GET", 404, "/cases/<number>")
    assert "rosa" not in json.dumps(line) and "77" not in json.dumps(line["route"])


def test_the_age_of_the_backup_is_told_where_there_is_one(app, client: FlaskClient, tmp_path: Path, city) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL's own tools keep its backups")
    from crew_app.adapters.backup_folder import BackupFolder
    from crew_app.services.backups import keep_the_minute

    assert "backup_age" not in client.get("/metrics").text
    app.extensions["backups"] = BackupFolder(tmp_path / "elsewhere")
    assert figure(client, "crew311_backup_age_seconds") == float("inf")
    keep_the_minute(app.extensions["backups"], system_clock())
    assert figure(client, "crew311_backup_age_seconds") < 60
    os.utime(tmp_path / "crew311.sqlite.backup", (0, 0))
    assert figure(client, "crew311_backup_age_seconds") > 600
    keep_the_minute(app.extensions["backups"], system_clock())
    assert figure(client, "crew311_backup_age_seconds") < 60
